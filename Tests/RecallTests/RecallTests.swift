import Catalogue
import DICOMCore
import Foundation
import Testing

@testable import Recall

@Suite struct PriorsTests {
    private let shelf: StudyShelf

    init() throws { shelf = try StudyShelf() }

    @Test func `the same person's earlier studies of the same item are priors, newest first`() throws {
        try shelf.add(1) { $0.date = "20260801" }
        try shelf.add(2) { $0.date = "20261001" }
        try shelf.add(3)
        #expect(try shelf.priors(of: 3) == [2, 1])
    }

    @Test func `later studies, other regions, other issuers and other patients are none`() throws {
        try shelf.add(1) { $0.date = "20261102" }
        try shelf.add(2) { $0.code = "B030ZYZZZ" }
        try shelf.add(3) { $0.issuer = "H2" }
        try shelf.add(4) { $0.patientID = "P2" }
        try shelf.add(5) { $0.code = nil }
        try shelf.add(6)
        #expect(try shelf.priors(of: 6) == [])
    }

    @Test func `what contains the item comes before a part of it, and that before another modality of the region`()
        throws
    {
        try shelf.add(1) { ($0.date, $0.code) = ("20261020", "BW23ZYZZZ") }
        try shelf.add(2) { ($0.date, $0.code) = ("20261019", "BW03ZZZZ1") }
        try shelf.add(3) { ($0.date, $0.code) = ("20260901", "BW03ZZZ8B") }
        try shelf.add(4)
        #expect(try shelf.answer(4).priors.map(\.relation) == [.same, .part, .related])
        #expect(try shelf.priors(of: 4) == [3, 2, 1])
        let ordered = try shelf.recall().priors(
            patientID: "P1", issuer: "H1", item: "BW03ZZZZ1", institution: "First Hospital")
        #expect(ordered.priors.map(\.relation) == [.same, .contains, .contains, .related])
        #expect(
            ordered.priors.map(\.recognition.verdict) == [.notRecognised, .recognised, .notRecognised, .notRecognised])
    }

    @Test func `on the same day the clock decides`() throws {
        try shelf.add(1) { $0.time = "073000" }
        try shelf.add(2) { $0.time = "090000" }
        try shelf.add(3)
        #expect(try shelf.priors(of: 3) == [1])
    }

    @Test func `a good older prior comes before a newer one that is incomplete`() throws {
        try shelf.add(1) { $0.date = "20250101" }
        try shelf.add(2) { ($0.date, $0.completeness) = ("20261030", "incomplete") }
        try shelf.add(3) { ($0.date, $0.quality) = ("20261029", "review") }
        try shelf.add(4)
        #expect(try shelf.priors(of: 4) == [1, 3, 2])
        let scores = try shelf.answer(4).priors.map(\.score)
        #expect(scores == scores.sorted(by: >) && scores.allSatisfy { (0...1).contains($0) })
    }

    @Test func `an empty Patient ID names nobody`() throws {
        try shelf.add(1) { ($0.patientID, $0.date) = ("", "20261001") }
        try shelf.add(2) { $0.patientID = "" }
        let answer = try shelf.answer(2)
        #expect(answer.priors.isEmpty && answer.person.identities.isEmpty)
    }

    @Test func `without an issuer only the same institution's numbers are sure`() throws {
        try shelf.add(1) {
            ($0.issuer, $0.date, $0.institution, $0.name) = ("", "20261010", "Second Hospital", "王^小东")
        }
        try shelf.add(2) { ($0.issuer, $0.date, $0.name) = ("", "20261001", "王^小东") }
        try shelf.add(3) { ($0.issuer, $0.name) = ("", "王^小东") }
        #expect(try shelf.answer(3).priors.map(\.identityLink) == [.same, .possible])
        #expect(try shelf.priors(of: 3) == [2, 1])
    }

    @Test func `a contradicting birth date makes the identity only possible`() throws {
        try shelf.add(1) { ($0.birthDate, $0.date) = ("19710101", "20261020") }
        try shelf.add(2)
        let prior = try #require(shelf.answer(2).priors.first)
        #expect(prior.identityLink == .possible && prior.recognition.verdict == .doctorDecides)
    }

    @Test func `an order counts to today and needs no images`() throws {
        try shelf.add(1) { $0.date = "20261022" }
        try shelf.add(2) { $0.date = "20270101" }
        let answer = try shelf.recall().priors(
            patientID: "P1", issuer: "H1", item: "BW03ZZZ8B", institution: "First Hospital")
        #expect(answer.priors.map(\.studyDate) == ["20261022"])
        #expect(answer.priors.first?.recognition.verdict == .recognised)
    }

    @Test func `an order without issuer means the only one, of several none is sure`() throws {
        try shelf.add(1) { ($0.date, $0.institution) = ("20261101", "First Hospital") }
        let one = try shelf.recall().priors(patientID: "P1", issuer: nil, item: "BW03ZZZ8B")
        #expect(one.priors.map(\.identityLink) == [.same] && one.person.identities.map(\.issuer) == ["H1"])
        try shelf.add(2) { ($0.issuer, $0.date) = ("H2", "20261102") }
        let several = try shelf.recall().priors(patientID: "P1", issuer: nil, item: "BW03ZZZ8B")
        #expect(several.priors.map(\.identityLink) == [.possible, .possible])
        #expect(several.person.identities.map(\.issuer) == ["H1", "H2"])
        #expect(try shelf.recall().priors(patientID: "P9", issuer: nil, item: "BW03ZZZ8B").priors.isEmpty)
    }

    @Test func `what is no item code is an error`() throws {
        #expect(throws: RecallError.notAnItemCode("chest")) {
            try shelf.recall().priors(patientID: "P1", issuer: "H1", item: "chest")
        }
    }

    @Test func `an unmapped study has no priors, an unknown one is an error`() throws {
        try shelf.add(1) { $0.date = "20261001" }
        try shelf.add(2) { $0.code = nil }
        #expect(try shelf.priors(of: 2) == [])
        #expect(throws: RecallError.unknownStudy(try .sample(9))) { try shelf.answer(9) }
    }

    @Test func `an undated study comes last and is for the doctor`() throws {
        try shelf.add(1) { $0.date = "" }
        try shelf.add(2) { $0.date = "20260101" }
        try shelf.add(3)
        #expect(try shelf.priors(of: 3) == [2, 1])
        #expect(try shelf.answer(3).priors.last?.recognition.verdict == .doctorDecides)
    }
}

