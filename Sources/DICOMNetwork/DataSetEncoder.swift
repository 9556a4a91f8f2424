internal import CDCMTK
public import DICOMCore

/// Encodes the Data Sets of messages, one after another, in one Transfer Syntax, as the responses to a query are.
///
/// Text that is not ASCII goes out in the character set of the receiver where that has every character of it, else in UTF-8;
/// Specific Character Set (0008,0005) says which (PS3.3 C.12.1.1.2).
///
/// A query may have a hundred thousand matches, each of which DCMTK would make a tree of; so this writes bytes at once.
public struct DataSetEncoder {
    private let encoding: ElementEncoding
    private let characterSet: [String]
    private let text: TextEncoder?
    /// What has been looked up: the same Attributes come again and again.
    private var representations: [Tag: ElementRepresentation] = [:]

    /// - Parameter characterSet: values of Specific Character Set that the receiver has shown to read.
    public init(transferSyntax: String, characterSet: [String] = []) {
        encoding = ElementEncoding(transferSyntax: transferSyntax)
        self.characterSet = characterSet
        text = TextEncoder(characterSet)
    }

    /// - Throws: ``DataSetError/unwritable(_:)`` for an Attribute that no dictionary knows, for bulk data, and for a value
    ///   that is none of its Value Representation.
    public mutating func encode(_ attributes: AttributeSet) throws(DataSetError) -> [UInt8] {
        if attributes.isASCII { return try encode(attributes, declaring: []) { Array($0.utf8) } ?? [] }
        if let text, let bytes = try encode(attributes, declaring: characterSet, text.encode) { return bytes }
        return try encode(attributes, declaring: ["ISO_IR 192"]) { Array($0.utf8) } ?? []
    }

    /// - Returns: nil when some text cannot be written so.
    private mutating func encode(
        _ attributes: AttributeSet, declaring characterSet: [String], _ encode: (String) -> [UInt8]?
    ) throws(DataSetError) -> [UInt8]? {
        var writer = ElementWriter(encoding: encoding)
        var message = attributes
        if characterSet.isEmpty {
            message.remove(.specificCharacterSet)
        } else {
            message.set(.specificCharacterSet, to: characterSet)
        }
        return try write(message, isItem: false, to: &writer, encode) ? writer.bytes : nil
    }

    /// - Returns: false when some text cannot be written.
    private mutating func write(
        _ attributes: AttributeSet, isItem: Bool, to writer: inout ElementWriter, _ encode: (String) -> [UInt8]?
    ) throws(DataSetError) -> Bool {
        for tag in attributes.tags {
            // A message has one character set; what its Items were in before does not matter.
            if isItem, tag == .specificCharacterSet { continue }
            let representation = representation(of: tag)
            let items = attributes.items(tag)
            if !items.isEmpty {
                let sequence = writer.beginSequence(tag)
                for item in items {
                    let place = writer.beginItem()
                    guard try write(item, isItem: true, to: &writer, encode) else { return false }
                    writer.end(place)
                }
                writer.end(sequence)
                continue
            }
            let values = attributes.strings(tag)
            let isEmpty = values.isEmpty || values.count == 1 && values[0].isEmpty
            switch representation {
            case _ where isEmpty: writer.put(tag, representation.vr, [])
            case .text(let vr):
                guard let bytes = values.count == 1 ? encode(values[0]) : encode(values.joined(separator: "\\")) else {
                    return false
                }
                writer.put(tag, vr, bytes)
            case .number(let vr): try writer.put(tag, vr, numbers: values)
            case .sequence, .bulk: throw .unwritable(tag)
            }
        }
        return true
    }

    private mutating func representation(of tag: Tag) -> ElementRepresentation {
        if let known = representations[tag] { return known }
        let found = ElementRepresentation(tag)
        representations[tag] = found
        return found
    }
}

extension AttributeSet {
    /// Encodes values and Sequences in a Transfer Syntax, as messages need: see ``DataSetEncoder``.
    public func encoded(transferSyntax: String, characterSet: [String] = []) throws(DataSetError) -> [UInt8] {
        var encoder = DataSetEncoder(transferSyntax: transferSyntax, characterSet: characterSet)
        return try encoder.encode(self)
    }

    /// Parses a Data Set held in memory, such as an Identifier.
    ///
    /// - Parameters:
    ///   - keepsAllGroups: also Attributes of groups of which priord reads nothing.
    ///   - textEncoding: what a person says that its sender's text is in, whatever it declares.
    /// - Throws: ``DataSetError``.
    public init(
        encoded bytes: [UInt8], transferSyntax: String, keepsAllGroups: Bool = false, textEncoding: TextEncoding? = nil
    ) throws(DataSetError) {
        self = try ObjectHeader.attributes(
            of: bytes, transferSyntax: transferSyntax, keepsAllGroups: keepsAllGroups, textEncoding: textEncoding)
    }

    fileprivate var isASCII: Bool {
        tags.allSatisfy { tag in
            strings(tag).allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } } && items(tag).allSatisfy(\.isASCII)
        }
    }
}
