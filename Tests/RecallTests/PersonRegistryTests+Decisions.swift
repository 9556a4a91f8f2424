import Archive
import DICOMCore
import Foundation
import Testing

@testable import Recall

/// What people decide of identities.
extension PersonRegistryTests {
    @Test func `a decision that the index did not take is made up for, and holds meanwhile`() throws {
        let (registry, ids) = try addNamesakes()
        try shelf.change(
            index: "CREATE TRIGGER broken BEFORE INSERT ON identityPair BEGIN SELECT RAISE(ABORT, 'broken'); END")
        #expect(throws: PersonError.self) { try registry.link(ids[0], ids[1], by: "Dr Chen") }
        #expect(try registry.counts().persons == 3)
        try shelf.change(index: "DROP TRIGGER broken")
        try registry.link(ids[1], ids[2], by: "Dr Chen")
        #expect(try registry.counts().persons == 1)
    }

    @Test func `what a power cut took of the index is found out again, and decided as it was`() throws {
        for number in 1...3 {
            try shelf.add(number) {
                ($0.patientID, $0.issuer, $0.name, $0.sex) = ("N\(number)", "H\(number)", "尉迟^琉璃", "F")
            }
        }
        func people(_ registry: PersonRegistry) throws -> [[String]] {
            try (1...3).map { number in
                let person = try #require(try registry.person(ofStudy: .sample(number)))
                return person.identities.map { "\($0.record.key) \($0.link)" }
            }
        }
        var before: [[String]] = []
        let after = try shelf.cuttingPower {
            let registry = try shelf.registry()
            #expect(try registry.resolveAll() == 3)
            let ids = try (1...3).map { number in
                try #require(try registry.persons(patientID: "N\(number)", issuer: nil).first).person.personID
            }
            try registry.link(ids[0], ids[1], by: "Dr Chen")
            before = try people(registry)
        }
        #expect(try after.index.personCounts().pendingStudies == 3)
        let registry = try after.registry()
        #expect(try registry.resolveAll() == 3)
        #expect(try people(registry) == before)
        #expect(try registry.counts().persons == 2)
    }

    @Test func `a line that cannot be read keeps nobody from starting`() throws {
        let (registry, ids) = try addNamesakes()
        try shelf.append(decision: #"{"record":"person","decision":"perhaps","one":"a","others":["b"]}"#)
        try registry.link(ids[0], ids[1], by: "Dr Chen")
        let next = try shelf.registry()
        #expect(next.unreadableDecisions == 1 && registry.unreadableDecisions == 0)
        #expect(try next.counts().persons == 2)
    }

    @Test func `people of one name and birth date wait for a look until somebody links them`() throws {
        let (registry, ids) = try addNamesakes()
        #expect(try registry.counts().persons == 3)
        #expect(try registry.reviews().total == 3)
        #expect(try shelf.answer(3).priors.map(\.identityLink) == [.possible, .possible])
        try registry.link(ids[0], ids[1], by: "Dr Chen", note: "one insurance card")
        #expect(try registry.counts().persons == 2)
        try registry.link(ids[2], ids[1], by: "Dr Chen")
        let person = try #require(try registry.person(id: ids[2]))
        #expect(person.person.personID == ids.min() && person.identities.allSatisfy { $0.link == .same })
        #expect(try registry.reviews().total == 0)
        #expect(try shelf.answer(3).priors.map(\.identityLink) == [.same, .same])
        let decided = try #require(person.pairs.first { Set([$0.one.key, $0.other.key]) == [ids[0], ids[1]] })
        #expect(decided.pair.decidedBy == "Dr Chen" && decided.pair.note == "one insurance card")
    }

    @Test func `an identity taken out is nobody's prior any more, and a link brings it back`() throws {
        let (registry, ids) = try addNamesakes()
        try registry.link(ids[0], ids[1], by: "Dr Chen")
        try registry.link(ids[1], ids[2], by: "Dr Chen")
        try registry.unlink(ids[0], by: "Dr Wu")
        #expect(try shelf.priors(of: 3) == [2])
        #expect(try registry.person(id: ids[0])?.identities.count == 1)
        #expect(throws: PersonError.standsAlone(ids[0])) { try registry.unlink(ids[0], by: "Dr Wu") }
        try registry.link(ids[1], ids[0], by: "Dr Wu")
        #expect(try shelf.priors(of: 3) == [2, 1])
        #expect(try registry.counts().persons == 1)
        #expect(try registry.reviews().total == 0)
    }

    @Test func `what was decided of a pair can be taken back`() throws {
        let (registry, ids) = try addNamesakes()
        try registry.settleReview(ids[0], ids[1], as: .different, by: "Dr Chen")
        try registry.settleReview(ids[0], ids[2], as: .different, by: "Dr Chen")
        try registry.link(ids[1], ids[2], by: "Dr Chen")
        #expect(throws: PersonError.self) { try registry.link(ids[0], ids[1], by: "Dr Wu") }
        try registry.settleReview(ids[2], ids[0], as: .undecided, by: "Dr Wu")
        #expect(throws: PersonError.noReview(ids[2], ids[0])) {
            try registry.settleReview(ids[2], ids[0], as: .undecided, by: "Dr Wu")
        }
        try registry.link(ids[0], ids[1], by: "Dr Wu")
        #expect(try registry.counts().persons == 1)
        #expect(try registry.reviews().total == 0)
    }

