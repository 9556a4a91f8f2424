import DICOMCore
import Foundation
import Testing

@testable import Assessment

@Suite struct SenderCountTests {
    private static let ct = "1.2.840.10008.5.1.4.1.1.2"

    /// An answer of now with these series.
    private static func answer(
        _ series: [SenderAnswer.Series] = [], count: Int? = nil, modalities: [String] = [], at date: Date = noon
    ) throws -> SenderAnswer {
        SenderAnswer(
            aeTitle: try AETitle("CT1"), askedAt: date, instanceCount: count, modalities: modalities, series: series)
    }

    /// Series `number` as the samples name it, holding these instances, each its Instance Number − 1.
    private static func series(
        _ number: Int = 1, listing numbers: [Int], sopClass: String? = ct, modality: String? = "CT"
    ) throws -> SenderAnswer.Series {
        SenderAnswer.Series(
            seriesInstanceUID: try SeriesInstanceUID("1.2.3.\(number)"), modality: modality,
            instances: try numbers.map {
                SenderAnswer.Instance(
                    sopInstanceUID: try SOPInstanceUID("1.2.3.\(number).\($0 - 1)"),
                    sopClassUID: try sopClass.map { try SOPClassUID($0) }, instanceNumber: $0)
            })
    }

    private func completeness(_ answers: [SenderAnswer], _ series: [SeriesContent]) throws -> Completeness {
        var study = try StudyContent.sample(series)
        study.testimony.senderAnswers = answers
        return try Assessor.sample { $0.completenessRules = [.senderCount] }.completeness(of: study)
    }

