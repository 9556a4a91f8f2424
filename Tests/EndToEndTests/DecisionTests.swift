import Foundation
import Synchronization
import Testing

/// Decisions on priors: taken down, reported, checked, and what shows when somebody changes them.
@Suite(.serialized) struct DecisionTests {
    private struct Answer: Decodable {
        let isNew: Bool
        let event: Event?
    }

    private struct Event: Decodable {
        let line: Int
        let kind: String
        let prior: String
        let priorInstitution: String
        let priorDate: String
        let actor: String
    }

    private struct Events: Decodable { let events: [Event] }

    private struct Report: Decodable {
        struct Indicator: Decodable {
            struct Value: Decodable {
                let group: String
                let numerator: Int
                let denominator: Int
            }
            let id: String
            let values: [Value]
        }
        let indicators: [Indicator]
        let logCount: Int
    }

    private struct Verified: Decodable {
        struct Decisions: Decodable {
            let count: Int
            let hash: String
            let brokenLine: Int?
        }
        let isClean: Bool
        let decisions: Decisions
    }

    /// Counts from several threads.
    private final class Tally: Sendable {
        private let state = Mutex(0)

        var count: Int { state.withLock { $0 } }

        func add() -> Int {
            state.withLock { count in
                count += 1
                return count
            }
        }
    }

    private struct Status: Decodable {
        struct Check: Decodable {
            let name: String
            let state: String
        }
        let checks: [Check]
    }

    private func verified(_ ctl: Operator) throws -> Verified { try ctl.answer(Verified.self, "verify") }

    private func fixture(_ name: String) throws -> (uid: String, folder: URL) {
        let study = try #require(try Manifest.load().studies.first { $0.folder.hasSuffix(name) })
        return (study.studyInstanceUID, Tool.root.appending(path: "Fixtures").appending(path: study.folder))
    }

