internal import CDCMTK
public import DICOMCore

extension AttributeSet {
    /// Encodes the values (no Sequences) in a Transfer Syntax, as Identifiers of C-FIND need. Text goes out as UTF-8 and
    /// says so in Specific Character Set (0008,0005) when it is not ASCII (PS3.3 C.12.1.1.2).
    ///
    /// - Throws: ``DataSetError/unreadable(_:)`` when DCMTK refuses a value.
    public func encoded(transferSyntax: String) throws(DataSetError) -> [UInt8] {
        guard let dataSet = cdcmtk_data_set_create() else { throw .unreadable("out of memory") }
        defer { cdcmtk_data_set_free(dataSet) }
        var values = tags.filter { items($0).isEmpty }.map { ($0, strings($0).joined(separator: "\\")) }
        if values.contains(where: { !$0.1.utf8.allSatisfy { $0 < 0x80 } }) {
            values.removeAll { $0.0 == .specificCharacterSet }
            values.append((.specificCharacterSet, "ISO_IR 192"))
        }
        for (tag, text) in values {
            var error = cdcmtk_error()
            guard cdcmtk_data_set_put(dataSet, tag.group, tag.element, text, &error) == CDCMTK_OK else {
                throw .unreadable("\(tag): \(error.message)")
            }
        }
        return try encodedBytes { cdcmtk_data_set_encode(dataSet, transferSyntax, $0, $1, $2) }
    }

    /// Parses a Data Set held in memory, such as an Identifier.
    ///
    /// - Throws: ``DataSetError``.
    public init(encoded bytes: [UInt8], transferSyntax: String) throws(DataSetError) {
        self = try ObjectHeader.attributes(of: bytes, transferSyntax: transferSyntax)
    }
}
