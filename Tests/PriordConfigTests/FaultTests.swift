import Testing

@testable import PriordConfig

@Suite struct FaultTests {
    @Test func `every fault of flags, environment and file is reported at once`() throws {
        let found = try faults(
            """
            ae-title: AN AE TITLE FAR TOO LONG
            quiet-perod: 60s
            peers:
              - hosts: [10.0.0.1, ct1.hospital]
                permissions: [store, delete]
            """,
            arguments: ["dicom-port": "0x2B68"], environment: ["PRIORD_LOGLEVEL": "info", "PRIORD_BIND": "localhost"])
        #expect(
            found.map(\.key) == [
                "dicom-port", "bind", "PRIORD_LOGLEVEL", "quiet-perod", "ae-title", "peers[0].ae-title",
                "peers[0].hosts[1]", "peers[0].permissions[1]",
            ])
        #expect(found.compactMap(\.source.line) == [2, 1, 4, 4, 5])
    }

    @Test func `a fault prints key, place, value and what is allowed`() throws {
        let fault = try #require(try faults("\n\nlog-level: loud").first)
        #expect(fault.description.hasPrefix("log-level ("))
        #expect(
            fault.description.hasSuffix(
                "priord.yaml:3): \"loud\" is not allowed; "
                    + "write one of trace, debug, info, notice, warning, error, critical"))
    }

    @Test(arguments: [
        ("aeTitle", "ae-title"), ("data_dir", "data-dir"), ("quite-period", "quiet-period"), ("peer", "peers"),
        ("httpaccess", "http-access"), ("DICOM-PORT", "dicom-port"), ("config", nil), ("retention", nil),
        (String(repeating: "x", count: 900), nil),
    ])
    func `an unknown key names the one probably meant`(written: String, meant: String?) throws {
        let found = try faults("\(written): 1")
        #expect(found.map(\.key) == [written])
        #expect(found.map(\.problem) == [.unknown(nearest: meant)])
    }

    @Test func `an unknown variable of ours is a fault, others are not`() throws {
        let found = try faults(environment: ["PRIORD_DATADIR": "/x", "PATH": "/bin", "PRIORD_REAL_DICOM": "/y"])
        #expect(
            found.map(\.description) == [
                "PRIORD_DATADIR (environment PRIORD_DATADIR): unknown; did you mean PRIORD_DATA_DIR?"
            ])
    }

    @Test func `an unknown argument is a fault`() throws {
        #expect(try faults(arguments: ["quiet": "60s"]).map(\.source) == [.flag("--quiet")])
    }

    @Test func `listening beyond loopback needs peers and HTTP access, and says so`() throws {
        let peers = "peers: [{ae-title: CT1, hosts: 10.0.0.1}]\n"
        let access = "http-access: {hosts: 10.0.0.0/8}\n"
        let neither = try faults("bind: 0.0.0.0").map(\.description)
        #expect(neither.count == 1)
        #expect(neither.first?.contains("until peers and http-access are configured") == true)
        let one = try faults(peers, arguments: ["bind": "0.0.0.0"])
        #expect(one.map(\.source) == [.flag("--bind")])
        #expect(one.first?.description.contains("until http-access is configured") == true)
        #expect(try faults(access + "bind: '::'").count == 1)
        #expect(try load(peers + access, arguments: ["bind": "0.0.0.0"]).config.bind.description == "0.0.0.0")
    }

    @Test(arguments: ["peers:", "peers: []", "peers: ~"])
    func `an empty section configures nothing`(section: String) throws {
        #expect(try load(section).config.peers.isEmpty)
        #expect(try faults(section + "\nbind: 10.0.0.1").map(\.key) == ["bind"])
    }

    @Test func `a section with faults is not called missing as well`() throws {
        let found = try faults("bind: 0.0.0.0\npeers: [{}]\nhttp-access: {hosts: everyone}")
        #expect(found.map(\.key) == ["peers[0]", "http-access.hosts"])
    }

    @Test func `any peer is accepted on loopback only`() throws {
        #expect(try load(arguments: ["accept-any-peer": "on", "bind": "::1"]).config.acceptsAnyPeer)
        let found = try faults(
            "peers: [{ae-title: CT1, hosts: 10.0.0.1}]\nhttp-access: {hosts: 10.0.0.0/8}",
            arguments: ["accept-any-peer": "on", "bind": "10.0.0.2"])
        #expect(found.map(\.key) == ["accept-any-peer"])
    }

    @Test func `both ports cannot be the same, unless each is any free one`() throws {
        #expect(try faults(arguments: ["dicom-port": "8104"]).map(\.key) == ["http-port"])
        #expect(try load(arguments: ["dicom-port": "0", "http-port": "0"]).config.dicomPort == 0)
    }

    @Test(arguments: ["quiet-period:", "quiet-period: [60s]", "quiet-period: {s: 60}", "peers: CT1", "http-access: on"])
    func `a value of the wrong shape is a fault`(yaml: String) throws {
        #expect(try faults(yaml).count == 1)
    }

    @Test func `a hostile value cannot forge a line or fill the log`() throws {
        let found = try faults(environment: [
            "PRIORD_LOG_LEVEL": "x\nroot: all is well\u{1B}[2J" + String(repeating: "y", count: 9000)
        ])
        let text = try #require(found.first?.description)
        #expect(!text.contains("\n") && !text.contains("\u{1B}"))
        #expect(text.count < 300)
    }
}
