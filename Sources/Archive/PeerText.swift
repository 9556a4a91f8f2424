public import DICOMCore
internal import GRDB

/// How many of a peer's Studies had text that was not as declared, and what it was in.
public struct PeerText: Sendable, Equatable {
    /// By how their text was decoded; Studies whose text is as declared are not counted.
    public var studies: [TextOrigin: Int]

    public init(studies: [TextOrigin: Int] = [:]) { self.studies = studies }

    /// So many repaired Studies are no accident,
    private static let leastStudies = 3
    /// and so great a part of them makes a habit.
    private static let leastShare = 0.8

    /// What its repaired Studies turned out to be in, when they nearly all agree; nil otherwise. Guesses do not count, or
    /// they would confirm themselves.
    public var learnedEncoding: TextEncoding? {
        let repaired = studies.filter { $0.key.state == .repaired && $0.key.encoding != nil && $0.value > 0 }
        let total = repaired.reduce(0) { $0 + $1.value }
        guard let most = repaired.max(by: { $0.value < $1.value }), total >= PeerText.leastStudies,
            Double(most.value) >= PeerText.leastShare * Double(total)
        else { return nil }
        return most.key.encoding
    }

    public func count(_ state: TextState) -> Int {
        studies.reduce(0) { $0 + ($1.key.state == state ? $1.value : 0) }
    }
}

extension StudyIndex {
    /// What is known of the text of one peer.
    public func text(ofPeer aeTitle: AETitle) throws(ArchiveError) -> PeerText {
        try read { db in try Self.texts(of: aeTitle, in: db)[aeTitle.value] ?? PeerText() }
    }

    /// - Parameter aeTitle: nil for all peers.
    static func texts(of aeTitle: AETitle? = nil, in db: Database) throws -> [String: PeerText] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT aeTitle, state, encoding, studies FROM peerText
                WHERE studies > 0 AND \(aeTitle == nil ? "? IS NULL" : "aeTitle = ?")
                """)
        var texts: [String: PeerText] = [:]
        for row in try Row.fetchAll(statement, arguments: [aeTitle?.value]) {
            let origin = TextOrigin(state: row[1], encoding: row[2])
            texts[row[0], default: PeerText()].studies[origin, default: 0] += row[3]
        }
        return texts
    }
}
