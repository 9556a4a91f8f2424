import Foundation
import Testing

@testable import Matching

/// Descriptions written without sight of the matcher (Independent/README.md tells what it said of them at first).
@Suite struct IndependentSetTests {
    @Test(arguments: [
        ("chinese-1", 0.96), ("chinese-2", 0.98), ("english-1", 0.97), ("english-2", 0.96), ("vietnamese-1", 0.96),
        ("vietnamese-2", 0.98), ("interventional", 0.99),
    ])
    func `other hospitals' wording is answered as well as measured, and hardly ever wrongly`(
        set: String, accuracy: Double
    ) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Independent/\(set).jsonl")
        let tally = try EvalTests.Tally(lines: String(contentsOf: file, encoding: .utf8).split(separator: "\n"))
        print("\(set): \(tally)")
        #expect(tally.accuracy >= accuracy)
        #expect(tally.wrongRate <= 0.01)
        #expect(tally.falseRate <= 0.03)
    }
}
