import DICOMCore
import DICOMNetwork
import Foundation
import Testing

@testable import Delivery

@Suite struct AttributeJSONTests {
    init() throws { try DICOMLibrary.prepare() }

    private func json(_ attributes: AttributeSet) -> String {
        var encoder = AttributeJSON()
        return String(decoding: encoder.encoded(attributes), as: UTF8.self)
    }

    @Test(arguments: [
        (DICOMCore.Tag.patientID, ["A\"1\\"], #"{"00100020":{"vr":"LO","Value":["A\"1\\"]}}"#),
        (
            .patientName, ["Nguyễn^An=阮^安"],
            #"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Nguyễn^An","Ideographic":"阮^安"}]}}"#
        ),
        (.instanceNumber, ["+07"], #"{"00200013":{"vr":"IS","Value":[7]}}"#),
        (.rows, ["512"], #"{"00280010":{"vr":"US","Value":[512]}}"#),
        (.modalitiesInStudy, ["CT", "", "SR"], #"{"00080061":{"vr":"CS","Value":["CT",null,"SR"]}}"#),
        (.accessionNumber, [], #"{"00080050":{"vr":"SH"}}"#), (.accessionNumber, [""], #"{"00080050":{"vr":"SH"}}"#),
        (.requestAttributesSequence, [], #"{"00400275":{"vr":"SQ"}}"#),
        (.specificCharacterSet, ["GB18030"], #"{"00080005":{"vr":"CS","Value":["ISO_IR 192"]}}"#),
        (DICOMCore.Tag(0x0028, 0x0106), ["-5"], #"{"00280106":{"vr":"SS","Value":[-5]}}"#),
        (
            DICOMCore.Tag(0x0018, 0x9087), ["1000.5", "nan", "inf", "-inf"],
            #"{"00189087":{"vr":"FD","Value":[1000.5,"NaN","Infinity","-Infinity"]}}"#
        ),
        (DICOMCore.Tag(0x0028, 0x0009), ["(0018,1063)"], #"{"00280009":{"vr":"AT","Value":["00181063"]}}"#),
        (DICOMCore.Tag(0x0009, 0x1001), ["x"], "{}"), (.pixelData, ["x"], "{}"),
    ])
    func `an attribute is written by its VR`(tag: DICOMCore.Tag, values: [String], text: String) {
        #expect(json(AttributeSet(values: [tag: values])) == text)
    }

    @Test func `items are objects, and control characters are escaped`() throws {
        let item = AttributeSet(values: [.scheduledProcedureStepID: ["a\u{1}b"]])
        let text = json(AttributeSet(sequences: [.requestAttributesSequence: [item, AttributeSet()]]))
        #expect(text == #"{"00400275":{"vr":"SQ","Value":[{"00400009":{"vr":"SH","Value":["a\u0001b"]}},{}]}}"#)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }

    @Test(arguments: [
        ("PatientID", [DICOMCore.Tag.patientID]), ("00100020", [.patientID]), ("0020000d", [.studyInstanceUID]),
        (
            "RequestAttributesSequence.ScheduledProcedureStepID",
            [.requestAttributesSequence, .scheduledProcedureStepID]
        ),
        ("00400275.00400009", [.requestAttributesSequence, .scheduledProcedureStepID]),
        ("00091001", [DICOMCore.Tag(0x0009, 0x1001)]),
    ])
    func `an attribute is named by keyword, tag or path`(name: String, path: [DICOMCore.Tag]) throws {
        #expect(try #require(Query.Term(name: name)).path == path)
    }

    @Test(arguments: [
        "", ".", "PatientID.", ".PatientID", "PatientID.PatientName", "patientid", "Patient's Name", "0010,0020",
        "(0010,0020)", "001000", "0010002000", "+0100020", "ＰatientID", "00100020 ",
    ])
    func `what names no attribute is none`(name: String) { #expect(Query.Term(name: name) == nil) }
}
