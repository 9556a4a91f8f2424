import Foundation
import Glibc
import Synchronization

/// A built priord running on free ports with a data directory of its own. Ended, and its directory removed, by `end()`.
final class PriordProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a test may ask of a daemon; the defaults suit most.
    struct Settings {
        var arguments: [String] = ["--accept-any-peer"]
        /// Content of priord.yaml, or nil for none.
        var yaml: String?
        var quietPeriod = "1s"
        /// Added to the environment of the tests.
        var environment: [String: String] = [:]
        /// A directory to keep instead of a new temporary one.
        var dataDirectory: URL?
    }

    let directory: URL
    let dataDirectory: URL
    let dicomPort: Int
    let httpPort: Int
    let process: Process
    private let log: LineLog

    var pid: Int32 { process.processIdentifier }

    /// Everything it has logged so far.
    var logLines: [String] { log.lines }

    /// Starts a daemon and waits until it serves.
    init(_ settings: Settings = Settings(), within limit: Duration = .seconds(20)) throws {
        directory = FileManager.default.temporaryDirectory.appending(
            path: "priord-test-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        dataDirectory = settings.dataDirectory ?? directory.appending(path: "data", directoryHint: .isDirectory)

        var arguments = [
            "serve", "--data-dir", dataDirectory.path, "--dicom-port", "0", "--http-port", "0", "--quiet-period",
            settings.quietPeriod,
        ]
        if let yaml = settings.yaml {
            let file = directory.appending(path: "priord.yaml")
            try Data(yaml.utf8).write(to: file)
            arguments += ["--config", file.path]
        }
        process = Process()
        process.executableURL = Tool.built("priord")
        process.arguments = arguments + settings.arguments
        process.environment = Tool.cleanEnvironment.merging(settings.environment) { _, new in new }
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        log = LineLog(reading: pipe.fileHandleForReading)
        try process.run()

        guard let line = log.waitForLine(containing: "priord serves", within: limit) else {
            process.terminate()
            throw Failure(description: "priord did not start:\n" + log.lines.joined(separator: "\n"))
        }
        dicomPort = LineLog.number(after: "dicom-port=", in: line) ?? 0
        httpPort = LineLog.number(after: "http-port=", in: line) ?? 0
    }

    /// Sends SIGTERM and waits for the end; nil when it took longer than `limit`.
    @discardableResult
    func stop(within limit: Duration = .seconds(30)) -> Int32? {
        kill(pid, SIGTERM)
        return waitForExit(within: limit)
    }

    /// Sends SIGKILL and waits until the process is gone.
    func killNow() {
        kill(pid, SIGKILL)
        process.waitUntilExit()
    }

    /// Stops it if it runs and removes its directory.
    func end() {
        if process.isRunning, stop() == nil { killNow() }
        try? FileManager.default.removeItem(at: directory)
    }

    /// Exit status, or nil when it still runs after `limit`.
    func waitForExit(within limit: Duration) -> Int32? {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < deadline else { return nil }
            usleep(5_000)
        }
        return process.terminationStatus
    }

    func waitForLog(containing text: String, within limit: Duration = .seconds(10)) -> String? {
        log.waitForLine(containing: text, within: limit)
    }

    var threadCount: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").count) ?? 0 }

    var descriptorCount: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0 }

    /// Resident memory, bytes.
    var residentByteCount: Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        return (LineLog.number(after: "VmRSS:", in: status) ?? 0) * 1024
    }
}

/// Lines of a stream as they come.
final class LineLog: Sendable {
    private let state = Mutex((lines: [String](), rest: Data(), isClosed: false))
    private let changed = NSCondition()

    init(reading handle: FileHandle) {
        handle.readabilityHandler = { [self] handle in
            let data = handle.availableData
            state.withLock { state in
                state.rest += data
                while let end = state.rest.firstIndex(of: UInt8(ascii: "\n")) {
                    state.lines.append(String(decoding: state.rest[..<end], as: UTF8.self))
                    state.rest = Data(state.rest[(end + 1)...])
                }
                if data.isEmpty { state.isClosed = true }
            }
            if data.isEmpty { handle.readabilityHandler = nil }
            changed.lock()
            changed.broadcast()
            changed.unlock()
        }
    }

    var lines: [String] { state.withLock { $0.lines } }

    /// The first line with `text` in it, or nil when none came before the limit or the stream's end.
    func waitForLine(containing text: String, within limit: Duration) -> String? {
        let deadline = Date(timeIntervalSinceNow: TimeInterval(limit.components.seconds))
        changed.lock()
        defer { changed.unlock() }
        while true {
            let (found, isClosed) = state.withLock { state in
                (state.lines.first { $0.contains(text) }, state.isClosed)
            }
            if let found { return found }
            guard !isClosed, changed.wait(until: deadline) else { return nil }
        }
    }

    /// The number that follows `key`.
    static func number(after key: String, in text: String) -> Int? {
        guard let range = text.range(of: key) else { return nil }
        return Int(text[range.upperBound...].drop { $0 == " " || $0 == "\t" }.prefix { $0.isNumber })
    }
}
