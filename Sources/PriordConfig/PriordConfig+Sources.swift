import DICOMCore

extension ConfiguredSource {
    private enum Key: String, CaseIterable {
        case name, kind, url, host, port
        case aeTitle = "ae-title"
        case callingAETitle = "calling-ae-title"
        case authorityFile = "ca-file"
        case certificateFile = "certificate-file"
        case keyFile = "key-file"
        case tokenFile = "token-file"
        case passwordFile = "password-file"
        case deadline, institution, issuer, fetch, cache, questions
        case characterSet = "character-set"
        case breakerFailures = "breaker-failures"
        case retryPause = "retry-pause"
        case longestPause = "longest-pause"
        case prefetch
    }

    /// - Returns: nil after a fault that leaves no source.
    init?(
        _ node: ConfigNode, ownAETitle: AETitle, institutions: [ConfiguredInstitution], _ faults: inout FaultCollector
    ) {
        guard let members = node.object(Key.allCases.map(\.rawValue), &faults) else { return nil }
        func member(_ key: Key) -> ConfigNode? { members[key.rawValue] }
        let pause = SettingFormat<Duration>.duration(.milliseconds(100) ... .seconds(24 * 3600))

        let name = node.required(Key.name.rawValue, of: members, .listID, &faults)
        let kind = node.required(Key.kind.rawValue, of: members, SettingFormat<Kind>.oneOf(), &faults)
        let endpoint = kind.flatMap { Endpoint(node, members, $0, &faults) }
        let calling = member(.callingAETitle)?.value(.aeTitle, &faults)
        let deadline = member(.deadline)?.value(.duration(.milliseconds(100) ... .seconds(60)), &faults)
        let institution = member(.institution)?.value(.listID, &faults)
        if let institution, let node = member(.institution), !institutions.contains(where: { $0.id == institution }) {
            let nearest = nearestName(to: institution, among: institutions.map(\.id)).map { "; did you mean \($0)?" }
            faults.contradict(node, "no institution has this id" + (nearest ?? ""))
        }
        let issuer = member(.issuer)?.value(.longString, &faults)
        let characterSet = member(.characterSet)?.value(SettingFormat<TextEncoding>.oneOf(), &faults)
        let isFetchedFrom = member(.fetch)?.value(.toggle, &faults) ?? true
        let cache = member(.cache)?.value(.duration(.zero ... .seconds(600)), &faults)
        let questions = member(.questions)?.value(.integer(1...64), &faults)
        let failures = member(.breakerFailures)?.value(.integer(1...100), &faults)
        let first = member(.retryPause)?.value(pause, &faults) ?? .seconds(30)
        let longest = member(.longestPause)?.value(pause, &faults)
        if let longest, longest < first, let node = member(.longestPause) {
            faults.contradict(node, "retry-pause, the first one, is longer")
        }
        let prefetch = member(.prefetch).flatMap { Prefetch($0, &faults) }
        if let node = member(.prefetch), !isFetchedFrom { faults.contradict(node, "it needs fetch: on") }
        guard let name, let kind, let endpoint else { return nil }
        self.init(name: name, kind: kind, endpoint: endpoint, callingAETitle: calling ?? ownAETitle)
        if let deadline { self.deadline = deadline }
        self.institution = institution
        self.issuer = issuer
        self.characterSet = characterSet
        self.isFetchedFrom = isFetchedFrom
        if let cache { cacheTime = cache }
        if let questions { questionLimit = questions }
        if let failures { breakerFailureCount = failures }
        retryPause = first
        longestPause = longest ?? max(longestPause, first)
        self.prefetch = prefetch
    }

    static func list(
        _ node: ConfigNode, ownAETitle: AETitle, institutions: [ConfiguredInstitution], _ faults: inout FaultCollector
    ) -> [ConfiguredSource] {
        var found: [ConfiguredSource] = []
        for item in node.items("a list of sources", &faults) ?? [] {
            guard let source = ConfiguredSource(item, ownAETitle: ownAETitle, institutions: institutions, &faults)
            else { continue }
            if found.contains(where: { $0.name == source.name }) {
                faults.add(
                    item.key + ".name", item.source,
                    .contradiction(value: source.name, reason: "an earlier source has this name"))
            }
            found.append(source)
        }
        return found
    }
}

extension ConfiguredSource {
    /// Whether what is fetched would be taken for another's: the peer's word stands before the source's.
    func contradicts(_ peer: Peer, in config: PriordConfig) -> Bool {
        if case .web(let web) = endpoint, web.aeTitle == nil, peer.institution != nil || peer.issuer != nil {
            // Only its name happens to be the same.
            return true
        }
        if let own = issuer, let other = peer.issuer, own != other { return true }
        guard let other = peer.institution, let own = config.institutions.first(where: { $0.id == institution }) else {
            return false
        }
        return !([own.name] + own.names).map { InstitutionName($0) }.contains(InstitutionName(other))
    }
}

