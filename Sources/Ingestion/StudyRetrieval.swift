internal import Assessment
public import DICOMCore
internal import DICOMNetwork
internal import Foundation

/// Has another system send a study here (C-MOVE), as far as it is not here yet. What comes, comes by Associations of its own
/// through the usual door.
public final class StudyRetrieval: Sendable {
    /// What an attempt came to. Whether everything is here the index tells.
    public struct Outcome: Sendable, Equatable {
        /// Instances that the sender named; nil where it only counts, or does not tell.
        public var named: Set<SOPInstanceUID>?
        /// As it counts them itself; nil where it does not.
        public var expectedCount: Int?
        /// Why not all of it was sent; nil when the sender says that it was.
        public var failure: String?
        /// Whether another attempt would meet the same.
        public var isFinal = false
    }

    /// Why nothing was asked for.
    public enum Failure: Error, Equatable, Sendable {
        case unknownStudy
        /// For operators.
        case failed(String)
    }

    private let sender: Sender
    /// Without a word: many say nothing until all is sent.
    private let silence: Duration
    private let total: Duration
    private let conversation = Conversation()

    public init(sender: Sender, silence: Duration = .seconds(300), total: Duration = .seconds(1800)) {
        self.sender = sender
        self.silence = silence
        self.total = total
    }

    /// Ends what is under way, and whatever would begin.
    public func stop() { conversation.stop() }

    /// One attempt. Blocks until everything was sent, or failed.
    ///
    /// - Parameters:
    ///   - received: what is here of the study, by series.
    ///   - attempt: from 0; each later one asks for more than is missing, since senders that answer badly exist.
    public func run(
        _ study: StudyInstanceUID, received: [SeriesInstanceUID: Set<SOPInstanceUID>], attempt: Int
    ) throws(Failure) -> Outcome {
        let result: Result<Outcome, Failure>
        do throws(SenderError) {
            var limits = QueryRetrieveSCU.Limits()
            limits.total = total
            let scu = try sender.open(
                [.find, .move], host: nil, limits: limits, silence: silence, within: conversation)
            defer { conversation.drop(scu) }
            do throws(SenderError) {
                result = try retrieve(study, received, attempt, over: scu)
            } catch {
                scu.abort()
                throw error
            }
            scu.close()
        } catch {
            throw .failed("\(error)")
        }
        return try result.get()
    }

    private func retrieve(
        _ study: StudyInstanceUID, _ received: [SeriesInstanceUID: Set<SOPInstanceUID>], _ attempt: Int,
        over scu: QueryRetrieveSCU
    ) throws(SenderError) -> Result<Outcome, Failure> {
        var answer: SenderAnswer?
        if scu.offers(.find) {
            do throws(SenderError) {
                answer = try SenderQuestion(scu: scu, study: study, peer: sender.aeTitle).answer(at: Date())
                if answer == nil { return .failure(.unknownStudy) }
            } catch {
                // One that only moves may move all the same.
                guard case .refused = error else { throw error }
            }
        }
        var outcome = Outcome(named: answer?.named, expectedCount: answer?.count)
        guard scu.offers(.move) else {
            (outcome.failure, outcome.isFinal) = ("it does not offer C-MOVE", true)
            return .success(outcome)
        }
        var plan = RetrievePlan(answer, received: received, loss: [], attempt: attempt).requests
        if plan.isEmpty, answer?.count == nil { plan = [RetrievePlan.Request(level: .study)] }
        for request in plan {
            let moved: QueryRetrieveSCU.Retrieved
            do throws(AssociationError) {
                moved = try scu.move(request.level, request.keys(of: study), to: sender.ownAETitle)
            } catch {
                throw .association(error)
            }
            guard moved.status == .success, moved.subOperations.failed == 0 else {
                outcome.failure =
                    "C-MOVE ended with \(moved.status), \(moved.subOperations.failed) of its sub-operations failed"
                // A destination that it does not know stays unknown until somebody tells it.
                outcome.isFinal = moved.status == .moveDestinationUnknown
                return .success(outcome)
            }
        }
        return .success(outcome)
    }
}

extension SenderAnswer {
    /// Every instance by name; nil where a series is only counted.
    fileprivate var named: Set<SOPInstanceUID>? {
        guard !series.isEmpty, series.allSatisfy({ $0.instances != nil }) else { return nil }
        return Set(series.flatMap { ($0.instances ?? []).map(\.sopInstanceUID) })
    }

    fileprivate var count: Int? {
        if let named { return named.count }
        let counts = series.map { $0.instances?.count ?? $0.instanceCount }
        return counts.isEmpty || counts.contains(nil) ? instanceCount : counts.reduce(0) { $0 + ($1 ?? 0) }
    }
}
