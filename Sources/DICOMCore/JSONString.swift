extension [UInt8] {
    /// Appends text as a JSON string, in quotes (RFC 8259 7).
    public mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            guard bytes.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
                return append(contentsOf: bytes)
            }
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(contentsOf: [UInt8(ascii: "\\"), byte])
                case 0..<0x20: append(contentsOf: "\\u00\([byte].hexadecimal.uppercased())".utf8)
                default: append(byte)
                }
            }
        }
        append(UInt8(ascii: "\""))
    }
}
