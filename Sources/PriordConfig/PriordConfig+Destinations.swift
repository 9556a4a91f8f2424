import DICOMCore
import Foundation

extension Destination {
    fileprivate enum Key: String, CaseIterable {
        case name, host, port
        case aeTitle = "ae-title"
        case url
        case authorityFile = "ca-file"
        case certificateFile = "certificate-file"
        case keyFile = "key-file"
        case tokenFile = "token-file"
        case passwordFile = "password-file"
        case callingAETitle = "calling-ae-title"
        case rateLimit = "rate-limit"
        case window
        case retryPause = "retry-pause"
        case longestPause = "longest-pause"
        case breakerFailures = "breaker-failures"
        case instanceAttempts = "instance-attempts"
        case commitment
        case commitmentWait = "commitment-wait"
        case commitmentAttempts = "commitment-attempts"
        case isSentBack = "send-back"
    }

    /// - Returns: nil after a fault that leaves no destination.
    init?(_ node: ConfigNode, ownAETitle: AETitle, _ faults: inout FaultCollector) {
        guard let members = node.object(Key.allCases.map(\.rawValue), &faults) else { return nil }
        func member(_ key: Key) -> ConfigNode? { members[key.rawValue] }
        let pause = SettingFormat<Duration>.duration(.milliseconds(100) ... .seconds(24 * 3600))

        let name = node.required(Key.name.rawValue, of: members, .listID, &faults)
        let endpoint = Endpoint(node, members, &faults)
        let calling = member(.callingAETitle)?.value(.aeTitle, &faults)
        let rate = member(.rateLimit)?.value(.byteRate(64_000...100_000_000_000), &faults)
        let window = member(.window)?.value(.dailyWindow, &faults)
        let first = member(.retryPause)?.value(pause, &faults)
        let longest = member(.longestPause)?.value(pause, &faults)
        let failures = member(.breakerFailures)?.value(.integer(1...100), &faults)
        let attempts = member(.instanceAttempts)?.value(.integer(2...1000), &faults)
        let commits = member(.commitment)?.value(.toggle, &faults) ?? false
        let wait = member(.commitmentWait)?.value(.duration(.seconds(1) ... .seconds(7 * 24 * 3600)), &faults)
        let rounds = member(.commitmentAttempts)?.value(.integer(1...100), &faults)
        let isSentBack = member(.isSentBack)?.value(.toggle, &faults) ?? false
        if commits, let node = member(.commitment), member(.url) != nil {
            faults.contradict(node, "only a destination with host, port and ae-title can be asked to commit")
        }
        for key in [Key.commitmentWait, .commitmentAttempts] where !commits {
            if let node = member(key) { faults.contradict(node, "it needs commitment: on") }
        }
        let shortest = first ?? .seconds(30)
        if let longest, longest < shortest, let node = member(.longestPause) {
            faults.contradict(node, "retry-pause, the first one, is longer")
        }
        guard let name, let endpoint else { return nil }
        self.init(name: name, endpoint: endpoint, callingAETitle: calling ?? ownAETitle)
        byteRateLimit = rate
        self.window = window
        retryPause = shortest
        longestPause = longest ?? max(longestPause, retryPause)
        if let failures { breakerFailureCount = failures }
        if let attempts { instanceAttemptCount = attempts }
        isCommitting = commits
        if let wait { commitmentWait = wait }
        if let rounds { commitmentAttemptCount = rounds }
        self.isSentBack = isSentBack
    }

    static func list(_ node: ConfigNode, ownAETitle: AETitle, _ faults: inout FaultCollector) -> [Destination] {
        var found: [Destination] = []
        for item in node.items("a list of destinations", &faults) ?? [] {
            guard let destination = Destination(item, ownAETitle: ownAETitle, &faults) else { continue }
            if found.contains(where: { $0.name == destination.name }) {
                faults.add(
                    item.key + ".name", item.source,
                    .contradiction(value: destination.name, reason: "an earlier destination has this name"))
            }
            found.append(destination)
        }
        return found
    }

    /// Names as they are written, of destinations with faults too: a rule that names one of these is right.
    static func names(_ node: ConfigNode?) -> [String] {
        var unused = FaultCollector()
        return node?.items("", &unused)?.compactMap { item in
            item.members(Key.allCases.map(\.rawValue), &unused)?[Key.name.rawValue]?.text
        } ?? []
    }
}

extension Destination.Endpoint {
    private typealias Key = Destination.Key

    /// What only one of the two kinds has.
    private static let webKeys: [Key] = [.authorityFile, .certificateFile, .keyFile, .tokenFile, .passwordFile]

    fileprivate init?(_ node: ConfigNode, _ members: [String: ConfigNode], _ faults: inout FaultCollector) {
        if let url = members[Key.url.rawValue], !url.isEmpty {
            for key in [Key.host, .port] {
                if let node = members[key.rawValue] { faults.contradict(node, "url says where it is") }
            }
            guard let endpoint = WebEndpoint(url, members, &faults) else { return nil }
            self = .web(endpoint)
            return
        }
        for key in Self.webKeys {
            if let node = members[key.rawValue] { faults.contradict(node, "it needs url") }
        }
        let host = node.required(Key.host.rawValue, of: members, .address, &faults)
        let port = node.required(Key.port.rawValue, of: members, .remotePort, &faults)
        let aeTitle = node.required(Key.aeTitle.rawValue, of: members, .aeTitle, &faults)
        if let host, !host.isIPv4, let node = members[Key.host.rawValue] {
            faults.contradict(node, "only IPv4 addresses can be called")
        }
        guard let host, let port, let aeTitle else { return nil }
        self = .association(host: host, port: port, aeTitle: aeTitle)
    }
}

