import Foundation
import Testing

/// Who is who, as an operator sees and decides it, over restarts, a kill and a new index.
@Suite(.serialized, .timeLimit(.minutes(4))) struct PersonTests {
    private struct Person: Decodable {
        struct Identity: Decodable {
            let id: String
            let issuer: String
            let institution: String
            let patientID: String
            let link: String?
            let nationalIDLastFour: String
        }
        let personID: String
        let identities: [Identity]
    }

    private struct Page: Decodable { let persons: [Person] }

    private struct Reviews: Decodable { let total: Int }

    private struct Priors: Decodable {
        struct Prior: Decodable {
            let studyInstanceUID: String
            let identityLink: String
        }
        let priors: [Prior]
    }

    private static let card = "330106196804120022"

    /// Three chest radiographs of one fixture person: as they are, as another hospital names the person with the card as
    /// Other Patient ID of both, and a third hospital without.
    private static func send(to ctl: Operator) throws {
        let names = ["01-dr-chest-pa-lat", "02-dr-chest-pa-lat", "03-dr-chest-view-missing"]
        let changes = [
            ["-i", "(0010,1000)=\(card)"],
            ["-i", "(0010,1000)=\(card)", "-m", "(0010,0020)=B-77", "-m", "(0010,0021)=SECOND"],
            ["-m", "(0010,0020)=C-9", "-m", "(0010,0021)=THIRD"],
        ]
        let folder = ctl.daemon.directory.appending(path: "made")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, change) in zip(names, changes) {
            let copy = folder.appending(path: name)
            try FileManager.default.copyItem(at: Tool.root.appending(path: "Fixtures/studies/\(name)"), to: copy)
            let files = try FileManager.default.contentsOfDirectory(atPath: copy.path).filter { $0.hasSuffix(".dcm") }
            let changed = try Tool.run("dcmodify", ["-nb"] + change + files.map { copy.path + "/" + $0 })
            try #require(changed.isSuccess, "\(changed.text)")
        }
        try #require(try ctl.send(folder).isSuccess)
        try ctl.waitForAssessments(names.count)
    }

    private func person(_ ctl: Operator, _ number: String, _ issuer: String) throws -> Person {
        let page = try ctl.answer(Page.self, "person", "show", "--patient", number, "--issuer", issuer)
        return try #require(page.persons.first)
    }

    private func links(_ ctl: Operator, _ study: String) throws -> [String: String] {
        let priors = try ctl.answer(Priors.self, "priors", "--study", study).priors
        return Dictionary(priors.map { ($0.studyInstanceUID, $0.identityLink) }) { first, _ in first }
    }

    @Test func `numbers of hospitals join by card or by decision, and stay so over a kill and a new index`() throws {
        let studies = try Manifest.load().studies.prefix(3).map(\.studyInstanceUID)
        var settings = PriordProcess.Settings()
        let first = try PriordProcess(settings)
        defer { first.end() }
        var ctl = Operator(daemon: first)
        try Self.send(to: ctl)
        #expect(try links(ctl, studies[2]) == [studies[0]: "possible", studies[1]: "possible"])
        #expect(try links(ctl, studies[1]) == [studies[0]: "same"])
        let known = try person(ctl, "B-77", "SECOND")
        let third = try person(ctl, "C-9", "THIRD")
        #expect(known.identities.filter { $0.link == "same" }.map(\.nationalIDLastFour) == ["0022", "0022"])
        #expect(try ctl.answer(Reviews.self, "person", "reviews").total > 0)
        let own = try #require(third.identities.first { $0.patientID == "C-9" }).id
        #expect(try ctl.run("person", "link", own, known.personID).status == 64)
        #expect(try ctl.run("person", "link", own, known.personID, "--by", "Dr Chen").isSuccess)
        #expect(try links(ctl, studies[2]) == [studies[0]: "same", studies[1]: "same"])

        first.killNow()
        settings.dataDirectory = first.dataDirectory
        let second = try PriordProcess(settings)
        defer { second.end() }
        ctl = Operator(daemon: second)
        #expect(try links(ctl, studies[2]) == [studies[0]: "same", studies[1]: "same"])
        let joined = try person(ctl, "C-9", "THIRD")
        #expect(joined.identities.map(\.link) == ["same", "same", "same"])

        #expect(try ctl.run("reindex").isSuccess)
        try waitUntilResolved(ctl)
        #expect(try person(ctl, "C-9", "THIRD").identities.map(\.id) == joined.identities.map(\.id))
        #expect(try person(ctl, "C-9", "THIRD").personID == joined.personID)

        #expect(try ctl.run("person", "unlink", own, "--by", "Dr Wu", "--note", "a brother").isSuccess)
        #expect(try links(ctl, studies[2]) == [:])
        #expect(try ctl.run("person", "link", own, known.personID, "--by", "Dr Wu").isSuccess)
        #expect(try links(ctl, studies[2]) == [studies[0]: "same", studies[1]: "same"])
        let shown = try ctl.run("person", "show", own, "--lang", "vi")
        #expect(shown.isSuccess && shown.text.contains("C-9") && !shown.text.contains(Self.card))
        #expect(try ctl.run("verify").isSuccess)
        #expect(second.logLines.allSatisfy { !$0.contains("C-9") && !$0.contains(Self.card) })
    }

    @Test func `without the key that persons are hashed with it does not start, and says what to do`() throws {
        let first = try PriordProcess()
        defer { first.end() }
        #expect(
            try Operator(daemon: first).send(Tool.root.appending(path: "Fixtures/studies/01-dr-chest-pa-lat")).isSuccess
        )
        #expect(first.stop() == 0)
        let key = first.dataDirectory.appending(path: "site.key")
        let attributes = try FileManager.default.attributesOfItem(atPath: key.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.size] as? Int == 32)
        let bytes = try Data(contentsOf: key)
        var settings = PriordProcess.Settings()
        settings.dataDirectory = first.dataDirectory
        for wrong in [nil, Data(), Data(repeating: 1, count: 32)] {
            try FileManager.default.removeItem(at: key)
            if let wrong { try wrong.write(to: key) }
            do {
                let second = try PriordProcess(settings, within: .seconds(5))
                second.end()
                Issue.record("it started")
            } catch let failure as PriordProcess.Failure {
                #expect(failure.description.contains("site.key") && failure.description.contains("docs/operator.md"))
            }
            if wrong == nil { try Data().write(to: key) }
        }
        try bytes.write(to: key)
        let third = try PriordProcess(settings)
        third.end()
    }

    private func waitUntilResolved(_ ctl: Operator) throws {
        struct Status: Decodable {
            struct Check: Decodable {
                let name: String
                let summary: String
            }
            let checks: [Check]
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while try ctl.answer(Status.self, "status").checks.contains(where: {
            $0.name == "persons" && !$0.summary.contains("0 studies to resolve")
        }) {
            try #require(ContinuousClock.now < deadline)
            usleep(50_000)
        }
    }
}
