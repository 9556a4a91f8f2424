internal import CDCMTK
public import DICOMCore

extension AttributeSet {
    /// Encodes values and Sequences in a Transfer Syntax, as messages need. Text goes out as UTF-8 and says so in
    /// Specific Character Set (0008,0005) when it is not ASCII (PS3.3 C.12.1.1.2).
    ///
    /// - Throws: ``DataSetError/unreadable(_:)`` when DCMTK refuses a value.
    public func encoded(transferSyntax: String) throws(DataSetError) -> [UInt8] {
        guard let dataSet = cdcmtk_data_set_create() else { throw .unreadable("out of memory") }
        defer { cdcmtk_data_set_free(dataSet) }
        var message = self
        if !isASCII { message[.specificCharacterSet] = "ISO_IR 192" }
        try message.put(into: dataSet)
        return try encodedBytes { cdcmtk_data_set_encode(dataSet, transferSyntax, $0, $1, $2) }
    }

    private func put(into dataSet: OpaquePointer) throws(DataSetError) {
        func check(_ tag: Tag, _ result: cdcmtk_result, _ error: cdcmtk_error) throws(DataSetError) {
            guard result == CDCMTK_OK else { throw .unreadable("\(tag): \(error.message)") }
        }
        for tag in tags {
            var error = cdcmtk_error()
            guard !items(tag).isEmpty else {
                let text = strings(tag).joined(separator: "\\")
                try check(tag, cdcmtk_data_set_put(dataSet, tag.group, tag.element, text, &error), error)
                continue
            }
            for item in items(tag) {
                try check(tag, cdcmtk_data_set_begin_item(dataSet, tag.group, tag.element, &error), error)
                defer { cdcmtk_data_set_end_item(dataSet) }
                try item.put(into: dataSet)
            }
        }
    }

    private var isASCII: Bool {
        tags.allSatisfy { tag in
            strings(tag).allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } } && items(tag).allSatisfy(\.isASCII)
        }
    }

    /// Parses a Data Set held in memory, such as an Identifier.
    ///
    /// - Parameter keepsAllGroups: also Attributes of groups of which priord reads nothing.
    /// - Throws: ``DataSetError``.
    public init(
        encoded bytes: [UInt8], transferSyntax: String, keepsAllGroups: Bool = false
    ) throws(DataSetError) {
        self = try ObjectHeader.attributes(
            of: bytes, transferSyntax: transferSyntax, keepsAllGroups: keepsAllGroups)
    }
}
