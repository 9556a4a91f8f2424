internal import DICOMCore

/// What Specific Character Set (0008,0005) says of text, and how that is decoded (PS3.3 C.12.1.1.2).
struct DeclaredCharacterSet: Hashable {
    /// What text without escape sequences is in.
    enum Base: Hashable {
        /// The default repertoire: nothing but ASCII.
        case ascii
        /// ISO_IR 100.
        case latin1
        case utf8
        case gb18030
        /// A further set of one byte a character.
        case other
    }

    let values: [String]
    let base: Base
    /// Whether escape sequences may switch to other sets (PS3.5 6.1.2.5).
    let hasCodeExtensions: Bool
    /// Encodings that a sender of this declaration may have meant.
    let hints: [TextEncoding]

    init(_ values: [String]) {
        self.values = values
        hasCodeExtensions = values.count > 1 || values.first?.hasPrefix("ISO 2022") == true
        base = DeclaredCharacterSet.base(of: values.first ?? "")
        var hints: [TextEncoding] = []
        for value in values {
            if let hint = DeclaredCharacterSet.hint(of: value), !hints.contains(hint) { hints.append(hint) }
        }
        self.hints = hints
    }

    /// Terms that have no part in code extensions.
    private static let withoutExtensions: [String: Base] = [
        "ISO_IR 6": .ascii, "ISO_IR 192": .utf8, "GB18030": .gb18030, "GBK": .gb18030,
    ]

    /// Every term of one value that is decoded, and every one that code extensions may name.
    static var terms: (single: [String], extensions: [String]) {
        let single = CodeExtensions.singleTerms.map { $0.replacing("ISO 2022 IR ", with: "ISO_IR ") }
        return ((withoutExtensions.keys + single).sorted(), CodeExtensions.allTerms)
    }

    private static func base(of value: String) -> Base {
        switch value {
        case _ where withoutExtensions[value] != nil: withoutExtensions[value] ?? .ascii
        case "", "ISO 2022 IR 6": .ascii
        case "ISO_IR 100", "ISO 2022 IR 100": .latin1
        // These two have no initial set of their own; without escape sequences there is nothing but ASCII.
        case "ISO 2022 IR 58", "ISO 2022 IR 149", "ISO 2022 IR 87", "ISO 2022 IR 159": .ascii
        case _ where value.hasPrefix("ISO_IR ") || value.hasPrefix("ISO 2022 IR "): .other
        // No term of the standard says anything.
        default: .ascii
        }
    }

    /// Terms of the standard and misspelt ones alike: "GB2312", "gbk", "UTF-8", "ISO-IR-192".
    private static func hint(of value: String) -> TextEncoding? {
        let letters = value.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return switch letters {
        case "ISO2022IR58", "ISOIR58": .gb18030
        case "ISO2022IR87", "ISOIR87", "ISO2022IR159", "ISOIR159", "ISO2022IR13", "ISOIR13": .shiftJIS
        case "ISO2022IR149", "ISOIR149": .eucKR
        case "ISOIR192", "UTF8", "UNICODE": .utf8
        case _ where letters.hasPrefix("GB"): .gb18030
        case _ where letters.hasPrefix("BIG5"): .big5
        case "WINDOWS1258", "CP1258": .windows1258
        default: nil
        }
    }

    /// The same text in the encodings ``TextConverter`` knows, for comparing the declaration with other readings.
    var encoding: TextEncoding? {
        switch base {
        case .latin1: .windows1252
        case .utf8: .utf8
        case .gb18030: .gb18030
        case .ascii, .other: nil
        }
    }
}

extension DeclaredCharacterSet {
    /// `text` as it is declared; nil when it is not that.
    func decode(_ text: RawText, with converter: TextConverter) -> String? {
        if hasCodeExtensions && text.hasEscapes || base == .other && !text.isASCII {
            return CodeExtensions(values).decode(text, with: converter)
        }
        if text.hasEscapes { return nil }
        if text.isASCII { return String(decoding: text.bytes, as: UTF8.self) }
        switch base {
        case .ascii, .other: return nil
        case .latin1:
            // 80 to 9F are control characters that no text has; who sends them means something else.
            guard !text.bytes.contains(where: { (0x80...0x9F).contains($0) }) else { return nil }
            var decoded = String.UnicodeScalarView()
            decoded.append(contentsOf: text.bytes.map { Unicode.Scalar($0) })
            return String(decoded)
        case .utf8: return String(validating: text.bytes, as: UTF8.self)
        case .gb18030: return converter.decode(text.bytes, as: .gb18030).flatMap { $0.isCut ? nil : $0.text }
        }
    }
}
