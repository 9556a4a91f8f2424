internal import AdminAPI
internal import ArgumentParser
internal import Catalogue
internal import Foundation

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "One verdict, then its checks. Exit code 0 ok, 1 warning, 2 critical.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print again every two seconds, until interrupted.")
    var watch = false

    func run() async throws {
        while true {
            let (status, json) = try await status()
            if watch, !common.json { Output.write("\u{1B}[H\u{1B}[2J", to: STDOUT_FILENO) }
            if common.json {
                Output.json(json)
            } else {
                Output.line(StatusPage(status: status, language: common.lang).text)
            }
            guard watch else { throw ExitCode(status.verdict.exitCode) }
            try await Task.sleep(for: .seconds(2))
        }
    }

    /// A daemon that does not answer is a critical status like any other.
    private func status() async throws -> (StatusAnswer, Data) {
        do {
            let data = try await common.client.data("/api/v1/status")
            return (try DaemonClient.decoded(data), data)
        } catch let failure as CommandFailure {
            let check = StatusAnswer.Check(name: "daemon", state: .critical, summary: "\(failure)")
            let status = StatusAnswer(checks: [check], at: Date())
            return (status, try AdminJSON.encoder().encode(status))
        }
    }
}

/// The status for people.
struct StatusPage {
    let status: StatusAnswer
    let language: Language

    /// Checks whose summary does not say what is wrong with which part.
    private static let explained = ["peers", "catalogues", "lexicon"]

    var text: String {
        var lines = [headline]
        let width = status.checks.map { Word.verdict($0.name, language).cellCount }.max() ?? 0
        let stateWidth = StatusVerdict.allCases.map { Word.verdict($0.rawValue, language).cellCount }.max() ?? 0
        for check in status.checks {
            lines.append(Self.line(check, width, stateWidth, language))
            for part in check.parts
            where check.name == "text" || part.state != .ok && Self.explained.contains(check.name) {
                lines.append("    \(Output.printable(part.name)): \(Output.printable(part.summary))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        var parts = [Word.verdict(status.verdict.rawValue, language).uppercased()]
        if let version = status.version { parts.append("priord \(version)") }
        if let title = status.aeTitle { parts.append(title) }
        if let start = status.startedAt {
            let elapsed = Duration.seconds(max(0, Int64(status.at.timeIntervalSince(start))))
            parts.append("up " + elapsed.formatted(.time(pattern: .hourMinuteSecond)))
        }
        return parts.joined(separator: "  ")
    }

    private static func line(
        _ check: StatusAnswer.Check, _ width: Int, _ stateWidth: Int, _ language: Language
    ) -> String {
        let state = Word.verdict(check.state.rawValue, language)
        let title = Word.verdict(check.name, language)
        let name = title + String(repeating: " ", count: width - title.cellCount)
        let padding = String(repeating: " ", count: stateWidth - state.cellCount)
        return "  \(name)  \(state)\(padding)  \(Output.printable(check.summary))"
    }
}
