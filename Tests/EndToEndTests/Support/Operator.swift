import Foundation
import Testing

/// `priorctl` as an operator of one daemon uses it.
struct Operator {
    let daemon: PriordProcess

    /// Runs a command against the daemon's socket.
    func run(_ arguments: String..., within limit: Duration = .seconds(60)) throws -> Tool.Output {
        try Tool.run(
            Tool.built("priorctl"), arguments + ["--data-dir", daemon.dataDirectory.path], within: limit)
    }

    /// Runs a command with `--json` and decodes what it prints.
    func answer<Answer: Decodable>(_ type: Answer.Type, _ arguments: String...) throws -> Answer {
        let output = try Tool.run(
            Tool.built("priorctl"), arguments + ["--json", "--data-dir", daemon.dataDirectory.path])
        return try JSONDecoder().decode(type, from: Data(output.text.utf8))
    }

    /// Sends a folder to the daemon over an Association.
    func send(_ folder: URL) throws -> Tool.Output {
        try Tool.run(
            Tool.built("priorctl"),
            ["send", folder.path, "--to", "127.0.0.1:\(daemon.dicomPort)", "--ae-title", "PRIORD"])
    }

    /// Waits until the daemon has said so many times that a study was assessed.
    func waitForAssessments(_ count: Int, within limit: Duration = .seconds(60)) throws {
        let deadline = ContinuousClock.now + limit
        while daemon.logLines.count(where: { $0.contains("study assessed") }) < count {
            guard ContinuousClock.now < deadline else {
                throw PriordProcess.Failure(description: "fewer than \(count) assessments within \(limit)")
            }
            usleep(20_000)
        }
    }
}

/// One line of `priorctl studies --json`, as far as the tests look.
struct StudyLine: Decodable {
    let studyInstanceUID: String
    let patientName: String
    let instanceCount: Int
    let code: String?
    let completeness: String
    let quality: String
    let state: String
}

struct StudyLines: Decodable {
    let studies: [StudyLine]
    let total: Int
}

/// `Fixtures/manifest.json`: what each fixture study is to be taken for.
struct Manifest: Decodable {
    struct Study: Decodable {
        struct Verdict: Decodable {
            let verdict: String
            let rule: String?
        }
        struct Expected: Decodable {
            let code: String?
            let candidates: [String]
            let completeness: Verdict
            let quality: Verdict
            let priors: [String]
        }
        let folder: String
        let studyInstanceUID: String
        let files: Int
        let expected: Expected
    }
    let studies: [Study]

    static func load() throws -> Manifest {
        let file = Tool.root.appending(path: "Fixtures/manifest.json")
        return try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: file))
    }
}
