import DICOMCore
import Foundation

extension Peer {
    private enum Key: String, CaseIterable {
        case aeTitle = "ae-title"
        case hosts, port
        case calledAETitles = "called-ae-titles"
        case permissions
        case conflictAnswer = "conflict-answer"
        case institution, issuer
        case characterSet = "character-set"
        case askBack = "ask-back"
        case retrieveMissing = "retrieve-missing"
        case changesStepsOfOthers = "change-steps-of-others"
        case associationLimit = "association-limit"
        case associationReserve = "association-reserve"
        case weight, certificates, tls
    }

    /// - Parameter ownAETitle: what the peer may call when the file does not say.
    /// - Returns: nil after a fault that leaves no peer.
    init?(_ node: ConfigNode, ownAETitle: AETitle, _ faults: inout FaultCollector) {
        let names = Key.allCases.map(\.rawValue)
        guard !node.isEmpty, let members = node.members(names, &faults) else {
            if node.isEmpty { node.wrongShape("an object with the keys " + names.joined(separator: ", "), &faults) }
            return nil
        }
        func member(_ key: Key) -> ConfigNode? { members[key.rawValue] }
        func require(_ key: Key, _ allowed: String, _ faults: inout FaultCollector) -> ConfigNode? {
            if let found = member(key), !found.isEmpty { return found }
            faults.add("\(node.key).\(key.rawValue)", node.source, .missing(allowed: allowed))
            return nil
        }

        let hostsAllowed = "a list, each item " + SettingFormat<HostBlock>.hostBlock.allowed
        let aeTitle = require(.aeTitle, SettingFormat<AETitle>.aeTitle.allowed, &faults)?.value(.aeTitle, &faults)
        let hosts = require(.hosts, hostsAllowed, &faults)?.values(.hostBlock, &faults)
        let port = member(.port)?.value(.remotePort, &faults)
        let called = member(.calledAETitles)?.values(.aeTitle, &faults) ?? []
        let permissions = member(.permissions)?.values(SettingFormat<PeerService>.oneOf(), &faults)
        let conflictAnswer = member(.conflictAnswer)?.value(SettingFormat<ConflictAnswer>.oneOf(), &faults)
        let institution = member(.institution)?.value(.longString, &faults)
        let issuer = member(.issuer)?.value(.longString, &faults)
        let characterSet = member(.characterSet)?.value(SettingFormat<TextEncoding>.oneOf(), &faults)
        guard let aeTitle, let hosts else { return nil }
        self.init(
            aeTitle: aeTitle, hosts: hosts, port: port, calledAETitles: called.isEmpty ? [ownAETitle] : called,
            permissions: permissions.map(Set.init) ?? Set(PeerService.allCases),
            conflictAnswer: conflictAnswer ?? .success, institution: institution, issuer: issuer,
            characterSet: characterSet)
        isRetrievedFrom = member(.retrieveMissing)?.value(.toggle, &faults) ?? false
        isAskedBack = (member(.askBack)?.value(.toggle, &faults) ?? false) || isRetrievedFrom
        changesStepsOfOthers = member(.changesStepsOfOthers)?.value(.toggle, &faults) ?? false
        associationLimit = member(.associationLimit)?.value(.integer(1...1024), &faults)
        associationReserve = member(.associationReserve)?.value(.integer(0...1024), &faults) ?? 0
        weight = member(.weight)?.value(.integer(1...100), &faults) ?? 1
        certificates = member(.certificates)?.values(.certificateFingerprint, &faults) ?? []
        needsTLS = member(.tls)?.value(SettingFormat<TransportRule>.oneOf(), &faults) == .required
        if let associationLimit, associationReserve > associationLimit {
            faults.add(
                "\(node.key).\(Key.associationReserve.rawValue)", node.source,
                .contradiction(value: "\(associationReserve)", reason: "the peer's association-limit is less"))
        }
        if isAskedBack && port == nil {
            let key: Key = isRetrievedFrom ? .retrieveMissing : .askBack
            faults.add(
                "\(node.key).\(key.rawValue)", node.source,
                .contradiction(value: "on", reason: "a peer can only be asked at its port, and none is given"))
        }
        if isRetrievedFrom && !self.permissions.contains(.store) {
            faults.add(
                "\(node.key).\(Key.retrieveMissing.rawValue)", node.source,
                .contradiction(value: "on", reason: "the peer may not store, so nothing it sends could be taken"))
        }
    }

    /// Reads the list of peers. Two of the same AE Title with a common address are a fault: which one calls is then
    /// undecided.
    static func list(_ node: ConfigNode, ownAETitle: AETitle, _ faults: inout FaultCollector) -> [Peer] {
        var peers: [Peer] = []
        for item in node.items("a list of peers", &faults) ?? [] {
            guard let peer = Peer(item, ownAETitle: ownAETitle, &faults) else { continue }
            let namesake = peers.first { other in
                other.aeTitle == peer.aeTitle
                    && other.hosts.contains { block in peer.hosts.contains { $0.overlaps(block) } }
            }
            if namesake != nil {
                faults.add(
                    item.key, item.source,
                    .contradiction(
                        value: peer.aeTitle.value, reason: "an earlier peer has this AE Title at one of these hosts"))
            }
            peers.append(peer)
        }
        return peers
    }
}

/// What a peer has to call by.
private enum TransportRule: String, CaseIterable, Sendable {
    case required, optional
}

extension HTTPAccess {
    private enum Key: String, CaseIterable {
        case hosts
        case tokenFile = "token-file"
    }

    /// - Returns: nil for an empty section, and after faults.
    init?(_ node: ConfigNode, _ faults: inout FaultCollector) {
        let names = Key.allCases.map(\.rawValue)
        guard !node.isEmpty, let members = node.members(names, &faults) else { return nil }
        guard members.values.contains(where: { !$0.isEmpty }) else {
            faults.add(node.key, node.source, .missing(allowed: names.joined(separator: " or ") + ", or both"))
            return nil
        }
        let hosts = members[Key.hosts.rawValue]?.values(.hostBlock, &faults) ?? []
        var file: URL?
        var tokens: [BearerToken] = []
        if let node = members[Key.tokenFile.rawValue], let path = node.value(.file, &faults) {
            file = path
            tokens = Self.tokens(in: path.path(percentEncoded: false), namedBy: node, &faults)
        }
        if hosts.isEmpty && tokens.isEmpty { return nil }
        self.init(hosts: hosts, tokens: tokens, tokenFile: file)
    }

    /// One token a line; empty lines and lines beginning with "#" do not count. No token is quoted in a fault.
    private static func tokens(
        in path: String, namedBy node: ConfigNode, _ faults: inout FaultCollector
    ) -> [BearerToken] {
        func fault(_ reason: String) { faults.add(node.key, node.source, .unreadable(reason: "\(path) \(reason)")) }
        let text: String
        do {
            text = String(decoding: try readFile(at: path, byteCountLimit: 65_536), as: UTF8.self)
        } catch {
            fault(error.reason)
            return []
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & (S_IROTH | S_IWOTH) != 0 {
            fault("holds secrets and may be read or written by everyone; take others' rights away (chmod o=)")
        }
        var tokens: [BearerToken] = []
        for (offset, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let written = line.trimmingCharacters(in: .whitespaces)
            if written.isEmpty || written.hasPrefix("#") { continue }
            if let token = BearerToken(written) {
                tokens.append(token)
            } else {
                fault("line \(offset + 1): a token is 32 to 256 of the characters A-Z a-z 0-9 - . _ ~ + /")
            }
        }
        if tokens.isEmpty { fault("holds no token") }
        return tokens
    }
}
