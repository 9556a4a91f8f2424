public import Archive
internal import Assessment
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
public import Logging
public import ServiceLifecycle

/// Fetches from a study's sender what an assessment found missing, where the sender's configuration says so.
///
/// What is due stands in the index, put there with the assessment. Instances that come open the study again, and its next
/// assessment decides whether more is to be fetched; attempts are limited for each assessment and for the study, so that
/// nothing goes round in circles.
public final class MissingRetrieval: Service {
    public struct Limits: Sendable, Equatable {
        /// Pauses after an attempt that failed; after the last one no more is tried for that assessment.
        public var pauses: [Duration] = [.seconds(60), .seconds(600)]
        /// Attempts for one study, over all its assessments.
        public var studyAttemptCount = 10
        /// Without a word of the sender: many say nothing until all is sent.
        public var silence: Duration = .seconds(300)
        /// For all requests of one attempt.
        public var total: Duration = .seconds(1800)
        /// Senders fetched from at once.
        public var senderCount = 2

        public init() {}
    }

    private let index: StudyIndex
    private let senders: Senders
    private let limits: Limits
    private let logger: Logger
    private let rounds: SenderRounds

    public init(index: StudyIndex, senders: Senders, limits: Limits = Limits(), logger: Logger) {
        self.index = index
        self.senders = senders
        self.limits = limits
        self.logger = logger
        // Seldom where nobody is ever fetched from.
        rounds = SenderRounds(
            lanes: SenderLanes(limit: limits.senderCount),
            pause: senders.areAnyRetrievedFrom ? .milliseconds(500) : .seconds(86_400))
    }

    public func run() async throws {
        await rounds.run(due: { await self.due() }, serve: { await self.serve($0, $1) })
    }

    /// The first that is due of each sender whose lane is free.
    private func due() async -> [(Sender, DueRetrieval)] {
        do {
            let due = try await offPool { [index, senders, rounds] in
                try index.retrievalsDue(from: rounds.lanes.free(senders.aeTitles), at: Date())
            }
            return Dictionary(grouping: due, by: \.peer).compactMap { peer, retrievals in
                senders[peer].flatMap { sender in retrievals.first.map { (sender, $0) } }
            }
        } catch {
            logger.error("nothing can be retrieved", metadata: ["why": "\(error)"])
            return []
        }
    }

    private func serve(_ sender: Sender, _ retrieval: DueRetrieval) async {
        do {
            try await onOwnThread(named: "retrieving") { try self.retrieve(retrieval, from: sender) }
        } catch {
            logger.error("a retrieval cannot be noted", metadata: ["why": "\(error)"])
        }
    }

    /// One attempt. Blocks.
    func retrieve(_ retrieval: DueRetrieval, from sender: Sender) throws {
        guard sender.retrievesMissing, retrieval.studyAttemptCount < limits.studyAttemptCount else {
            return try index.end(retrieval)
        }
        let next = limits.pauses.dropFirst(retrieval.attemptCount).first
        try index.begin(retrieval, next: next.map { Date().addingTimeInterval($0.seconds) })
        var scuLimits = QueryRetrieveSCU.Limits()
        scuLimits.total = limits.total
        do {
            let scu = try sender.open(
                [.find, .move],
                host: try index.host(ofPeer: sender.aeTitle, sending: retrieval.studyInstanceUID),
                limits: scuLimits, silence: limits.silence, within: rounds.conversation)
            defer { rounds.conversation.drop(scu) }
            do {
                let isDone = try retrieve(retrieval, from: sender, over: scu)
                scu.close()
                if isDone { try index.end(retrieval) }
            } catch {
                scu.abort()
                throw error
            }
        } catch let error as SenderError {
            try note(retrieval, .retrieved, "no retrieval, \(error)")
        }
    }

    /// - Returns: whether nothing more is to be tried for this assessment.
    private func retrieve(
        _ retrieval: DueRetrieval, from sender: Sender, over scu: QueryRetrieveSCU
    ) throws -> Bool {
        let study = retrieval.studyInstanceUID
        let plan = RetrievePlan(
            try answer(of: sender, on: study, over: scu),
            received: Dictionary(grouping: try index.instances(inStudy: study), by: \.seriesInstanceUID)
                .mapValues { Set($0.map(\.sopInstanceUID)) },
            loss: try loss(retrieval), attempt: retrieval.attemptCount)
        guard !plan.requests.isEmpty else {
            try note(retrieval, .retrieved, "nothing that is missing here")
            return true
        }
        try note(
            retrieval, .retrievalRequested,
            "\(plan.summary) (attempt \(retrieval.attemptCount + 1) of \(limits.pauses.count + 1))")
        var counts = SubOperations()
        var worst = DIMSEStatus.success
        for request in plan.requests {
            let outcome: QueryRetrieveSCU.Retrieved
            do throws(AssociationError) {
                outcome = try scu.move(request.level, request.keys(of: study), to: sender.ownAETitle)
            } catch {
                try note(retrieval, .retrieved, "\(Self.summary(counts)), then \(error)")
                throw SenderError.association(error)
            }
            counts = counts + outcome.subOperations
            if outcome.status != .success { worst = outcome.status }
        }
        try note(retrieval, .retrieved, "\(Self.summary(counts)), status \(worst)")
        // A destination the sender does not know stays unknown until somebody tells it.
        return worst == .success || worst == .moveDestinationUnknown
    }

    /// What the sender has now; nil when it does not tell.
    private func answer(
        of sender: Sender, on study: StudyInstanceUID, over scu: QueryRetrieveSCU
    ) throws(SenderError) -> SenderAnswer? {
        guard scu.offers(.find) else { return nil }
        do throws(SenderError) {
            return try SenderQuestion(scu: scu, study: study, peer: sender.aeTitle).answer(at: Date())
        } catch .refused {
            return nil
        }
    }

    /// Series that the assessment found short; empty when it is not known which.
    private func loss(_ retrieval: DueRetrieval) throws -> [SeriesInstanceUID] {
        let newest = try index.assessments(of: retrieval.studyInstanceUID).last
        guard let json = newest?.verdicts.json,
            let document = try? JSONDecoder().decode(AssessmentDocument.self, from: Data(json.utf8))
        else { return [] }
        return document.completeness.seriesWithLoss
    }

    private static func summary(_ counts: SubOperations) -> String {
        "\(counts.completed) completed, \(counts.failed) failed, \(counts.warning) with warning"
    }

    private func note(_ retrieval: DueRetrieval, _ kind: EventKind, _ detail: String) throws(ArchiveError) {
        logger.info(
            kind == .retrieved ? "retrieval ended" : "retrieval requested",
            metadata: [
                "peer": "\(retrieval.peer)", "study-instance-uid": "\(retrieval.studyInstanceUID)",
                "outcome": "\(detail)",
            ])
        try index.record(
            kind, study: retrieval.studyInstanceUID, at: Date(), detail: "\(retrieval.peer): \(detail)")
    }
}
