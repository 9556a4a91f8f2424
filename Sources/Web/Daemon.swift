internal import AdminAPI
public import Archive
public import Catalogue
internal import DICOMCore
public import Delivery
internal import Foundation
public import Ingestion
public import Recall
public import Sources
internal import Synchronization

/// Everything the web room asks; one for the port and the admin socket together.
public final class Daemon: Sendable {
    let facts: DaemonFacts
    let settings: WebSettings
    let archive: Archive
    let ingestor: Ingestor
    let recall: Recall
    /// Other systems that are asked for priors.
    let sources: SourceDesk
    /// Whether a fetch is under way at this moment, by its number.
    let fetching: @Sendable (Int64) -> Bool
    let desk: RecognitionDesk
    /// What volumes of interventions are held against.
    let requirements: [InterventionalRequirement]
    let catalogues: CataloguesInForce
    let teaching: AliasTeaching
    /// What DICOMweb shows of stored objects.
    let views: InstanceViews
    /// What DICOMweb searches with.
    let searches: QueryEngine
    /// Makes the assessment look for waiting studies at once.
    let wakeAssessment: @Sendable () -> Void
    /// Short questions.
    let queries: BlockingLane
    /// Long operations, which must not keep questions waiting.
    let operations: BlockingLane
    let imports: BlockingLane
    /// Searches of DICOMweb, a piece at a time.
    let searching: BlockingLane
    /// Searches of people and programs for studies, which may look at every study there is; each with a deadline.
    let finding: BlockingLane
    /// Reading stored objects for DICOMweb.
    let retrievals: BlockingLane
    /// Waiting for pixels, which must not hold up what is only read.
    let pictures: BlockingLane
    /// Held while the index is built again: two at once would write the same file.
    let reindexing = Mutex(false)
    /// Held while assessments are published by a remap: a second one would find nothing left and say so.
    let remapping = Mutex(false)

    public init(
        facts: DaemonFacts, settings: WebSettings, archive: Archive, ingestor: Ingestor, recall: Recall,
        sources: SourceDesk, fetching: @escaping @Sendable (Int64) -> Bool = { _ in false },
        desk: RecognitionDesk, requirements: [InterventionalRequirement] = [],
        catalogues: CataloguesInForce, teaching: AliasTeaching, views: InstanceViews, searches: QueryEngine,
        wakeAssessment: @escaping @Sendable () -> Void = {}
    ) {
        self.facts = facts
        self.settings = settings
        self.archive = archive
        self.ingestor = ingestor
        self.recall = recall
        self.sources = sources
        self.fetching = fetching
        self.desk = desk
        self.requirements = requirements
        self.catalogues = catalogues
        self.teaching = teaching
        self.views = views
        self.searches = searches
        self.wakeAssessment = wakeAssessment
        queries = BlockingLane(threadCount: settings.queryThreadCount)
        operations = BlockingLane(threadCount: settings.operationThreadCount)
        imports = BlockingLane(threadCount: settings.importThreadCount)
        searching = BlockingLane(threadCount: settings.searchThreadCount)
        finding = BlockingLane(threadCount: settings.findThreadCount)
        retrievals = BlockingLane(threadCount: settings.retrievalThreadCount)
        pictures = BlockingLane(threadCount: settings.pictureThreadCount)
    }

    /// Searches with the time that is granted, once its turn has come.
    ///
    /// - Throws: ``ArchiveError/tookTooLong(limit:)``, and what `search` throws.
    func find<Value: Sendable>(_ search: @escaping @Sendable () throws -> Value) async throws -> Value {
        let (limit, latest) = (settings.findLimit, ContinuousClock.now + settings.findWait)
        return try await finding.run {
            // Behind many others nobody waits any more.
            guard ContinuousClock.now < latest else { throw ArchiveError.tookTooLong(limit: limit) }
            return try ReadDeadline(after: limit).bound(search)
        }
    }

    func snapshot() async throws -> Snapshot {
        try await queries.run { [facts, archive, ingestor, recall, catalogues, sources] in
            var snapshot = try Snapshot(facts: facts, archive: archive, ingestor: ingestor, at: Date())
            snapshot.sources = sources.activity
            snapshot.resolutionTimes = recall.persons.resolutionTimes
            snapshot.fetches = try archive.index.fetchCounts()
            let state = catalogues.state
            snapshot.catalogues = CataloguesAnswer(state, on: CalendarDay(localDayOf: snapshot.at))
            snapshot.lexicon = LexiconAnswer(state)
            return snapshot
        }
    }

    func status() async throws -> StatusAnswer {
        StatusReport(facts: facts, snapshot: try await snapshot()).answer
    }

    /// Why instances cannot be taken in now, or nil.
    func obstacle() async throws -> String? {
        guard facts.associations().isListening else { return "no DICOM port is listening" }
        return try await queries.run { [archive] in
            if let failure = archive.failure { return "\(failure)" }
            let available = try archive.availableByteCount()
            guard available >= archive.settings.diskReserveByteCount else { return "the disk reserve is reached" }
            _ = try archive.index.events(limit: 1)
            return nil
        }
    }
}
