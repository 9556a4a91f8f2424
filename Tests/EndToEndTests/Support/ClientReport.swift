import Foundation

/// What a script in `Clients/` saw: the facts of each of its cases, all of them text.
struct ClientReport {
    /// By case, then by fact.
    let cases: [String: [String: String]]

    private struct Line: Decodable {
        let name: String
        let facts: [String: String]

        init(from decoder: any Decoder) throws {
            var facts = try decoder.singleValueContainer().decode([String: String].self)
            name = facts.removeValue(forKey: "case") ?? ""
            self.facts = facts
        }
    }

    subscript(name: String, fact: String) -> String? { cases[name]?[fact] }

    /// Runs a script to its end; throws with all it said when it fails.
    static func of(
        _ script: String, _ arguments: [String], within limit: Duration = .seconds(120)
    ) throws -> ClientReport {
        let text = try ClientReport.output(of: script, arguments, within: limit)
        let lines = try text.split(separator: "\n").filter { $0.hasPrefix("{") }
            .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        return ClientReport(cases: Dictionary(lines.map { ($0.name, $0.facts) }) { _, last in last })
    }

    fileprivate static func output(of script: String, _ arguments: [String], within limit: Duration) throws -> String {
        let path = Tool.root.appending(path: "Tests/EndToEndTests/Clients/\(script)").path
        let output = try Tool.run(Tool.python, [path] + arguments, within: limit)
        guard output.isSuccess else {
            throw PriordProcess.Failure(description: "\(script) ended with \(output.status):\n\(output.text)")
        }
        return output.text
    }
}

extension PriordProcess {
    /// Rows of the index, every value as text; waits at most `limit` for the first one.
    func indexRows(_ sql: String, within limit: Duration = .zero) throws -> [[String]] {
        let arguments = [dataDirectory.path, sql, "\(limit.components.seconds)"]
        let text = try ClientReport.output(of: "protocol_index.py", arguments, within: limit + .seconds(30))
        return try text.split(separator: "\n").map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) }
    }

    /// Starts a daemon, hands it to `body` and ends it.
    static func serving<Result>(
        _ settings: Settings = Settings(), _ body: (PriordProcess) throws -> Result
    ) throws -> Result {
        let daemon = try PriordProcess(settings)
        defer { daemon.end() }
        return try body(daemon)
    }

    /// A daemon whose peers and limits are those of `yaml`, and nothing else.
    static func configured(_ yaml: String) -> Settings { Settings(arguments: [], yaml: yaml) }
}

/// Polls `condition` until it holds; false when it did not within `limit`.
func holds(within limit: Duration, _ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        usleep(20_000)
    }
    return true
}
