import Catalogue
import Foundation
import Testing

@testable import Matching

/// What the matcher answers, and when it does not, on studies that show one rule each.
@Suite struct PolicyTests {
    func outcome(_ study: StudyDescriptor) -> (codes: [String], reason: AbstentionReason?) {
        switch matcher.match(study) {
        case .matched(let match, let others): ([match.code.value] + others.map(\.code.value), nil)
        case .unmapped(let reason, _): ([], reason)
        }
    }

    @Test(arguments: [
        ("DX", "胸部正位", "BW03ZZZZ1"), ("CR", "Chest PA and lateral", "BW03ZZZ8B"),
        ("DX", "Chụp X quang ngực thẳng nghiêng", "BW03ZZZ8B"), ("CT", "頭顱平掃", "B020ZYZZZ"),
        ("MR", "头颅平扫+DWI", "B030ZMZZZ"), ("MG", "双侧乳腺钼靶", "BH02ZZZZG"),
    ])
    func `a plain description is its item`(modality: String, text: String, code: String) {
        #expect(outcome(study(modality, text)).codes == [code])
    }

    @Test(arguments: [
        ("DX", "膝关节正侧位", AbstentionReason.ambiguousLaterality), ("DX", "胸片", .viewsNotStated),
        ("DX", "床旁胸片正位", .projection), ("CT", "CT CHEST", .contrastNotStated),
        ("CT", "颈椎增强", .contrastNotInList), ("CT", "CT引导下肺穿刺活检", .intervention),
        ("CT", "CT增强扫描", .ambiguousRegion), ("MR", "心脏MR平扫", .outOfList), ("US", "腹部超声", .modality),
        ("MR", "CT头颅平扫", .modalityConflict), ("CT", "头颅灌注成像CTP", .technique),
        ("DX", "腹部平片", .ambiguousPosition), ("MR", "右乳动态增强", .scope), ("", "胸部", .modality),
    ])
    func `a description that leaves a doubt is not answered, and the reason says which`(
        modality: String, text: String, reason: AbstentionReason
    ) {
        let outcome = outcome(study(modality, text))
        #expect(outcome.codes.isEmpty)
        #expect(outcome.reason == reason)
    }

    @Test func `a side in the Attribute completes a text without one`() {
        var one = study("DX", "膝关节正侧位")
        one.laterality = "L"
        #expect(outcome(one).codes == ["BQ08ZZZ0B"])
    }

    @Test func `text and Attribute of opposite sides are not answered`() {
        var one = study("DX", "右膝关节正侧位")
        one.laterality = "L"
        #expect(outcome(one).reason == .lateralityConflict)
    }

    @Test func `View Positions of the instances complete a text without views`() {
        var one = study("DX", "Chest")
        one.viewPositions = ["PA", "LL"]
        #expect(outcome(one).codes == ["BW03ZZZ8B"])
    }

    @Test func `a frontal chest taken AP is not the PA item`() {
        var one = study("DX", "胸部正位")
        one.viewPositions = ["AP"]
        #expect(outcome(one).reason == .projection)
    }

    @Test func `series and agent tell the contrast a text leaves out`() {
        var one = study("CT", "CT CHEST")
        one.contrastAgent = "Iohexol"
        one.seriesDescriptions = ["Non-contrast 5mm", "Arterial 1mm"]
        #expect(outcome(one).codes == ["BW2310ZZZ"])
    }

    @Test func `a plain scan with phases after contrast is a contradiction`() {
        var one = study("CT", "胸部平扫")
        one.seriesDescriptions = ["动脉期", "静脉期"]
        #expect(outcome(one).reason == .contrastConflict)
    }

    @Test func `an order of two examinations is answered as a set`() {
        #expect(Set(outcome(study("CT", "胸部平扫+全腹部增强")).codes) == ["BW23ZYZZZ", "BW2110ZZZ"])
        #expect(Set(outcome(study("DX", "双足正斜位")).codes) == ["BQ0LZZZZE", "BQ0MZZZZE"])
    }

    @Test func `a code of the list in the Procedure Code Sequence outranks the text`() {
        var one = study("DX", "检查")
        one.procedureCodes = ["BW03ZZZ8B"]
        #expect(outcome(one).codes == ["BW03ZZZ8B"])
    }

    @Test func `evidence quotes the words as they stand`() throws {
        guard case .matched(let match, _) = matcher.match(study("DX", "DR 胸部正侧位")) else {
            Issue.record("not answered")
            return
        }
        #expect(
            match.evidence.contains(
                Evidence(axis: .views, value: "AP_LAT", source: .studyDescription, text: "正侧位")))
        #expect(match.catalogue == "zhejiang-imaging-2021")
        #expect((0.9...1).contains(match.confidence))
    }

    @Test func `an explanation says why an item lost`() throws {
        let explanation = matcher.explain(study("DX", "胸部正侧位"))
        let single = try #require(explanation.considered.first { $0.code.value == "BW03ZZZZ1" })
        #expect(single.objections == [.init(axis: .views, reason: .projection, isContradiction: true)])
    }

    @Test func `a record of the labelled sets decodes, unknown keys ignored`() throws {
        let json = #"{"id":"a","modality":"DX","study_description":"胸部正位","view_positions":["PA"],"gold":{"x":1}}"#
        let study = try JSONDecoder().decode(StudyDescriptor.self, from: Data(json.utf8))
        #expect(study.viewPositions == ["PA"] && study.id == "a" && study.bodyPart.isEmpty)
    }
}
