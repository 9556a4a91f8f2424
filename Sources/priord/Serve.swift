import ArgumentParser
import Assessment
import Catalogue
import Foundation
import Logging
import PriordConfig

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the daemon until SIGTERM or Ctrl-C.")

    @OptionGroup var flags: SettingFlags

    func run() async throws {
        let loaded = try Config.load(flags)
        LoggingSystem.bootstrap { label in JournalLogHandler(label: label) }
        var logger = Logger(label: "priord")
        logger.logLevel = Logger.Level(rawValue: loaded.config.logLevel.rawValue) ?? .info
        do {
            try await Daemon(loaded, logger: logger).run()
        } catch {
            logger.critical("priord stops", metadata: ["why": "\(error)"])
            throw ExitCode.failure
        }
    }
}

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at settings without starting.", subcommands: [Check.self, Rules.self, Notice.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every fault of file, environment and flags at once, or print the settings in force.")

        @OptionGroup var flags: SettingFlags

        func run() throws { print(try Config.load(flags)) }
    }

    struct Rules: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the section assessment of priord.yaml: every rule and threshold, its unit and range.")

        func run() { print(PriordConfig.assessmentExample(AssessmentParameters.schema)) }
    }

    struct Notice: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print the notice that is part of the program, as a file for the section recognition to begin from.")

        func run() throws { print(try RecognitionPolicy.bundled().fileText, terminator: "") }
    }

    /// The settings in force; on faults prints all of them and exits with EX_CONFIG (78).
    static func load(_ flags: SettingFlags) throws -> LoadedConfig {
        do {
            return try PriordConfig.load(
                arguments: flags.given, environment: ProcessInfo.processInfo.environment,
                rules: AssessmentParameters.schema, credentials: { $0.fault }, notices: { $0.fault })
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(78)
        }
    }
}
