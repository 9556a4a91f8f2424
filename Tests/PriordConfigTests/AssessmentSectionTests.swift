import Assessment
import DICOMCore
import Testing

@testable import PriordConfig

@Suite struct AssessmentSectionTests {
    @Test func `a rule is switched off, and a threshold set`() throws {
        let assessment = try load(
            """
            assessment:
              rules:
                blur: off
                exam-date: {clock-skew: 60}
            """
        ).config.assessment
        #expect(assessment.rules.isOn == ["blur": false, "exam-date": true])
        #expect(assessment.rules.thresholds == ["exam-date": ["clock-skew": 60]])
    }

    @Test func `a station has rules of its own, by name, by sender or by both`() throws {
        let stations = try load(
            """
            assessment:
              stations:
                - station: DR-ROOM-2
                  rules: {blur: on}
                - ae-title: [CT1, CT2]
                  rules: {blank-image: {spread: 8}}
                - {station: MR 1, ae-title: GATEWAY, rules: {noise: off}}
            """
        ).config.assessment.stations
        #expect(stations.map(\.names) == [["DR-ROOM-2"], [], ["MR 1"]])
        #expect(stations.map { $0.aeTitles.map(\.value) } == [[], ["CT1", "CT2"], ["GATEWAY"]])
        let (first, second, third) = (stations[0], stations[1], stations[2])
        #expect(first.fits(name: "dr-room-2", aeTitle: nil))
        #expect(!first.fits(name: nil, aeTitle: try AETitle("CT1")))
        #expect(second.fits(name: nil, aeTitle: try AETitle("CT2")))
        #expect(!second.fits(name: "DR-ROOM-2", aeTitle: nil))
        #expect(!third.fits(name: "MR 1", aeTitle: try AETitle("CT1")))
        #expect(third.fits(name: "MR 1", aeTitle: try AETitle("GATEWAY")))
    }

    @Test func `every fault is named at once, with its line and the name probably meant`() throws {
        let found = try faults(
            """
            assessment:
              rules:
                blurr: off
                blank-image:
                  spred: 4
                  tail-fraction: 2
                exam-date: {clock-skew: soon}
                identity: maybe
              stations:
                - rules: {noise: off}
                - station: A
                - {station: B, rules: {noize: off}}
              rule: {}
            """)
        #expect(found.map(\.source.line) == [13, 3, 5, 6, 8, 7, 10, 11, 12])
        #expect(
            found.map(\.key) == [
                "assessment.rule", "assessment.rules.blurr", "assessment.rules.blank-image.spred",
                "assessment.rules.blank-image.tail-fraction", "assessment.rules.identity",
                "assessment.rules.exam-date.clock-skew", "assessment.stations[0].station",
                "assessment.stations[1].rules",
                "assessment.stations[2].rules.noize",
            ])
        #expect(found[1].problem == .unknown(nearest: "blur"))
        #expect(found[2].problem == .unknown(nearest: "spread"))
        #expect(found[3].description.hasSuffix("write a number from 0 to 0.1 (fraction), the default is 0.001"))
    }

    @Test(arguments: ["nan", "inf", "0x10", "1e999", "-1", "", "[1]", "{a: 1}", "1 s"])
    func `what is no number within the range is refused`(text: String) throws {
        let found = try faults("assessment: {rules: {exam-date: {clock-skew: \(text)}}}")
        #expect(found.map(\.key) == ["assessment.rules.exam-date.clock-skew"])
    }

    @Test(arguments: ["[]", "blur", "[blur]", "{blur: [off]}", "{blur: }"])
    func `rules of another shape are refused or say nothing`(text: String) throws {
        let yaml = "assessment: {rules: \(text)}"
        if let loaded = try? load(yaml) {
            #expect(loaded.config.assessment == RuleConfiguration())
        } else {
            #expect(try faults(yaml).allSatisfy { $0.key.hasPrefix("assessment.rules") })
        }
    }

    @Test func `two entries about the same stations are a fault`() throws {
        let entry = "{station: A, rules: {blur: off}}"
        let found = try faults("assessment: {stations: [\(entry), \(entry)]}")
        #expect(found.map(\.key) == ["assessment.stations[1]"])
    }

    @Test func `the settings in force show every rule, what was set and where`() throws {
        let rows = try load(
            """
            assessment:
              rules: {blur: off, exam-date: {clock-skew: 60}}
              stations: [{station: A, rules: {blur: on, exam-date: {clock-skew: 90}}}]
            """
        ).effective.filter { $0.key.hasPrefix("assessment") }
        let values = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) })
        #expect(values["assessment.rules.blur"] == "off")
        #expect(values["assessment.rules.exam-date.clock-skew"] == "60 s")
        #expect(values["assessment.rules.blank-image.spread"] == "4 stored values")
        #expect(values["assessment.stations[0]"] == "station A: blur on; exam-date clock-skew 90")
        #expect(rows.filter { $0.source == .defaultValue }.allSatisfy { $0.key != "assessment.rules.blur" })
        #expect(rows.count > AssessmentParameters.schema.count)
    }

    @Test func `the printed section reads back as the defaults`() throws {
        let text = PriordConfig.assessmentExample(AssessmentParameters.schema)
        let assessment = try load(text).config.assessment
        #expect(AssessmentParameters().with(assessment.rules) == AssessmentParameters())
        #expect(assessment.rules.isOn.count == AssessmentParameters.schema.count)
    }
}
