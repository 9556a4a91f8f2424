/// Keyed by tag, as in PS3.18 F.2 (`0020000D`), but without VRs, which an ``AttributeSet`` does not keep: a value is a list of
/// strings, a Sequence a list of objects. An empty Sequence reads back as an Attribute without value.
extension AttributeSet: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ tag: Tag) { stringValue = tag.hexadecimal }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys {
            guard let tag = Tag(hexadecimal: key.stringValue) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "no tag")
            }
            if let strings = try? container.decode([String].self, forKey: key) {
                set(tag, to: strings)
            } else {
                set(tag, to: try container.decode([AttributeSet].self, forKey: key))
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for tag in tags {
            let items = items(tag)
            if items.isEmpty {
                try container.encode(strings(tag), forKey: Key(tag))
            } else {
                try container.encode(items, forKey: Key(tag))
            }
        }
    }
}

extension Tag {
    /// Eight hexadecimal digits, `0020000D`.
    public init?(hexadecimal text: String) {
        guard text.utf8.count == 8, let number = UInt32(text, radix: 16) else { return nil }
        self.init(UInt16(number >> 16), UInt16(number & 0xFFFF))
    }

    /// Eight hexadecimal digits, `0020000D`.
    public var hexadecimal: String { description.filter { $0.isLetter || $0.isNumber } }
}
