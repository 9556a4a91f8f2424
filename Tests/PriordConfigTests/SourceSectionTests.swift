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
}