    @Test func `what the sender lists and we lack is named, by number and UID`() throws {
        let found = try completeness(
            [Self.answer([Self.series(listing: [1, 2, 3, 11, 10])])], [.sample(numbers: [1, 2, 3])])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.map(\.rule) == [.senderCount])
        #expect(found.evidence.first?.seriesInstanceUID?.value == "1.2.3.1")
        #expect(found.evidence.first?.missing == ["instance 10 (1.2.3.1.9)", "instance 11 (1.2.3.1.10)"])
    }

    @Test func `all that the sender lists is complete, once for the study`() throws {
        let found = try completeness(
            [Self.answer([Self.series(1, listing: [1, 2]), Self.series(2, listing: [1])])],
            [.sample(1, numbers: [1, 2]), .sample(2, numbers: [1])])
        #expect(found.verdict == .complete)
        #expect(found.evidence.count == 1)
        #expect(found.evidence.first?.seriesInstanceUID == nil)
    }

    @Test func `a series that did not come at all is missing`() throws {
        let found = try completeness(
            [Self.answer([Self.series(1, listing: [1, 2]), Self.series(2, listing: [1])])],
            [.sample(1, numbers: [1, 2])])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["instance 1 (1.2.3.2.0)"])
    }

    @Test func `a sender that has fewer than we proves neither loss nor completeness`() throws {
        #expect(
            try completeness([Self.answer([Self.series(listing: [1, 2])])], [.sample(numbers: [1, 2, 3])]).verdict
                == .unknown)
        #expect(try completeness([Self.answer(count: 2)], [.sample(numbers: [1, 2, 3])]).verdict == .unknown)
        #expect(try completeness([Self.answer(count: 0)], [.sample(numbers: [1, 2, 3])]).verdict == .unknown)
    }

    @Test func `a series the sender does not list leaves the study open`() throws {
        let found = try completeness(
            [Self.answer([Self.series(1, listing: [1, 2])])], [.sample(1, numbers: [1, 2]), .sample(2, numbers: [1])])
        #expect(found.verdict == .unknown)
        #expect(found.evidence.map(\.verdict) == [.complete])
    }

    @Test(arguments: [
        "1.2.840.10008.5.1.4.1.1.66", "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.88.67",
        "1.2.840.10008.5.1.4.1.1.104.1", "1.3.12.2.1107.5.9.1", "1.2.840.10008.5.1.4.1.1.481.3",
    ])
    func `objects that are no images are not missed`(sopClass: String) throws {
        var listed = try Self.series(listing: [1, 2])
        listed.instances? += try Self.series(listing: [7], sopClass: sopClass).instances ?? []
        #expect(try completeness([Self.answer([listed])], [.sample(numbers: [1, 2])]).verdict == .complete)
    }

    @Test(arguments: ["1.2.840.10008.5.1.4.1.1.481.1", "1.2.840.10008.5.1.4.1.1.13.1.3", nil])
    func `other images, and instances of no stated class, are missed`(sopClass: String?) throws {
        var listed = try Self.series(listing: [1, 2])
        listed.instances? += try Self.series(listing: [7], sopClass: sopClass).instances ?? []
        #expect(try completeness([Self.answer([listed])], [.sample(numbers: [1, 2])]).verdict == .incomplete)
    }

    @Test(arguments: ["1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.7.4"])
    func `screen captures are missed only in a series of which some came`(sopClass: String) throws {
        let image = try Self.series(1, listing: [1])
        let captures = try Self.series(2, listing: [1, 2], sopClass: sopClass)
        #expect(try completeness([Self.answer([image, captures])], [.sample(1, numbers: [1])]).verdict == .complete)
        #expect(
            try completeness(
                [Self.answer([image, captures])], [.sample(1, numbers: [1]), .sample(2, numbers: [1])]
            ).verdict == .incomplete)
    }

    @Test func `a sender that names its series otherwise too is not believed`() throws {
        let renamed = try SenderAnswer.Series(
            seriesInstanceUID: SeriesInstanceUID("2.9"), modality: "CT",
            instances: ["2.9.1", "2.9.2", "2.9.3", "2.9.4"].map { .init(sopInstanceUID: try SOPInstanceUID($0)) })
        #expect(try completeness([Self.answer([renamed])], [.sample(numbers: [1, 2, 3])]).verdict == .unknown)
    }

    @Test func `a list is surer than a count, and a count of a series than one of the study`() throws {
        let images = try SeriesContent.sample(numbers: [1, 2])
        let counted = SenderAnswer.Series(
            seriesInstanceUID: try SeriesInstanceUID("1.2.3.1"), modality: "CT", instanceCount: 3)
        let confidences = try [
            Self.answer([Self.series(listing: [1, 2, 3])]), Self.answer([counted]), Self.answer(count: 3),
        ].map { try completeness([$0], [images]).evidence.first?.confidence ?? 0 }
        #expect(confidences == confidences.sorted(by: >))
        #expect(Set(confidences).count == 3)
    }

    @Test func `a series of presentation states is not missed`() throws {
        let states = try Self.series(9, listing: [1, 2], sopClass: nil, modality: "PR")
        let found = try completeness(
            [Self.answer([Self.series(listing: [1]), states])], [.sample(numbers: [1])])
        #expect(found.verdict == .complete)
    }

    @Test func `a sender that names every instance otherwise is not believed`() throws {
        let renamed = SenderAnswer.Series(
            seriesInstanceUID: try SeriesInstanceUID("1.2.3.1"), modality: "CT",
            instances: try ["2.9.1", "2.9.2", "2.9.3", "2.9.4"].map { .init(sopInstanceUID: try SOPInstanceUID($0)) })
        #expect(try completeness([Self.answer([renamed])], [.sample(numbers: [1, 2, 3])]).verdict == .unknown)
    }

    @Test(arguments: [(3, Completeness.Verdict.complete), (5, .incomplete), (2, .unknown)])
    func `a count of a series decides where no list is given`(count: Int, verdict: Completeness.Verdict) throws {
        let series = SenderAnswer.Series(
            seriesInstanceUID: try SeriesInstanceUID("1.2.3.1"), modality: "CT", instanceCount: count)
        let found = try completeness([Self.answer([series])], [.sample(numbers: [1, 2, 3])])
        #expect(found.verdict == verdict)
        #expect(
            found.evidence.first?.missing
                == (verdict == .incomplete ? ["2 instances"] : verdict == .complete ? [] : nil))
    }

    @Test(arguments: [(3, Completeness.Verdict.complete), (4, .incomplete)])
    func `a count of the study decides where nothing else is given`(
        count: Int, verdict: Completeness.Verdict
    ) throws {
        #expect(try completeness([Self.answer(count: count)], [.sample(numbers: [1, 2, 3])]).verdict == verdict)
    }

    @Test func `a count of the study that a report of the sender may explain is no alarm`() throws {
        let images = try SeriesContent.sample(numbers: [1, 2, 3])
        #expect(try completeness([Self.answer(count: 4, modalities: ["CT", "SR"])], [images]).verdict == .unknown)
        #expect(try completeness([Self.answer(count: 4, modalities: ["CT"])], [images]).verdict == .incomplete)
        #expect(try completeness([Self.answer(count: 3, modalities: ["CT", "PR"])], [images]).verdict == .complete)
    }

    @Test func `an answer older than the newest instance shows losses and no completeness`() throws {
        let old = noon.addingTimeInterval(-60)
        #expect(
            try completeness([Self.answer([Self.series(listing: [1, 2])], at: old)], [.sample(numbers: [1, 2])]).verdict
                == .unknown)
        #expect(
            try completeness([Self.answer([Self.series(listing: [1, 2])], at: old)], [.sample(numbers: [1])]).verdict
                == .incomplete)
    }

    @Test func `it overrules what the objects seem to lack`() throws {
        var study = try StudyContent.sample([.sample(numbers: [1, 2, 5, 6, 8])])
        study.testimony.senderAnswers = [
            try Self.answer([
                .init(
                    seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: "CT",
                    instances: (0..<5).map { .init(sopInstanceUID: try SOPInstanceUID("1.2.3.1.\($0)")) })
            ])
        ]
        #expect(try Assessor.sample().completeness(of: study).verdict == .complete)
    }

    @Test func `no more names are listed than wanted`() throws {
        var study = try StudyContent.sample([.sample(numbers: [1])])
        study.testimony.senderAnswers = [try Self.answer([Self.series(listing: Array(1...500))])]
        let found = try Assessor.sample { $0.missingLimit = 10 }.completeness(of: study)
        #expect(found.evidence.first { $0.rule == .senderCount }?.missing.count == 10)
        #expect(found.evidence.first { $0.rule == .senderCount }?.detail.contains("499") == true)
    }
}
