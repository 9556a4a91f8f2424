public import DICOMCore
import Foundation

extension PriordConfig {
    /// Reads and checks everything: flags before environment before file before defaults.
    ///
    /// A value is checked even when a stronger one hides it, so that a file is right or wrong whoever starts priord.
    /// - Parameters:
    ///   - arguments: values of the flags given, by key (`quiet-period`, without hyphens before it); a flag without
    ///     value is "on".
    ///   - environment: the whole environment; only names that begin with `PRIORD_` count.
    ///   - defaultFile: read when no other file is named, and if present.
    ///   - rules: what the section `assessment` may set.
    ///   - credentials: says what is wrong with the files of the section `tls`, and by which key they are named.
    ///   - notices: says what is wrong with the files of the section `recognition`, and with which of them.
    /// - Throws: every fault at once.
    public static func load(
        arguments: [String: String] = [:], environment: [String: String] = [:],
        defaultFile: String = PriordConfig.defaultFile, rules: [RuleSchema] = [],
        credentials: (TLSSettings) -> (key: String, reason: String)? = { _ in nil },
        notices: ([NoticeFile]) -> String? = { _ in nil }
    ) throws(ConfigFaults) -> LoadedConfig {
        var loading = Loading(rules: rules)
        loading.readArguments(arguments)
        loading.readEnvironment(environment)
        let named = loading.given[configFile.key] != nil
        if let file = loading.config.file?.path(percentEncoded: false) {
            loading.readFile(file)
        } else if !named, !isAbsent(defaultFile) {
            loading.readFile(defaultFile)
        }
        loading.checkTogether()
        if let tls = loading.config.tls, let wrong = credentials(tls) {
            let section = PriordConfig.Section.tls.rawValue
            loading.faults.add(
                "\(section).\(wrong.key)", loading.given[section] ?? .defaultValue,
                .unreadable(reason: "\(tls.path(of: wrong.key)): \(wrong.reason)"))
        }
        if let reason = notices(loading.config.notices) {
            let section = PriordConfig.Section.recognition.rawValue
            loading.faults.add(
                "\(section).policy", loading.given[section] ?? .defaultValue, .unreadable(reason: reason))
        }
        try loading.faults.throwIfAny()
        return LoadedConfig(config: loading.config, effective: loading.effective)
    }
}

/// A file in a directory that may not be searched is not absent: without its settings priord would run as another one.
private func isAbsent(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)
}

/// The state of one load: strongest source first, so that a later and weaker value is only checked.
private struct Loading {
    let rules: [RuleSchema]
    var config = PriordConfig()
    /// Source of every key given anywhere, right or wrong.
    var given: [String: ConfigSource] = [:]
    var faults = FaultCollector()

    mutating func readArguments(_ arguments: [String: String]) {
        let known = Dictionary(uniqueKeysWithValues: PriordConfig.settings.map { ($0.key, $0) })
        for (key, text) in arguments.sorted(by: { $0.key < $1.key }) {
            if let setting = known[key] {
                take(text, for: setting, from: .flag("--" + key))
            } else {
                faults.add(key, .flag("--" + key), .unknown(nearest: nearestName(to: key, among: Array(known.keys))))
            }
        }
    }

    mutating func readEnvironment(_ environment: [String: String]) {
        let known = Dictionary(uniqueKeysWithValues: PriordConfig.settings.map { ($0.environmentVariable, $0) })
        let ours = environment.filter { name, _ in
            name.hasPrefix(Setting.environmentPrefix) && !PriordConfig.foreignVariables.contains(name)
        }
        for (name, text) in ours.sorted(by: { $0.key < $1.key }) {
            if let setting = known[name] {
                take(text, for: setting, from: .environment(variable: name))
            } else {
                faults.add(
                    name, .environment(variable: name),
                    .unknown(nearest: nearestName(to: name, among: known.keys.sorted())))
            }
        }
    }

