import Foundation
import Testing

@testable import Matching

/// The wordings of Wordings/*.tsv, one file a language: modality, text, codes joined by `+`. No codes mean that none
/// may be given.
struct Wording: Sendable, CustomTestStringConvertible {
    let modality: String
    let text: String
    let codes: Set<String>

    var testDescription: String { "\(modality) \(text)" }

    static let all: [Wording] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Wordings")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "tsv" }.sorted { $0.path < $1.path }.flatMap { file in
            let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
            return lines.dropFirst().map { line in
                let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) + ["", ""]
                return Wording(
                    modality: cells[0], text: cells[1], codes: Set(cells[2].split(separator: "+").map(String.init)))
            }
        }
    }()
}

@Suite struct WordingFileTests {
    @Test func `there are wordings to read`() { #expect(Wording.all.count > 200) }

    @Test(arguments: Wording.all)
    func `what departments write is read as they mean it`(wording: Wording) {
        let outcome = matcher.match(study(wording.modality, wording.text))
        #expect(Set(outcome.codes.map(\.value)) == wording.codes, "\(outcome)")
    }
}
