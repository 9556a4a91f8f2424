internal import DICOMCore
internal import Synchronization

/// What was learned of peers' text, kept in memory since it is asked for with every object.
final class LearnedText: Sendable {
    /// Peers that are remembered; a caller may name itself as it likes.
    private static let limit = 1000

    private let known = Mutex<[AETitle: TextEncoding?]>([:])

    func encoding(of peer: AETitle, in index: StudyIndex) throws(ArchiveError) -> TextEncoding? {
        if let found = known.withLock({ $0[peer] }) { return found }
        let learned = try index.text(ofPeer: peer).learnedEncoding
        known.withLock { known in
            if known.count >= LearnedText.limit { known.removeAll() }
            known[peer] = .some(learned)
        }
        return learned
    }

    /// Forgets what a stored object may have changed: one more of the same changes nothing.
    func note(_ text: TextOrigin, of peer: AETitle?) {
        guard text.state > .declared, let peer else { return }
        known.withLock { known in
            if let learned = known[peer], learned != nil, learned == text.encoding, text.state == .repaired { return }
            known[peer] = nil
        }
    }

    func forgetAll() { known.withLock { $0.removeAll() } }
}