    mutating func readFile(_ path: String) {
        config.file = URL(filePath: path, directoryHint: .notDirectory)
        let settings = PriordConfig.settings.filter(\.isFileKey)
        let names = settings.map(\.key) + PriordConfig.Section.allCases.map(\.rawValue)
        guard let root = ConfigFile(path: path).root(&faults), let members = root.members(names, &faults) else {
            return
        }
        for setting in settings {
            guard let node = members[setting.key] else { continue }
            if let text = node.text {
                take(text, for: setting, from: node.source)
            } else {
                node.wrongShape(setting.allowed, &faults)
                given[setting.key] = given[setting.key] ?? node.source
            }
        }
        for section in PriordConfig.Section.allCases {
            guard let node = members[section.rawValue] else { continue }
            let faultCount = faults.count
            switch section {
            case .peers: config.peers = Peer.list(node, ownAETitle: config.aeTitle, &faults)
            case .httpAccess: config.httpAccess = HTTPAccess(node, &faults)
            case .tls: config.tls = TLSSettings(node, &faults)
            case .assessment: config.assessment = RuleConfiguration(node, rules, &faults)
            case .destinations:
                config.destinations = Destination.list(node, ownAETitle: config.aeTitle, &faults)
            case .forwards:
                let names = Destination.names(members[PriordConfig.Section.destinations.rawValue])
                config.forwards = Forwarding.list(node, destinations: names, &faults)
            case .institutions: config.institutions = ConfiguredInstitution.list(node, &faults)
            case .recognition: config.notices = NoticeFile.list(node, &faults)
            case .sources:
                config.sources = ConfiguredSource.list(
                    node, ownAETitle: config.aeTitle, institutions: config.institutions, &faults)
            }
            // An empty section counts as not given; one with faults has said what it lacks.
            if !node.isEmpty || faults.count > faultCount { given[section.rawValue] = node.source }
        }
    }

    private mutating func take(_ text: String, for setting: Setting, from source: ConfigSource) {
        var changed = config
        guard setting.apply(text, &changed) else {
            faults.add(setting.key, source, .notAllowed(value: text, allowed: setting.allowed))
            given[setting.key] = given[setting.key] ?? source
            return
        }
        guard given[setting.key] == nil else { return }
        given[setting.key] = source
        config = changed
    }

    /// What each setting alone cannot show.
    mutating func checkTogether() {
        func source(_ key: String) -> ConfigSource { given[key] ?? .defaultValue }
        if !config.bind.isLoopback {
            let missing = PriordConfig.Section.guarding.filter { given[$0.rawValue] == nil }
            if !missing.isEmpty {
                let sections = missing.map(\.rawValue).joined(separator: " and ")
                faults.add(
                    "bind", source("bind"),
                    .contradiction(
                        value: config.bind.description,
                        reason: "beyond loopback anyone could store and read studies until \(sections) "
                            + "\(missing.count > 1 ? "are" : "is") configured; write 127.0.0.1 or configure it"))
            }
            if config.acceptsAnyPeer {
                faults.add(
                    "accept-any-peer", source("accept-any-peer"),
                    .contradiction(value: "on", reason: "it is for trials and needs bind on loopback"))
            }
        }
        let reserved = config.peers.reduce(0) { $0 + $1.associationReserve }
        if reserved > config.associationLimit {
            faults.add(
                "association-limit", source("association-limit"),
                .contradiction(
                    value: "\(config.associationLimit)",
                    reason: "peers have an association-reserve of \(reserved) in all"))
        }
        for (number, peer) in config.peers.enumerated()
        where config.tls == nil && (peer.needsTLS || !peer.certificates.isEmpty) {
            faults.add(
                "peers[\(number)].\(peer.needsTLS ? "tls" : "certificates")", source("peers"),
                .contradiction(value: peer.aeTitle.value, reason: "it could not call: the section tls is missing"))
        }
        if let port = config.tls?.port, port != 0, port == config.dicomPort || port == config.httpPort {
            faults.add(
                "tls.port", source("tls"),
                .contradiction(value: String(port), reason: "dicom-port or http-port is the same"))
        }
        if config.corsOrigins == .any, config.httpAccess?.tokens.isEmpty ?? true {
            faults.add(
                "cors-origins", source("cors-origins"),
                .contradiction(
                    value: "*",
                    reason: "any page open in a browser here could read studies; "
                        + "name the viewers' origins, or let http-access ask for tokens"))
        }
        if config.dicomPort == config.httpPort, config.dicomPort != 0 {
            faults.add(
                "http-port", source("http-port"),
                .contradiction(value: String(config.httpPort), reason: "dicom-port is the same"))
        }
        checkDestinations()
        checkSources()
    }

