internal import AdminAPI
internal import Archive
internal import Delivery
internal import Foundation
internal import Ingestion
internal import Recall
internal import Sources

/// How the daemon stands at one moment: what status and metrics are made of.
struct Snapshot: Sendable {
    var at: Date
    var associations: AssociationFacts
    var assessments: AssessmentActivity
    var pixels = PixelWorkerFacts()
    var ingest: IngestCounters
    /// Why nothing is stored until a restart.
    var failure: ArchiveError?
    var availableByteCount: Int64
    var reserveByteCount: Int64
    var counts: IndexCounts
    var peers: [PeerActivity]
    var commitments = CommitmentCounts()
    var persons = PersonCounts()
    var resolutionTimes: ResolutionTimes?
    var destinations: [ForwardActivity] = []
    /// By destination.
    var forwards: [String: ForwardCounts] = [:]
    /// Destinations that are paused, and since when.
    var pausedForwards: [String: Date] = [:]
    var sources: [SourceActivity] = []
    /// By source.
    var fetches: [String: SourceFetchCounts] = [:]
    /// The last instance of the study that waits longest for its assessment.
    var oldestWaiting: Date?
    var decisions = EventChain.Head.empty
    /// What the last look at the decision log found wrong.
    var decisionBreak: EventChain.Break?
    /// Decisions that are kept and that the index does not know.
    var unindexedDecisions = 0
    var catalogues = CataloguesAnswer(catalogues: [], refused: [])
    var lexicon = LexiconAnswer(files: [], refused: [])
}

extension Snapshot {
    /// Blocks for index and disk.
    init(facts: DaemonFacts, archive: Archive, ingestor: Ingestor, at date: Date) throws(ArchiveError) {
        self.init(
            at: date, associations: facts.associations(), assessments: facts.assessments(),
            pixels: facts.pixels(), ingest: ingestor.counters,
            failure: archive.failure, availableByteCount: try archive.availableByteCount(),
            reserveByteCount: archive.settings.diskReserveByteCount, counts: try archive.index.counts(),
            peers: try archive.index.peers(), commitments: try archive.index.commitmentCounts(),
            persons: try archive.index.personCounts(),
            destinations: facts.forwards(), forwards: try archive.index.forwardCounts(),
            pausedForwards: try archive.index.pausedForwards(),
            oldestWaiting: try archive.index.studiesAwaitingAssessment(limit: 1).first?.lastInstanceAt,
            decisions: archive.decisions.head, decisionBreak: archive.decisions.knownBreak,
            unindexedDecisions: archive.decisions.unindexedCount)
    }
}