    @Test(.timeLimit(.minutes(4)))
    func `decisions are kept, reported and checked, and what is changed or cut off is found`() throws {
        let keep = FileManager.default.temporaryDirectory.appending(path: "priord-log-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: keep) }
        var settings = PriordProcess.Settings()
        settings.dataDirectory = keep
        var daemon = try PriordProcess(settings)
        defer { daemon.end() }
        var ctl = Operator(daemon: daemon)
        let (first, second) = (try fixture("01-dr-chest-pa-lat"), try fixture("02-dr-chest-pa-lat"))
        try #require(try ctl.send(first.folder).isSuccess)
        try #require(try ctl.send(second.folder).isSuccess)
        try ctl.waitForAssessments(2)

        let proposal = ["--study", second.uid, "--prior", first.uid, "--by", "Dr. Li"]
        func tell(_ arguments: [String]) throws -> Tool.Output {
            try Tool.run(
                Tool.built("priorctl"), arguments + ["--data-dir", daemon.dataDirectory.path, "--lang", "en"])
        }
        let accepted = try tell(["recognise"] + proposal + ["--department", "Chest"])
        #expect(accepted.isSuccess && accepted.text.contains("杭州湖滨医院") && accepted.text.contains("2026-09-14"))
        #expect(try tell(["follow-up"] + proposal + ["--agrees"]).isSuccess)
        #expect(try tell(["decline"] + proposal + ["--reason", "ZE-10"]).isSuccess == false)
        #expect(try tell(["decline"] + proposal + ["--reason", "ZE-10", "--note", "why", "--informed"]).isSuccess)
        #expect(try tell(["recognise"] + proposal).isSuccess)
        // Sent again, nothing is new, and nobody is told of a repeat.
        try #require(try ctl.send(second.folder).isSuccess)
        let events = try ctl.answer(Events.self, "decisions", "--study", second.uid).events
        #expect(events.map(\.kind) == ["recognised", "followedUp", "declined", "recognised"])
        #expect(events.allSatisfy { $0.priorDate == "20260914" && $0.actor == "Dr. Li" })
        #expect(try ctl.run("decisions", "reasons", "--lang", "vi").text.contains("ZE-10"))
        let log = keep.appending(path: "decisions.log")
        #expect(try String(contentsOf: log, encoding: .utf8).contains("HX00010234") == false)

        let report = try ctl.answer(Report.self, "report", "recognition", "--by", "department")
        let agreement = try #require(report.indicators.first { $0.id == "KI-03" })
        #expect(agreement.values.map(\.numerator) == [1, 1] && report.logCount == 4)
        #expect(try ctl.run("report", "recognition", "--csv").text.hasPrefix("indicator,"))
        #expect(try ctl.run("report", "recognition", "--lang", "zh").text.contains("互认率"))

        let clean = try verified(ctl)
        #expect(clean.isClean && clean.decisions.count == 4 && clean.decisions.brokenLine == nil)

        // The index is built again from the objects; what people decided stays.
        #expect(try ctl.run("reindex").isSuccess)
        #expect(try ctl.answer(Events.self, "decisions").events.count == 4)

        #expect(daemon.stop() == 0)
        let whole = try Data(contentsOf: log)
        var changed = whole
        let second2 = whole.firstIndex(of: 10).map { $0 + 100 } ?? 0
        changed[second2] ^= 1
        try changed.write(to: log)
        daemon = try PriordProcess(settings)
        ctl = Operator(daemon: daemon)
        let broken = try verified(ctl)
        #expect(!broken.isClean && broken.decisions.brokenLine == 2)
        #expect(try ctl.run("verify").status == 2)
        let state = try ctl.answer(Status.self, "status").checks.first { $0.name == "decisions" }?.state
        #expect(state == "critical")

        #expect(daemon.stop() == 0)
        let lines = whole.split(separator: 10)
        try (lines[0] + [10] + lines[1] + [10]).write(to: log)
        daemon = try PriordProcess(settings)
        ctl = Operator(daemon: daemon)
        #expect(try ctl.answer(Status.self, "status").checks.first { $0.name == "decisions" }?.state == "critical")
        #expect(try verified(ctl).decisions.brokenLine == 3)

        #expect(daemon.stop() == 0)
        try whole.write(to: log)
        daemon = try PriordProcess(settings)
        #expect(try verified(Operator(daemon: daemon)).isClean)
    }

    @Test(.timeLimit(.minutes(3)))
    func `what was answered before the daemon was killed is in the log, whole`() throws {
        let keep = FileManager.default.temporaryDirectory.appending(path: "priord-kill-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: keep) }
        var settings = PriordProcess.Settings()
        settings.dataDirectory = keep
        var daemon = try PriordProcess(settings)
        defer { daemon.end() }
        let (first, second) = (try fixture("01-dr-chest-pa-lat"), try fixture("02-dr-chest-pa-lat"))
        for folder in [first.folder, second.folder] {
            try #require(try Operator(daemon: daemon).send(folder).isSuccess)
        }
        try Operator(daemon: daemon).waitForAssessments(2)
        let body = #"{"kind":"opened","study":"\#(second.uid)","prior":"\#(first.uid)"}"#
        var answered = 0
        for round in 1...3 {
            let tally = Tally()
            let port = daemon.httpPort
            let (process, group) = (daemon, DispatchGroup())
            for _ in 0..<2 {
                DispatchQueue.global().async(group: group) {
                    while let output = try? Tool.run(
                        URL(filePath: "/usr/bin/curl"),
                        [
                            "-sf", "-X", "POST", "--data", body,
                            "http://127.0.0.1:\(port)/api/v1/recognition/events",
                        ]), output.isSuccess
                    {
                        let done = tally.add()
                        if done == 8 * round { process.killNow() }
                    }
                }
            }
            group.wait()
            answered += tally.count
            daemon = try PriordProcess(settings)
            let verified = try verified(Operator(daemon: daemon))
            #expect(verified.isClean)
            // Up to two were on the disk whose answers nobody got.
            #expect((answered...(answered + 2 * round)).contains(verified.decisions.count))
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `angiography is counted by technique and operator, against the norms`() throws {
        struct Volumes: Decodable {
            struct Tally: Decodable {
                let cases: Int
                let level4: Int
            }
            struct Year: Decodable {
                let institution: String
                let studies: Int
                let total: Tally
            }
            struct Performer: Decodable {
                let name: String
                let total: Tally
                let assisting: Tally
            }
            struct Finding: Decodable {
                let requirement: String
                let state: String
            }
            let years: [Year]
            let operators: [Performer]
            let findings: [Finding]
        }
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        let source = try fixture("20-xa-dsa-legs").folder
        let folder = daemon.directory.appending(path: "xa")
        try FileManager.default.copyItem(at: source, to: folder)
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
        let modify = try #require(Tool.installed("dcmodify"))
        let output = try Tool.run(
            modify,
            [
                "-nb", "-i", "(0008,1050)=Li^Na=李^娜\\Wu^Bo", "-m", "(0008,1030)=经颈静脉肝内门体分流术(TIPS)",
                folder.appending(path: file).path,
            ])
        try #require(output.isSuccess)
        try #require(try ctl.send(folder).isSuccess)
        try ctl.waitForAssessments(1)
        let volumes = try ctl.answer(Volumes.self, "report", "interventional", "--year", "2026")
        #expect(volumes.years.map(\.studies) == [1])
        #expect(volumes.years.first?.total.cases == 1 && volumes.years.first?.total.level4 == 1)
        #expect(volumes.operators.map(\.name) == ["李 娜", "Wu Bo"])
        #expect(volumes.operators.map(\.total.cases) == [1, 0])
        #expect(volumes.operators.map(\.assisting.cases) == [0, 1])
        let isOver = Calendar.current.component(.year, from: Date()) > 2026
        #expect(
            volumes.findings.contains {
                $0.requirement == "RP-063" && $0.state == (isOver ? "notReached" : "partOfYear")
            })
        #expect(volumes.findings.contains { $0.requirement == "RG-060" && $0.state == "needsOutsideData" })
        let table = try ctl.run("report", "interventional", "--lang", "zh")
        #expect(table.isSuccess && table.text.contains("需要外部数据"))
    }
}
