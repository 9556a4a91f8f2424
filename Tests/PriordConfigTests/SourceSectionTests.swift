import DICOMCore
import Testing

@testable import PriordConfig

@Suite struct SourceSectionTests {
    @Test func `sources of every kind are read with their defaults`() throws {
        let config = try load(
            """
            ae-title: GATE
            prior-sources: none
            institutions: [{id: town, name: Town}]
            sources:
              - {name: hub, kind: priord, url: "https://hub.example:8104/"}
              - name: web
                kind: dicomweb
                url: http://127.0.0.1:8042/dicom-web
                ae-title: WEB
                deadline: 500ms
                cache: 0s
                questions: 9
                prefetch: {relation: same, max-age-days: 30, when: order, max-studies: 1, max-size: 1GB}
              - {name: old-archive-of-town, kind: c-find, host: 10.0.0.5, port: 104, ae-title: OLD, calling-ae-title: ME,
                 institution: town, issuer: TOWN, fetch: off, breaker-failures: 9, retry-pause: 1h}
            """
        ).config
        #expect(config.priorSources == .none && config.sources.map(\.kind) == [.priord, .dicomweb, .find])
        let (hub, web, old) = (config.sources[0], config.sources[1], config.sources[2])
        #expect(hub.deadline == .seconds(3) && hub.cacheTime == .seconds(15) && hub.isFetchedFrom)
        #expect(hub.prefetch == nil && hub.callingAETitle.value == "GATE" && hub.aeTitle.value == "HUB")
        #expect(hub.endpoint == .web(WebEndpoint(url: "https://hub.example:8104")))
        #expect(web.deadline == .milliseconds(500) && web.cacheTime == .zero && web.questionLimit == 9)
        #expect(web.aeTitle.value == "WEB")
        #expect(web.prefetch?.relation == .same && web.prefetch?.maximumAge == 30 && web.prefetch?.studyLimit == 1)
        #expect(web.prefetch?.occasions == [.order] && web.prefetch?.byteLimit == 1_000_000_000)
        #expect(old.institution == "town" && old.issuer == "TOWN" && !old.isFetchedFrom)
        #expect(old.callingAETitle.value == "ME" && old.longestPause == .seconds(3600))
        #expect("\(web)".contains("prefetch same, max-age-days 30, when order, max-studies 1, max-size 1GB"))
        #expect("\(old)".contains("c-find, OLD at 10.0.0.5 port 104; called by ME"))
    }

    @Test(arguments: [
        ("{kind: priord, url: 'http://h'}", "sources[0].name"),
        ("{name: a, url: 'http://h'}", "sources[0].kind"),
        ("{name: a, kind: pacs, url: 'http://h'}", "sources[0].kind"),
        ("{name: a, kind: priord}", "sources[0].url"),
        ("{name: a, kind: priord, url: 'ftp://h'}", "sources[0].url"),
        ("{name: a, kind: dicomweb, url: 'http://h', port: 104}", "sources[0].port"),
        ("{name: a, kind: c-find, host: 10.0.0.5, port: 104}", "sources[0].ae-title"),
        ("{name: a, kind: c-find, host: pacs, port: 104, ae-title: A}", "sources[0].host"),
        ("{name: a, kind: c-find, host: '::1', port: 104, ae-title: A}", "sources[0].host"),
        ("{name: a, kind: c-find, host: 10.0.0.5, port: 104, ae-title: A, token-file: /x}", "sources[0].token-file"),
        ("{name: a, kind: priord, url: 'http://h', deadline: 2m}", "sources[0].deadline"),
        ("{name: a, kind: priord, url: 'http://h', questions: 0}", "sources[0].questions"),
        ("{name: a, kind: priord, url: 'http://h', institution: b}", "sources[0].institution"),
        ("{name: a, kind: priord, url: 'http://h', retry-pause: 1h, longest-pause: 1m}", "sources[0].longest-pause"),
        ("{name: a, kind: priord, url: 'http://h', prefetch: {relation: near}}", "sources[0].prefetch.relation"),
        ("{name: a, kind: priord, url: 'http://h', prefetch: {when: [order, night]}}", "sources[0].prefetch.when[1]"),
        ("{name: a, kind: priord, url: 'http://h', fetch: off, prefetch: {when: order}}", "sources[0].prefetch"),
        ("{name: a, kind: priord, url: 'http://h'}, {name: a, kind: priord, url: 'http://i'}", "sources[1].name"),
        ("{name: a, kind: priord, url: 'http://h', password-file: /none}", "sources[0].password-file"),
    ])
    func `every fault is named with its place`(sources: String, key: String) throws {
        #expect(try faults("sources: [\(sources)]").first?.key == key)
    }

