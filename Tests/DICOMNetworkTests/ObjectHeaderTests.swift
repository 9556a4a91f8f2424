import DICOMCore
import Foundation
import Testing

@testable import DICOMNetwork

@Suite struct ObjectHeaderTests {
    /// One file of each fixture study.
    static let fixtures: [String] = {
        let studies = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/studies")
            .standardizedFileURL
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: studies.path)) ?? []
        let files = names.filter { $0.hasSuffix(".dcm") }.sorted().map { studies.appending(path: $0) }
        return Dictionary(grouping: files) { $0.deletingLastPathComponent() }.values.compactMap(\.first?.path).sorted()
    }()

    @Test func `there are fixtures to read`() {
        #expect(Self.fixtures.count > 20)
    }

    @Test(arguments: fixtures)
    func `a header is the same whatever part of the file's start is at hand`(path: String) throws {
        let file = try Array(Data(contentsOf: URL(filePath: path)))
        let read = try ObjectHeader(path: path)
        for count in [1, 131, 400, 4096, 65_536] {
            let header = try ObjectHeader(path: path, start: Array(file.prefix(count)))
            #expect(header.meta == read.meta)
            #expect(header.dataSetOffset == read.dataSetOffset)
            #expect(header.byteCount == file.count)
            #expect(header.attributes == read.attributes)
        }
    }

    @Test func `of private Attributes only those with b-values are kept`() throws {
        let spelled = DataSetBytes()
        let bytes =
            spelled.element(.siemensBValueCreator, "LO", "SIEMENS MR HEADER")
            + spelled.element(AttributeTag(0x0019, 0x100B), "IS", "7")
            + spelled.element(.siemensBValue, "IS", "1000")
        let found = try AttributeSet(encoded: bytes, transferSyntax: "1.2.840.10008.1.2.1")
        #expect(found.tags == [.siemensBValueCreator, .siemensBValue] && found.integer(.siemensBValue) == 1000)
    }
}