    @Test func `a link that would join two whom somebody keeps apart is refused by name`() throws {
        let (registry, ids) = try addNamesakes()
        try registry.settleReview(ids[0], ids[1], as: .different, by: "Dr Chen")
        try registry.link(ids[0], ids[2], by: "Dr Chen")
        let apart = PersonGrouping.Pair(ids[0], ids[1])
        do {
            try registry.link(ids[2], ids[1], by: "Dr Wu")
            Issue.record("it was joined")
        } catch .keptApart(let one, let other) {
            #expect(PersonGrouping.Pair(one, other) == apart)
        }
        #expect(try registry.counts().persons == 2)
    }

    @Test func `decisions outlive a stop between the log and the index, and the last one of a pair holds`() throws {
        let (registry, ids) = try addNamesakes()
        let decisions = [
            PersonDecision(
                .same, of: ids[0], and: [ids[1]], by: "Dr Chen", at: Date(timeIntervalSince1970: 1_790_000_000)),
            PersonDecision(
                .different, of: ids[1], and: [ids[0]], by: "Dr Wu", at: Date(timeIntervalSince1970: 1_790_000_100)),
            PersonDecision(
                .same, of: ids[1], and: [ids[2]], by: "Dr Wu", at: Date(timeIntervalSince1970: 1_790_000_200)),
        ]
        for decision in decisions { try shelf.archive.decisions.append(decision.encoded()) }
        #expect(try registry.counts().persons == 3)
        let restarted = try shelf.registry()
        #expect(try restarted.counts().persons == 2)
        #expect(try restarted.person(id: ids[1])?.identities.filter { $0.link == .same }.count == 2)
        #expect(try shelf.archive.decisions.verify() == nil)
    }

    @Test func `a decision on identities that come later holds when they are there`() throws {
        let other = try StudyShelf()
        #expect(try other.registry().counts().identities == 0)
        let (registry, ids) = try addNamesakes()
        try registry.link(ids[0], ids[1], by: "Dr Chen")
        #expect(try registry.counts().persons == 2)
        // The same studies in an index that knows nothing, with the log beside it.
        var table = PersonDecisions()
        #expect(try table.add(shelf.archive.decisions.records()) == 0)
        #expect(table[ids[0], ids[1]]?.decision == .same && table.partners(of: ids[1]) == [ids[0]])
    }

    @Test func `decisions need somebody, two identities and identities that are there`() throws {
        let (registry, ids) = try addNamesakes()
        #expect(throws: PersonError.nobody) { try registry.link(ids[0], ids[1], by: "") }
        #expect(throws: PersonError.nobody) {
            try registry.link(ids[0], ids[1], by: "x", note: String(repeating: "n", count: 501))
        }
        #expect(throws: PersonError.sameIdentity(ids[0])) { try registry.link(ids[0], ids[0], by: "x") }
        #expect(throws: PersonError.unknownIdentity("nobody")) { try registry.link(ids[0], "nobody", by: "x") }
        #expect(throws: PersonError.unknownIdentity("nobody")) { try registry.unlink("nobody", by: "x") }
        try registry.link(ids[0], ids[1], by: "x")
        #expect(throws: PersonError.noReview(ids[0], ids[1])) {
            try registry.settleReview(ids[0], ids[1], as: .different, by: "x")
        }
        #expect(try shelf.archive.decisions.head.count == 1)
    }
}
