import DICOMCore
import Testing

@testable import priorctl

@Suite struct SendTests {
    private func file(_ number: Int, sopClass: Int, syntax: Int = 1) -> SendPlan.File {
        SendPlan.File(
            path: "/\(number)", kind: .init(sopClassUID: "1.2.\(sopClass)", transferSyntaxUID: "1.3.\(syntax)"),
            sopInstanceUID: "1.4.\(number)", dataSetOffset: 100, byteCount: 10)
    }

    @Test func `files of one kind share a Presentation Context`() {
        let plan = SendPlan(
            files: [file(1, sopClass: 1), file(2, sopClass: 1), file(3, sopClass: 1, syntax: 2)], kindLimit: 128)
        #expect(plan.batches.count == 1)
        #expect(plan.batches.first?.kinds.count == 2)
        #expect(plan.fileCount == 3)
    }

    @Test func `more kinds than an Association negotiates go over several`() {
        let files = (0..<300).map { file($0, sopClass: $0) } + [file(300, sopClass: 5)]
        let plan = SendPlan(files: files, kindLimit: 128)
        #expect(plan.batches.map(\.kinds.count) == [128, 128, 44])
        #expect(plan.batches.map(\.files.count) == [129, 128, 44])
    }

    @Test(arguments: [0x0000, 0x0001, 0x0107, 0x0116, 0xB000, 0xB006, 0xB007] as [UInt16])
    func `a success or warning Status means stored`(code: UInt16) {
        let outcome = SendReport.Outcome(file(1, sopClass: 1), DIMSEStatus(code: code))
        if case .failed = outcome { Issue.record("\(outcome)") }
    }

    @Test(arguments: [0xA700, 0xA900, 0xC000, 0x0110, 0x0111, 0x0122, 0x0124, 0xFE00] as [UInt16])
    func `any other Status means not stored`(code: UInt16) {
        guard case .failed = SendReport.Outcome(file(1, sopClass: 1), DIMSEStatus(code: code)) else {
            Issue.record("\(code) counts as stored")
            return
        }
    }

    @Test func `the summary counts and names what failed`() {
        let report = SendReport()
        report.add(.stored(file(1, sopClass: 1)))
        report.add(.warned(file(2, sopClass: 1), DIMSEStatus(code: 0xB000)))
        report.add(.failed(file(3, sopClass: 1), status: .outOfResources, "out of resources"))
        let summary = report.summary(otherFiles: 4, after: .seconds(2))
        #expect(summary.stored == 2)
        #expect(summary.byteCount == 20)
        #expect(summary.warnings.map(\.status) == ["B000"])
        #expect(summary.failures.map(\.status) == ["A700"])
        #expect(summary.failures.map(\.file) == ["/3"])
    }
}
