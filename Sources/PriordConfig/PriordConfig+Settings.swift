extension PriordConfig {
    /// Every setting with a single value, in the order of the documentation.
    /// Lists of objects (`peers`, `destinations`, …) are keys of the file only; see ``Section``.
    public static let settings: [Setting] = [
        configFile,
        Setting("data-dir", \.dataDirectory, .directory, in: .flagAndFile, "Everything the daemon keeps"),
        Setting("ae-title", \.aeTitle, .aeTitle, in: .flagAndFile, "AE Title priord answers to"),
        Setting("dicom-port", \.dicomPort, .port, in: .flagAndFile, "TCP port for DICOM Associations"),
        Setting("http-port", \.httpPort, .port, in: .flagAndFile, "TCP port for web page, API, DICOMweb and metrics"),
        Setting(
            "bind", \.bind, .address, in: .flagAndFile,
            "Address to listen on; beyond loopback only once peers and http-access are configured"),
        Setting(
            "quiet-period", \.quietPeriod, .duration(.milliseconds(10) ... .seconds(24 * 3600)), in: .flagAndFile,
            "A study with no new instance for this long is settled and assessed"),
        Setting(
            "accept-any-peer", \.acceptsAnyPeer, .toggle, in: .flagAndFile,
            "Accept any calling AE Title; for trials on loopback"),
        Setting(
            "http-base-url", \.httpBase, .webBase, in: .flagAndFile,
            "What URLs in DICOMweb answers begin with, where clients come through a proxy"),
        Setting(
            "cors-origins", \.corsOrigins, .webOrigins, in: .flagAndFile,
            "Pages of other origins that may read DICOMweb and the API in a browser"),

        Setting(
            "association-limit", \.associationLimit, .integer(1...1024),
            "Associations served at once; further ones are rejected as transient"),
        Setting(
            "peer-association-share", \.peerAssociationShare, .integer(1...100),
            "Percent of association-limit that one peer may have, unless it has an association-limit of its own"),
        Setting(
            "association-request-timeout", \.associationRequestTimeout, .deadline,
            "Time for a new connection to send its A-ASSOCIATE-RQ"),
        Setting("pdu-timeout", \.pduTimeout, .deadline, "Time for one PDU, first byte to last"),
        Setting("idle-timeout", \.idleTimeout, .deadline, "Time an Association may stay without a message"),
        Setting(
            "minimum-receive-rate", \.minimumReceiveRate, .byteRate(1...1_000_000_000),
            "Average rate below which a message or an HTTP upload in transfer is given up"),
        Setting(
            "http-idle-timeout", \.httpIdleTimeout, .deadline,
            "Time an HTTP client may take for a request, or for the next 32 KiB of its answer"),
        Setting(
            "max-pdu", \.maximumPDUByteCount, .byteCount(4096...131_072), "Maximum PDU length proposed to peers"),
        Setting(
            "accept-unknown-sop-classes", \.acceptsUnknownSOPClasses, .toggle,
            "Store instances of private and unknown SOP Classes too"),
        Setting(
            "drain-timeout", \.drainTimeout, .deadline, "Time Associations in progress get to finish after SIGTERM"),

        Setting(
            "open-step-period", \.openStepPeriod, .duration(.seconds(1) ... .seconds(24 * 3600)),
            "A study with a performed procedure step (MPPS) in progress settles after so long without a sign of it"),
        Setting(
            "commitment-limit", \.commitmentLimit, .integer(1...100_000),
            "Storage commitment requests of one peer that may be pending; further ones are refused"),
        Setting(
            "commitment-timeout", \.commitmentTimeout, .duration(.seconds(1) ... .seconds(30 * 24 * 3600)),
            "A commitment's result that cannot be delivered for so long is given up"),

        Setting(
            "disk-reserve", \.diskReserveByteCount, .byteCount(1_000_000...1_000_000_000_000_000),
            "Free space below which instances are refused with A700"),
        Setting(
            "assessment-workers", \.assessmentWorkerCount, .integer(1...64),
            "Studies assessed at once; further ones wait in the index"),
        Setting(
            "pixel-time-limit", \.pixelTimeLimit, .duration(.seconds(1) ... .seconds(3600)),
            "CPU time one image may take to decode and measure; large objects get 1 s more for each 4 MiB"),
        Setting(
            "pixel-memory-limit", \.pixelMemoryLimit, .byteCount(256_000_000...64_000_000_000),
            "Address space of a process that decodes pixels"),
        Setting(
            "pixel-sandbox", \.pixelSandbox, .oneOf(),
            "Where the system refuses a wall of the sandbox: required leaves pixels alone, preferred goes on"),
        Setting(
            "ask-back-wait", \.askBackWait, .duration(.seconds(1) ... .seconds(3600)),
            "Time an assessment waits at most for the answer of a sender that is asked back"),
        Setting(
            "catalogue", \.catalogue, .listID,
            "Imaging list that studies are named by (priorctl catalogue list shows those loaded)"),
        Setting(
            "time-zone", \.timeZone, .timeZone,
            "Zone of dates in objects that name none; any counts as future only what is so everywhere"),
        Setting(
            "placeholder-ids", \.placeholderIDs, .identifiers,
            "National IDs and Other Patient IDs that are typed where none is known: they prove nothing of anybody"),
        Setting(
            "prior-sources", \.priorSources, .oneOf(),
            "Whether sources are asked for priors where a question does not say"),
        Setting("log-level", \.logLevel, .oneOf(), "Least severe log event written"),
    ]

    static let configFile = Setting(
        "config", \.file, .optionalFile, in: .flag, "Settings file; \(defaultFile) is read if present")

    /// Read when neither flag nor environment names a file, and no fault when absent.
    public static let defaultFile = "/etc/priord/priord.yaml"

    /// Keys of the file that hold more than one value.
    enum Section: String, CaseIterable {
        case peers
        case httpAccess = "http-access"
        case assessment
        case tls
        /// Read before the rules that name them.
        case destinations
        case forwards
        case institutions
        case recognition
        /// Read after the institutions they name.
        case sources

        /// Sections without which nobody may listen beyond loopback.
        static let guarding: [Section] = [.peers, .httpAccess]
    }

    /// Variables that begin like ours and are read by the tests of this repository, not by the daemon they start.
    static let foreignVariables: Set<String> = ["PRIORD_REAL_DICOM"]
}
