internal import CDCMTK
public import DICOMCore

extension AttributeSet {
    /// Encodes values and Sequences in a Transfer Syntax, as messages need. Text that is not ASCII goes out in
    /// `characterSet` where that has every character of it, else in UTF-8; Specific Character Set (0008,0005) says which
    /// (PS3.3 C.12.1.1.2).
    ///
    /// - Parameter characterSet: values of Specific Character Set that the receiver has shown to read.
    /// - Throws: ``DataSetError/unreadable(_:)`` when DCMTK refuses a value.
    public func encoded(transferSyntax: String, characterSet: [String] = []) throws(DataSetError) -> [UInt8] {
        guard let dataSet = cdcmtk_data_set_create() else { throw .unreadable("out of memory") }
        defer { cdcmtk_data_set_free(dataSet) }
        var message = self
        message.removeCharacterSet()
        if isASCII {
            try message.put(into: dataSet) { Array($0.utf8) }
        } else if let encoder = TextEncoder(characterSet), message.canBeEncoded(by: encoder) {
            message.set(.specificCharacterSet, to: characterSet)
            try message.put(into: dataSet) { encoder.encode($0) ?? [] }
        } else {
            message[.specificCharacterSet] = "ISO_IR 192"
            try message.put(into: dataSet) { Array($0.utf8) }
        }
        return try encodedBytes { cdcmtk_data_set_encode(dataSet, transferSyntax, $0, $1, $2) }
    }

    private func put(
        into dataSet: OpaquePointer, encoding encode: (String) -> [UInt8]
    ) throws(DataSetError) {
        func check(_ tag: Tag, _ result: cdcmtk_result, _ error: cdcmtk_error) throws(DataSetError) {
            guard result == CDCMTK_OK else { throw .unreadable("\(tag): \(error.message)") }
        }
        for tag in tags {
            var error = cdcmtk_error()
            guard !items(tag).isEmpty else {
                let text = encode(strings(tag).joined(separator: "\\")).map { CChar(bitPattern: $0) } + [0]
                try check(tag, cdcmtk_data_set_put(dataSet, tag.group, tag.element, text, &error), error)
                continue
            }
            for item in items(tag) {
                try check(tag, cdcmtk_data_set_begin_item(dataSet, tag.group, tag.element, &error), error)
                defer { cdcmtk_data_set_end_item(dataSet) }
                try item.put(into: dataSet, encoding: encode)
            }
        }
    }

    private func canBeEncoded(by encoder: TextEncoder) -> Bool {
        tags.allSatisfy { tag in
            strings(tag).allSatisfy { encoder.encode($0) != nil }
                && items(tag).allSatisfy { $0.canBeEncoded(by: encoder) }
        }
    }

    /// A message has one character set; what its Items were in before does not matter.
    private mutating func removeCharacterSet() {
        remove(.specificCharacterSet)
        for tag in tags where !items(tag).isEmpty {
            set(
                tag,
                to: items(tag).map { item in
                    var item = item
                    item.removeCharacterSet()
                    return item
                })
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
