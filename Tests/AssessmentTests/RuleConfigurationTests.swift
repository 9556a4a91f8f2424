import Catalogue
import DICOMCore
import Testing

@testable import Assessment

@Suite struct RuleConfigurationTests {
    @Test func `names of rules and of their thresholds are unique, and their defaults make sense`() {
        let schema = AssessmentParameters.schema
        #expect(Set(schema.map(\.name)).count == schema.count)
        for rule in schema {
            #expect(Set(rule.thresholds.map(\.name)).count == rule.thresholds.count, "\(rule.name)")
            for threshold in rule.thresholds {
                #expect(threshold.range.contains(threshold.defaultValue), "\(rule.name) \(threshold.name)")
                #expect(threshold.name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(threshold.name)")
            }
        }
    }

    @Test func `what is chosen changes that and nothing else`() {
        var choices = RuleChoices()
        choices.isOn = ["blur": false, "slice-gap": false, "no-such-rule": true]
        choices.thresholds = ["exam-date": ["clock-skew": 60, "spread": 1], "blank-image": ["spread": 9]]
        var expected = AssessmentParameters()
        expected.qualityRules.remove(.blur)
        expected.completenessRules.remove(.sliceGap)
        expected.exam.clockSkew = 60
        expected.blank.spread = 9
        #expect(AssessmentParameters().with(choices) == expected)
    }

    @Test func `a rule that is off finds nothing, and can be on again for one station`() throws {
        var configuration = RuleConfiguration()
        configuration.rules.isOn = ["exam-date": false]
        var choices = RuleChoices()
        choices.isOn = ["exam-date": true]
        configuration.stations = [.init(names: ["Room 2"], aeTitles: [], rules: choices)]
        let assessor = try Assessor.sample(configuration)
        #expect(try assessor.quality(of: .undated(station: "ROOM 1")).findings(of: .examDate).isEmpty)
        #expect(try !assessor.quality(of: .undated(station: "ROOM 2")).findings(of: .examDate).isEmpty)
    }

    @Test func `the first entry that fits a station holds`() throws {
        var configuration = RuleConfiguration()
        var off = RuleChoices()
        off.isOn = ["exam-date": false]
        configuration.stations = [
            .init(names: [], aeTitles: [try AETitle("CT1")], rules: RuleChoices()),
            .init(names: ["ROOM"], aeTitles: [], rules: off),
        ]
        let assessor = try Assessor.sample(configuration)
        var study = try StudyContent.undated(station: "ROOM")
        #expect(assessor.quality(of: study).findings(of: .examDate).isEmpty)
        study.sourceAETitle = try AETitle("CT1")
        #expect(!assessor.quality(of: study).findings(of: .examDate).isEmpty)
    }
}

extension StudyContent {
    fileprivate static func undated(station: String) throws -> StudyContent {
        try .sample([.sample(numbers: [1], attributes: [.studyDate: "", .stationName: station])])
    }
}

extension Quality {
    func findings(of rule: QualityRuleName) -> [Finding] { findings.filter { $0.rule == rule } }
}
