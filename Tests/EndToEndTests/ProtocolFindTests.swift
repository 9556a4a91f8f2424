import Foundation
import Testing

extension ProtocolTests {
    /// C-FIND, Study Root at STUDY level; the other levels and models are in ``Query``.
    @Suite struct Find {
        private static let wang = [
            "2.25.274588220911404479339877106200941906599", "2.25.157729379559394813614103289273720978248",
        ]

        /// How many of the 31 fixture studies each query finds.
        private static let counts = [
            "universal": 31, "universal, explicit": 31, "patient ID": 4, "patient ID with wildcard": 16,
            "patient ID and issuer": 3, "name with wildcard": 3, "name in another case": 3,
            "Chinese name in UTF-8": 3, "Chinese name in GB18030": 3, "Vietnamese name": 3,
            "Vietnamese name without diacritics": 3, "one date": 1, "date range": 6, "date range open at its end": 5,
            "date range open at its begin": 1, "date range that ends before it begins": 0, "modality": 2,
            "modality with wildcard": 3, "UID list": 2, "unknown UID": 0, "sex": 0, "description with wildcard": 6,
            "institution": 10, "institution with wildcard": 10, "birth date of nobody": 0, "time of nobody": 0,
            "study ID of nobody": 0, "counts": 1, "unsupported key": 4,
        ]

        @Test func `queries find what they ask for, in Chinese and Vietnamese too`() throws {
            try PriordProcess.serving { daemon in
                try Peers.sendFixtures(to: daemon)
                let said = try ClientReport.of("protocol_find.py", ["\(daemon.dicomPort)"] + Find.wang)
                for (name, count) in Find.counts {
                    #expect(said[name, "status"] == "0000", "\(name)")
                    #expect(said[name, "count"] == "\(count)", "\(name)")
                }
                #expect(said["UID list", "studies"] == Find.wang.sorted().joined(separator: " "))
                #expect(said["one date", "name"] == "Wang^Xiaomei=王^小梅")
                #expect(said["one date", "description"] == "胸部正侧位")
                #expect(said["one date", "charset"] == "ISO_IR 192")
                #expect(said["one date", "level"] == "STUDY")
                #expect(said["one date", "retrieve"] == "PRIORD")
                #expect(said["Vietnamese name", "name"] == "Nguyễn^Thị Hoa")
                #expect(said["counts", "instances"] == "2")
                #expect(said["patient ID", "pending"] == "FF00")
                #expect(said["unsupported key", "pending"] == "FF01")
                for name in ["unsupported level", "no level", "no date"] {
                    #expect(said[name, "status"] == "A900", "\(name)")
                }
                #expect(said["malformed identifier", "status"] == "C000")
                #expect(said["cancelled", "last"] == "status FE00")
                #expect(said["cancelled", "matches"].flatMap { Int($0) } ?? 99 < 31)
                #expect(said["cancelled", "afterwards"] == "status 0000")

                let found = try Tool.run(
                    "findscu",
                    [
                        "-S", "-aec", "PRIORD", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID=HX00010234", "-k",
                        "StudyInstanceUID", "127.0.0.1", "\(daemon.dicomPort)",
                    ])
                #expect(found.isSuccess)
                #expect(Find.wang.allSatisfy(found.text.contains), "\(found.text)")
            }
        }
    }

    @Suite struct Negotiation {
        @Test func `storage classes, transfer syntaxes and preference are negotiated as documented`() throws {
            try PriordProcess.serving { daemon in
                let said = try Negotiation.report(daemon)
                #expect(said["pynetdicom's storage classes", "refused"] == "")
                #expect(Int(said["PS3.6's storage classes", "asked"] ?? "") ?? 0 > 190)
                // Protocols, inventories, palettes, hanging protocols and implant templates belong to no Study (PS3.4 GG).
                let nonPatient = [
                    "1.1.200.1", "1.1.200.3", "1.1.200.7", "1.1.201.1", "38.1", "39.1", "43.1", "44.1", "45.1",
                ]
                #expect(
                    said["PS3.6's storage classes", "refused"]
                        == nonPatient.map { "1.2.840.10008.5.1.4." + $0 }.joined(separator: " "))
                #expect(said["private classes", "refused"] == "2")
                #expect(said["private instance", "status"] == "context refused")
                #expect(said["other services", "refused"] == "2")
                #expect(said["explicit before implicit", "chosen"] == "1.2.840.10008.1.2.1")
                #expect(said["explicit before compressed", "chosen"] == "1.2.840.10008.1.2.1")
                #expect(said["lossless in the peer's order", "chosen"] == "1.2.840.10008.1.2.4.70")
                #expect(said["lossy last", "chosen"] == "1.2.840.10008.1.2.4.70")
                #expect(said["big endian before lossy", "chosen"] == "1.2.840.10008.1.2.2")
                #expect(said["deflated alone", "chosen"] == "1.2.840.10008.1.2.1.99")
                #expect(said["lossy alone", "chosen"] == "1.2.840.10008.1.2.4.50")
                #expect(said["a private one alone", "chosen"] == "1.2.3.4.5")
                #expect(said["messages compressed", "results"] == "4 4")
                #expect(said["every Transfer Syntax", "missing"] == "")
            }
        }

        @Test func `unknown SOP classes are stored where the setting says so, other services not`() throws {
            let settings = PriordProcess.configured("accept-any-peer: on\naccept-unknown-sop-classes: on")
            try PriordProcess.serving(settings) { daemon in
                let said = try Negotiation.report(daemon)
                #expect(said["private classes", "refused"] == "0")
                #expect(said["private instance", "status"] == "0000")
                #expect(said["other services", "refused"] == "2")
                #expect(
                    try daemon.indexRows("SELECT sopClass FROM instance WHERE uid = '2.25.899'")
                        == [["1.2.826.0.1.3680043.9.9999.1"]])
            }
        }

        private static func report(_ daemon: PriordProcess) throws -> ClientReport {
            try ClientReport.of(
                "protocol_negotiation.py", ["\(daemon.dicomPort)", daemon.dataDirectory.path])
        }
    }
}
