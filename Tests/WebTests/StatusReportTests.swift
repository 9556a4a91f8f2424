import AdminAPI
import Archive
import DICOMCore
import Foundation
import Ingestion
import Testing

@testable import Web

@Suite struct StatusReportTests {
    private func status(peers: [AETitle] = [], _ change: (inout Snapshot) -> Void = { _ in }) -> StatusAnswer {
        var snapshot = Snapshot.sample
        change(&snapshot)
        return StatusReport(facts: .sample(peers: peers), snapshot: snapshot).answer
    }

    private func check(_ name: String, of status: StatusAnswer) throws -> StatusAnswer.Check {
        try #require(status.checks.first { $0.name == name })
    }

    @Test func `a daemon at rest is ok and has every check`() {
        let status = status()
        #expect(status.verdict == .ok)
        #expect(
            status.checks.map(\.name) == [
                "listener", "storage", "disk", "backlog", "pixels", "associations", "peers", "studies", "persons",
                "text", "quarantine", "commitments", "forwards", "sources", "catalogues", "lexicon", "decisions",
            ])
    }

    @Test func `a decision log that does not hold is critical and names the line`() throws {
        let broken = status {
            $0.decisions.count = 9
            $0.decisionBreak = EventChain.Break(line: 4, reason: "was changed")
        }
        #expect(try check("decisions", of: broken).state == .critical)
        #expect(try check("decisions", of: broken).summary == "the log does not hold: line 4: was changed")
        let behind = status { $0.unindexedDecisions = 2 }
        #expect(try check("decisions", of: behind).state == .warning)
    }

    @Test func `a refused catalogue file is a warning with file, line and what stays in force`() throws {
        let fault = CatalogueFaultRow(file: "mine.tsv", line: 9, column: "code", reason: "stands twice")
        let status = status {
            $0.catalogues.refused = [
                .init(file: "mine.tsv", faults: [fault], furtherFaultCount: 0, kept: "example-2026")
            ]
        }
        let check = try check("catalogues", of: status)
        #expect(check.state == .warning)
        #expect(check.summary == "1 file refused; zhejiang-imaging-2021")
        #expect(check.parts.map(\.summary) == ["line 9, code: stands twice; example-2026 stays in force"])
    }

    @Test func `a refused file of words is a warning with file, line and what stays in force`() throws {
        let fault = CatalogueFaultRow(file: "site.tsv", line: 3, column: "term", reason: "is empty")
        let status = status {
            $0.lexicon.files = [LexiconFileRow(file: "site.tsv", wordCount: 1)]
            $0.lexicon.refused = [.init(file: "site.tsv", faults: [fault], furtherFaultCount: 0, kept: "site.tsv")]
        }
        let check = try check("lexicon", of: status)
        #expect(check.state == .warning)
        #expect(check.summary == "1 file refused; 1 word of the site in 1 file")
        #expect(check.parts.map(\.summary) == ["line 3, term: is empty; site.tsv stays in force"])
    }

    @Test func `commitments that cannot be delivered are a warning`() throws {
        let pending = status { $0.commitments.queued = 2 }
        #expect(try check("commitments", of: pending).state == .ok)
        let stuck = status {
            $0.commitments.unreported = 3
            $0.commitments.stuck = 1
            $0.commitments.givenUp = 2
        }
        let check = try check("commitments", of: stuck)
        #expect(check.state == .warning)
        #expect(check.summary == "3 commitments pending, 1 not delivered at the first try, 2 given up")
        #expect(check.value == 5)
    }

    @Test func `workers that died are told and no warning, ones that cannot be had are`() throws {
        func pixels(_ change: (inout PixelWorkerFacts) -> Void) throws -> StatusAnswer.Check {
            try check("pixels", of: status { change(&$0.pixels) })
        }
        let busy = try pixels { ($0.running, $0.measured, $0.crashed, $0.timedOut) = (1, 20, 2, 1) }
        #expect(busy.state == .ok)
        #expect(busy.summary == "20 images measured by 1 worker, 2 crashed, 1 took too long")
        let bare = try pixels { $0.missingWalls = "system call filter (Operation not permitted)" }
        #expect(bare.state == .warning)
        #expect(bare.summary.hasPrefix("the sandbox of the workers lacks system call filter"))
        let none = try pixels { $0.failure = "Resource temporarily unavailable" }
        #expect(none.state == .warning)
        #expect(none.summary.hasPrefix("no image is measured: Resource temporarily unavailable"))
    }

    @Test func `the backlog tells its rate`() throws {
        let status = status {
            $0.counts.awaitingAssessment = 3
            ($0.assessments.running, $0.assessments.completedLastHour) = (2, 40)
        }
        #expect(
            try check("backlog", of: status).summary
                == "3 waiting for an assessment, 2 under way, 40 done in the last hour")
    }

    @Test func `no primary catalogue in force is a warning`() throws {
        let status = status { $0.catalogues.catalogues[0].state = .past }
        #expect(try check("catalogues", of: status).state == .warning)
    }

    @Test func `no listener is critical`() {
        #expect(status { $0.associations.isListening = false }.verdict == .critical)
    }

    @Test func `storage that needs recovery is critical`() throws {
        let status = status { $0.failure = .recoveryNeeded(cause: "fdatasync failed") }
        #expect(try check("storage", of: status).state == .critical)
    }

    @Test(arguments: [
        (Int64(1000), Int64(100), StatusVerdict.ok), (149, 100, .warning), (100, 100, .warning), (99, 100, .critical),
    ])
    func `free space near the reserve is a warning, below it critical`(
        available: Int64, reserve: Int64, verdict: StatusVerdict
    ) {
        let status = status { snapshot in
            snapshot.availableByteCount = available
            snapshot.reserveByteCount = reserve
        }
        #expect(status.verdict == verdict)
    }

    @Test(arguments: [(600.0, StatusVerdict.ok), (1000.0, .warning)])
    func `an assessment that waits for a quarter of an hour is a warning`(age: Double, verdict: StatusVerdict) {
        let status = status { snapshot in
            snapshot.counts.awaitingAssessment = 1
            snapshot.oldestWaiting = snapshot.at.addingTimeInterval(-age)
        }
        #expect(status.verdict == verdict)
    }

    @Test func `taken seats are a warning`() {
        #expect(status { $0.associations.open = $0.associations.limit }.verdict == .warning)
    }

    @Test func `quarantine is a warning that names reasons`() throws {
        let status = status { $0.counts.quarantined = [.conflict: 2, .unreadable: 1] }
        let quarantine = try check("quarantine", of: status)
        #expect(quarantine.state == .warning)
        #expect(quarantine.value == 3)
        #expect(quarantine.parts.map(\.name) == ["conflict", "unreadable"])
    }

    @Test func `a peer whose last attempt failed is a warning until it succeeds`() throws {
        let peer = try AETitle("CT1")
        func verdict(received: Double, failed: Double) -> StatusVerdict {
            status(peers: [peer]) { snapshot in
                snapshot.peers = [
                    PeerActivity.sample(
                        peer, received: snapshot.at.addingTimeInterval(received),
                        failed: snapshot.at.addingTimeInterval(failed))
                ]
            }.verdict
        }
        #expect(verdict(received: -200_000, failed: -100_000) == .warning)
        #expect(verdict(received: -100_000, failed: -200_000) == .ok)
    }

    @Test func `a stranger's failure is forgotten after a day`() throws {
        let stranger = try AETitle("SCANNER")
        func verdict(failed: Double) -> StatusVerdict {
            status { snapshot in
                snapshot.peers = [
                    .sample(stranger, received: nil, failed: snapshot.at.addingTimeInterval(failed))
                ]
            }.verdict
        }
        #expect(verdict(failed: -3600) == .warning)
        #expect(verdict(failed: -100_000) == .ok)
    }

    @Test func `a configured peer that never sent is shown`() throws {
        let status = status(peers: [try AETitle("CT1")])
        #expect(try check("peers", of: status).parts.map(\.name) == ["CT1"])
        #expect(status.verdict == .ok)
    }
}

extension CatalogueRow {
    static let sample = CatalogueRow(
        id: "zhejiang-imaging-2021", list: "zhejiang-imaging", edition: "2021", kind: "imaging", from: "2021-01-01",
        until: nil, itemCount: 180, publisher: "P", source: "S", isBundled: true, isPrimary: true, file: "z.tsv",
        state: .inForce)
}

extension Snapshot {
    static var sample: Snapshot {
        Snapshot(
            at: Date(timeIntervalSince1970: 1_790_003_600),
            associations: AssociationFacts(isListening: true, open: 1, limit: 64, waiting: 2),
            assessments: AssessmentActivity(), ingest: IngestCounters(), failure: nil,
            availableByteCount: 10_000_000_000, reserveByteCount: 2_000_000_000, counts: IndexCounts(), peers: [],
            oldestWaiting: nil,
            catalogues: CataloguesAnswer(catalogues: [.sample], refused: []))
    }
}
