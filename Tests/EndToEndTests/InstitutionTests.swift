import Foundation
import Testing

/// Institutions of the configuration, as verdicts on priors show them.
@Suite(.serialized, .timeLimit(.minutes(3))) struct InstitutionTests {
    private struct Priors: Decodable {
        struct Prior: Decodable {
            struct Recognition: Decodable {
                struct Rule: Decodable {
                    let id: String
                    let holds: Bool?
                    let detail: String
                }
                let rules: [Rule]
            }
            let studyInstanceUID: String
            let recognition: Recognition

            subscript(id: String) -> Recognition.Rule? { recognition.rules.first { $0.id == id } }
        }
        let priors: [Prior]
    }

    private static let yaml = """
        accept-any-peer: on
        institutions:
          - {id: lake, name: 杭州湖滨医院, grade: 3A, quality-assessed: [{from: 2026-01-01}], own: on}
          - id: ninth
            name: 云溪县第九人民医院
            names: [YUNXI NINTH]
            grade: 三级乙等
            issuer: HUXI-REGION
            quality-assessed: [{from: 2026-01-01, until: 2026-09-30}]
        """

    /// September, October and again October, of one person; the first as from the other hospital, without issuer.
    private static func send(to ctl: Operator) throws {
        let names = ["01-dr-chest-pa-lat", "02-dr-chest-pa-lat", "03-dr-chest-view-missing"]
        let folder = ctl.daemon.directory.appending(path: "made")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(
                at: Tool.root.appending(path: "Fixtures/studies/\(name)"), to: folder.appending(path: name))
        }
        let first = folder.appending(path: names[0])
        let files = try FileManager.default.contentsOfDirectory(atPath: first.path).filter { $0.hasSuffix(".dcm") }
        let changed = try Tool.run(
            "dcmodify",
            ["-nb", "-m", "(0008,0080)=yunxi  ninth", "-e", "(0010,0021)"] + files.map { first.path + "/" + $0 })
        try #require(changed.isSuccess, "\(changed.text)")
        try #require(try ctl.send(folder).isSuccess)
        try ctl.waitForAssessments(names.count)
    }

    @Test func `an institution whose assessment lapsed between two exams vouches for the earlier alone`() throws {
        var settings = PriordProcess.configured(Self.yaml)
        settings.arguments = []
        try PriordProcess.serving(settings) { daemon throws in
            let ctl = Operator(daemon: daemon)
            try Self.send(to: ctl)
            let studies = try Manifest.load().studies.prefix(3).map(\.studyInstanceUID)
            let forStudy = try ctl.answer(Priors.self, "priors", "--study", studies[2]).priors
            // An order names no institution: it is made where priord stands.
            let forOrder = try ctl.answer(
                Priors.self, "priors", "--patient", "HX00010234", "--issuer", "HUXI-REGION", "--item", "BW03ZZZ8B"
            ).priors
            for priors in [forStudy, forOrder] {
                let september = try #require(priors.first { $0.studyInstanceUID == studies[0] })
                let october = try #require(priors.first { $0.studyInstanceUID == studies[1] })
                #expect(september["ZR-10"]?.holds == true)
                #expect(october["ZR-10"]?.holds == false)
                #expect(october["ZR-10"]?.detail.contains("云溪县第九人民医院") == true)
                #expect(october["ZQ-05"]?.holds == false && september["ZQ-05"]?.holds == true)
            }
            let shown = try ctl.run("priors", "--study", studies[2], "--lang", "zh")
            #expect(shown.text.contains("云溪县第九人民医院在检查当日没有有效的室间质评"))
            let elsewhere = try ctl.answer(
                Priors.self, "priors", "--patient", "HX00010234", "--issuer", "HUXI-REGION", "--item", "BW03ZZZ8B",
                "--institution", "YUNXI NINTH"
            ).priors
            let own = try #require(elsewhere.first { $0.studyInstanceUID == studies[1] })
            #expect(own["ZR-10"]?.detail == "the same institution")
        }
    }

    @Test func `a file that contradicts itself is refused with every fault and its line`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "priord-\(UUID().uuidString.prefix(8)).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        let yaml = Self.yaml.replacing("grade: 三级乙等", with: "grade: 5A").replacing("YUNXI NINTH", with: "杭州 湖滨医院")
        try Data(yaml.utf8).write(to: file)
        let output = try Tool.run(Tool.built("priord"), ["config", "check", "--config", file.path])
        #expect(!output.isSuccess)
        #expect(output.text.contains("institutions[1].names[0] (\(file.path):6)"))
        #expect(output.text.contains("institutions[1].grade (\(file.path):7)"))
    }
}
