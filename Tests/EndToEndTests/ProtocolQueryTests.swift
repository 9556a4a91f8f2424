import Foundation
import Testing

extension ProtocolTests {
    /// C-FIND in every Information Model, at every level, of several peers.
    @Suite struct Query {
        private static let chinese = "2.25.274588220911404479339877106200941906599"

        private static func report(_ daemon: PriordProcess) throws -> ClientReport {
            let vietnamese = try daemon.indexRows("SELECT uid FROM study WHERE foldedName LIKE 'nguyen%' ORDER BY uid")
            return try ClientReport.of(
                "protocol_query.py", ["\(daemon.dicomPort)", chinese, vietnamese.first?.first ?? ""])
        }

        @Test
        func `every model, level and character set is answered, and malformed queries are refused`()
            throws
        {
            try PriordProcess.serving { daemon in
                try Peers.sendFixtures(to: daemon)
                let said = try Self.report(daemon)
                try Self.checkLevels(said, daemon)
                Self.checkCharacterSets(said)
                Self.checkKeys(said)
                Self.checkAgreements(said)
                Self.checkSizes(said)
                #expect(said.cases["to its end"] == ["matches": "3000", "last": "status 0000"])
                #expect(said["cancelled", "last"] == "status FE00")
                #expect((100..<3000).contains(said["cancelled", "matches"].flatMap { Int($0) } ?? 0))
                #expect(said["afterwards", "said"] == "status 0000")
            }
        }

        private static func checkLevels(_ said: ClientReport, _ daemon: PriordProcess) throws {
            func count(_ sql: String) throws -> String? {
                try daemon.indexRows("SELECT count(*) FROM " + sql).first?.first
            }
            let ofPatient = "study WHERE patientID = 'HX00010234'"
            let patients = try count("patient WHERE patientID = 'HX00010234'")
            for model in ["patient root", "patient/study only"] {
                #expect(said["\(model), PATIENT", "count"] == patients)
                #expect(try said["\(model), STUDY", "count"] == count(ofPatient))
            }
            #expect(said["study root, PATIENT", "status"] == "A900")
            #expect(said["study root, STUDY", "count"] == "1")
            let series = "series JOIN study ON study.id = series.study WHERE study.uid = '\(chinese)'"
            #expect(try said["study root, SERIES", "count"] == count(series))
            #expect(said["study root, IMAGE", "count"] == "2")
            #expect(said["patient root, IMAGE", "status"] == "0000")
            #expect(Int(said["patient root, IMAGE", "count"] ?? "") ?? 0 > 0)
            #expect(said["patient/study only, SERIES", "status"] == "A900")
            #expect(
                said["study root, IMAGE", "keys"]
                    == "InstanceAvailability QueryRetrieveLevel RetrieveAETitle SOPInstanceUID SeriesInstanceUID StudyInstanceUID"
            )
        }

        private static func checkCharacterSets(_ said: ClientReport) {
            let wang = "Wang^Xiaomei=王^小梅"
            // What each set has of the two names: UTF-8 stands in where it lacks something.
            let sets: [(asked: String, chinese: String, vietnamese: String)] = [
                ("None", "ISO_IR 192", "ISO_IR 192"), ("ISO_IR 100", "ISO_IR 192", "ISO_IR 192"),
                ("ISO_IR 192", "ISO_IR 192", "ISO_IR 192"), ("GB18030", "GB18030", "GB18030"),
                ("GBK", "GBK", "ISO_IR 192"), ("['', 'ISO 2022 IR 58']", "\\ISO 2022 IR 58", "ISO_IR 192"),
                ("NONSENSE", "ISO_IR 192", "ISO_IR 192"),
            ]
            for (asked, chinese, vietnamese) in sets {
                let facts = said.cases["asked in \(asked)"] ?? [:]
                // pydicom leaves escape sequences of GB2312 in the text.
                #expect(facts["chinese"]?.replacing("\u{1B}$)A", with: "") == wang, "\(asked)")
                #expect(facts["chinese_set"] == chinese, "\(asked)")
                #expect(facts["vietnamese"]?.hasPrefix("Nguyễn^") == true, "\(asked)")
                #expect(facts["vietnamese_set"] == vietnamese, "\(asked)")
            }
            // Simplified characters are not Japanese ones.
            #expect(said["asked in ['', 'ISO 2022 IR 87']", "chinese"] == wang)
        }

