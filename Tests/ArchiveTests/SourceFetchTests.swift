import DICOMCore
import Foundation
import Testing

@testable import Archive

/// The queue of what is to be fetched.
@Suite struct SourceFetchTests {
    private static func order(
        _ number: Int = 1, from source: String = "hub", _ cause: SourceFetch.Cause = .asked, bytes: Int64 = 0
    ) throws -> SourceFetchOrder {
        SourceFetchOrder(
            try StudyInstanceUID("1.2.3.\(number)"), from: source, because: cause, expectedCount: 3, byteCount: bytes)
    }

    private static func queued(_ test: TestArchive, _ order: SourceFetchOrder, at seconds: Int = 0) throws
        -> SourceFetch?
    {
        guard case .queued(let fetch) = try test.index.queueFetch(order, at: .sample(seconds)) else { return nil }
        return fetch
    }

    private static func due(_ test: TestArchive, at seconds: Int) throws -> [Int64] {
        try test.index.fetchesDue(from: "hub", at: .sample(seconds), limit: 10).map(\.id)
    }

    @Test func `a study waits once, from whichever source, and what is asked for comes first`() throws {
        let test = try TestArchive()
        let ahead = try #require(try Self.queued(test, Self.order(1, .order)))
        let other = try #require(try Self.queued(test, Self.order(2, .firstImage)))
        #expect(try Self.queued(test, Self.order(1, from: "cloud", .order)) == nil)
        #expect(try Self.due(test, at: 0) == [ahead.id, other.id])
        guard case .waiting(let same) = try test.index.queueFetch(Self.order(2), at: .sample(0)) else {
            Issue.record("it was queued again")
            return
        }
        #expect(same.id == other.id && same.source == "hub")
        #expect(try Self.due(test, at: 0) == [other.id, ahead.id])
        #expect(try test.index.fetch(other.id)?.cause == .asked)
    }

    @Test func `an attempt counts before it begins, and what failed comes again after its pause`() throws {
        let test = try TestArchive()
        let fetch = try #require(try Self.queued(test, Self.order()))
        try test.index.begin(fetch, next: .sample(50))
        #expect(try Self.due(test, at: 49) == [])
        try test.restart()
        // As after a kill amid the attempt.
        let again = try #require(try test.index.fetchesDue(from: "hub", at: .sample(50), limit: 1).first)
        #expect(again.attemptCount == 1 && again.state == .waiting)
        try test.index.note(
            again, end: nil, next: .sample(90), expected: 7, received: 2, failure: "it died", detail: "2 of 7",
            at: .sample(60))
        #expect(try Self.due(test, at: 89) == [] && Self.due(test, at: 90) == [again.id])
        #expect(try test.index.fetchCounts()["hub"]?.stuck == 1)
        try test.index.note(
            again, end: .partial, expected: nil, received: 5, failure: "it died", detail: "5 of 7", at: .sample(91))
        let ended = try #require(try test.index.fetch(again.id))
        #expect(ended.state == .partial && ended.expectedCount == 7 && ended.receivedCount == 5)
        #expect(try test.index.fetchCounts()["hub"]?.partial == 1)
        #expect(try Self.due(test, at: 1000) == [])
        // Asked for once more it begins anew.
        #expect(try Self.queued(test, Self.order())?.attemptCount == 0)
    }

