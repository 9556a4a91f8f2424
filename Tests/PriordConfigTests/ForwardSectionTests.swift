import DICOMCore
import Foundation
import Testing

@testable import PriordConfig

@Suite struct ForwardSectionTests {
    private let destination = "{name: pacs, host: 10.0.0.5, port: 104, ae-title: PACS}"

    @Test func `destinations and rules are read with their defaults`() throws {
        let config = try load(
            """
            ae-title: GATE
            destinations:
              - \(destination)
              - {name: night, host: 127.0.0.1, port: 11112, ae-title: N, calling-ae-title: ME, rate-limit: 1MB/s,
                 window: "22:00-06:00", retry-pause: 5s, longest-pause: 1m, breaker-failures: 7}
            forwards:
              - {name: everything, to: pacs}
              - {name: some, to: [pacs, night], modalities: [CT, MR], codes: A1, sources: CT1,
                 completeness: [complete, unknown], quality: pass, max-age-days: 30}
            """
        ).config
        let pacs = try #require(config.destinations.first)
        #expect(pacs.callingAETitle.value == "GATE")
        #expect(pacs.byteRateLimit == nil && pacs.window == nil && pacs.breakerFailureCount == 3)
        let night = try #require(config.destinations.last)
        #expect(
            night.byteRateLimit == 1_000_000 && night.retryPause == .seconds(5) && night.longestPause == .seconds(60))
        #expect(night.window == DailyWindow("22:00-06:00") && night.callingAETitle.value == "ME")
        #expect(config.forwards.map(\.destinations) == [["pacs"], ["pacs", "night"]])
        let some = try #require(config.forwards.last)
        #expect(some.modalities == ["CT", "MR"] && some.codes == ["A1"] && some.maximumAge == 30)
        #expect(some.completeness == [.complete, .unknown] && some.quality == [.pass])
        #expect("\(some)".contains("modalities CT, MR; codes A1"))
        #expect("\(night)".contains("window 22:00-06:00"))
    }

    @Test(arguments: [
        ("destinations: [{host: 10.0.0.5, port: 104, ae-title: A}]", "destinations[0].name"),
        ("destinations: [{name: a, host: pacs.local, port: 104, ae-title: A}]", "destinations[0].host"),
        ("destinations: [{name: a, host: '::1', port: 1, ae-title: A}]", "destinations[0].host"),
        ("destinations: [{name: a, host: 10.0.0.5, port: 0, ae-title: A}]", "destinations[0].port"),
        ("destinations: [{name: a, host: 10.0.0.5, port: 104}]", "destinations[0].ae-title"),
        (
            "destinations: [{name: a, host: 10.0.0.5, port: 1, ae-title: A, window: 22-6}]",
            "destinations[0].window"
        ),
        (
            "destinations: [{name: a, host: 10.0.0.5, port: 1, ae-title: A, rate-limit: 1KB/s}]",
            "destinations[0].rate-limit"
        ),
        (
            "destinations: [{name: a, host: 10.0.0.5, port: 1, ae-title: A, retry-pause: 1h, longest-pause: 1m}]",
            "destinations[0].longest-pause"
        ),
        ("destinations: [{name: a, host: 10.0.0.5, port: 1, ae-title: A, colour: 1}]", "destinations[0].colour"),
        (
            "destinations: [{name: a, host: 10.0.0.5, port: 1, ae-title: A, instance-attempts: 1}]",
            "destinations[0].instance-attempts"
        ),
        (
            "destinations: [{name: a, host: 10.0.0.5, port: 1, ae-title: A, commitment-wait: 1m}]",
            "destinations[0].commitment-wait"
        ),
        (
            "destinations: [{name: a, host: 10.0.0.5, port: 1, ae-title: A, token-file: /t}]",
            "destinations[0].token-file"
        ),
        ("destinations: [{name: a, host: 127.0.0.1, port: 11112, ae-title: PRIORD}]", "destinations[0]"),
        ("destinations: [{name: a, url: 'ftp://x/'}]", "destinations[0].url"),
        ("destinations: [{name: a, url: 'https://u:p@x/'}]", "destinations[0].url"),
        ("destinations: [{name: a, url: 'https://x/?q=1'}]", "destinations[0].url"),
        ("destinations: [{name: a, url: 'https:///studies'}]", "destinations[0].url"),
        ("destinations: [{name: a, url: 'https://x', host: 10.0.0.5}]", "destinations[0].host"),
        ("destinations: [{name: a, url: 'https://x', commitment: on}]", "destinations[0].commitment"),
        ("destinations: [{name: a, url: 'https://x', ca-file: /not/there}]", "destinations[0].ca-file"),
        ("destinations: [{name: a, url: 'http://10.0.0.5', ca-file: /etc/passwd}]", "destinations[0].ca-file"),
        (
            "destinations: [{name: a, url: 'https://x', certificate-file: /etc/passwd}]",
            "destinations[0].certificate-file"
        ),
        ("destinations: [{name: a, url: 'https://x', token-file: /etc/passwd}]", "destinations[0].token-file"),
        ("forwards: [{name: a, to: pacs}]", "forwards[0].to"),
        ("forwards: [{name: a}]", "forwards[0].to"),
        ("forwards: [{}]", "forwards[0]"),
    ])
    func `what is missing or wrong is a fault at its place`(yaml: String, key: String) throws {
        #expect(try faults(yaml).map(\.key) == [key])
    }

    @Test func `names are given once, and a rule names a destination there is`() throws {
        let found = try faults(
            """
            destinations: [\(destination), \(destination)]
            forwards:
              - {name: a, to: pac, quality: good, modalities: ct}
              - {name: b, to: pacs}
              - {name: b, to: pacs}
            """)
        #expect(
            found.map(\.key) == [
                "destinations[1].name", "forwards[0].to", "forwards[0].modalities", "forwards[0].quality",
                "forwards[2].name",
            ])
        #expect("\(found)".contains("did you mean pacs?"))
    }

    @Test func `every fault of destinations and rules is told at once, and a rule is not blamed for its destination`()
        throws
    {
        let found = try faults(
            """
            destinations:
              - {name: cloud, url: 'http://pacs.example/dicom-web', password-file: /etc/passwd, token-file: /no,
                 rate-limit: fast, commitment: perhaps, window: always}
              - {name: pacs, host: 10.0.0.5, ae-title: PACS, longest-pause: 1s, key-file: /no}
            forwards:
              - {name: a, to: [cloud, pacs, other], max-age-days: -1}
            """)
        #expect(
            Set(found.map(\.key)) == [
                "destinations[0].password-file", "destinations[0].token-file", "destinations[0].rate-limit",
                "destinations[0].commitment", "destinations[0].window", "destinations[1].port",
                "destinations[1].longest-pause", "destinations[1].key-file", "forwards[0].to[2]",
                "forwards[0].max-age-days",
            ])
        #expect("\(found)".contains("for all to read"))
    }

    @Test func `a web destination is read with its files, and what is printed names these alone`() throws {
        let directory = try TemporaryDirectory()
        let secret = try directory.file("secret", "user:hidden")
        let authority = try directory.file("ca.pem", "-----BEGIN CERTIFICATE-----")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
        let config = try load(
            """
            ae-title: GATE
            destinations:
              - {name: cloud, url: 'https://pacs.example:8443/dicom-web//', ae-title: PACS, ca-file: \(authority),
                 password-file: \(secret), send-back: on, instance-attempts: 9}
              - {name: pacs, host: 10.0.0.5, port: 104, ae-title: P, commitment: on, commitment-wait: 5m,
                 commitment-attempts: 2}
            """
        ).config
        let cloud = try #require(config.destinations.first)
        guard case .web(let web) = cloud.endpoint else {
            Issue.record("no web destination")
            return
        }
        #expect(web.url == "https://pacs.example:8443/dicom-web" && web.aeTitle?.value == "PACS")
        #expect(web.passwordFile?.path == secret && web.authorityFile?.path == authority && web.tokenFile == nil)
        #expect(cloud.isSentBack && cloud.instanceAttemptCount == 9 && cloud.callingAETitle.value == "GATE")
        #expect("\(cloud)".contains(secret) && !"\(cloud)".contains("hidden"))
        let pacs = try #require(config.destinations.last)
        #expect(pacs.isCommitting && pacs.commitmentWait == .seconds(300) && pacs.commitmentAttemptCount == 2)
        #expect("\(pacs)".contains("commitment on; commitment-wait 5m; commitment-attempts 2"))
        #expect(!pacs.isSentBack && pacs.instanceAttemptCount == 5)
    }

    @Test func `a destination that commits may call to say so, and for nothing else`() throws {
        let config = try load(
            """
            destinations:
              - {name: pacs, host: 10.0.0.5, port: 104, ae-title: PACS, commitment: on, calling-ae-title: ME}
              - {name: other, host: 10.0.0.6, port: 104, ae-title: OTHER}
            """
        ).config
        func admission(_ calling: String, _ called: String, _ host: String) throws -> PeerAdmission {
            config.admission(
                calling: try AETitle(calling), called: try AETitle(called), from: try #require(IPAddress(host)))
        }
        guard case .admitted(let peer) = try admission("PACS", "ME", "10.0.0.5") else {
            Issue.record("not admitted")
            return
        }
        #expect(peer.permissions == [.report])
        #expect(try admission("PACS", "PRIORD", "10.0.0.5") == .calledAETitleNotRecognised)
        #expect(try admission("PACS", "ME", "10.0.0.6") == .callingAETitleNotRecognised)
        #expect(try admission("OTHER", "PRIORD", "10.0.0.6") == .callingAETitleNotRecognised)
    }

    @Test func `a window may go over midnight`() throws {
        let night = try #require(DailyWindow("22:00-06:30"))
        #expect([0, 389, 1320, 1439].allSatisfy(night.contains(minute:)))
        #expect(![390, 700, 1319].contains(where: night.contains(minute:)))
        let day = try #require(DailyWindow("08:00-17:00"))
        #expect(day.contains(minute: 480) && !day.contains(minute: 1020) && !day.contains(minute: 0))
        for wrong in ["08:00-08:00", "24:00-01:00", "08:60-09:00", "8:00-9:00", "", "08:00"] {
            #expect(DailyWindow(wrong) == nil, "\(wrong)")
        }
        #expect(night.description == "22:00-06:30")
    }
}