        private static func checkKeys(_ said: ClientReport) {
            #expect(said["object's own key", "pending"] == "FF00")
            #expect(said["object's own key", "count"] == "16")
            #expect(said["object's own key", "keys"]?.contains("Manufacturer") == true)
            for name in ["key of a lower level", "private key", "unknown key"] {
                #expect(said[name, "pending"] == "FF01", "\(name)")
                #expect(said[name, "count"] == "4", "\(name)")
                #expect(said[name, "status"] == "0000", "\(name)")
            }
            #expect(said["sequence", "count"] == "0")
            #expect(said["modality at study level", "count"] == "2")
            #expect(said["range that ends before it begins", "count"] == "0")
            #expect(said["range that ends before it begins", "status"] == "0000")
            let refused = [
                "time that is none", "no level", "level of another model", "level below the model",
                "level that is none", "everything below",
            ]
            for name in refused {
                #expect(said[name, "status"] == "A900", "\(name)")
                #expect(said[name, "comment"]?.isEmpty == false, "\(name)")
            }
            #expect(said["everything below, agreed", "status"] == "0000")
            #expect(Int(said["everything below, agreed", "count"] ?? "") ?? 0 > 31)
            #expect(said["an image by its series alone", "status"] == "0000")
            #expect(said["big endian", "count"] == "4")
        }

        private static func checkAgreements(_ said: ClientReport) {
            #expect(said["agreed on everything", "accepted"] == "0101010000")
            #expect(said["everything below, agreed", "accepted"] == "01")
            #expect(said["name meant loosely", "accepted"] == "000001")
            #expect(Int(said["name meant loosely", "count"] ?? "") ?? 0 > 0)
            #expect(said["name meant strictly", "count"] == "0")
            #expect(said["overlong agreement", "count"] == "4")
        }

        private static func checkSizes(_ said: ClientReport) {
            #expect(said["identifier of 2 MiB", "outcome"] == "status C000")
            #expect(said["identifier of 1 MB of UIDs", "outcome"] == "status 0000")
            #expect(said["identifier of wildcards", "outcome"] == "status A900")
            #expect(said["identifier that is cut", "outcome"] == "status C000")
            #expect(said["empty identifier", "outcome"] == "status A900")
        }

        @Test func `findscu asks in both roots and all levels`() throws {
            try PriordProcess.serving { daemon in
                try Peers.sendFixtures(to: daemon)
                func find(_ root: String, _ level: String, _ keys: String...) throws -> Int {
                    let found = try Tool.run(
                        "findscu",
                        ["-v", root, "-aec", "PRIORD", "-k", "QueryRetrieveLevel=\(level)"]
                            + keys.flatMap { ["-k", $0] }
                            + ["127.0.0.1", "\(daemon.dicomPort)"])
                    #expect(found.isSuccess, "\(found.text)")
                    return found.text.components(separatedBy: "Find Response: ").count - 1
                        + found.text.components(separatedBy: "Find Response ").count - 1
                }
                #expect(try find("-P", "PATIENT", "PatientID=HX00010234", "PatientName") > 0)
                #expect(try find("-P", "STUDY", "PatientID=HX00010234", "StudyInstanceUID") >= 4)
                #expect(try find("-S", "SERIES", "StudyInstanceUID=\(Query.chinese)", "Modality") >= 2)
                #expect(try find("-S", "IMAGE", "StudyInstanceUID=\(Query.chinese)", "SOPInstanceUID", "KVP") >= 2)
                #expect(try find("-O", "STUDY", "PatientID=HX00010234", "StudyInstanceUID") >= 4)
            }
        }
    }
}
