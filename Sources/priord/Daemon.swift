import AdminAPI
import Archive
import Assessment
import Catalogue
import DICOMCore
import DICOMImaging
import DICOMNetwork
import DICOMServices
import Delivery
import Foundation
import Glibc
import Ingestion
import Logging
import Matching
import PriordConfig
import Recall
import ServiceLifecycle
import Sources
import UnixSignals
import Web

/// The rooms wired together.
struct Daemon {
    private let loaded: LoadedConfig
    private let logger: Logger
    private var config: PriordConfig { loaded.config }

    init(_ loaded: LoadedConfig, logger: Logger) {
        self.loaded = loaded
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, then stops in order: no new Association, messages under way finish, the archive closes.
    func run() async throws {
        try DICOMLibrary.prepare()
        let lexicon = try Lexicon.bundled()
        let systemd = SystemdSocket()
        // An index of another version, or a lost one, is worked on as long as it takes.
        let archive = try systemd.extendingStart(openArchive)
        defer { close(archive) }

        let catalogues = try CataloguesInForce(
            archive: archive,
            namer: StudyNamer(
                library: try .bundled(lexicon: lexicon), lexicon: lexicon,
                primary: ListID(config.catalogue) ?? .zhejiangImaging),
            logger: logger)
        let aliases = try AliasesInForce(index: archive.index)
        let senders = Senders(config)
        let pixels = PixelWorkers(settings: PixelWorkerSettings(config), logger: logger)
        pixels.prepare()
        let assessor = StudyAssessor(
            archive: archive, catalogues: catalogues, aliases: aliases,
            assessor: Assessor(
                parameters: AssessmentParameters(timeZone: config.timeZone), configuration: config.assessment,
                lexicon: lexicon), characterSets: config.characterSets,
            senders: senders
        ) { (descriptor, byteCount, request) throws(PixelError) in
            try pixels.figures(of: descriptor, byteCount: byteCount, request)
        }
        let persons = try PersonRegistry(
            archive: archive, institutions: InstitutionRegister(config.institutions), surnames: try Surname.bundled(),
            placeholders: config.placeholderIDs,
            readHeader: { [config] in PatientHeader(of: $0, in: archive, characterSets: config.characterSets) })
        if persons.unreadableDecisions > 0 {
            logger.error(
                "decisions on persons cannot be read, and do not hold",
                metadata: ["records": "\(persons.unreadableDecisions)"])
        }
        let recall = Recall(
            persons: persons, policies: try RecognitionPolicies(config.notices),
            coverage: try .bundled(lexicon: lexicon), primary: catalogues.namer.primary,
            library: { catalogues.namer.library }, today: { [config] in .today(in: config.timeZone ?? .current) },
            isVerified: { archive.isVerified($0) })
        let decisions = try RecognitionDesk(
            archive: archive, recall: recall,
            zone: config.timeZone ?? .current,
            formerIDs: { id in
                // Without an answer of the registry what was written under that ID alone is meant.
                let known = (try? persons.person(id: id))?.identities.filter { $0.link == .same }.map(\.record.key)
                return (known ?? []) + [id]
            })
        let repeats = RepeatWatch(desk: decisions, logger: logger) { [logger] in
            if let found = try archive.decisions.verify() {
                logger.error(
                    "the decision log does not hold", metadata: ["line": "\(found.line)", "why": "\(found.reason)"])
            }
        }
        let queue = AssessmentQueue(
            index: archive.index, assessor: assessor, workerCount: config.assessmentWorkerCount,
            awaited: AwaitedSenders(senders.aeTitles, wait: config.askBackWait), logger: logger
        ) { repeats.note($0) }
        let desk = SenderDesk(index: archive.index, senders: senders, queue: queue, logger: logger)
        let retrieval = MissingRetrieval(index: archive.index, senders: senders, logger: logger)
        let settler = StudySettler(
            index: archive.index, quietPeriod: config.quietPeriod, openStepPeriod: config.openStepPeriod, queue: queue,
            logger: logger)
        let turns = FairTurns(config)
        let ingestor = Ingestor(archive: archive, turns: turns, logger: logger)
        let identity = try config.tls.map { try TLSIdentity($0) }
        let listener = try AssociationListener(
            address: "\(config.bind)", port: Int(config.dicomPort),
            secure: identity.flatMap { identity in config.tls.map { (Int($0.port), identity) } },
            limits: AssociationLimits(config), shares: config.associationShares, logger: logger)
        let commitments = CommitmentService(
            archive: archive, settings: CommitmentSettings(config), limits: AssociationLimits(config), logger: logger,
            onTestimony: { queue.wake() })
        let queries = QueryEngine(
            archive: archive, characterSets: config.characterSets, timeZone: config.timeZone, logger: logger)
        archive.index.forwardRules = config.forwards.flatMap { ForwardRule.rules($0) }
        archive.index.forwardOrigins = config.destinations.reduce(into: [:]) { $0[$1.name] = ForwardOrigin($1) }
        let forwards = ForwardService(
            index: archive.index, sender: sender(of: archive, pixels.share(for: .forwarding)),
            destinations: config.destinations.map { ForwardDestination($0, config) }, logger: logger)
        let associations = AssociationServer(
            listener: listener, policy: AssociationPolicy(config), ingestor: ingestor, index: archive.index,
            queries: queries, turns: turns, sender: sender(of: archive, pixels.share(for: .retrieval)),
            destinations: moveDestinations, commitments: commitments, reports: forwards.reports,
            limits: AssociationLimits(config), drainTimeout: config.drainTimeout,
            logger: logger,
            onTestimony: { queue.wake() })
        let teaching = AliasTeaching(
            archive: archive, aliases: aliases, assessor: assessor, namer: { catalogues.namer }, logger: logger,
            onChange: { queue.wake() })
        let resolution = PersonResolution(registry: persons, index: archive.index, logger: logger)
        let sources = SourceDesk(
            sources: config.sources.map { PriorSource($0, config) }, index: archive.index, recall: recall,
            persons: PersonJudge(rarity: NameRarity(try Surname.bundled())), namer: { catalogues.namer },
            book: { aliases.state.book }, logger: logger)
        let fetches = FetchService(desk: sources, index: archive.index, ingestor: ingestor, logger: logger)
        let web = Web.Daemon(
            facts: facts(of: listener, identity, queue, pixels, commitments, forwards), settings: WebSettings(config),
            archive: archive,
            ingestor: ingestor,
            recall: recall, sources: sources, fetching: { fetches.isRunning($0) },
            desk: decisions, requirements: try InterventionalRequirement.bundled(),
            catalogues: catalogues, teaching: teaching,
            views: InstanceViews(
                archive: archive, pixels: pixels.share(for: .view), characterSets: config.characterSets),
            searches: queries, wakeAssessment: { queue.wake() })
        let (ready, readiness) = AsyncStream.makeStream(of: Int.self)
        let http = WebServer(
            daemon: web, endpoint: .port(host: "\(config.bind)", port: Int(config.httpPort)), logger: logger
        ) { port in readiness.yield(port ?? 0) }
        let admin = WebServer(
            daemon: web,
            endpoint: .adminSocket(path: AdminSocket.path(inDataDirectory: config.dataDirectory.path)), logger: logger)
        let notifier = SystemdNotifier(systemd: systemd, ready: ready) { httpPort in
            announce(listener, httpPort: httpPort)
            returnFreedMemory()
        } isHealthy: {
            archive.failure == nil
        }
        // Stopped in the opposite order: Associations drain while operators can still watch.
        let storage = StorageGuard(archive: archive)
        let services: [any Service] = [
            repeats, queue, desk, retrieval, resolution, forwards, settler, sources, fetches, storage, admin, http,
            commitments, associations, notifier,
        ]
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
        logger.notice("priord stopped")
    }

    /// Gives back what the start allocated and freed, reading catalogues above all; the allocator would keep it. (glibc's own
    /// function, which its Swift module leaves out.)
    private func returnFreedMemory() {
        typealias Trim = @convention(c) (_ padding: Int) -> Int32
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    }

    private func announce(_ listener: AssociationListener, httpPort: Int) {
        logger.notice(
            "priord serves",
            metadata: [
                "version": "\(Release.version)", "ae-title": "\(config.aeTitle)", "bind": "\(config.bind)",
                "dicom-port": "\(listener.port)", "tls-port": "\(listener.securePort.map(String.init) ?? "none")",
                "http-port": "\(httpPort)",
                "data-dir": "\(config.dataDirectory.path)",
            ])
    }

    private func sender(of archive: Archive, _ pixels: PixelWorkers) -> InstanceSender {
        InstanceSender(archive: archive) { source, byteCount, syntax, target throws(PixelError) in
            try pixels.convert(source, byteCount: byteCount, to: syntax, into: target)
        }
    }

    /// Peers with a port, at the only address they have or the one they last called from.
    private var moveDestinations: MoveDestinations {
        { [config] title, host in
            let last = host.flatMap { IPAddress($0) }
            for peer in config.peers where peer.aeTitle == title && peer.permissions.contains(.receive) {
                guard let listener = peer.listener(lastCalledFrom: last) else { continue }
                var request = AssociationRequest(
                    host: "\(listener.host)", port: Int(listener.port),
                    callingAETitle: config.aeTitle(toward: peer), calledAETitle: title, contexts: [])
                request.limits = AssociationLimits(config)
                return request
            }
            return nil
        }
    }

    private func facts(
        of listener: AssociationListener, _ identity: TLSIdentity?, _ queue: AssessmentQueue, _ pixels: PixelWorkers,
        _ commitments: CommitmentService, _ forwards: ForwardService
    ) -> DaemonFacts {
        DaemonFacts(
            version: Release.version, startedAt: Date(), aeTitle: config.aeTitle, dicomPort: listener.port,
            acceptsAnyPeer: config.acceptsAnyPeer, peers: config.peers.map(\.aeTitle),
            characterSets: config.characterSets,
            settings: loaded.effective.map {
                SettingRow(key: $0.key, value: $0.value, source: "\($0.source)")
            },
            associations: { [config] in config.facts(of: listener, identity) }, assessments: { queue.activity },
            pixels: { PixelWorkerFacts(pixels.activity) },
            commitmentTimeout: config.commitmentTimeout, wakeCommitments: { commitments.wake() },
            forwards: { forwards.activity })
    }

    private func openArchive() throws(ArchiveError) -> Archive {
        var settings = ArchiveSettings()
        settings.diskReserveByteCount = config.diskReserveByteCount
        let defaults = SenderDefaults(config)
        return try Ingestor.openArchive(
            directory: config.dataDirectory.path, settings: settings, logger: logger,
            characterSets: config.characterSets
        ) { record, sender in defaults.complete(&record, from: sender) }.archive
    }

    private func close(_ archive: Archive) {
        do throws(ArchiveError) {
            try archive.close()
        } catch {
            logger.error("the archive did not close cleanly", metadata: ["why": "\(error)"])
        }
    }
}

extension PriordConfig {
    /// What the text of peers and sources is in for which somebody said so.
    var characterSets: [AETitle: TextEncoding] {
        let said = peers.map { ($0.aeTitle, $0.characterSet) } + sources.map { ($0.aeTitle, $0.characterSet) }
        return Dictionary(said.compactMap { title, set in set.map { (title, $0) } }) { first, _ in first }
    }
}

extension PixelWorkerSettings {
    init(_ config: PriordConfig) {
        self.init()
        limit = config.assessmentWorkerCount
        deliveryLimit = max(1, limit / 2)
        timeLimit = config.pixelTimeLimit
        memoryByteLimit = UInt64(config.pixelMemoryLimit)
        requiresSandbox = config.pixelSandbox == .required
    }
}

extension PixelWorkerFacts {
    init(_ activity: PixelWorkerActivity) {
        self.init()
        running = activity.processIDs.count
        started = activity.started
        measured = activity.answered
        crashed = activity.crashed
        timedOut = activity.timedOut
        greatestResidentByteCount = activity.greatestResidentByteCount
        missingWalls = activity.missingWalls
        failure = activity.failure
    }
}

extension Senders {
    /// The peers that are asked back. One AE Title may stand for several; the address a study came from tells which.
    init(_ config: PriordConfig) {
        let asked = Dictionary(grouping: config.peers.filter(\.isAskedBack), by: \.aeTitle)
        self.init(asked.values.compactMap { peers in peers.first.map { Sender($0, among: peers, of: config) } })
    }
}

extension Peer {
    fileprivate func admits(_ host: IPAddress) -> Bool { hosts.contains { $0.contains(host) } }
}

extension Sender {
    fileprivate init(_ peer: Peer, among namesakes: [Peer], of config: PriordConfig) {
        self.init(
            aeTitle: peer.aeTitle,
            ownAETitle: config.aeTitle(toward: peer),
            retrievesMissing: namesakes.contains(where: \.isRetrievedFrom)
        ) { host in
            let address = host.flatMap { IPAddress($0) }
            let source = namesakes.first { peer in address.map { peer.admits($0) } ?? false }
            return (source ?? (namesakes.count == 1 ? peer : nil))?.listener(lastCalledFrom: address).map {
                (host: "\($0.host)", port: Int($0.port))
            }
        }
    }
}

extension AssociationLimits {
    init(_ config: PriordConfig) {
        self.init()
        associationRequest = config.associationRequestTimeout
        pdu = config.pduTimeout
        idle = config.idleTimeout
        minimumBytesPerSecond = Int(config.minimumReceiveRate)
        maximumPDULength = Int(config.maximumPDUByteCount)
    }
}

extension CommitmentSettings {
    init(_ config: PriordConfig) {
        self.init(pendingLimit: config.commitmentLimit, timeout: config.commitmentTimeout) { aeTitle, host in
            guard let host = IPAddress(host),
                let peer = config.peers.first(where: { peer in
                    peer.aeTitle == aeTitle && peer.hosts.contains { $0.contains(host) }
                })
            else { return nil }
            return peer.listener(lastCalledFrom: host).map { ($0.host.description, Int($0.port)) }
        }
    }
}

extension WebSettings {
    init(_ config: PriordConfig) {
        self.init()
        idleTimeout = config.httpIdleTimeout
        minimumReceiveRate = Int(config.minimumReceiveRate)
        if let access = config.httpAccess {
            admits = { host, bearerToken in
                guard let host = IPAddress(host) else { return false }
                return access.admits(host: host, bearerToken: bearerToken)
            }
        }
        baseURL = config.httpBase?.description
        hostNames = Set([Self.hostName, config.httpBase?.host].compactMap { $0?.lowercased() })
        asksSources = config.priorSources == .all
        origins =
            switch config.corsOrigins {
            case .any: .any
            case .only(let origins): .only(Set(origins.map(\.description)))
            }
    }

    /// What this machine calls itself.
    private static var hostName: String? {
        let limit = Int(HOST_NAME_MAX)
        var name = [CChar](repeating: 0, count: limit + 1)
        guard gethostname(&name, limit) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
