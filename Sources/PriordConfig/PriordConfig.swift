// PriordConfig owns every setting of priord: its name, default, unit and check, each written once.
// `PriordConfig` holds the values and defaults; `PriordConfig+Settings.swift` is the table from which flags,
// environment variables, keys in priord.yaml and the documentation are derived; `PriordConfig+Load.swift` applies
// them in their order of precedence. What a setting does is left to the room that receives its value.
public import DICOMCore
public import Foundation

/// Every setting of priord, checked. A field's initial value is the setting's default.
public struct PriordConfig: Sendable, Equatable {
    /// The file the settings were read from; nil when there is none.
    public var file: URL?

    /// Everything the daemon keeps. A relative path counts from the working directory.
    public var dataDirectory = URL(filePath: "/var/lib/priord", directoryHint: .isDirectory)
    /// AE Title priord answers to.
    public var aeTitle: AETitle = .priord
    /// TCP port for Associations; 0 takes any free one.
    public var dicomPort: UInt16 = 11112
    /// TCP port for the web page, API, DICOMweb and metrics; 0 takes any free one.
    public var httpPort: UInt16 = 8104
    /// Address both ports listen on.
    public var bind: IPAddress = .loopback
    /// What URLs in answers of DICOMweb begin with; nil: as the request calls this server.
    public var httpBase: WebBase?
    /// Pages of other origins that may read DICOMweb and the API in a browser (CORS).
    public var corsOrigins = WebOrigins.only([])
    /// National IDs and Patient IDs that are typed where none is known.
    public var placeholderIDs: Set<String> = []
    /// A Study with no new instance for this long is settled.
    public var quietPeriod: Duration = .seconds(60)
    /// How long an assessment waits at most for what the sender answers (``Peer/isAskedBack``).
    public var askBackWait: Duration = .seconds(20)
    /// A Study with a Performed Procedure Step in progress settles only after so long without a sign of its modality: the
    /// pauses of an exam are longer than the quiet period, and a step that is never ended must not hold it for ever.
    public var openStepPeriod: Duration = .seconds(30 * 60)
    /// Any calling AE Title may store and query; only with `bind` on loopback.
    public var acceptsAnyPeer = false

    /// Associations served at once; further ones are rejected as transient (PS3.8 9.3.4, 2/3/2).
    public var associationLimit = 64
    /// Percent of ``associationLimit`` that one peer may have; the rest stays free for others.
    public var peerAssociationShare = 75
    /// Time from the connection to the whole A-ASSOCIATE-RQ: the ARTIM timer (PS3.8 9.1.5).
    public var associationRequestTimeout: Duration = .seconds(10)
    /// Time for one PDU, from its first byte to its last.
    public var pduTimeout: Duration = .seconds(30)
    /// Time an Association may stay without a message.
    public var idleTimeout: Duration = .seconds(60)
    /// Bytes per second below which a message's sender is given up, averaged over the message.
    public var minimumReceiveRate: Int64 = 64_000
    /// Time an HTTP client may stay without finishing its request, or without taking 32 KiB of an answer that is longer.
    public var httpIdleTimeout: Duration = .seconds(30)
    /// Maximum Length proposed to peers, in bytes (PS3.8 D.1); DCMTK takes 4096 to 131072.
    public var maximumPDUByteCount: Int64 = 131_072
    /// SOP Classes that no list of Storage SOP Classes holds are taken as storage.
    ///
    /// Off by default: nothing in an unknown UID says that it is a storage class at all, and a rejected Presentation
    /// Context is seen by its sender at once, while accepting it would promise to keep what may be a print job.
    public var acceptsUnknownSOPClasses = false
    /// Time Associations in progress get to finish after SIGTERM.
    public var drainTimeout: Duration = .seconds(30)

    /// Requests of one peer for storage commitment that may be pending; further ones are refused with 0213.
    public var commitmentLimit = 1000
    /// A commitment's result that cannot be delivered for so long is given up.
    public var commitmentTimeout: Duration = .seconds(72 * 3600)

    /// Free bytes below which instances are refused with A700.
    public var diskReserveByteCount: Int64 = 2_000_000_000
    /// Studies assessed at once, and so held in memory; further ones wait in the index.
    public var assessmentWorkerCount = 1
    /// CPU time that decoding and measuring one image may take; large objects get more, 1 s for each 4 MiB.
    public var pixelTimeLimit: Duration = .seconds(20)
    /// Address space of a process that decodes pixels, in bytes: more than it can ever hold in memory.
    public var pixelMemoryLimit: Int64 = 512_000_000
    /// Whether pixels are decoded only where the sandbox of that process holds.
    public var pixelSandbox = PixelSandbox.required
    /// The imaging list that studies are named by, through all its editions; one that is not loaded names none.
    public var catalogue = "zhejiang-imaging"
    /// Zone of dates in objects that name none; nil counts a date as future only if it is so everywhere on earth.
    public var timeZone: TimeZone?
    /// Least severe log event written.
    public var logLevel: LogLevel = .info

    /// Systems that may open an Association, in the order of the file.
    public var peers: [Peer] = []
    /// Systems that studies are forwarded to.
    public var destinations: [Destination] = []
    /// Which studies are forwarded where.
    public var forwards: [Forwarding] = []
    /// Hospitals and laboratories that studies come from, in the order of the file.
    public var institutions: [ConfiguredInstitution] = []
    /// Notices that say when a prior may stand in for a new exam, in the order of the file; empty for the one that is part of
    /// the program.
    public var notices: [NoticeFile] = []
    /// Other systems that are asked for priors, in the order of the file.
    public var sources: [ConfiguredSource] = []
    /// Whether they are, where a question for priors does not say.
    public var priorSources = SourceDefault.all
    /// Who may use the HTTP port; nil when nothing is configured, which is allowed on loopback only.
    public var httpAccess: HTTPAccess?
    /// The port for TLS and what priord is there; nil for none.
    public var tls: TLSSettings?
    /// Which rules judge a study, and by what thresholds.
    public var assessment = RuleConfiguration()

    public init() {}
}

/// What happens where the system does not let the pixel workers put up all walls of their sandbox.
public enum PixelSandbox: String, CaseIterable, Sendable {
    /// Pixels are not decoded, and quality is notAssessed.
    case required
    /// Pixels are decoded within the walls there are.
    case preferred
}

/// Severity of log events; the names are those of swift-log.
public enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical
}
