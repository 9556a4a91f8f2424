/// Writes text in a Specific Character Set (0008,0005), for a receiver that has shown to read it (PS3.3 C.12.1.1.2).
struct TextEncoder {
    private let declared: DeclaredCharacterSet

    /// - Parameter values: of Specific Character Set; nil when nothing but ASCII can be written in it, or it is no term of
    ///   the standard.
    init?(_ values: [String]) {
        declared = DeclaredCharacterSet(values)
        guard declared.base != .ascii || declared.hasCodeExtensions else { return nil }
    }

    /// The bytes of `text`, or nil when the character set does not have all of it.
    func encode(_ text: String) -> [UInt8]? {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return Array(text.utf8) }
        return TextConverter.withOne { converter in
            if declared.hasCodeExtensions || declared.base == .other {
                return CodeExtensions(declared.values).encode(text, with: converter)
            }
            return switch declared.base {
            case .utf8: Array(text.utf8)
            case .latin1: converter.encode(text, asNamed: "ISO-8859-1")
            case .gb18030: converter.encode(text, asNamed: declared.values.first == "GBK" ? "GBK" : "GB18030")
            case .ascii, .other: nil
            }
        }
    }
}
