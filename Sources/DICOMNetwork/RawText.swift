/// A value of text as its bytes stand in the Data Set, several values and their separators included.
struct RawText: Hashable {
    enum Kind { case values, names, text }

    let bytes: [UInt8]
    let kind: Kind
    let isASCII: Bool
    let hasEscapes: Bool

    init(bytes: [UInt8], kind: Kind) {
        self.bytes = bytes
        self.kind = kind
        isASCII = bytes.allSatisfy { $0 < 0x80 }
        hasEscapes = RawText.hasEscapes(bytes)
    }

    /// Whether `bytes` are ASCII without escape sequences: then they are the text, whatever is declared.
    static func isPlain(_ bytes: some Collection<UInt8>) -> Bool {
        let isPlain = bytes.withContiguousStorageIfAvailable { bytes in
            // One pass without a branch for each byte: nearly every value ends here.
            var seen: UInt8 = 0
            var hasEscape = false
            for byte in bytes {
                seen |= byte
                hasEscape = hasEscape || byte == escape
            }
            return seen < 0x80 && !hasEscape
        }
        if let isPlain, isPlain { return true }
        return bytes.allSatisfy { $0 < 0x80 } && !hasEscapes(bytes)
    }

    static let escape: UInt8 = 0x1B

    /// Whether there is an escape sequence of ISO 2022: ESC and an intermediate byte.
    static func hasEscapes(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.contains(escape) && zip(bytes, bytes.dropFirst()).contains { $0 == escape && (0x20...0x2F).contains($1) }
    }
}
