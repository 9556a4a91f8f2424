import Catalogue
import Testing

@testable import Matching

/// What Attributes beside the description tell, and how they stand against it.
@Suite struct AttributeTests {
    private func sources(_ outcome: MatchOutcome) -> Set<Evidence.Source> {
        guard case .matched(let match, _) = outcome else { return [] }
        return Set(match.evidence.map(\.source))
    }

    @Test func `the meaning of a procedure code outranks the description, which makes it less sure`() throws {
        var one = study("CT", "CHEST W/O CONTRAST")
        let plain = matcher.match(one)
        one.procedureMeanings = ["CT abdomen and pelvis without contrast"]
        guard case .matched(let match, _) = matcher.match(one) else { throw Unanswered() }
        #expect(match.code.value == "BW21ZYZZZ" && match.confidence < 0.75)
        #expect(match.evidence.contains { $0.source == .procedureCode && $0.value == "whole_abdomen" })
        #expect(match.evidence.contains { $0.source == .studyDescription && $0.value == "chest" })
        one.procedureMeanings = ["CT chest without contrast"]
        guard case .matched(let same, _) = matcher.match(one) else { throw Unanswered() }
        #expect([same.code] == plain.codes && same.confidence > 0.9)
    }

    private struct Unanswered: Error {}

    @Test func `a procedure code that means nothing here leaves the description its say`() {
        var one = study("CT", "CHEST W/O CONTRAST")
        one.procedureMeanings = ["Imaging"]
        #expect(matcher.match(one).codes == matcher.match(study("CT", "CHEST W/O CONTRAST")).codes)
    }

    @Test func `the view's code comes before View Position, and that before Patient Orientation`() {
        var one = study("DX", "Chest")
        one.patientOrientations = ["L\\F", "P\\F"]
        #expect(matcher.match(one).codes.map(\.value) == ["BW03ZZZ8B"])
        #expect(sources(matcher.match(one)).contains(.patientOrientation))
        one.viewPositions = ["PA"]
        #expect(matcher.match(one).codes.map(\.value) == ["BW03ZZZZ1"])
        one.viewMeanings = ["postero-anterior", "left lateral"]
        #expect(matcher.match(one).codes.map(\.value) == ["BW03ZZZ8B"])
        #expect(sources(matcher.match(one)).contains(.viewCode))
    }

    @Test(arguments: ["", "L", "A\\B\\C", "L\\", "\\F", "L\\R", "Ж\\F"])
    func `a Patient Orientation that is none tells no view`(value: String) {
        #expect(ViewSet(patientOrientation: value).isEmpty)
    }

    @Test func `Patient Position tells the posture a radiograph's text leaves open`() {
        var one = study("DX", "KUB 腹部平片")
        #expect(matcher.match(one).codes.isEmpty)
        one.patientPositions = ["HFS"]
        #expect(matcher.match(one).codes.map(\.value) == ["BW00ZZZ00"])
        #expect(sources(matcher.match(one)).contains(.patientPosition))
    }

    @Test func `the coded region stands in for a description that names none`() {
        var one = study("CT", "平扫")
        #expect(matcher.match(one).codes.isEmpty)
        one.anatomicRegions = ["Chest"]
        #expect(matcher.match(one).codes.map(\.value) == ["BW23ZYZZZ"])
        #expect(sources(matcher.match(one)).contains(.anatomicRegion))
    }

    @Test func `a study of nothing but localizers is no examination yet`() {
        var one = study("CT", "胸部CT平扫")
        one.seriesPlanes = ["LOCALIZER"]
        #expect(matcher.match(one) == .unmapped(.scope, candidates: []))
        one.seriesPlanes = ["AX", "LOCALIZER"]
        #expect(matcher.match(one).codes.map(\.value) == ["BW23ZYZZZ"])
    }
}
