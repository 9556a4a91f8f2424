import Foundation
import Glibc
import Synchronization
import Testing

/// The processes in which the built daemon decodes pixels.
@Suite(.serialized, .timeLimit(.minutes(3))) struct PixelWorkerTests {
    private static let study = Tool.root.appending(path: "Fixtures/studies")

    private struct Status: Decodable {
        struct Check: Decodable {
            let name: String
            let state: String
            let summary: String
            let value: Int?
        }
        let checks: [Check]
    }

    private struct Folder {
        let all =
            (try? FileManager.default.contentsOfDirectory(
                at: PixelWorkerTests.study, includingPropertiesForKeys: nil))?
            .sorted { $0.path < $1.path } ?? []
    }

    private func pixels(_ ctl: Operator) throws -> Status.Check {
        try #require(try ctl.answer(Status.self, "status").checks.first { $0.name == "pixels" })
    }

    /// Processes that `parent` has started, with the state the system gives each.
    private func children(of parent: Int32) -> [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap(Int32.init).filter { process in
            let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && fields[0] != "Z" && fields[1] == "\(parent)"
        }
    }

    private func eventually(within limit: Duration = .seconds(20), _ holds: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + limit
        while try !holds() {
            guard ContinuousClock.now < deadline else { return false }
            usleep(10_000)
        }
        return true
    }

    @Test func `the self-test finds every attempt possible outside the sandbox and none inside`() throws {
        let output = try Tool.run(Tool.built("priord"), ["pixel-worker", "--self-test"])
        #expect(output.isSuccess && !output.text.contains("missing"))
        let lines = output.text.split(separator: "\n").dropFirst().map { $0.split(separator: " ").map(String.init) }
        #expect(lines.count >= 15)
        for line in lines { #expect(["refused", "killed"].contains(line[1]), "\(line)") }
        // Two of them a system may refuse anybody.
        #expect(lines.count { $0[0] == "ALLOWED" } >= lines.count - 2)
        #expect(try Tool.run(Tool.built("priord"), ["pixel-worker"]).status == 64)
    }

    @Test func `a worker holds nothing of the daemon's, gives way to it and ends with it`() throws {
        let daemon = try PriordProcess(PriordProcess.Settings(environment: ["PIXEL_TEST_SECRET": "1"]))
        defer { daemon.end() }
        #expect(eventually { children(of: daemon.pid).count == 1 })
        let worker = try #require(children(of: daemon.pid).first)
        #expect(try eventually { try pixels(Operator(daemon: daemon)).summary.contains("1 worker") })

        // Both can be read by root alone once it stands in its sandbox.
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(worker)/fd")) ?? []
        #expect(Set(descriptors).isSubset(of: ["0", "1", "2", "3", "4"]))
        let environment = (try? String(contentsOfFile: "/proc/\(worker)/environ", encoding: .utf8)) ?? ""
        #expect(!environment.contains("PIXEL_TEST_SECRET"))
        #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(worker)) >= 10)
        let status = try String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2") && status.contains("Threads:\t1"))

        daemon.killNow()
        #expect(eventually { kill(worker, 0) != 0 })
    }

    @Test func `workers that are killed over and over cost findings and not the daemon`() throws {
        let folders = Folder().all
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        let isOver = Mutex(false)
        let killer = Thread {
            while !isOver.withLock({ $0 }) {
                for worker in children(of: daemon.pid) { kill(worker, SIGSEGV) }
                usleep(500)
            }
        }
        killer.start()
        #expect(try ctl.send(folders[0]).isSuccess)
        try ctl.waitForAssessments(1)
        isOver.withLock { $0 = true }
        #expect(daemon.process.isRunning)

        #expect(try ctl.send(folders[1]).isSuccess)
        try ctl.waitForAssessments(2)
        #expect(try pixels(ctl).state == "ok")
        #expect(try pixels(ctl).value ?? 0 > 0)
    }
}
