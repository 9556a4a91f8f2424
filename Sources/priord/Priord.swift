// The daemon: reads its settings, opens the archive, wires the rooms together and runs their services until SIGTERM.
// Nothing else is decided here. Start reading at `Daemon.run`.

import AdminAPI
import ArgumentParser

@main
enum Program {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == PixelWorkerCommand.name { PixelWorkerCommand.run(arguments.dropFirst()) }
        await Priord.main()
    }
}

struct Priord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "priord",
        abstract: "Imaging front gateway: receives, keeps, names, judges and finds DICOM studies.",
        version: Release.version, subcommands: [Serve.self, Config.self, Conformance.self])
}

/// The flags of `priord serve`; every further setting is a key of priord.yaml or an environment variable.
struct SettingFlags: ParsableArguments {
    @Option(help: "File with settings, peers and limits.")
    var config: String?
    @Option(help: "Everything the daemon keeps.")
    var dataDir: String?
    @Option(help: "AE Title priord answers to.")
    var aeTitle: String?
    @Option(help: "Port for DICOM associations; 0 takes a free one.")
    var dicomPort: String?
    @Option(help: "Port for web page, API and metrics; 0 takes a free one.")
    var httpPort: String?
    @Option(help: "Address both ports listen on.")
    var bind: String?
    @Option(help: "A study with no new instance for this long is settled, e.g. 60s.")
    var quietPeriod: String?
    @Flag(help: "Let any calling AE store and query; for trials on loopback.")
    var acceptAnyPeer = false
    @Option(name: .customLong("http-base-url"), help: "What URLs in DICOMweb answers begin with, behind a proxy.")
    var httpBaseURL: String?
    @Option(help: "Origins of pages that may read DICOMweb in a browser, with commas between.")
    var corsOrigins: String?

    /// By key, as given.
    var given: [String: String] {
        var values = [
            "config": config, "data-dir": dataDir, "ae-title": aeTitle, "dicom-port": dicomPort,
            "http-port": httpPort, "bind": bind, "quiet-period": quietPeriod, "http-base-url": httpBaseURL,
            "cors-origins": corsOrigins,
        ].compactMapValues { $0 }
        if acceptAnyPeer { values["accept-any-peer"] = "on" }
        return values
    }
}