@Suite struct RecognitionTests {
    private let shelf: StudyShelf

    init() throws { shelf = try StudyShelf() }

    private func holds(_ recognition: Recognition, _ id: String) -> Bool?? {
        recognition.rules.first { $0.id == id }?.holds
    }

    @Test func `a fresh, complete, good prior of the same institution with its report is recognised`() throws {
        let found = try shelf.verdict { $0.date = "20261101" }
        #expect(found.verdict == .recognised)
        #expect(found.rules.allSatisfy { $0.holds == true })
    }

    @Test(arguments: [
        ("20261022", true), ("20261021", true), ("20261020", false), ("20251120", false), ("20261120", true),
    ])
    func `day 30 is inside, day 31 is not`(date: String, isInside: Bool) throws {
        let found = try shelf.verdict { ($0.date, $0.time) = (date, "070000") }
        #expect(holds(found, "ZR-30") == .some(isInside))
        #expect(found.verdict == (isInside ? .recognised : .notRecognised))
    }

    @Test func `what is incomplete or failed is not recognised`() throws {
        #expect(try shelf.verdict { $0.completeness = "incomplete" }.verdict == .notRecognised)
        let other = try StudyShelf()
        #expect(try other.verdict { $0.quality = "fail" }.verdict == .notRecognised)
    }

    @Test(arguments: [("unknown", "pass"), ("complete", "review"), ("complete", "notAssessed"), ("", "")])
    func `what is not known is for the doctor`(completeness: String, quality: String) throws {
        let found = try shelf.verdict { ($0.completeness, $0.quality) = (completeness, quality) }
        #expect(found.verdict == .doctorDecides)
    }

    @Test func `without a report the doctor decides`() throws {
        let found = try shelf.verdict { $0.hasReport = false }
        #expect(found.verdict == .doctorDecides && holds(found, "ZQ-08") == .some(nil))
    }

    @Test func `another institution is for the doctor until grades are known`() throws {
        let found = try shelf.verdict { $0.institution = "Second Hospital" }
        #expect(found.verdict == .doctorDecides)
        #expect(["ZR-10", "ZR-11", "ZR-12", "ZR-13"].allSatisfy { holds(found, $0) == .some(nil) })
    }

    @Test func `a wrong date is named as such`() throws {
        let found = try shelf.verdict {
            $0.quality = "fail"
            $0.json = #"{"quality":{"findings":[{"rule":"exam-date","severity":"fail"}]}}"#
        }
        #expect(holds(found, "ZQ-07") == .some(false) && holds(found, "ZQ-04") == .some(nil))
        #expect(found.verdict == .notRecognised)
    }

    @Test(
        arguments: [
            ("1.2.840.10008.5.1.4.1.1.88.11", true, true), ("1.2.840.10008.5.1.4.1.1.88.33", true, true),
            ("1.2.840.10008.5.1.4.1.1.88.33", false, nil), ("1.2.840.10008.5.1.4.1.1.88.67", true, nil),
        ] as [(String, Bool, Bool?)])
    func `a structured report counts once somebody vouches for it, a dose report never`(
        kind: String, isVerified: Bool, holds: Bool?
    ) throws {
        let shelf = try StudyShelf()
        try shelf.add(1) { $0.report = ("SR", kind) }
        try shelf.add(2) { $0.date = "20261120" }
        let recall = try shelf.recall(verified: isVerified ? [.sample(1)] : [])
        let prior = try #require(try recall.priors(forStudy: .sample(2)).priors.first)
        #expect(prior.recognition.rules.first { $0.id == "ZQ-08" }?.holds == holds)
        #expect(prior.recognition.verdict == (holds == true ? .recognised : .doctorDecides))
    }

    @Test func `it encodes as priorctl priors prints it, with null for the undecided`() throws {
        let recognition = Recognition(
            verdict: .doctorDecides, rules: [Recognition.Rule(id: "ZR-10", holds: nil, detail: "d")],
            questions: ["ZE-01"], policy: "notice")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = try String(decoding: encoder.encode(recognition), as: UTF8.self)
        #expect(
            text
                == #"{"policy":"notice","questions":["ZE-01"],"rules":[{"detail":"d","holds":null,"id":"ZR-10"}],"verdict":"doctorDecides"}"#
        )
    }
}
