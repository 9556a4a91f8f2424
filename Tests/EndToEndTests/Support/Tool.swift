import Foundation
import Glibc

/// Programs the tests run: priord's own, DCMTK's, and Python with pynetdicom.
enum Tool {
    struct Output {
        let status: Int32
        let text: String
        var isSuccess: Bool { status == 0 }
    }

    /// Where the package's root is.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A program of this package, beside the test bundle, or in TEST_BIN_DIR.
    static func built(_ name: String) -> URL {
        let directory =
            ProcessInfo.processInfo.environment["TEST_BIN_DIR"].map { URL(filePath: $0) }
            ?? Bundle.main.bundleURL
        return directory.appending(path: name)
    }

    /// The Python of the tests' virtual environment, which `make test` makes.
    static let python = root.appending(path: ".venv-tests/bin/python3")

    /// This process's environment without what priord would take for settings.
    static var cleanEnvironment: [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PRIORD_") }
    }

    /// Full path of an installed program, or nil.
    static func installed(_ name: String) -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(filePath: String($0)).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Starts a program; both its streams go to `output`.
    static func start(_ program: URL, _ arguments: [String], output: Pipe) throws -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = cleanEnvironment
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs a program to its end; one that takes longer than `limit` is ended and answers with status -1.
    static func run(_ program: URL, _ arguments: [String], within limit: Duration = .seconds(60)) throws -> Output {
        let pipe = Pipe()
        let process = try start(program, arguments, output: pipe)
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + .seconds(Int(limit.components.seconds)))
        timer.setEventHandler { kill(process.processIdentifier, SIGKILL) }
        timer.resume()
        defer { timer.cancel() }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Output(status: process.terminationReason == .exit ? process.terminationStatus : -1, text: text)
    }

    /// Runs an installed program such as `storescu`; throws when it is not there.
    static func run(_ name: String, _ arguments: [String], within limit: Duration = .seconds(60)) throws -> Output {
        guard let program = installed(name) else {
            throw PriordProcess.Failure(description: "\(name) is not installed; make test installs it")
        }
        return try run(program, arguments, within: limit)
    }
}

extension Tool {
    /// A port of the loopback that was free a moment ago.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw PriordProcess.Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
