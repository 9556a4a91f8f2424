public import Archive
public import Catalogue
internal import DICOMCore
internal import DICOMNetwork
internal import Delivery
internal import Foundation
public import Logging
public import Matching
public import Recall
public import ServiceLifecycle
internal import Synchronization

/// Asks every source at once for a person's studies, and puts what they tell beside what is here.
///
/// Nobody waits longer than the longest deadline, whatever a source does. A study that several have is one prior; where they
/// tell different facts of it, all of them are shown and nothing is merged.
public final class SourceDesk: Service {
    private let lanes: [SourceLane]
    private let index: StudyIndex
    private let recall: Recall
    private let persons: PersonJudge
    private let namer: @Sendable () -> StudyNamer
    private let book: @Sendable () -> AliasBook
    private let logger: Logger
    /// Studies that may be fetched ahead, for whoever fetches.
    let wishes: AsyncStream<PrefetchWish>
    private let wish: AsyncStream<PrefetchWish>.Continuation
    /// Further ones are left: fetching ahead is a favour.
    private static let wishLimit = 1000

    /// - Parameters:
    ///   - sources: in the order in which they are shown.
    ///   - namer, book: by which studies of sources that assess nothing are named, as they are when one is asked.
    public convenience init(
        sources: [PriorSource], index: StudyIndex, recall: Recall, persons: PersonJudge,
        namer: @escaping @Sendable () -> StudyNamer, book: @escaping @Sendable () -> AliasBook, logger: Logger
    ) {
        self.init(
            lanes: sources.map { SourceLane($0, logger: logger) }, index: index, recall: recall, persons: persons,
            namer: namer, book: book, logger: logger)
    }