extension Peer {
    /// Whether what a source has sent here would be let in; some send under another name than they answer to.
    func maySend(_ source: ConfiguredSource, from host: IPAddress) -> Bool {
        permissions.contains(.store) && calledAETitles.contains(source.callingAETitle)
            && (aeTitle == source.aeTitle || hosts.contains { $0.contains(host) })
    }
}

extension ConfiguredSource.Endpoint {
    /// What only one of the two ways has.
    private static let webKeys = ["url", "ca-file", "certificate-file", "key-file", "token-file", "password-file"]
    private static let associationKeys = ["host", "port"]

    fileprivate init?(
        _ node: ConfigNode, _ members: [String: ConfigNode], _ kind: ConfiguredSource.Kind,
        _ faults: inout FaultCollector
    ) {
        let isWeb = kind != .find
        for key in isWeb ? Self.associationKeys : Self.webKeys {
            if let node = members[key] {
                faults.contradict(node, "a source of kind \(kind.rawValue) is called by \(isWeb ? "url" : "host")")
            }
        }
        guard !isWeb else {
            guard let url = members["url"], !url.isEmpty else {
                faults.add(
                    "\(node.key).url", node.source, .missing(allowed: SettingFormat<String>.webService.allowed))
                return nil
            }
            guard let endpoint = WebEndpoint(url, members, &faults) else { return nil }
            self = .web(endpoint)
            return
        }
        let host = node.required("host", of: members, .address, &faults)
        let port = node.required("port", of: members, .remotePort, &faults)
        let aeTitle = node.required("ae-title", of: members, .aeTitle, &faults)
        if let host, !host.isIPv4, let node = members["host"] {
            faults.contradict(node, "only IPv4 addresses can be called")
        }
        guard let host, let port, let aeTitle else { return nil }
        self = .association(host: host, port: port, aeTitle: aeTitle)
    }
}

extension ConfiguredSource.Prefetch {
    private enum Key: String, CaseIterable {
        case relation
        case maximumAge = "max-age-days"
        case when
        case studyLimit = "max-studies"
        case byteLimit = "max-size"
    }

    /// - Returns: nil after a fault of the object itself.
    fileprivate init?(_ node: ConfigNode, _ faults: inout FaultCollector) {
        guard let members = node.object(Key.allCases.map(\.rawValue), &faults) else { return nil }
        func member(_ key: Key) -> ConfigNode? { members[key.rawValue] }
        self.init()
        if let relation = member(.relation)?.value(SettingFormat<Relation>.oneOf(), &faults) {
            self.relation = relation
        }
        if let age = member(.maximumAge)?.value(.integer(0...36_500), &faults) { maximumAge = age }
        if let when = member(.when)?.values(SettingFormat<Occasion>.oneOf(), &faults) { occasions = Set(when) }
        if let studies = member(.studyLimit)?.value(.integer(1...100), &faults) { studyLimit = studies }
        if let bytes = member(.byteLimit)?.value(.byteCount(1_000_000...1_000_000_000_000_000), &faults) {
            byteLimit = bytes
        }
    }
}

extension ConfiguredSource: CustomStringConvertible {
    /// One line, in the words of the file; of secrets the file they are in.
    public var description: String {
        let time = SettingFormat<Duration>.duration(.zero ... .seconds(24 * 3600))
        var parts: [String]
        switch endpoint {
        case .association(let host, let port, let aeTitle):
            parts = ["\(name): \(kind.rawValue), \(aeTitle) at \(host) port \(port)", "called by \(callingAETitle)"]
        case .web(let web): parts = ["\(name): \(kind.rawValue), \(web.url)"] + web.files
        }
        parts.append("deadline \(time.text(deadline))")
        if let institution { parts.append("institution \(institution)") }
        if let issuer { parts.append("issuer \(issuer)") }
        if let characterSet { parts.append("character-set \(characterSet.rawValue)") }
        parts.append("cache \(time.text(cacheTime)); questions \(questionLimit)")
        parts.append("breaker-failures \(breakerFailureCount); retry-pause \(time.text(retryPause))")
        parts.append("longest-pause \(time.text(longestPause))")
        if !isFetchedFrom { parts.append("fetch off") }
        if let prefetch {
            let size = SettingFormat<Int64>.byteCount(0 ... .max).text(prefetch.byteLimit)
            let when = prefetch.occasions.map(\.rawValue).sorted().joined(separator: ", ")
            parts.append(
                "prefetch \(prefetch.relation.rawValue), max-age-days \(prefetch.maximumAge), when \(when), "
                    + "max-studies \(prefetch.studyLimit), max-size \(size)")
        }
        return parts.joined(separator: "; ")
    }
}
