import Foundation
import Glibc
import Testing

/// A receiver written for these tests (`forward_peer.py`, `forward_stow_peer.py`), with what it saw.
final class ForwardPeer {
    /// One line of its log.
    struct Event: Equatable {
        let name: String
        let facts: [String: String]

        var number: Int? { facts["number"].flatMap { Int($0) } }
        subscript(fact: String) -> String? { facts[fact] }
    }

    let folder: URL
    private let process: Process
    /// It ends when this is closed.
    private let input = Pipe()

    /// Starts one and waits until it listens.
    init(_ script: String, _ arguments: [String], in directory: URL, named name: String = "peer") throws {
        folder = directory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = Process()
        process.executableURL = Tool.python
        let path = Tool.root.appending(path: "Tests/EndToEndTests/Clients/\(script)").path
        var arguments = arguments
        arguments.insert(folder.path, at: script == "forward_peer.py" ? 2 : 1)
        process.arguments = [path] + arguments
        process.environment = Tool.cleanEnvironment
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let count = events.count { $0.name == "listening" }
        guard holds(within: .seconds(20), { self.events.count { $0.name == "listening" } > count || count > 0 }) else {
            throw PriordProcess.Failure(description: "\(script) does not listen")
        }
    }

    deinit { end() }

    /// At once, whatever is under way.
    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    var events: [Event] {
        let text = (try? String(contentsOf: folder.appending(path: "log.jsonl"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            guard var facts = try? JSONDecoder().decode([String: String].self, from: Data(line.utf8)) else {
                return nil
            }
            return Event(name: facts.removeValue(forKey: "event") ?? "", facts: facts)
        }
    }

    func events(_ name: String) -> [Event] { events.filter { $0.name == name } }

    /// Instance Numbers in the order in which they were taken.
    var storedNumbers: [Int] { events("stored").compactMap(\.number) }

    /// Whether every Series came in order of Instance Number, each number once.
    var isInOrder: Bool {
        Dictionary(grouping: events("stored")) { $0["series"] ?? "" }.values.allSatisfy { series in
            let numbers = series.compactMap(\.number)
            return zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        }
    }

    /// Data Sets as they came, in order.
    var dataSets: [Data] {
        get throws {
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "dataset" }.sorted { $0.path < $1.path }.map { try Data(contentsOf: $0) }
        }
    }
}

/// What follows the File Meta Information (PS3.10 7.1) of every file in a folder.
func dataSets(in folder: URL) throws -> [Data] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).map { file in
        dataSet(of: try Data(contentsOf: file))
    }
}

/// What follows the File Meta Information of a file; none of one that is too short.
func dataSet(of bytes: Data) -> Data {
    guard bytes.count > 144 else { return Data() }
    let length = bytes[140..<144].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    return Data(bytes.dropFirst(144 + length))
}

/// `priorctl forwards list --json`, as far as the tests look.
struct ForwardList: Decodable {
    struct Row: Decodable {
        struct Failure: Decodable, Equatable {
            let sopInstanceUID: String
            let state: String
            let reason: String
        }
        let id: Int64
        let state: String
        let attempts: Int
        let sentCount: Int
        let failedCount: Int
        let uncommittedCount: Int
        let lastFailure: String
        let failures: [Failure]
    }
    struct Destination: Decodable {
        let breaker: String
        let waiting: Int
        let pausedAt: String?
        let lastFailure: String?
    }
    let forwards: [Row]
    let destinations: [Destination]
}

extension Operator {
    func forwards(_ arguments: String...) throws -> ForwardList {
        let output = try Tool.run(
            Tool.built("priorctl"), ["forwards", "list", "--json", "--data-dir", daemon.dataDirectory.path] + arguments)
        return try JSONDecoder().decode(ForwardList.self, from: Data(output.text.utf8))
    }

    /// Waits until the only forward is in that state.
    func waitForForward(_ state: String, within limit: Duration = .seconds(60)) throws -> ForwardList.Row {
        var last: ForwardList.Row?
        let isThere = holds(within: limit) {
            last = (try? self.forwards("--all"))?.forwards.first
            return last?.state == state
        }
        guard isThere, let last else {
            throw PriordProcess.Failure(
                description: "the forward is \(last.map { "\($0)" } ?? "not there") and not \(state):\n"
                    + daemon.logLines.suffix(20).joined(separator: "\n"))
        }
        return last
    }
}