extension WebEndpoint {
    private typealias Key = Destination.Key

    /// - Parameters:
    ///   - node: the URL's.
    ///   - members: of the object it stands in.
    init?(_ node: ConfigNode, _ members: [String: ConfigNode], _ faults: inout FaultCollector) {
        func file(_ key: Key, isSecret: Bool, _ faults: inout FaultCollector) -> URL? {
            guard let node = members[key.rawValue], let file = node.value(.file, &faults) else { return nil }
            faults.check(file, isSecret: isSecret, namedBy: node)
            return file
        }
        let url = node.value(.webService, &faults)
        let aeTitle = members[Key.aeTitle.rawValue]?.value(.aeTitle, &faults)
        let authority = file(.authorityFile, isSecret: false, &faults)
        let certificate = file(.certificateFile, isSecret: false, &faults)
        let key = file(.keyFile, isSecret: true, &faults)
        let token = file(.tokenFile, isSecret: true, &faults)
        let password = file(.passwordFile, isSecret: true, &faults)
        for (one, other) in [(Key.certificateFile, Key.keyFile), (.keyFile, .certificateFile)] {
            if let node = members[one.rawValue], members[other.rawValue] == nil {
                faults.contradict(node, "it needs \(other.rawValue)")
            }
        }
        if let node = members[Key.passwordFile.rawValue], members[Key.tokenFile.rawValue] != nil {
            faults.contradict(node, "token-file says who asks")
        }
        guard let url else { return nil }
        if url.hasPrefix("http:") {
            for key in [Key.authorityFile, .certificateFile, .keyFile] {
                if let node = members[key.rawValue] { faults.contradict(node, "it needs a url with https") }
            }
            for key in [Key.tokenFile, .passwordFile] where !Self.isLoopback(url) {
                if let node = members[key.rawValue] {
                    faults.contradict(node, "it would go over the network for all to read; url needs https")
                }
            }
        }
        self.init(url: url)
        self.aeTitle = aeTitle
        (authorityFile, certificateFile, keyFile) = (authority, certificate, key)
        (tokenFile, passwordFile) = (token, password)
    }

    private static func isLoopback(_ url: String) -> Bool {
        let host = URLComponents(string: url)?.host ?? ""
        let address = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return host == "localhost" || IPAddress(address)?.isLoopback == true
    }
}

extension WebEndpoint {
    /// The files it names, each by its key.
    var files: [String] {
        [
            (Key.authorityFile, authorityFile), (.certificateFile, certificateFile), (.keyFile, keyFile),
            (.tokenFile, tokenFile), (.passwordFile, passwordFile),
        ].compactMap { key, file in file.map { "\(key.rawValue) \($0.path(percentEncoded: false))" } }
    }
}

extension FaultCollector {
    mutating func contradict(_ node: ConfigNode, _ reason: String) {
        add(node.key, node.source, .contradiction(value: node.text ?? "", reason: reason))
    }

    /// Whether a file is there, and a secret one closed to others. Nothing of it is quoted.
    fileprivate mutating func check(_ file: URL, isSecret: Bool, namedBy node: ConfigNode) {
        let path = file.path(percentEncoded: false)
        do throws(FileFault) {
            let content = try readFile(at: path, byteCountLimit: 1 << 20)
            if content.isEmpty { add(node.key, node.source, .unreadable(reason: "\(path) is empty")) }
        } catch {
            add(node.key, node.source, .unreadable(reason: "\(path) \(error.reason)"))
            return
        }
        var status = stat()
        guard isSecret, stat(path, &status) == 0, status.st_mode & (S_IROTH | S_IWOTH) != 0 else { return }
        let reason =
            "\(path) holds a secret and may be read or written by everyone; take others' rights away (chmod o=)"
        add(node.key, node.source, .unreadable(reason: reason))
    }
}

extension SettingFormat where Value == String {
    /// Base of a DICOMweb service, without `/` at its end.
    static var webService: Self {
        Self(
            allowed:
                "a URL such as https://pacs.example/dicom-web, with http or https, a host, and neither credentials "
                + "nor query",
            parse: { text in
                guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
                    let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
                    parts.query == nil, parts.fragment == nil, text.allSatisfy(\.isASCII)
                else { return nil }
                return String(text.reversed().drop { $0 == "/" }.reversed())
            }, text: \.self)
    }
}

extension Destination: CustomStringConvertible {
    /// One line, in the words of the file; of secrets the file they are in.
    public var description: String {
        let pause = SettingFormat<Duration>.duration(.zero ... .seconds(7 * 24 * 3600))
        var parts: [String]
        switch endpoint {
        case .association(let host, let port, let aeTitle): parts = ["\(name): \(aeTitle) at \(host) port \(port)"]
        case .web(let web):
            parts = ["\(name): \(web.url)"]
            if let aeTitle = web.aeTitle { parts.append("ae-title \(aeTitle)") }
            parts += web.files
        }
        parts.append("called by \(callingAETitle)")
        if let byteRateLimit {
            parts.append("rate-limit " + SettingFormat<Int64>.byteRate(0 ... .max).text(byteRateLimit))
        }
        if let window { parts.append("window \(window)") }
        parts.append("retry-pause \(pause.text(retryPause))")
        parts.append("longest-pause \(pause.text(longestPause))")
        parts.append("breaker-failures \(breakerFailureCount)")
        parts.append("instance-attempts \(instanceAttemptCount)")
        if isCommitting {
            parts.append(
                "commitment on; commitment-wait \(pause.text(commitmentWait)); "
                    + "commitment-attempts \(commitmentAttemptCount)")
        }
        if isSentBack { parts.append("send-back on") }
        return parts.joined(separator: "; ")
    }
}
