import DICOMCore
import Foundation
import Testing

@Suite struct AttributeSetJSONTests {
    @Test func `an attribute set reads back from JSON as it was written`() throws {
        var item = AttributeSet(values: [.seriesInstanceUID: ["1.2"], .imageType: ["DERIVED", "", "AXIAL"]])
        item.set(.referencedImageSequence, to: [AttributeSet(values: [.referencedSOPInstanceUID: ["1.2.3"]])])
        var attributes = AttributeSet(values: [.patientName: ["王^小东"], .studyID: [""]])
        attributes.set(.performedSeriesSequence, to: [item, AttributeSet()])
        let json = try JSONEncoder().encode(attributes)
        #expect(String(decoding: json, as: UTF8.self).contains("\"00400340\""))
        #expect(try JSONDecoder().decode(AttributeSet.self, from: json) == attributes)
    }

    @Test(arguments: ["{\"004003\": []}", "{\"0040034G\": []}", "{\"00400340\": 1}", "[]"])
    func `what is no attribute set is refused`(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(AttributeSet.self, from: Data(json.utf8)) }
    }
}
