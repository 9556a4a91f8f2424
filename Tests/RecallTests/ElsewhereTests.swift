import Archive
import Catalogue
import DICOMCore
import Testing

@testable import Recall

/// Studies that other systems say they have, beside a study here of 1 November.
@Suite struct ElsewhereTests {
    private static let persons = Result { PersonJudge(rarity: NameRarity(try Surname.bundled())) }
    private let shelf: StudyShelf

    init() throws {
        shelf = try StudyShelf()
        try shelf.add(1)
    }

    private func elsewhere(_ change: (inout ElsewhereStudy) -> Void = { _ in }) throws -> ElsewhereStudy {
        var study = ElsewhereStudy(
            try .sample(99), from: "hub",
            patient: PatientRecord(patientID: "P1", issuer: "H1", birthDate: "19700101"),
            study: StudyRecord(date: "20261020", institution: "Second Hospital"),
            match: CatalogueMatch(catalogue: "zhejiang-imaging-2021", code: "BW03ZZZ8B", confidence: 1))
        change(&study)
        return study
    }

    private func judged(_ change: (inout ElsewhereStudy) -> Void = { _ in }) throws -> Prior? {
        let recall = try shelf.recall()
        let local = try recall.priors(forStudy: .sample(1))
        let errand = try #require(try recall.errand(forStudy: .sample(1), of: local.person))
        return recall.priors(of: [try elsewhere(change)], for: errand, by: try Self.persons.get()).first
    }

    @Test func `a known identity's study is a prior, of which nothing is known before it is here`() throws {
        let prior = try #require(try judged())
        #expect(prior.relation == .same && prior.identityLink == .same && prior.source == "hub")
        #expect(prior.recognition.verdict != .recognised)
        #expect(prior.recognition.rules.first { $0.id == "ZQ-03" }?.holds == .some(nil))
    }

    @Test func `what a source assessed counts as what is assessed here`() throws {
        let prior = try #require(
            try judged { study in
                (study.completeness, study.quality, study.report) = ("complete", "pass", .present)
                study.study.institution = "First Hospital"
            })
        #expect(prior.recognition.verdict == .recognised)
        let incomplete = try #require(try judged { $0.completeness = "incomplete" })
        #expect(incomplete.recognition.verdict == .notRecognised && incomplete.score < prior.score)
    }

    @Test func `another issuer's number, another person, a later exam and another region are none`() throws {
        #expect(try judged { $0.patient.issuer = "H2" } == nil)
        #expect(try judged { $0.patient.patientID = "P2" } == nil)
        #expect(try judged { $0.study.date = "20261102" } == nil)
        #expect(try judged { $0.match?.code = "B030ZYZZZ" } == nil)
        #expect(try judged { $0.match = nil } == nil)
        #expect(try judged { $0.studyInstanceUID = try! .sample(1) } == nil)
    }

    @Test func `a number without issuer, a contradiction and differing facts are only possibly the person's`() throws {
        #expect(try judged { $0.patient.issuer = "" }?.identityLink == .possible)
        #expect(try judged { $0.patient.birthDate = "19710101" }?.identityLink == .possible)
        #expect(try judged { $0.isPossibleAtSource = true }?.identityLink == .possible)
        for fact in FactDifference.Fact.allCases {
            let prior = try #require(try judged { $0.differences = [FactDifference(fact, told: [])] })
            #expect(prior.differences.map(\.fact) == [fact])
            #expect(prior.identityLink == (fact.isDecisive ? .possible : .same), "\(fact)")
        }
        #expect(
            try judged {
                $0.patient.issuer = ""
                $0.patient.birthDate = "19500505"
            } == nil)
    }

    @Test(arguments: FactDifference.Fact.allCases)
    func `a prior of which facts are told differently is no more than a doctor's to decide, and says why`(
        fact: FactDifference.Fact
    ) throws {
        func change(_ study: inout ElsewhereStudy) {
            (study.completeness, study.quality, study.report) = ("complete", "pass", .present)
            study.study.institution = "First Hospital"
        }
        #expect(try judged(change)?.recognition.verdict == .recognised)
        let prior = try #require(
            try judged { study in
                change(&study)
                study.differences = [FactDifference(fact, told: [])]
            })
        #expect(prior.recognition.verdict == .doctorDecides)
        #expect(
            prior.recognition.rules.contains { $0.holds == nil && $0.detail.contains("told differently") })
        // The same of a prior that is here.
        var local = try #require(try judged(change))
        try shelf.recall().note([FactDifference(fact, told: [])], of: &local, in: .chinese)
        #expect(local.recognition.verdict == .doctorDecides && local.differences.map(\.fact) == [fact])
        #expect(local.recognition.rules.contains { $0.holds == nil && $0.detail.contains("各来源不一致") })
        // What rules refuse stays refused.
        let refused = try #require(
            try judged { study in
                change(&study)
                study.completeness = "incomplete"
                study.differences = [FactDifference(fact, told: [])]
            })
        #expect(refused.recognition.verdict == .notRecognised)
    }

    @Test func `an order names its own errand, and one without a person none`() throws {
        let recall = try shelf.recall()
        let local = try recall.priors(patientID: "P1", issuer: "H1", item: "BW03ZZZ8B")
        let errand = try #require(
            try recall.errand(patientID: "P1", issuer: "H1", item: "BW03ZZZ8B", of: local.person))
        let prior = try #require(
            recall.priors(of: [try elsewhere()], for: errand, by: try Self.persons.get()).first)
        #expect(errand.age(of: prior) == 32 && errand.study == nil)
        // Somebody who was never here may have been elsewhere.
        let stranger = try recall.priors(patientID: "P77", issuer: "H9", item: "BW03ZZZ8B")
        let unknown = try #require(
            try recall.errand(patientID: "P77", issuer: "H9", item: "BW03ZZZ8B", of: stranger.person))
        let theirs = try elsewhere { $0.patient = PatientRecord(patientID: "P77", issuer: "H9") }
        #expect(
            recall.priors(of: [theirs], for: unknown, by: try Self.persons.get()).map(\.identityLink) == [.same])
        #expect(try recall.errand(patientID: "", issuer: nil, item: "BW03ZZZ8B", of: local.person) == nil)
        #expect(throws: RecallError.self) {
            try recall.errand(patientID: "P1", issuer: nil, item: "chest", of: local.person)
        }
        #expect(throws: RecallError.self) { try recall.errand(forStudy: .sample(77), of: local.person) }
    }
}
