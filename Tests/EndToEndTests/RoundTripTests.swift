import Foundation
import Testing

/// Objects of every Transfer Syntax and character set at hand, stored and brought back by every peer at hand.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RoundTripTests {
    private static let folders = [Fixtures.studies] + (Fixtures.real.map { [$0] } ?? [])
    /// Objects of a SOP Class, Transfer Syntax and character set of their own among the fixtures.
    private static let fixtureKinds = 29

    /// Serves the peers of the scripts.
    private func serving<Result>(_ body: (PriordProcess, _ destination: Int, _ orthanc: Int) throws -> Result) throws
        -> Result
    {
        let ports = try (destination: Tool.freePort(), orthanc: Tool.freePort())
        let callers = ["PROTOCOL", "RETRIEVER", "STORESCU", "DCMSEND", "GETSCU"]
        let yaml = """
            peers:
            \(callers.map { "  - {ae-title: \($0), hosts: 127.0.0.1}" }.joined(separator: "\n"))
              - {ae-title: DEST, hosts: 127.0.0.1, port: \(ports.destination)}
              - {ae-title: ORTHANC, hosts: 127.0.0.1, port: \(ports.orthanc)}
            """
        var settings = PriordProcess.configured(yaml)
        // Nothing is judged meanwhile.
        settings.quietPeriod = "10m"
        return try PriordProcess.serving(settings) { try body($0, ports.destination, ports.orthanc) }
    }

    private func number(_ text: String?) -> Int { text.flatMap { Int($0) } ?? 0 }

    @Test(arguments: ["pynetdicom", "storescu", "dcmsend", "dicomweb-client", "orthanc", "orthanc stow"])
    func `what is stored in one way is brought back in every other, byte for byte`(way: String) throws {
        let said = try serving { daemon, destination, orthanc in
            let ports = [daemon.dicomPort, daemon.httpPort, destination, orthanc].map { "\($0)" }
            return try ClientReport.of(
                "round_trip.py", [way] + ports + Self.folders.map(\.path), within: .seconds(240))
        }
        #expect(number(said["sent", "samples"]) >= Self.fixtureKinds)
        // dcmsend proposes the uncompressed ones together, of which a receiver takes one.
        let syntaxes = way == "dcmsend" && Fixtures.real == nil ? 7 : 9
        #expect(number(said["sent", "syntaxes"]) >= syntaxes)
        #expect(number(said["sent", "characters"]) >= 4)
        // DCMTK, and so Orthanc, does not know High-Throughput JPEG 2000.
        #expect(["", "1.2.840.10008.1.2.4.201"].contains(said["sent", "unsent"] ?? "nothing"))
        for back in [
            "pynetdicom C-GET", "pynetdicom C-MOVE", "movescu", "WADO-RS", "dicomweb-client", "orthanc C-MOVE",
            "orthanc WADO-RS",
        ] {
            #expect(said[back, "wrong"] == "", "\(back)")
            #expect(said[back, "extra"] == "0", "\(back)")
            #expect(number(said[back, "compared"]) >= number(said["sent", "sent"]) - 1, "\(back)")
        }
    }

    @Test func `who wants an uncompressed syntax is given every value as it was, and pixels as others decode them`()
        throws
    {
        let said = try serving { daemon, _, _ in
            try ClientReport.of(
                "round_trip_conversion.py",
                ["\(daemon.dicomPort)", "\(daemon.httpPort)"] + Self.folders.map(\.path), within: .seconds(240))
        }
        for syntax in ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"] {
            #expect(number(said[syntax, "compared"]) >= Self.fixtureKinds)
            for what in ["ways", "elements", "pixels"] { #expect(said[syntax, what] == "", "\(syntax)") }
            #expect(["", "A702 406"].contains(said[syntax, "refused"] ?? "nothing"))
        }
        #expect(said["getscu", "wrong"] == "")
        #expect(said["getscu", "missing"] == "")
    }

    @Test func `dciodvfy finds no error in what leaves that was not in what came`() throws {
        let said = try serving { daemon, _, _ in
            try ClientReport.of(
                "dciodvfy.py",
                ["\(daemon.dicomPort)", "\(daemon.httpPort)", Tool.built("priorctl").path, daemon.dataDirectory.path]
                    + Self.folders.map(\.path), within: .seconds(240))
        }
        #expect(number(said["originals", "errors"]) > 0)
        for form in ["*", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "exported"] {
            #expect(number(said[form, "compared"]) >= Self.fixtureKinds, "\(form)")
            #expect(said[form, "new"] == "", "\(form)")
        }
    }
}
