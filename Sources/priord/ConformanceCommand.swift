import ArgumentParser
import DICOMNetwork
import Foundation

/// The tables of docs/conformance.md, made of what the services go by.
struct Conformance: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the tables of the DICOM conformance statement, or hold a statement against them.")

    @Option(help: ArgumentHelp("Statement whose tables are compared; exit 1 where they differ.", valueName: "file"))
    var check: String?

    @Option(help: ArgumentHelp("Statement whose tables are written anew.", valueName: "file"))
    var write: String?

    func validate() throws {
        if check != nil && write != nil { throw ValidationError("--check or --write, not both") }
    }

    func run() throws {
        try DICOMLibrary.prepare()
        let tables = ConformanceTables.all
        guard let path = check ?? write else {
            print(tables.map { "## \($0.name)\n\n\($0.text)" }.joined(separator: "\n\n"))
            return
        }
        let file = URL(filePath: path)
        let document = ConformanceDocument(try String(contentsOf: file, encoding: .utf8))
        if write != nil {
            try Data(document.written(with: tables).utf8).write(to: file)
            return
        }
        let faults = document.faults(against: tables)
        guard faults.isEmpty else {
            FileHandle.standardError.write(Data((faults.joined(separator: "\n") + "\n").utf8))
            throw ExitCode.failure
        }
    }
}
