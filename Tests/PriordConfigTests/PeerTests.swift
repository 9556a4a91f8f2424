import DICOMCore
import Testing

@testable import PriordConfig

@Suite struct PeerTests {
    let yaml = """
        ae-title: GATE
        peers:
          - ae-title: CT1
            hosts: 10.20.1.15
            institution: 示例市第一人民医院
            issuer: FIRST
            permissions: store
            character-set: GB18030
          - ae-title: PACS
            hosts: [10.20.0.0/24, "fd00:20::/64"]
            port: 4242
            called-ae-titles: [GATE, GATE_TEST]
            conflict-answer: 0111
        """

    @Test func `a peer is read with its defaults`() throws {
        let peers = try load(yaml).config.peers
        let gate = try AETitle("GATE")
        #expect(
            peers == [
                Peer(
                    aeTitle: try AETitle("CT1"), hosts: try [block("10.20.1.15")], calledAETitles: [gate],
                    permissions: [.store], institution: "示例市第一人民医院", issuer: "FIRST", characterSet: .gb18030),
                Peer(
                    aeTitle: try AETitle("PACS"), hosts: try [block("10.20.0.0/24"), block("fd00:20::/64")], port: 4242,
                    calledAETitles: [gate, try AETitle("GATE_TEST")], conflictAnswer: .duplicateSOPInstance),
            ])
        #expect(peers.map(\.conflictAnswer.status) == [.success, .duplicateSOPInstance])
    }

    @Test(arguments: [
        ("10.20.1.15", "port: 104", nil, "10.20.1.15:104"),
        ("10.20.1.15", "port: 104", "10.20.1.15", "10.20.1.15:104"),
        ("10.20.1.15", "", "10.20.1.15", nil),
        ("[10.20.0.0/24, 10.30.0.1]", "port: 104", nil, nil),
        ("[10.20.0.0/24, 10.30.0.1]", "port: 104", "10.20.0.7", "10.20.0.7:104"),
        ("[10.20.0.0/24, 10.30.0.1]", "port: 104", "10.40.0.7", nil),
    ])
    func `a peer is called at its only address, or where it last called from, and only with a port`(
        hosts: String, port: String, last: String?, where expected: String?
    ) throws {
        let peer = try #require(try load("peers: [{ae-title: A, hosts: \(hosts), \(port)}]").config.peers.first)
        let listener = peer.listener(lastCalledFrom: last.flatMap(IPAddress.init))
        #expect(listener.map { "\($0.host):\($0.port)" } == expected)
    }

    @Test func `an unknown character set is a fault that says what is known`() throws {
        let found = try faults("peers: [{ae-title: CT1, hosts: 10.20.1.15, character-set: latin}]")
        #expect(found.map(\.key) == ["peers[0].character-set"])
        #expect("\(found)".contains("one of UTF-8, GB18030, Big5"))
    }

    @Test(arguments: [
        ("CT1", "GATE", "10.20.1.15", "admitted"),
        ("CT1", "GATE", "::ffff:10.20.1.15", "admitted"),
        ("CT1", "GATE", "10.20.1.16", "calling"),
        ("CT2", "GATE", "10.20.1.15", "calling"),
        ("CT1", "GATE_TEST", "10.20.1.15", "called"),
        ("PACS", "GATE_TEST", "10.20.0.255", "admitted"),
        ("PACS", "GATE", "fd00:20::1", "admitted"),
        ("PACS", "GATE", "fd00:20:0:1::1", "calling"),
        ("ct1", "GATE", "10.20.1.15", "calling"),
    ])
    func `calling AE, host and called AE decide, in this order`(
        calling: String, called: String, host: String, answer: String
    ) throws {
        let admission = try load(yaml).config.admission(
            calling: AETitle(calling), called: AETitle(called), from: try #require(IPAddress(host)))
        let found =
            switch admission {
            case .admitted: "admitted"
            case .callingAETitleNotRecognised: "calling"
            case .calledAETitleNotRecognised: "called"
            }
        #expect(found == answer)
    }

    @Test func `accept-any-peer admits every caller that calls our AE Title, and keeps what is listed`() throws {
        let config = try load(yaml, arguments: ["accept-any-peer": "on"]).config
        let stranger = try AETitle("STRANGER")
        guard case .admitted(let peer) = config.admission(calling: stranger, called: config.aeTitle, from: .loopback)
        else {
            Issue.record("refused")
            return
        }
        #expect(peer.permissions == Set(PeerService.allCases))
        #expect(
            config.admission(calling: stranger, called: .priord, from: .loopback) == .calledAETitleNotRecognised)
        let ct1 = config.admission(
            calling: try AETitle("CT1"), called: config.aeTitle, from: try #require(IPAddress("10.20.1.15")))
        #expect(ct1 == .admitted(config.peers[0]))
    }

    @Test func `nobody is admitted without peers`() {
        #expect(
            PriordConfig().admission(calling: .priord, called: .priord, from: .loopback)
                == .callingAETitleNotRecognised)
    }

    @Test(arguments: [
        ("{hosts: 10.0.0.1}", "peers[0].ae-title"), ("{ae-title: A}", "peers[0].hosts"),
        ("{ae-title: A, hosts: []}", "peers[0].hosts"), ("{ae-title: A, hosts: ct1.hospital}", "peers[0].hosts"),
        ("{ae-title: A, hosts: 10.0.0.1/8}", "peers[0].hosts"), ("{ae-title: A, hosts: 10.0.0.0/33}", "peers[0].hosts"),
        ("{ae-title: 'A\\B', hosts: 10.0.0.1}", "peers[0].ae-title"),
        ("{ae-title: A, hosts: 10.0.0.1, conflict-answer: 0112}", "peers[0].conflict-answer"),
        ("{ae-title: A, hosts: 10.0.0.1, port: 0}", "peers[0].port"),
        ("{ae-title: A, hosts: 10.0.0.1, port: 65536}", "peers[0].port"),
        ("{ae-title: A, hosts: 10.0.0.1, permission: store}", "peers[0].permission"),
        ("{ae-title: A, hosts: 10.0.0.1, institution: 'a\\b'}", "peers[0].institution"),
        ("{ae-title: A, hosts: 10.0.0.1, issuer: ' '}", "peers[0].issuer"),
        ("CT1", "peers[0]"), ("[CT1]", "peers[0]"), ("~", "peers[0]"),
    ])
    func `a fault in a peer names its place`(peer: String, key: String) throws {
        #expect(try faults("peers: [\(peer)]").map(\.key) == [key])
    }

    @Test func `a peer is asked back where the file says so, and fetching includes asking`() throws {
        let peers = try load(
            """
            peers:
              - {ae-title: A, hosts: 10.0.0.1, port: 104}
              - {ae-title: B, hosts: 10.0.0.1, port: 104, ask-back: on}
              - {ae-title: C, hosts: 10.0.0.1, port: 104, retrieve-missing: yes}
            """
        ).config.peers
        #expect(peers.map(\.isAskedBack) == [false, true, true])
        #expect(peers.map(\.isRetrievedFrom) == [false, false, true])
    }

    @Test func `nothing can be fetched from a peer that may not store`() throws {
        let peer = "{ae-title: A, hosts: 10.0.0.1, port: 104, permissions: query, retrieve-missing: on}"
        #expect(try faults("peers: [\(peer)]").map(\.key) == ["peers[0].retrieve-missing"])
    }

    @Test(arguments: ["ask-back", "retrieve-missing"])
    func `a peer without a port cannot be asked`(key: String) throws {
        let found = try faults("peers: [{ae-title: A, hosts: 10.0.0.1, \(key): on}]")
        #expect(found.map(\.key) == ["peers[0].\(key)"])
        #expect("\(found)".contains("port"))
        #expect(try load("peers: [{ae-title: A, hosts: 10.0.0.1, \(key): off}]").config.peers.count == 1)
    }

    @Test func `one AE Title at several institutions is told apart by host`() throws {
        let yaml = "peers: [{ae-title: CT1, hosts: 10.1.0.0/16}, {ae-title: CT1, hosts: 10.2.0.0/16}]"
        #expect(try load(yaml).config.peers.count == 2)
        let overlapping = "peers: [{ae-title: CT1, hosts: 10.1.0.0/16}, {ae-title: CT1, hosts: [10.2.0.1, 10.1.2.3]}]"
        #expect(try faults(overlapping).map(\.key) == ["peers[1]"])
    }

    private func block(_ text: String) throws -> HostBlock { try #require(HostBlock(text)) }
}

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("127.0.0.1", true), ("127.8.9.10", true), ("::1", true), ("::ffff:127.0.0.1", true), ("0.0.0.0", false),
        ("::", false), ("10.0.0.1", false), ("fe80::1", false),
    ])
    func `loopback is known in both families`(text: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "localhost", "127.1", "010.0.0.1", "1.2.3.4:80", "[::1]", "fe80::1%eth0", "1.2.3.4\u{0}", " 1.2.3.4",
    ])
    func `what is no address is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("0.0.0.0/0", "255.1.2.3", true), ("0.0.0.0/0", "::1", false), ("::/0", "::1", true),
        ("10.1.2.128/25", "10.1.2.127", false), ("10.1.2.128/25", "10.1.2.128", true),
        ("10.1.2.3/32", "10.1.2.3", true),
    ])
    func `a block holds the addresses of its prefix`(block: String, address: String, isInside: Bool) throws {
        #expect(try #require(HostBlock(block)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        "10.0.0.0/", "/8", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "::ffff:10.0.0.0/104", "10.0.0.0/08x",
    ])
    func `what is no block is refused`(text: String) {
        #expect(HostBlock(text) == nil)
    }

    @Test(arguments: ["10.0.0.1", "10.0.0.0/8", "::1", "fd00:20::/64"])
    func `a block prints as it was written`(text: String) throws {
        #expect(try #require(HostBlock(text)).description == text)
    }

    @Test func `what a peer may have of the associations and the machine is read with the rest`() throws {
        let peer = try #require(
            try load(
                """
                peers:
                  - {ae-title: DR1, hosts: 10.0.0.1, association-limit: 4, association-reserve: 2, weight: 5,
                     change-steps-of-others: on}
                """
            ).config.peers.first)
        #expect([peer.associationLimit, peer.associationReserve, peer.weight] == [4, 2, 5])
        #expect(peer.changesStepsOfOthers)
        #expect("\(peer)".hasSuffix("association-limit 4; association-reserve 2; weight 5; change-steps-of-others on"))
    }

    @Test(arguments: [
        (
            "peers: [{ae-title: A, hosts: 10.0.0.1, association-limit: 2, association-reserve: 3}]",
            "peers[0].association-reserve"
        ),
        ("peers: [{ae-title: A, hosts: 10.0.0.1, weight: 0}]", "peers[0].weight"),
        ("peers: [{ae-title: A, hosts: 10.0.0.1, tls: perhaps}]", "peers[0].tls"),
        ("peers: [{ae-title: A, hosts: 10.0.0.1, tls: required}]", "peers[0].tls"),
        ("peers: [{ae-title: A, hosts: 10.0.0.1, certificates: 12ab}]", "peers[0].certificates"),
        (
            "peers: [{ae-title: A, hosts: 10.0.0.1, certificates: \(String(repeating: "a", count: 64))}]",
            "peers[0].certificates"
        ),
        (
            """
            association-limit: 3
            peers:
              - {ae-title: A, hosts: 10.0.0.1, association-reserve: 2}
              - {ae-title: B, hosts: 10.0.0.2, association-reserve: 2}
            """, "association-limit"
        ),
        ("peer-association-share: 0", "peer-association-share"),
    ])
    func `shares and proofs that cannot stand are faults`(yaml: String, key: String) throws {
        #expect(try faults(yaml).map(\.key) == [key])
    }

    @Test func `a fingerprint is read as openssl prints it`() {
        let digits = String(repeating: "0a", count: 32)
        let pairs = Array(repeating: "0A", count: 32).joined(separator: ":")
        #expect(CertificateFingerprint(pairs)?.value == digits)
        #expect(CertificateFingerprint(digits)?.value == digits)
        for wrong in ["", ":", digits.dropLast() + "g", String(digits.dropLast()), pairs + ":0A", "0:" + pairs] {
            #expect(CertificateFingerprint(String(wrong)) == nil, "\(wrong)")
        }
    }

    @Test func `who must prove itself is admitted with its proof alone`() throws {
        let fingerprint = try #require(CertificateFingerprint(String(repeating: "a", count: 64)))
        let other = try #require(CertificateFingerprint(String(repeating: "b", count: 64)))
        var pinned = Peer(aeTitle: try AETitle("PINNED"), hosts: [HostBlock(.loopback)])
        pinned.certificates = [fingerprint]
        var secure = Peer(aeTitle: try AETitle("SECURE"), hosts: [HostBlock(.loopback)])
        secure.needsTLS = true
        let open = Peer(aeTitle: try AETitle("OPEN"), hosts: [HostBlock(.loopback)])
        var config = PriordConfig()
        config.peers = [pinned, secure, open]
        func isAdmitted(_ peer: Peer, _ transport: PeerTransport) -> Bool {
            config.admission(calling: peer.aeTitle, called: .priord, from: .loopback, by: transport) == .admitted(peer)
        }
        let ways: [PeerTransport] = [.tcp, .tls(nil), .tls(other), .tls(fingerprint)]
        #expect(ways.map { isAdmitted(pinned, $0) } == [false, false, false, true])
        #expect(ways.map { isAdmitted(secure, $0) } == [false, true, true, true])
        #expect(ways.map { isAdmitted(open, $0) } == [true, true, true, true])
    }
}
