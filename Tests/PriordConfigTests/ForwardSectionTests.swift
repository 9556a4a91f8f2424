import DICOMCore
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
