import Archive
import Assessment
import Catalogue
import DICOMCore
import DICOMImaging
import Foundation
import Matching
import ServiceLifecycle
import Synchronization
import TestCatalogues
import TestImages
import Testing

@testable import Ingestion

@Suite(.timeLimit(.minutes(10))) struct AssessmentQueueTests {
    private static func queue(
        _ test: TestIngest, workerCount: Int = 1, measure: @escaping PixelMeasuring = measureInProcess
    ) throws -> AssessmentQueue {
        let assessor = StudyAssessor(
            archive: test.archive,
            catalogues: try CataloguesInForce(archive: test.archive, namer: Bundled.namer, logger: TestIngest.logger),
            aliases: try AliasesInForce(index: test.archive.index), assessor: Assessor(lexicon: Bundled.lexicon),
            measure: measure)
        return AssessmentQueue(
            index: test.archive.index, assessor: assessor, workerCount: workerCount, logger: TestIngest.logger)
    }

    /// Stores and settles study `1.2.N`.
    private static func settle(_ test: TestIngest, _ number: Int) throws -> StudyInstanceUID {
        let instance = "1.2.\(number).1.1"
        try test.store(
            TestIngest.file(instance: instance) { file in
                file.set(.studyInstanceUID, "UI", "1.2.\(number)")
                file.set(.seriesInstanceUID, "UI", "1.2.\(number).1")
            }, as: instance)
        let uid = try StudyInstanceUID("1.2.\(number)")
        let due = try test.archive.index.studiesDueToSettle(lastInstanceBefore: .distantFuture)
        try test.archive.index.settle(due, reason: "test", at: try TestIngest.origin().receivedAt)
        return uid
    }

    /// Runs the queue until `isDone`, then stops it as a graceful shutdown does.
    private static func run(_ queue: AssessmentQueue, until isDone: @escaping @Sendable () throws -> Bool) async throws
    {
        let group = ServiceGroup(services: [queue], logger: TestIngest.logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                while try !isDone() { try await Task.sleep(for: .milliseconds(5)) }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    private static func version(_ uid: StudyInstanceUID, _ index: StudyIndex) throws -> Int {
        try index.study(uid)?.assessmentVersion ?? 0
    }

    @Test func `a study over which the daemon ended three times is published without a look`() async throws {
        let test = try TestIngest()
        let index = test.archive.index
        let uid = try Self.settle(test, 1)
        for attempt in 1...3 { #expect(try test.archive.index.beginAssessment(of: uid) == attempt) }
        let isLookedAt = Mutex(false)
        let queue = try Self.queue(test) { (_, _, _) throws(PixelError) in
            isLookedAt.withLock { $0 = true }
            throw .absent
        }
        try await Self.run(queue) { try Self.version(uid, index) == 1 }
        let published = try #require(try test.archive.index.assessments(of: uid).last)
        #expect(published.verdicts.quality == "notAssessed" && published.verdicts.completeness == "unknown")
        #expect(published.verdicts.json.contains("the daemon ended during each of 3 attempts"))
        #expect(!isLookedAt.withLock { $0 } && queue.activity.givenUp == 1)
        #expect(try test.archive.index.studiesAwaitingAssessment().isEmpty)
        #expect(try test.archive.index.beginAssessment(of: uid) == 1)
    }

    @Test func `an orderly stop before a study is published is no attempt`() async throws {
        let test = try TestIngest()
        let index = test.archive.index
        let uid = try Self.settle(test, 1)
        #expect(try index.beginAssessment(of: uid) == 1)
        try index.withdrawBeginnings(of: [uid])
        try index.withdrawBeginnings(of: [uid])
        #expect(try index.beginAssessment(of: uid) == 1)
    }

    @Test func `a study that is published has no attempts left behind`() async throws {
        let test = try TestIngest()
        let index = test.archive.index
        let uid = try Self.settle(test, 1)
        #expect(try test.archive.index.beginAssessment(of: uid) == 1)
        #expect(try test.archive.index.beginAssessment(of: uid) == 2)
        let queue = try Self.queue(test)
        try await Self.run(queue) { try Self.version(uid, index) == 1 }
        #expect(queue.activity.completed == 1 && queue.activity.givenUp == 0)
        #expect(queue.activity.completedLastHour == 1)
        #expect(try test.archive.index.beginAssessment(of: uid) == 1)
        #expect(try test.archive.index.beginAssessment(of: StudyInstanceUID("1.2.999")) == 0)
    }

    @Test func `one slow study holds one worker and no other study`() async throws {
        let test = try TestIngest()
        let index = test.archive.index
        let uids = try (1...6).map { try Self.settle(test, $0) }
        let isSlow = Mutex(true)
        let slow = Mutex<Int32?>(nil)
        let queue = try Self.queue(test, workerCount: 2) { (descriptor, _, _) throws(PixelError) in
            // The first that asks waits until all others are published.
            if slow.withLock({ slow in
                defer { slow = slow ?? descriptor }
                return slow == nil
            }) {
                while isSlow.withLock({ $0 }) { usleep(2000) }
            }
            throw .absent
        }
        try await Self.run(queue) {
            let published = try uids.count { try Self.version($0, index) == 1 }
            if published == uids.count - 1 { isSlow.withLock { $0 = false } }
            return published == uids.count
        }
        #expect(queue.activity.completed == uids.count && queue.activity.running == 0)
    }

    @Test func `what happened in the last hour is counted by the minute`() {
        var hour = LastHour()
        let start = ContinuousClock.now
        hour.add(at: start)
        hour.add(at: start + .seconds(60 * 30))
        #expect(hour.count(at: start + .seconds(60 * 59)) == 2)
        #expect(hour.count(at: start + .seconds(60 * 61)) == 1)
        #expect(hour.count(at: start + .seconds(60 * 60 * 24)) == 0)
    }
}
