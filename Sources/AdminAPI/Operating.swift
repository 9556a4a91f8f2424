public import Foundation

/// One object in quarantine: `priorctl quarantine list` and `show`.
public struct QuarantineRow: Codable, Sendable, Equatable {
    public var id: Int64
    /// `conflict`, `unreadable`, `mismatch` or `missingUID`.
    public var reason: String
    public var detail: String
    /// What the object says it is, unchecked.
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var seriesInstanceUID: String
    public var studyInstanceUID: String
    public var transferSyntaxUID: String
    public var callingAETitle: String
    public var calledAETitle: String
    public var host: String
    public var receivedAt: Date
    public var byteCount: Int64

    public init(
        id: Int64, reason: String, detail: String, sopClassUID: String, sopInstanceUID: String,
        seriesInstanceUID: String, studyInstanceUID: String, transferSyntaxUID: String, callingAETitle: String,
        calledAETitle: String, host: String, receivedAt: Date, byteCount: Int64
    ) {
        self.id = id
        self.reason = reason
        self.detail = detail
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
        self.studyInstanceUID = studyInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.callingAETitle = callingAETitle
        self.calledAETitle = calledAETitle
        self.host = host
        self.receivedAt = receivedAt
        self.byteCount = byteCount
    }
}

/// Newest first. Further ones are asked for with the least `id` of this page.
public struct QuarantinePage: Codable, Sendable, Equatable {
    public var objects: [QuarantineRow]
    public init(objects: [QuarantineRow]) { self.objects = objects }
}

/// What a release came to.
public struct ReleaseAnswer: Codable, Sendable, Equatable {
    public enum Outcome: String, Codable, Sendable {
        case stored
        /// The same bytes were stored already; nothing is in quarantine any more.
        case duplicate
        /// Other bytes are stored under its SOP Instance UID; it stays in quarantine.
        case conflict
    }

    public var outcome: Outcome
    public init(outcome: Outcome) { self.outcome = outcome }
}

/// One peer: what is configured, and what it last did.
public struct PeerRow: Codable, Sendable, Equatable {
    public var aeTitle: String
    public var isConfigured: Bool
    /// The newest address it used; "" before the first time.
    public var host: String
    public var lastReceivedAt: Date?
    public var instanceCount: Int
    public var byteCount: Int64
    public var duplicateCount: Int
    public var lastFailureAt: Date?
    public var lastFailure: String
    public var text: PeerTextRow
    /// Associations it has now, and how often it was refused one since the start because a limit was reached.
    public var openAssociations: Int
    public var refusedAssociations: Int

    public init(
        aeTitle: String, isConfigured: Bool, host: String = "", lastReceivedAt: Date? = nil, instanceCount: Int = 0,
        byteCount: Int64 = 0, duplicateCount: Int = 0, lastFailureAt: Date? = nil, lastFailure: String = "",
        text: PeerTextRow = PeerTextRow(), openAssociations: Int = 0, refusedAssociations: Int = 0
    ) {
        self.aeTitle = aeTitle
        self.isConfigured = isConfigured
        self.host = host
        self.lastReceivedAt = lastReceivedAt
        self.instanceCount = instanceCount
        self.byteCount = byteCount
        self.duplicateCount = duplicateCount
        self.lastFailureAt = lastFailureAt
        self.lastFailure = lastFailure
        self.text = text
        self.openAssociations = openAssociations
        self.refusedAssociations = refusedAssociations
    }
}

/// What the text of a peer's studies is in where that is not what it declares.
public struct PeerTextRow: Codable, Sendable, Equatable {
    /// What ambiguous text of it is taken for; nil when nothing is known.
    public var characterSet: String?
    /// `configured` or `learned`; nil without `characterSet`.
    public var source: String?
    /// Studies by encoding, of certain repairs and of guesses.
    public var repaired: [String: Int]
    public var guessed: [String: Int]
    /// Studies with text in no known encoding.
    public var undecodable: Int

    public init(
        characterSet: String? = nil, source: String? = nil, repaired: [String: Int] = [:], guessed: [String: Int] = [:],
        undecodable: Int = 0
    ) {
        self.characterSet = characterSet
        self.source = source
        self.repaired = repaired
        self.guessed = guessed
        self.undecodable = undecodable
    }
}

public struct PeersAnswer: Codable, Sendable, Equatable {
    /// By AE Title.
    public var peers: [PeerRow]
    /// Whether callers outside the configured ones are admitted.
    public var acceptsAnyPeer: Bool

    public init(peers: [PeerRow], acceptsAnyPeer: Bool) {
        self.peers = peers
        self.acceptsAnyPeer = acceptsAnyPeer
    }
}

/// One setting in force: `priorctl config`.
public struct SettingRow: Codable, Sendable, Equatable {
    public var key: String
    /// Holds no secret.
    public var value: String
    /// Where it was given: default, file, environment or flag.
    public var source: String

    public init(key: String, value: String, source: String) {
        self.key = key
        self.value = value
        self.source = source
    }
}

public struct ConfigAnswer: Codable, Sendable, Equatable {
    public var settings: [SettingRow]
    public init(settings: [SettingRow]) { self.settings = settings }
}
