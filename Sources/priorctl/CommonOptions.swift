internal import AdminAPI
public import ArgumentParser
public import Catalogue
public import DICOMCore
internal import Foundation

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's data directory, whose admin.sock is asked.", valueName: "directory"))
    var dataDir = ProcessInfo.processInfo.environment["PRIORD_DATA_DIR"] ?? "/var/lib/priord"

    @Option(
        help: ArgumentHelp("The daemon's Unix socket, instead of the one in the data directory.", valueName: "path"))
    var socket: String?

    @Flag(help: "Print JSON with stable field names.")
    var json = false

    @Option(help: "Language of tables and item names: zh, en or vi.")
    var lang = Language(environment: ProcessInfo.processInfo.environment)

    var client: DaemonClient {
        DaemonClient(socket: socket ?? AdminSocket.path(inDataDirectory: dataDir))
    }
}

extension Language: ExpressibleByArgument {
    /// The language of the terminal, as `LC_ALL`, `LC_MESSAGES` and `LANG` say it in this order; English otherwise.
    init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = locale.flatMap { Language(rawValue: String($0.prefix(2)).lowercased()) } ?? .english
    }
}

extension StudyInstanceUID: ExpressibleByArgument {
    public init?(argument: String) {
        guard let uid = try? StudyInstanceUID(argument) else { return nil }
        self = uid
    }
}

extension AETitle: ExpressibleByArgument {
    public init?(argument: String) {
        guard let title = try? AETitle(argument) else { return nil }
        self = title
    }
}

/// `HOST:PORT`; an IPv6 address stands in brackets.
struct HostAndPort: ExpressibleByArgument, Equatable {
    let host: String
    let port: Int

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
    }
}