    /// What comes from two under one AE Title could not be told apart, and what C-MOVE has sent here has to be let in.
    private mutating func checkSources() {
        for (place, source) in config.sources.enumerated() {
            var reasons: [String] = []
            let namesake = config.sources.prefix(place).first { other in
                other.aeTitle == source.aeTitle
                    && (other.institution, other.issuer, other.characterSet)
                        != (source.institution, source.issuer, source.characterSet)
            }
            if let namesake {
                reasons.append(
                    "what is fetched is told from source \(namesake.name)'s by AE Title, and both are "
                        + "\(source.aeTitle); give one an ae-title of its own")
            }
            if config.peers.contains(where: { $0.aeTitle == source.aeTitle && source.contradicts($0, in: config) }) {
                reasons.append(
                    "the peer \(source.aeTitle) has another institution or issuer; write the same, or another ae-title")
            }
            if source.isFetchedFrom, case .association(let host, _, _) = source.endpoint, !config.acceptsAnyPeer,
                !config.peers.contains(where: { $0.maySend(source, from: host) })
            {
                reasons.append(
                    "what it sends would be refused: no peer of this AE Title or host may store and call "
                        + "\(source.callingAETitle); add it to peers, or write fetch: off")
            }
            for reason in reasons {
                faults.add(
                    "sources[\(place)]", given[PriordConfig.Section.sources.rawValue] ?? .defaultValue,
                    .contradiction(value: source.name, reason: reason))
            }
        }
    }

    /// priord as its own destination would be sent everything for ever.
    private mutating func checkDestinations() {
        for (place, destination) in config.destinations.enumerated() {
            guard case .association(let host, let port, let aeTitle) = destination.endpoint,
                port == config.dicomPort, aeTitle == config.aeTitle,
                host == config.bind || host.isLoopback && config.bind.isLoopback
            else { continue }
            faults.add(
                "destinations[\(place)]", given[PriordConfig.Section.destinations.rawValue] ?? .defaultValue,
                .contradiction(value: destination.name, reason: "it is this priord itself"))
        }
    }

    var effective: [EffectiveSetting] {
        let values = PriordConfig.settings.map { ($0.key, $0.text(config)) }
        let peers = config.peers.enumerated().map { ("peers[\($0.offset)]", $0.element.description) }
        let access = config.httpAccess.map { [(PriordConfig.Section.httpAccess.rawValue, $0.description)] } ?? []
        let tls = config.tls.map { [(PriordConfig.Section.tls.rawValue, $0.description)] } ?? []
        let destinations = config.destinations.enumerated().map {
            ("destinations[\($0.offset)]", $0.element.description)
        }
        let forwards = config.forwards.enumerated().map { ("forwards[\($0.offset)]", $0.element.description) }
        let institutions = config.institutions.enumerated().map {
            ("institutions[\($0.offset)]", $0.element.description)
        }
        let sources = config.sources.enumerated().map { ("sources[\($0.offset)]", $0.element.description) }
        let notices =
            config.notices.isEmpty
            ? []
            : [
                (
                    PriordConfig.Section.recognition.rawValue,
                    "policy " + config.notices.map(\.path).joined(separator: ", ")
                )
            ]
        let sections = (peers + access + tls + destinations + forwards + institutions + notices + sources).map {
            key, value in
            EffectiveSetting(
                key: key, value: value, source: given[String(key.prefix { $0 != "[" })] ?? .defaultValue)
        }
        let rules = config.assessment.settings(rules).map { setting in
            let source = setting.isGiven ? given[PriordConfig.Section.assessment.rawValue] : nil
            return EffectiveSetting(key: setting.key, value: setting.value, source: source ?? .defaultValue)
        }
        return values.map { EffectiveSetting(key: $0, value: $1, source: given[$0] ?? .defaultValue) } + sections
            + rules
    }
}