    init(
        lanes: [SourceLane], index: StudyIndex, recall: Recall, persons: PersonJudge,
        namer: @escaping @Sendable () -> StudyNamer, book: @escaping @Sendable () -> AliasBook, logger: Logger
    ) {
        self.lanes = lanes
        self.index = index
        self.recall = recall
        self.persons = persons
        self.namer = namer
        self.book = book
        self.logger = logger
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.wishLimit))
    }

    public var hasSources: Bool { !lanes.isEmpty }

    /// In the order of the configuration.
    public var activity: [SourceActivity] { lanes.map(\.activity) }

    /// Nil for a name that no source has.
    public func source(named name: String) -> PriorSource? { lanes.first { $0.source.name == name }?.source }

    /// Asks a source whether it is there; nil for a name that none has.
    public func test(_ name: String) async -> SourceReport? {
        guard let lane = lanes.first(where: { $0.source.name == name }) else { return nil }
        return await lane.test()
    }

    /// Is there as long as the daemon is, then gives back what is open.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(30))
                for lane in self.lanes { lane.forgetStale() }
            }
        }
        wish.finish()
        for lane in lanes { await lane.asker.close() }
    }

    /// The priors that are here with those that are elsewhere, best first, and how each source fared.
    ///
    /// - Parameter limit: of all priors.
    public func priors(
        beside local: Priors, for errand: PriorErrand, in language: Language = .english, limit: Int = 100
    ) async throws -> Priors {
        let found = try await found(for: errand, beside: local, in: language, asking: lanes)
        if errand.study == nil { offer(found.elsewhere, on: .order) }
        var all = found.local
        all.sources = found.reports
        all.priors = Array((all.priors + found.elsewhere.map(\.prior)).sorted(by: Prior.isBetter).prefix(limit))
        return all
    }

    /// Looks for what may be fetched ahead beside a study whose first images have come, and offers it.
    func lookAhead(beside study: StudyInstanceUID) async throws {
        let asked = lanes.filter { $0.source.prefetch?.occasions.contains(.firstImage) == true }
        guard !asked.isEmpty else { return }
        let (index, recall, namer, book) = (index, recall, namer(), book())
        let question = try await onOwnThread(named: "sources") { () throws -> (Priors, PriorErrand)? in
            guard let detail = try index.detail(of: study) else { return nil }
            let summary = detail.summary
            let match = Self.match(
                StudyDescriptor(
                    summary.study.description, modalities: summary.modalities, series: detail.series.map(\.series)),
                summary.study, from: summary.sourceAETitle, namer, book)
            let local = try recall.priors(forStudy: study)
            return try recall.errand(forStudy: study, as: match, of: local.person).map { (local, $0) }
        }
        guard let (local, errand) = question else { return }
        let found = try await found(for: errand, beside: local, in: .english, asking: asked)
        offer(found.elsewhere, on: .firstImage)
    }

    /// A prior that is elsewhere, with what its source tells of its size.
    private struct Elsewhere {
        let prior: Prior
        let age: Int?
        let instanceCount: Int?
        let byteCount: Int64?
    }

    private func found(
        for errand: PriorErrand, beside local: Priors, in language: Language, asking lanes: [SourceLane]
    ) async throws -> (local: Priors, elsewhere: [Elsewhere], reports: [SourceReport]) {
        guard let question = SourceQuestion(errand) else { return (local, [], []) }
        let answers = await withTaskGroup(of: (Int, SourceReport, [SourceStudy]).self) { group in
            for (place, lane) in lanes.enumerated() {
                group.addTask {
                    let (report, studies) = await lane.ask(question)
                    return (place, report, studies)
                }
            }
            var answers: [(Int, SourceReport, [SourceStudy])] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }
        }
        var merges: [StudyInstanceUID: StudyMerge] = [:]
        var order: [StudyInstanceUID] = []
        for (place, _, studies) in answers {
            for study in studies {
                if merges[study.studyInstanceUID] == nil { order.append(study.studyInstanceUID) }
                merges[study.studyInstanceUID, default: StudyMerge()].add(
                    study.completed(by: lanes[place].source), from: lanes[place].source.name)
            }
        }
        let (told, uids) = (merges, order)
        let sources = Dictionary(lanes.map { ($0.source.name, $0.source) }) { first, _ in first }
        let (index, recall, persons, namer, book) = (index, recall, persons, namer(), book())
        return try await onOwnThread(named: "sources") {
            var local = local
            var elsewhere: [ElsewhereStudy] = []
            for uid in uids {
                guard let merge = told[uid], let best = merge.best else { continue }
                // As long as nothing is said of what is here of it, the study that is elsewhere is the prior: also while it
                // is being fetched.
                if let stored = try index.study(uid), stored.assessmentVersion > 0 {
                    // What is here is what is read; that others tell something else is shown, and leaves a doubt.
                    if let place = local.priors.firstIndex(where: { $0.studyInstanceUID == uid }) {
                        var both = StudyMerge()
                        both.add(SourceStudy(stored), from: "")
                        for (source, study) in merge.tellings { both.add(study, from: source) }
                        recall.note(both.differences, of: &local.priors[place], in: language)
                    }
                    continue
                }
                elsewhere.append(
                    ElsewhereStudy(
                        best.study, from: best.source, aeTitle: sources[best.source]?.aeTitle,
                        differences: merge.differences, namer, book))
            }
            let priors = recall.priors(of: elsewhere, for: errand, by: persons, in: language)
            let reports = answers.map(\.1)
            return (
                local,
                priors.map { prior in
                    let study = told[prior.studyInstanceUID]?.best?.study
                    return Elsewhere(
                        prior: prior, age: errand.age(of: prior), instanceCount: study?.instanceCount,
                        byteCount: study?.byteCount)
                }, reports
            )
        }
    }

    /// Leaves what rules ask for to whoever fetches, the best priors first.
    private func offer(_ found: [Elsewhere], on occasion: PrefetchRule.Occasion) {
        var counts: [String: Int] = [:]
        for one in found.sorted(by: { Prior.isBetter($0.prior, $1.prior) }) {
            guard let source = source(named: one.prior.source), source.isFetchedFrom, let rule = source.prefetch,
                rule.occasions.contains(occasion), one.prior.relation >= rule.relation,
                one.prior.identityLink == .same,
                let age = one.age, age <= rule.maximumAge, counts[source.name, default: 0] < rule.studyLimit
            else { continue }
            counts[source.name, default: 0] += 1
            wish.yield(
                PrefetchWish(
                    order: SourceFetchOrder(
                        one.prior.studyInstanceUID, from: source.name,
                        because: occasion == .order ? .order : .firstImage, expectedCount: one.instanceCount,
                        byteCount: one.byteCount ?? PrefetchWish.usualByteCount), byteLimit: rule.byteLimit))
        }
    }

    /// What a study is found to be by its description alone.
    fileprivate static func match(
        _ descriptor: StudyDescriptor, _ study: StudyRecord, from sender: AETitle?, _ namer: StudyNamer,
        _ book: AliasBook
    ) -> CatalogueMatch? {
        let naming = namer.name(
            descriptor, on: CalendarDay(dicom: study.date), site: study.institution, aeTitle: sender?.value ?? "",
            by: book
        ).naming
        guard case .matched(let match, _) = naming.outcome else { return nil }
        return CatalogueMatch(catalogue: match.catalogue, code: match.code.value, confidence: match.confidence)
    }
}

/// A study that a rule asks to be fetched ahead.
struct PrefetchWish: Sendable, Equatable {
    /// What a study counts as whose source does not tell its size.
    static let usualByteCount: Int64 = 500_000_000

    let order: SourceFetchOrder
    let byteLimit: Int64
}

extension SourceStudy {
    /// With what the configuration says stands in for what the source does not tell.
    fileprivate func completed(by source: PriorSource) -> SourceStudy {
        var study = self
        if study.study.institution.isEmpty { study.study.institution = source.institution }
        if study.patient.issuer.isEmpty {
            // A regional archive has studies of others too, who number for themselves.
            let isOwn = study.study.institution == source.institution
            study.patient.issuer = source.issuer.isEmpty && isOwn ? source.institutionIssuer : source.issuer
        }
        return study
    }
}

extension ElsewhereStudy {
    fileprivate init(
        _ study: SourceStudy, from source: String, aeTitle: AETitle?, differences: [FactDifference],
        _ namer: StudyNamer, _ book: AliasBook
    ) {
        let described = StudyDescriptor(
            study.study.description, modalities: study.modalities, series: study.series)
        self.init(
            study.studyInstanceUID, from: source, patient: study.patient, study: study.study,
            match: study.assessed.map(\.match) ?? SourceDesk.match(described, study.study, from: aeTitle, namer, book),
            completeness: study.assessed?.completeness ?? "", quality: study.assessed?.quality ?? "",
            report: study.report, differences: differences,
            isPossibleAtSource: study.isPossible || study.isMixed)
    }
}
