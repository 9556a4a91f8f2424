import Catalogue
import Glibc
import Testing

@testable import Matching

/// However long and strange a text is, reading it takes no longer than its length allows.
@Suite struct BoundedTimeTests {
    /// Texts made to cost: words almost right, words written together, pinyin, characters almost right, marks.
    private static let seeds = [
        "lumbre ", "chestabdomenpelviswithoutcontras", "xiongbuzhengcew", "颈锥裸襪", "ngưc ", "penqctzengx", "aAaAaA",
        "a1b2", "正侧未", "\u{0301}", "é", "+x", "và xyz ", "胫", "CTKNE ",
    ]

    /// CPU time of this thread: what other tests take meanwhile does not count.
    private func time(_ text: String, rounds: Int = 3) -> Duration {
        func now() -> Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        return (0..<rounds).map { _ in
            let start = now()
            for modality in ["CT", "DX", "MR"] { _ = matcher.match(study(modality, text)) }
            return now() - start
        }.min() ?? .zero
    }

    @Test(arguments: seeds) func `the longest text that is read costs milliseconds`(seed: String) {
        _ = time(seed)
        let longest = String(String(repeating: seed, count: 1024).prefix(1000))
        #expect(time(longest) < .milliseconds(500), "\(seed)")
    }

    @Test(arguments: seeds) func `beyond that length more text costs no more`(seed: String) {
        let long = time(String(repeating: seed, count: 2_000))
        let longer = time(String(repeating: seed, count: 200_000))
        #expect(longer < long * 20 + .milliseconds(50), "\(seed): \(long) then \(longer)")
    }

    @Test func `random scalars of every plane never crash and are answered from the catalogue or not at all`() {
        var generator = HostileTextTests.Generator(state: 3)
        let terms = (try? Lexicon.bundled().terms.map(\.text)) ?? []
        for _ in 0..<1500 {
            var text = ""
            for _ in 0..<Int.random(in: 1...24, using: &generator) {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: text += terms.randomElement(using: &generator) ?? ""
                case 1: text.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: 0x20...0x7E, using: &generator)))
                case 2:
                    let han = UInt32.random(in: 0x4E00...0x9FFF, using: &generator)
                    Unicode.Scalar(han).map { text.unicodeScalars.append($0) }
                case 3:
                    let any = UInt32.random(in: 0...0x10FFFF, using: &generator)
                    Unicode.Scalar(any).map { text.unicodeScalars.append($0) }
                default:
                    // A word of the lexicon with a slip.
                    var letters = Array(terms.randomElement(using: &generator) ?? "x")
                    letters.swapAt(0, letters.count / 2)
                    text += String(letters)
                }
                if Bool.random(using: &generator) { text += " " }
            }
            let modality = ["CT", "DX", "MR", "MG", ""].randomElement(using: &generator) ?? ""
            for code in matcher.match(study(modality, text)).codes { #expect(matcher.catalogue[code] != nil) }
        }
    }
}
