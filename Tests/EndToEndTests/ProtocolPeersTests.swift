import Foundation
import Testing

extension ProtocolTests {
    /// Clients as hospitals have them.
    @Suite struct Peers {
        private static let studies = Tool.root.appending(path: "Fixtures/studies")

        @Test func `echoscu and storescu are served`() throws {
            try PriordProcess.serving { daemon in
                let address = ["-aec", "PRIORD", "127.0.0.1", "\(daemon.dicomPort)"]
                #expect(try Tool.run("echoscu", address).isSuccess)
                let folders = ["14-ct-head", "01-dr-chest-pa-lat", "08-dr-knee-left"]
                for (folder, offer) in zip(folders, ["-xi", "-xt", "-xs"]) {
                    let output = try Tool.run(
                        "storescu", ["-v", offer, "+sd"] + address + [Peers.studies.appending(path: folder).path])
                    #expect(output.isSuccess, "\(output.text)")
                }
                #expect(try daemon.indexRows("SELECT count(*) FROM instance") == [["20"]])
                #expect(try daemon.indexRows("SELECT id FROM quarantine").isEmpty)
            }
        }

        @Test func `every fixture study sent by dcmsend is named and judged as the manifest says`() throws {
            let expected = try Manifest.load().studies
            try PriordProcess.serving { daemon in
                try Peers.sendFixtures(to: daemon)
                let assessed = "SELECT count(*) FROM study WHERE assessmentVersion > 0 AND awaitingAssessment = 0"
                let all = "SELECT 1 WHERE (\(assessed)) = \(expected.count)"
                #expect(try !daemon.indexRows(all, within: .seconds(60)).isEmpty)
                #expect(try daemon.indexRows("SELECT count(*) FROM instance") == [["\(Fixtures.instanceCount)"]])
                let rows = try daemon.indexRows(
                    "SELECT study.uid, json FROM assessment JOIN study ON study.id = study AND assessmentVersion = version"
                )
                let judged = try Dictionary(
                    uniqueKeysWithValues: rows.map {
                        ($0[0], try JSONDecoder().decode(Judgement.self, from: Data($0[1].utf8)))
                    })
                #expect(judged.count == expected.count)
                for study in expected {
                    let found = judged[study.studyInstanceUID]
                    #expect(found?.match?.code == study.expected.code, "\(study.folder)")
                    // A reviewer may be offered more.
                    let candidates = found?.unmapped?.candidates ?? []
                    #expect(Set(study.expected.candidates).isSubset(of: candidates), "\(study.folder)")
                    #expect(found?.completeness.verdict == study.expected.completeness.verdict, "\(study.folder)")
                    #expect(found?.quality.verdict == study.expected.quality.verdict, "\(study.folder)")
                    let rules = found?.quality.findings.filter { $0.severity != "info" }.map(\.rule) ?? []
                    #expect(
                        study.expected.quality.rule.map(rules.contains) ?? rules.isEmpty, "\(study.folder): \(rules)")
                }
            }
        }

        @Test func `Orthanc sends to us, asks us and receives from us`() throws {
            let installed = FileManager.default.isExecutableFile(atPath: "/usr/sbin/Orthanc")
            guard installed || Tool.installed("Orthanc") != nil else {
                print("Orthanc is not installed; not tried")
                return
            }
            try PriordProcess.serving { daemon in
                let said = try ClientReport.of(
                    "protocol_orthanc.py",
                    ["\(daemon.dicomPort)", Peers.studies.path, Tool.built("priorctl").path])
                #expect(said["echo", "answer"] == "{}")
                #expect(
                    said.cases["store"] == [
                        "files": "\(Fixtures.instanceCount)", "sent": "\(Fixtures.instanceCount)", "failed": "0",
                    ])
                let name = "Wang^Xiaomei=王^小梅"
                #expect(said["query Patient", "names"] == name)
                #expect(said.cases["query Study"] == ["count": "1", "names": name])
                #expect(said["query Series", "count"] == "1")
                #expect(said["query Instance", "count"] == "2")
                #expect(said.cases["from us"] == ["status": "0", "received": "\(Fixtures.instanceCount)"])
                #expect(try daemon.indexRows("SELECT count(*) FROM instance") == [["\(Fixtures.instanceCount)"]])
                #expect(try daemon.indexRows("SELECT id FROM quarantine").isEmpty)
            }
        }

        @Test func `real files are kept bit for bit, whatever their transfer syntax`() throws {
            guard let real = Fixtures.real else { return }
            try PriordProcess.serving { daemon in
                let said = try ClientReport.of(
                    "protocol_files.py", ["\(daemon.dicomPort)", daemon.dataDirectory.path, real.path])
                #expect(said.cases.count > 100)
                for (path, facts) in said.cases {
                    #expect(["stored", "quarantine"].contains(facts["kept"] ?? ""), "\(path): \(facts)")
                    switch facts["status"] {
                    case "0000": break
                    case "A900": #expect(facts["hasStudy"] == "False", "\(path)")
                    // Its Pixel Data says more bytes than follow.
                    case "C000": #expect(path.hasSuffix("MR_truncated.dcm"), "\(path)")
                    default: Issue.record("\(path): \(facts)")
                    }
                }
                // Several files are one image in different Transfer Syntaxes under one UID: conflicts, all kept.
                #expect(Set(said.cases.values.compactMap { $0["syntax"] }).count >= 10)
            }
        }

        @Test func `fixture files sent as they stand are kept bit for bit`() throws {
            try PriordProcess.serving { daemon in
                let said = try ClientReport.of(
                    "protocol_files.py", ["\(daemon.dicomPort)", daemon.dataDirectory.path, Peers.studies.path])
                #expect(said.cases.count == Fixtures.instanceCount)
                #expect(said.cases.values.allSatisfy { $0["status"] == "0000" && $0["kept"] == "stored" })
            }
        }

        static func sendFixtures(to daemon: PriordProcess) throws {
            let sent = try Tool.run(
                "dcmsend",
                [
                    "-aec", "PRIORD", "+sd", "+r", "+sp", "*.dcm", "-dn", "127.0.0.1", "\(daemon.dicomPort)",
                    studies.path,
                ])
            #expect(sent.isSuccess, "\(sent.text)")
        }
    }

    /// What the daemon published of a study.
    struct Judgement: Decodable {
        struct Match: Decodable { let code: String }
        struct Unmapped: Decodable { let candidates: [String] }
        struct Completeness: Decodable { let verdict: String }
        struct Quality: Decodable {
            struct Finding: Decodable {
                let rule: String
                let severity: String
            }
            let verdict: String
            let findings: [Finding]
        }
        let match: Match?
        let unmapped: Unmapped?
        let completeness: Completeness
        let quality: Quality
    }
}
