internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

/// The commitments that one Association asked for, and the results it carries back while it is open.
///
/// Used by the Association's own thread. When it goes away, what is not delivered is the service's again.
final class CommitmentSession {
    private let index: StudyIndex
    private let desk: CommitmentDesk
    private let reporter: CommitmentReporter
    private let patience: Duration
    private var waiting: [(id: Int64, context: PresentationContext)] = []
    private var sent: (commitment: Commitment, messageID: UInt16)?
    private var lastMessageID: UInt16 = 0
    /// A result goes out when the peer was silent for so long: one that goes on storing, or releases, does so at once, and
    /// many cannot take a request of ours while they wait for a response.
    private static let silence = Duration.milliseconds(200)

    /// - Parameter patience: how long an Association without a message waits for a result at most.
    init(index: StudyIndex, desk: CommitmentDesk, reporter: CommitmentReporter, patience: Duration) {
        self.index = index
        self.desk = desk
        self.reporter = reporter
        self.patience = patience
    }

    deinit { desk.release(waiting.map(\.id) + (sent.map { [$0.commitment.id] } ?? [])) }

    /// The result of this one is to go out here.
    func expect(_ id: Int64, in context: PresentationContext, isChecked: Bool = false) {
        if desk.claim(id, isChecked: isChecked) { waiting.append((id, context)) }
    }

    /// Waits for the peer's next command, and delivers results meanwhile.
    func receive(over association: Association) throws(AssociationError) -> Command {
        let deadline = ContinuousClock.now + patience
        while sent == nil, !waiting.isEmpty, ContinuousClock.now < deadline {
            if association.waitForInput(atMost: CommitmentSession.silence) { return try association.receive() }
            try sendNext(over: association)
        }
        if sent == nil {
            desk.release(waiting.map(\.id))
            waiting = []
        }
        return try association.receive()
    }

    private func sendNext(over association: Association) throws(AssociationError) {
        guard let place = waiting.firstIndex(where: { desk.isChecked($0.id) }) else { return }
        let (id, context) = waiting.remove(at: place)
        let commitment: Commitment?
        do throws(ArchiveError) {
            commitment = try index.commitment(id)
        } catch {
            // The service tries again, and says why it cannot.
            return desk.release([id])
        }
        guard let commitment, commitment.state == .checked else { return desk.release([id]) }
        lastMessageID &+= 1
        sent = (commitment, lastMessageID)
        try reporter.report(on: commitment).send(over: association, in: context, messageID: lastMessageID)
    }

    /// Takes the peer's answer to a result.
    func take(_ response: Command, logger: Logger) {
        guard let (commitment, messageID) = sent, response.messageID == messageID else { return }
        sent = nil
        if response.status == .success {
            reporter.delivered(commitment, logger)
        } else {
            logger.info(
                "commitment refused on the same association",
                metadata: ["commitment": "\(commitment.id)", "status": "\(response.status)"])
        }
        desk.release([commitment.id])
    }
}
