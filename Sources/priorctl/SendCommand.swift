internal import AdminAPI
internal import ArgumentParser
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation

struct SendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends the DICOM files below a directory by C-STORE, as they are. Exit code 1 when one failed.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "A directory or a file.")
    var directory: String

    @Option(help: ArgumentHelp("Where to.", valueName: "host:port"))
    var to: HostAndPort

    @Option(help: ArgumentHelp("AE Title of the receiver.", valueName: "title"))
    var aeTitle: AETitle

    @Option(help: ArgumentHelp("AE Title to call with.", valueName: "title"))
    var calling: AETitle = .priorctl

    @Option(help: "Associations at once, 1 to 16.")
    var associations = 1

    func validate() throws {
        guard (1...16).contains(associations) else { throw ValidationError("--associations is from 1 to 16.") }
    }

    func run() throws {
        try DICOMLibrary.prepare()
        let files = try DICOMFiles(below: directory)
        let plan = SendPlan(paths: files.paths)
        let report = SendReport()
        for (path, reason) in plan.unreadable { report.addUnsendable(path, reason) }
        let bar = ProgressBar("send", total: plan.fileCount)
        let start = ContinuousClock.now
        for batch in plan.batches {
            let request = AssociationRequest(
                host: to.host, port: to.port, callingAETitle: calling, calledAETitle: aeTitle,
                contexts: batch.kinds.map { ($0.sopClassUID, [$0.transferSyntaxUID]) })
            StoreSender.send(batch, request, associations: associations, report: report, bar: bar)
        }
        bar.finish()
        let summary = report.summary(otherFiles: files.otherCount, after: .now - start)
        if common.json {
            Output.json(try AdminJSON.encoder().encode(summary))
        } else {
            for remark in summary.warnings + summary.failures {
                Output.remark(
                    "\(Output.printable(remark.file)): \(remark.status.map { $0 + " " } ?? "")\(Output.printable(remark.detail))"
                )
            }
            Output.line(summary.text)
        }
        if !summary.failures.isEmpty { throw ExitCode.failure }
    }
}
