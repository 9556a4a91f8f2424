public import AdminAPI
public import DICOMCore
public import Delivery
public import Foundation
public import Ingestion

/// What the web room is told about the daemon it speaks for.
public struct DaemonFacts: Sendable {
    public var version: String
    public var startedAt: Date
    public var aeTitle: AETitle
    public var dicomPort: Int
    /// Whether callers outside `peers` are admitted.
    public var acceptsAnyPeer: Bool
    /// AE Titles of the configured peers.
    public var peers: [AETitle]
    /// What the text of peers is in for which the configuration says so.
    public var characterSets: [AETitle: TextEncoding]
    /// Every setting in force and where it came from, without secrets.
    public var settings: [SettingRow]
    /// Asked anew for every answer.
    public var associations: @Sendable () -> AssociationFacts
    public var assessments: @Sendable () -> AssessmentActivity
    public var pixels: @Sendable () -> PixelWorkerFacts
    /// How long an undelivered commitment is kept after an operator's retry.
    public var commitmentTimeout: Duration
    /// Makes whoever checks and delivers commitments look at once.
    public var wakeCommitments: @Sendable () -> Void
    /// Destinations in the order of the configuration; asked anew for every answer.
    public var forwards: @Sendable () -> [ForwardActivity]

    public init(
        version: String, startedAt: Date, aeTitle: AETitle, dicomPort: Int, acceptsAnyPeer: Bool, peers: [AETitle],
        characterSets: [AETitle: TextEncoding] = [:], settings: [SettingRow],
        associations: @escaping @Sendable () -> AssociationFacts,
        assessments: @escaping @Sendable () -> AssessmentActivity,
        pixels: @escaping @Sendable () -> PixelWorkerFacts = { PixelWorkerFacts() },
        commitmentTimeout: Duration = .seconds(72 * 3600), wakeCommitments: @escaping @Sendable () -> Void = {},
        forwards: @escaping @Sendable () -> [ForwardActivity] = { [] }
    ) {
        self.version = version
        self.startedAt = startedAt
        self.aeTitle = aeTitle
        self.dicomPort = dicomPort
        self.acceptsAnyPeer = acceptsAnyPeer
        self.peers = peers
        self.characterSets = characterSets
        self.settings = settings
        self.associations = associations
        self.assessments = assessments
        self.pixels = pixels
        self.commitmentTimeout = commitmentTimeout
        self.wakeCommitments = wakeCommitments
        self.forwards = forwards
    }
}

/// What the DICOM listener is doing.
public struct AssociationFacts: Sendable, Equatable {
    public var isListening: Bool
    public var open: Int
    public var limit: Int
    /// Connections whose A-ASSOCIATE-RQ has not been read.
    public var waiting: Int
    /// Who has Associations or was refused some, by name.
    public var peers: [Peer] = []
    /// Port for TLS, or nil without one.
    public var securePort: Int?
    /// When the certificate shown there ends.
    public var certificateEnd: Date?

    /// One of those who share the Associations.
    public struct Peer: Sendable, Equatable {
        /// AE Title of a configured peer, with its addresses where several have it; the address of others.
        public var name: String
        /// Nil for callers outside the configuration.
        public var aeTitle: AETitle?
        public var open: Int
        /// Refusals since the start, because a limit was reached.
        public var refused: Int

        public init(name: String, aeTitle: AETitle?, open: Int, refused: Int) {
            self.name = name
            self.aeTitle = aeTitle
            self.open = open
            self.refused = refused
        }
    }

    public init(isListening: Bool, open: Int, limit: Int, waiting: Int) {
        self.isListening = isListening
        self.open = open
        self.limit = limit
        self.waiting = waiting
    }
}

/// What the processes that decode pixels have done since the start.
public struct PixelWorkerFacts: Sendable, Equatable {
    /// Processes there are now; none when there was nothing to measure for a while.
    public var running = 0
    public var started = 0
    /// Images measured, or found to be what cannot be.
    public var measured = 0
    /// Processes that died at work.
    public var crashed = 0
    /// Processes that were ended because they took too long.
    public var timedOut = 0
    /// The most that a process held after an image.
    public var greatestResidentByteCount: UInt64 = 0
    /// What of the sandbox does not hold, or nil.
    public var missingWalls: String?
    /// Why no process could be started, or nil.
    public var failure: String?

    public init() {}
}