    @Test func `a slip in a name comes with what was meant`() throws {
        let found = try faults(
            """
            institutions: [{id: first-hospital, name: A}]
            sources: [{name: a, kind: dicomwep, url: 'http://h', institution: first-hospitl}]
            """)
        #expect(found.contains { "\($0)".hasSuffix("did you mean dicomweb?") })
        #expect(found.contains { "\($0)".hasSuffix("did you mean first-hospital?") })
    }

    private static let find = "kind: c-find, host: 10.0.0.5, port: 104, ae-title: OLD"
    private static let web = "kind: dicomweb, url: 'http://h'"

    @Test(arguments: [
        // What is fetched is told apart by AE Title alone.
        ("", "{name: a, \(web), ae-title: X, issuer: A}, {name: b, \(web), ae-title: X}"),
        ("", "{name: a, \(web), ae-title: X, character-set: GB18030}, {name: b, \(web), ae-title: X}"),
        ("", "{name: archive-of-the-town-a, \(web), issuer: A}, {name: archive-of-the-town-b, \(web), issuer: B}"),
        ("{ae-title: X, hosts: 10.0.0.5, issuer: B}", "{name: a, \(web), ae-title: X, issuer: A}"),
        ("{ae-title: X, hosts: 10.0.0.5, institution: Other}", "{name: a, \(web), ae-title: X, institution: town}"),
        ("{ae-title: PACS, hosts: 10.0.0.5, issuer: B}", "{name: pacs, \(web)}"),
        // What C-MOVE has sent here would be refused.
        ("", "{name: a, \(find)}"),
        ("{ae-title: OLD, hosts: 10.0.0.5, permissions: [query]}", "{name: a, \(find)}"),
        ("{ae-title: CT1, hosts: 10.0.0.6}", "{name: a, \(find)}"),
        ("{ae-title: OLD, hosts: 10.0.0.5}", "{name: a, \(find), calling-ae-title: OTHER}"),
    ])
    func `sources that could not be told apart, or not be fetched from, are faults`(
        peers: String, sources: String
    ) throws {
        let found = try faults(
            "institutions: [{id: town, name: Town, names: [The Town]}]\npeers: [\(peers)]\nsources: [\(sources)]")
        #expect(found.count == 1)
        #expect(
            found.first?.key
                == (sources.contains("name: b") || sources.contains("town-b") ? "sources[1]" : "sources[0]"))
    }

    @Test(arguments: [
        ("", "{name: a, \(web), ae-title: X, issuer: A}, {name: b, \(web), ae-title: X, issuer: A}"),
        ("{ae-title: X, hosts: 10.0.0.5, issuer: A}", "{name: a, \(web), ae-title: X}"),
        ("{ae-title: X, hosts: 10.0.0.5, institution: The Town}", "{name: a, \(web), ae-title: X, institution: town}"),
        ("{ae-title: PACS, hosts: 10.0.0.5}", "{name: pacs, \(web), issuer: A}"),
        ("", "{name: a, \(find), fetch: off}"),
        ("{ae-title: OLD, hosts: 10.0.0.9}", "{name: a, \(find)}"),
        // Some archives send under another name.
        ("{ae-title: OLD-STORE, hosts: 10.0.0.0/24}", "{name: a, \(find)}"),
        ("{ae-title: OLD, hosts: 10.0.0.5, called-ae-titles: OTHER}", "{name: a, \(find), calling-ae-title: OTHER}"),
    ])
    func `sources that agree with each other and with peers are none`(peers: String, sources: String) throws {
        let config = try load(
            "institutions: [{id: town, name: Town, names: [The Town]}]\npeers: [\(peers)]\nsources: [\(sources)]"
        ).config
        #expect(!config.sources.isEmpty)
    }

    @Test func `any peer may send what is fetched where any may store`() throws {
        #expect(try load("accept-any-peer: on\nsources: [{name: a, \(Self.find)}]").config.sources.count == 1)
    }
}
