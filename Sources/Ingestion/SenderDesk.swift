public import Archive
internal import Assessment
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
public import Logging
public import ServiceLifecycle

/// Asks senders what they have of each study that settled, before it is assessed.
///
/// What is to be asked stands in the index, so a restart goes on with it. An assessment waits for the first attempt, as
/// long as ``AwaitedSenders`` says; a sender that does not answer is asked again later, a few times, and a study that was assessed
/// without its answer is assessed once more when it comes.
public final class SenderDesk: Service {
    public struct Limits: Sendable, Equatable {
        /// Pauses after the first failure, the second and so on; after the last one the sender is asked no more.
        public var pauses: [Duration] = [.seconds(30), .seconds(120), .seconds(600), .seconds(3600)]
        /// Without a word of the sender, from one message to the next.
        public var silence: Duration = .seconds(15)
        /// For all queries of one study.
        public var total: Duration = .seconds(60)
        /// Senders asked at once, each of them about one study at a time.
        public var senderCount = 4

        public init() {}
    }

    private let index: StudyIndex
    private let senders: Senders
    private let queue: AssessmentQueue
    private let limits: Limits
    private let logger: Logger
    private let rounds: SenderRounds
    /// Studies of one sender between two looks at what is due.
    private static let roundLength = 20

    public init(
        index: StudyIndex, senders: Senders, queue: AssessmentQueue, limits: Limits = Limits(), logger: Logger
    ) {
        self.index = index
        self.senders = senders
        self.queue = queue
        self.limits = limits
        self.logger = logger
        // Seldom where nobody is ever asked.
        rounds = SenderRounds(
            lanes: SenderLanes(limit: limits.senderCount),
            pause: senders.isEmpty ? .seconds(86_400) : .milliseconds(250))
    }

    public func run() async throws {
        await rounds.run(
            due: { await self.due() }, serve: { await self.serve($0, $1) },
            afterRound: {
                // What waited longest may wait no more.
                if self.rounds.lanes.areAnyBusy { self.queue.wake() }
            })
    }

    /// What is due, by sender whose lane is free.
    private func due() async -> [(Sender, [SenderInquiry])] {
        do {
            let due = try await offPool { [index, senders, rounds] in
                try index.inquiriesDue(of: rounds.lanes.free(senders.aeTitles), at: Date())
            }
            return Dictionary(grouping: due, by: \.peer).compactMap { peer, inquiries in
                senders[peer].map { ($0, Array(inquiries.prefix(Self.roundLength))) }
            }
        } catch {
            logger.error("senders cannot be asked", metadata: ["why": "\(error)"])
            // Nobody is asked, so what waited long enough has to be looked for here.
            queue.wake()
            return []
        }
    }

    private func serve(_ sender: Sender, _ inquiries: [SenderInquiry]) async {
        do {
            try await onOwnThread(named: "asking") { try self.ask(sender, inquiries) }
        } catch {
            logger.error("a sender's answer cannot be kept", metadata: ["why": "\(error)"])
        }
        queue.wake()
    }

    /// Asks one sender about one study after the other. Blocks.
    ///
    /// A sender that cannot be reached, or is silent, costs one deadline and not one for each study.
    func ask(_ sender: Sender, _ inquiries: [SenderInquiry]) throws(ArchiveError) {
        var absence: SenderError?
        for inquiry in inquiries {
            if let absence {
                try postpone(inquiry, because: absence)
                continue
            }
            let host = try index.host(ofPeer: sender.aeTitle, sending: inquiry.study.studyInstanceUID)
            let answer: SenderAnswer?
            do throws(SenderError) {
                answer = try self.answer(of: sender, at: host, on: inquiry)
            } catch {
                if case .association(.stopped) = error { return }
                if error.isAbsence { absence = error }
                try postpone(inquiry, because: error)
                continue
            }
            try close(inquiry, with: answer)
        }
    }

    private func answer(
        of sender: Sender, at host: String?, on inquiry: SenderInquiry
    ) throws(SenderError) -> SenderAnswer? {
        var limits = QueryRetrieveSCU.Limits()
        limits.total = self.limits.total
        limits.matches = SenderQuestion.instanceLimit
        let scu = try sender.open(
            [.find], host: host, limits: limits, silence: self.limits.silence, within: rounds.conversation)
        defer { rounds.conversation.drop(scu) }
        do throws(SenderError) {
            let answer = try SenderQuestion(
                scu: scu, study: inquiry.study.studyInstanceUID, peer: sender.aeTitle
            ).answer(at: Date())
            scu.close()
            return answer
        } catch {
            scu.abort()
            throw error
        }
    }

    private func close(_ inquiry: SenderInquiry, with answer: SenderAnswer?) throws(ArchiveError) {
        let said = answer?.summary ?? "no such study"
        logger.info("sender answered", metadata: metadata(inquiry, ["answer": "\(said)"]))
        try index.close(inquiry, with: answer?.record, detail: "\(inquiry.peer): \(said)", at: Date())
    }

    private func postpone(_ inquiry: SenderInquiry, because error: SenderError) throws(ArchiveError) {
        let now = Date()
        let pause = limits.pauses.dropFirst(inquiry.attemptCount).first
        logger.warning(
            "sender did not answer",
            metadata: metadata(
                inquiry, ["why": "\(error)", "again-in": "\(pause.map { "\($0)" } ?? "never")"]))
        let attempt = "attempt \(inquiry.attemptCount + 1) of \(limits.pauses.count + 1)"
        try index.postpone(
            inquiry, until: pause.map { now.addingTimeInterval($0.seconds) },
            detail: "\(inquiry.peer): no answer, \(error) (\(attempt))", at: now)
    }

    private func metadata(_ inquiry: SenderInquiry, _ more: Logger.Metadata) -> Logger.Metadata {
        more.merging([
            "peer": "\(inquiry.peer)", "study-instance-uid": "\(inquiry.study.studyInstanceUID)",
        ]) { $1 }
    }
}

extension SenderError {
    /// Whether it says that nobody answers, and nothing of the study.
    fileprivate var isAbsence: Bool {
        switch self {
        case .addressUnknown, .association(.unreachable), .association(.rejected), .association(.timedOut): true
        case .association, .refused: false
        }
    }
}