    @Test func `what is fetched ahead is tried once, and no more of it waits than may`() throws {
        let test = try TestArchive()
        let fetch = try #require(try Self.queued(test, Self.order(1, .order, bytes: 600)))
        #expect(
            try test.index.queueFetch(Self.order(2, .order, bytes: 600), byteLimit: 1000, at: .sample(0)) == .full)
        #expect(
            try test.index.queueFetch(Self.order(2, .order, bytes: .max), byteLimit: 1000, at: .sample(0)) == .full)
        // Somebody's wish has no such bound.
        #expect(try Self.queued(test, Self.order(3, bytes: 600)) != nil)
        try test.index.note(
            fetch, end: .failed, expected: nil, received: 0, failure: "no", detail: "no", at: .sample(1))
        guard case .done = try test.index.queueFetch(Self.order(1, .firstImage), at: .sample(2)) else {
            Issue.record("it was queued again")
            return
        }
        #expect(try Self.queued(test, Self.order(1)) != nil)
    }

    @Test func `one that waits may be dropped, and lists are by state, source and study`() throws {
        let test = try TestArchive()
        let fetch = try #require(try Self.queued(test, Self.order()))
        _ = try Self.queued(test, Self.order(2, from: "cloud"))
        #expect(try test.index.dropFetch(fetch.id, by: "zhao", at: .sample(1)))
        #expect(try !test.index.dropFetch(fetch.id, by: "zhao", at: .sample(1)))
        #expect(try Self.due(test, at: 10) == [])
        #expect(try test.index.fetches(in: [], limit: 10).map(\.source) == ["cloud", "hub"])
        #expect(try test.index.fetches(in: [.waiting], limit: 10).map(\.source) == ["cloud"])
        #expect(try test.index.fetches(in: [], from: "hub", limit: 10).map(\.id) == [fetch.id])
        #expect(
            try test.index.fetches(in: [], of: StudyInstanceUID("1.2.3.1"), limit: 10).map(\.id) == [fetch.id])
        #expect(try test.index.fetches(in: [], before: fetch.id, limit: 10) == [])
    }

    @Test
    func `who asks for a study that waits elsewhere gets it from where he asked, and what comes late is nobody's`()
        throws
    {
        let test = try TestArchive()
        let gone = try #require(try Self.queued(test, Self.order(1, from: "gone")))
        try test.index.begin(gone, next: .sample(900))
        #expect(try test.index.isWanted(gone, at: .sample(1)))
        // Rules do not take it away from where somebody asked for it.
        _ = try test.index.queueFetch(Self.order(1, .order), at: .sample(2))
        #expect(try test.index.isWanted(gone, at: .sample(2)))
        guard case .waiting(let moved) = try test.index.queueFetch(Self.order(1), at: .sample(3)) else {
            Issue.record("it was queued again")
            return
        }
        #expect(moved.id == gone.id && moved.source == "hub" && moved.attemptCount == 0)
        #expect(try Self.due(test, at: 3) == [gone.id])
        #expect(try !test.index.isWanted(gone, at: .sample(3)))
        try test.index.note(
            gone, end: .failed, expected: nil, received: 0, failure: "it died", detail: "", at: .sample(4))
        #expect(try test.index.fetch(gone.id) == moved)
    }

    @Test func `what nobody asked for yields to what somebody waits for, and loses no attempt`() throws {
        let test = try TestArchive()
        let ahead = try #require(try Self.queued(test, Self.order(1, .order)))
        try test.index.begin(ahead, next: .sample(90))
        #expect(try test.index.isWanted(ahead, at: .sample(1)))
        // Of another source nothing waits.
        _ = try Self.queued(test, Self.order(2, from: "cloud"), at: 1)
        #expect(try test.index.isWanted(ahead, at: .sample(1)))
        let asked = try #require(try Self.queued(test, Self.order(3), at: 1))
        #expect(try !test.index.isWanted(ahead, at: .sample(1)))
        try test.index.putBack(ahead, at: .sample(2))
        #expect(try Self.due(test, at: 2) == [asked.id, ahead.id])
        #expect(try test.index.fetch(ahead.id)?.attemptCount == 0)
    }

    @Test func `what waits from a source that is no more is ended, and may come from another`() throws {
        let test = try TestArchive()
        let ahead = try #require(try Self.queued(test, Self.order(1, from: "gone", .order)))
        let kept = try #require(try Self.queued(test, Self.order(2)))
        #expect(try test.index.endFetches(exceptFrom: ["hub"], at: .sample(5)).map(\.id) == [ahead.id])
        let ended = try #require(try test.index.fetch(ahead.id))
        #expect(ended.state == .failed && !ended.lastFailure.isEmpty && ended.endedAt == .sample(5))
        #expect(try test.index.fetch(kept.id) == kept)
        #expect(try Self.queued(test, Self.order(1, .firstImage)) != nil)
    }

    @Test func `what was dropped is not fetched ahead from anywhere, and ends what is under way`() throws {
        let test = try TestArchive()
        let ahead = try #require(try Self.queued(test, Self.order(1, .order)))
        try test.index.begin(ahead, next: .sample(90))
        #expect(try test.index.dropFetch(ahead.id, by: "zhao", at: .sample(1)))
        #expect(try !test.index.isWanted(ahead, at: .sample(1)))
        #expect(try Self.queued(test, Self.order(1, from: "cloud", .order)) == nil)
        #expect(try Self.queued(test, Self.order(1, from: "cloud")) != nil)
    }

    @Test func `studies that come are told once, and those that were fetched never`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        let (none, mark) = try test.index.studies(since: nil, limit: 10)
        #expect(none == [])
        let (fetched, other) = (try InstanceRecord.sample(study: 7), try InstanceRecord.sample(study: 8))
        let order = SourceFetchOrder(fetched.studyInstanceUID, from: "hub", because: .asked)
        _ = try Self.queued(test, order)
        try test.store(fetched, at: 1)
        try test.store(other, at: 2)
        let (new, next) = try test.index.studies(since: mark, limit: 10)
        #expect(new == [other.studyInstanceUID])
        #expect(try test.index.studies(since: next, limit: 10).studies == [])
        // An index that was built again counts anew.
        #expect(try test.index.studies(since: 1_000_000, limit: 10).studies == [])
    }
}
