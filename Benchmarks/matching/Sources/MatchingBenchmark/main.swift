// How fast studies are named: start with every list, descriptions a second on one core for each language, memory.
// Descriptions are the catalogue's own names; records in the form of `priorctl map --jsonl` may be given as files.

import Catalogue
import Foundation
import Matching

let clock = ContinuousClock()

func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

/// Studies named in a second: the median of nine rounds of at least a fifth of a second each.
func rate(_ studies: [StudyDescriptor], _ matcher: Matcher) -> Int {
    let rounds = (0..<9).map { _ in
        let start = clock.now
        var count = 0
        while start.duration(to: clock.now) < .milliseconds(200) {
            for study in studies { _ = matcher.match(study) }
            count += studies.count
        }
        return Double(count) / seconds(start.duration(to: clock.now))
    }
    return Int(rounds.sorted()[4])
}

/// The most memory the process has held, in megabytes, as Linux counts it.
func peakMegabytes() -> Int? {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 / 1024 }
}

let start = clock.now
let namer = try StudyNamer.bundled()
guard let matcher = namer.matcher(on: nil), let catalogue = namer.library.imaging(on: nil).first else {
    fatalError("the program has no imaging list")
}
_ = try RecognitionRule.bundled()
_ = matcher.match(StudyDescriptor(modality: "DX", studyDescription: "胸部正位"))
print("start_ms\t\(Int(seconds(start.duration(to: clock.now)) * 1000))")
print("start_cpu_ms\t\(Foundation.clock() * 1000 / CLOCKS_PER_SEC)")

for language in Language.allCases {
    let studies = catalogue.items.map {
        StudyDescriptor(modality: $0.dicomModalities[0], studyDescription: $0.name[language])
    }
    print("names_\(language.rawValue)_per_second\t\(rate(studies, matcher))")
}
for path in CommandLine.arguments.dropFirst() {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let studies = try lines.map { try JSONDecoder().decode(StudyDescriptor.self, from: Data($0.utf8)) }
    print("\(URL(fileURLWithPath: path).lastPathComponent)_per_second\t\(rate(studies, matcher))")
}
if let peak = peakMegabytes() { print("peak_mb\t\(peak)") }
