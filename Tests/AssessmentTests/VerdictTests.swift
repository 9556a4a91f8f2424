import DICOMCore
import Foundation
import Testing

@testable import Assessment

@Suite struct VerdictTests {
    private let series: SeriesInstanceUID

    init() throws { series = try SeriesInstanceUID("1.2.3.1") }

    private func verdict(_ evidence: [Completeness.Evidence], series count: Int = 1) throws -> Completeness {
        let study = try StudyContent.sample((1...count).map { try .sample($0, numbers: [1, 2, 3]) })
        return Completeness(evidence: evidence, of: study)
    }

    private func piece(
        _ rule: CompletenessRuleName, _ verdict: Completeness.Verdict, everywhere: Bool = false,
        confidence: Double? = nil
    ) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: rule, seriesInstanceUID: everywhere ? nil : series, verdict: verdict, detail: "",
            missing: verdict == .incomplete ? ["x"] : [], confidence: confidence)
    }

    /// From the strongest down.
    static let ladder: [CompletenessRuleName] = [
        .mpps, .commitmentList, .senderCount, .announcedCount, .temporalPositions, .sliceGap, .instanceNumberGap,
    ]

    @Test(arguments: ladder.indices.dropLast())
    func `each rule overrules those below it and is overruled by none of them`(index: Int) throws {
        let strong = VerdictTests.ladder[index]
        for weak in VerdictTests.ladder[(index + 1)...] {
            let whole = try verdict([piece(weak, .incomplete), piece(strong, .complete)])
            #expect(whole.verdict == .complete)
            #expect(whole.decidedBy == strong)
            let broken = try verdict([piece(weak, .complete), piece(strong, .incomplete)])
            #expect(broken.verdict == .incomplete)
            #expect(broken.decidedBy == strong)
        }
    }

    @Test func `rules that agree are surer than one, and contradiction makes unsure`() throws {
        let alone = try #require(try verdict([piece(.sliceGap, .incomplete)]).confidence)
        let both = try #require(
            try verdict([piece(.sliceGap, .incomplete), piece(.announcedCount, .incomplete)]).confidence)
        let against = try #require(
            try verdict([piece(.announcedCount, .complete), piece(.sliceGap, .incomplete)]).confidence)
        let counted = try #require(try verdict([piece(.announcedCount, .complete)]).confidence)
        #expect(alone == 0.9)
        #expect(both > alone)
        #expect(against < counted)
        #expect((0...1).contains(both))
    }

    @Test func `positions and numbers are one witness`() throws {
        let both = try verdict([piece(.sliceGap, .incomplete), piece(.instanceNumberGap, .incomplete)])
        #expect(both.confidence == 0.9)
        #expect(both.decidedBy == .sliceGap)
        #expect(both.evidence.map(\.rule) == [.sliceGap, .instanceNumberGap])
    }

    @Test func `a doubtful count overrules nothing`() throws {
        let found = try verdict([piece(.announcedCount, .complete, confidence: 0.7), piece(.sliceGap, .incomplete)])
        #expect(found.verdict == .incomplete)
    }

    @Test func `what the item lacks no count excuses`() throws {
        let found = try verdict([
            piece(.mpps, .complete, everywhere: true), piece(.missingBValue, .incomplete, everywhere: true),
        ])
        #expect(found.verdict == .incomplete)
        #expect(found.decidedBy == .missingBValue)
    }

    @Test func `all phases do not make a study complete, all views do`() throws {
        #expect(try verdict([piece(.missingPhase, .complete, everywhere: true)]).verdict == .unknown)
        #expect(try verdict([piece(.missingBValue, .complete, everywhere: true)]).verdict == .unknown)
        #expect(try verdict([piece(.missingView, .complete, everywhere: true)]).verdict == .complete)
    }

    @Test func `an unknown study names neither rule nor confidence`() throws {
        let found = try verdict([piece(.sliceGap, .unknown)])
        #expect(found.verdict == .unknown)
        #expect(found.decidedBy == nil)
        #expect(found.confidence == nil)
        #expect(found.evidence.first?.confidence == nil)
    }

    @Test func `scouts and pages need no count for the study to be complete`() throws {
        let main = try SampleStack.regular(20, spacing: 5, header: [.imagesInAcquisition: "20"]).series(1)
        let scout = try SampleStack.regular(2, spacing: 5).with([.imageType: "ORIGINAL\\PRIMARY\\LOCALIZER"]).series(2)
        let page = try SampleStack.regular(1, spacing: 5).with([.imageType: "DERIVED\\SECONDARY\\SCREEN SAVE"]).series(
            3)
        let found = try Assessor.sample().completeness(of: .sample([main, scout, page]))
        #expect(found.verdict == .complete)
        #expect(found.decidedBy == .announcedCount)
        #expect(found.confidence ?? 0 <= 0.9)
        let reformats = try SampleStack.regular(20, spacing: 5).with([.imageType: "DERIVED\\SECONDARY\\MPR"]).series(4)
        let gapped = try SampleStack.regular(20, spacing: 5).with([.imageType: "DERIVED\\SECONDARY\\MPR"]).without(7)
            .series(4)
        #expect(try Assessor.sample().completeness(of: .sample([main, reformats])).verdict == .complete)
        #expect(try Assessor.sample().completeness(of: .sample([main, gapped])).verdict == .incomplete)
    }

    @Test func `evidence of before confidences were kept can be read`() throws {
        let old =
            #"{"verdict":"unknown","evidence":[{"rule":"slice-gap","verdict":"incomplete","detail":"d","missing":["x"]}]}"#
        let read = try JSONDecoder().decode(Completeness.self, from: Data(old.utf8))
        #expect(read.evidence.first?.confidence == nil)
    }
}
