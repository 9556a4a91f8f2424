// priorctl owns the operator's commands and what they print. It asks the daemon over its Unix socket (DaemonClient),
// maps descriptions by itself (MapCommand) and speaks DICOM where it plays the sender (SendCommand); it never opens the
// database. A command decides nothing about studies: it asks, prints, and says by its exit code how it went.

internal import AdminAPI
internal import ArgumentParser

@main
struct Priorctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "priorctl", abstract: "Asks and operates a priord daemon.", version: Release.version,
        subcommands: [
            StatusCommand.self, StudiesCommand.self, StudyCommand.self, PriorsCommand.self, PersonCommand.self,
            MapCommand.self, RecogniseCommand.self, DeclineCommand.self, FollowUpCommand.self, DecisionsCommand.self,
            ReviewCommand.self, AliasCommand.self, RemapCommand.self, ReassessCommand.self, QuarantineCommand.self,
            CommitmentsCommand.self, ForwardsCommand.self, SourcesCommand.self, VerifyCommand.self,
            ReindexCommand.self, ExportCommand.self, ImportCommand.self, SendCommand.self, PeersCommand.self,
            ConfigCommand.self, CatalogueCommand.self, LexiconCommand.self, CodeCommand.self, ReportCommand.self,
        ])
}
