import Foundation
import Testing

/// DICOMweb with a client that is not ours.
@Suite(.serialized, .timeLimit(.minutes(10))) struct DICOMwebTests {
    /// A study of 16 slices, one that is deflated, and a run of frames.
    private static let folders = ["14-ct-head", "15-ct-head", "20-xa-dsa-legs"].map {
        Tool.root.appending(path: "Fixtures/studies").appending(path: $0)
    }

    @Test func `a client stores, and is given what was stored: objects, metadata, frames and pictures`() throws {
        let said = try PriordProcess.serving { daemon in
            try ClientReport.of(
                "dicomweb_client_peer.py",
                ["\(daemon.dicomPort)", "\(daemon.httpPort)"] + DICOMwebTests.folders.map(\.path),
                within: .seconds(240))
        }
        #expect((said["sent", "instances"].flatMap { Int($0) } ?? 0) > 32)
        #expect(said["sent", "statuses"] == "0000")
        for what in [
            "study", "series", "instance", "metadata", "frames", "rendered", "thumbnail", "bulk data", "stored",
        ] {
            #expect(said[what, "wrong"] == "", "\(what)")
            #expect((said[what, "compared"].flatMap { Int($0) } ?? 0) > 0, "\(what)")
        }
        #expect(said["absent", "status"] == "404")
        #expect(said["window", "differs"] == "True")
    }

    @Test func `a large object takes no more memory than pieces of it`() throws {
        let size = 256 << 20
        try PriordProcess.serving { daemon in
            let sent = try ClientReport.of("protocol_large.py", ["\(daemon.dicomPort)", "\(size)"])
            #expect(sent["large", "got"] == "status 0000")
            let said = try ClientReport.of(
                "dicomweb_client_peer.py",
                ["\(daemon.dicomPort)", "\(daemon.httpPort)", "--large", "\(daemon.pid)"])
            #expect(said["large", "whole"] == "True", "\(said["large", "received"] ?? "")")
            let grown = said["large", "grown"].flatMap { Int($0) } ?? .max
            #expect(grown < 64 << 20, "\(grown) bytes")
        }
    }
}
