import Catalogue
import Testing

@testable import priorctl

@Suite struct TableTests {
    @Test(arguments: [
        ("abc", 3), ("胸部CT", 6), ("Ｘ线", 4), ("đầu gối", 7), ("e\u{301}", 1), ("", 0), ("한글", 4), ("a\u{200B}b", 2),
    ])
    func `text takes as many cells as the terminal gives it`(text: String, count: Int) {
        #expect(text.cellCount == count)
    }

    @Test func `columns stand under each other whatever the script`() {
        var table = Table([.init(title: "A"), .init(title: "数", isNumber: true), .init(title: "B")])
        table.add(["胸部", "5", "x"])
        table.add(["chest", "12", "y"])
        #expect(
            table.text == """
                A      数  B
                胸部    5  x
                chest  12  y
                """)
    }

    @Test func `long cells are cut at a character`() {
        var table = Table([.init(title: "A", limit: 6)])
        table.add(["胸部正侧位"])
        #expect(table.text == "A\n胸部…")
    }

    @Test(arguments: ["a\u{1B}[2Jb", "a\nb", "a\u{202E}b", "a\u{7}b"])
    func `text from outside cannot command the terminal`(text: String) {
        let printed = Output.printable(text)
        #expect(printed.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
        #expect(printed.hasPrefix("a\u{FFFD}"))
    }

    @Test func `every word is in all three languages`() {
        for word in Word.allCases {
            for language in Language.allCases { #expect(!word(language).isEmpty) }
            #expect(word(.english) == word(.vietnamese) ? [.ok].contains(word) : true, "\(word)")
        }
    }

    @Test func `names of people are read without their markup`() {
        #expect("Wang^Xiaodong=王^小东".patientNameForReading == "王 小东")
        #expect("Nguyễn^Văn An".patientNameForReading == "Nguyễn Văn An")
        #expect("Doe^John^^Dr".patientNameForReading == "Doe John Dr")
    }

    @Test(arguments: [(Int64(0), "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2_000_000_000, "2.0 GB")])
    func `sizes are in decimal units`(byteCount: Int64, text: String) {
        #expect(Presentation.size(byteCount) == text)
    }

    @Test func `the progress line tells share, count and rate`() {
        let line = ProgressBar.line("send", done: 5, total: 10, byteCount: 10_000_000, after: .seconds(1))
        #expect(line.contains("5/10  5/s  10.0 MB/s"))
        #expect(line.count { $0 == "█" } == 15)
    }
}
