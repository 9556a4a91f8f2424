import DICOMCore
import Testing

@testable import Sources

@Suite struct DataSetJSONTests {
    @Test func `an answer of QIDO-RS is read whatever its values are made of`() async throws {
        let json = """
            [{"0020000D": {"vr": "UI", "Value": ["1.2.3"]},
              "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Wang^Xiaomei", "Ideographic": "王^小梅"}]},
              "00201208": {"vr": "IS", "Value": [12]}, "00080061": {"vr": "CS", "Value": ["CT", null, "SR"]},
              "00080050": {"vr": "SH"}, "00101002": {"vr": "SQ", "Value": [{"00100020": {"vr": "LO", "Value": ["X1"]}}]},
              "00081190": {"vr": "UR", "Value": ["http://x/y"]}, "extension": 5}]
            """
        let found = try #require(try await DataSetJSON.list(Array(json.utf8)).first)
        #expect(found[.studyInstanceUID] == "1.2.3" && found[.patientName] == "Wang^Xiaomei=王^小梅")
        #expect(found.integer(Tag(0x0020, 0x1208)) == 12)
        #expect(found.strings(.modalitiesInStudy) == ["CT", "", "SR"])
        #expect(found[.accessionNumber] == nil && found.contains(.accessionNumber))
        #expect(found.items(Tag(0x0010, 0x1002)).first?[.patientID] == "X1")
    }

    @Test(arguments: [
        "{}", "[1]", "[{\"0020000D\": 5}]", "<html></html>", "[{\"0020000D\": {\"Value\": 7}}", "null", "[[]]",
    ])
    func `what is no answer is not believed`(text: String) async {
        await #expect(throws: SourceFault.self) { try await DataSetJSON.list(Array(text.utf8)) }
    }

    @Test func `nothing is an empty list`() async throws {
        #expect(try await DataSetJSON.list([]).isEmpty)
        #expect(try await DataSetJSON.list(Array("[]".utf8)).isEmpty)
    }

    @Test func `an answer nested without end is refused`() async {
        let depth = 20_000
        let text =
            "[" + String(repeating: "{\"00400275\":{\"vr\":\"SQ\",\"Value\":[", count: depth)
            + String(repeating: "]}}", count: depth) + "]"
        await #expect(throws: SourceFault.self) { try await DataSetJSON.list(Array(text.utf8)) }
    }
}
