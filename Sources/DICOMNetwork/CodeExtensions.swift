internal import DICOMCore

/// Decodes text with the code extensions of ISO 2022 as DICOM uses them (PS3.5 6.1.2.5, PS3.3 Tables C.12-2 to C.12-4). iconv
/// knows each of the sets, but not their use together.
///
/// DCMTK is not asked: built on glibc's iconv it refuses ISO 2022 IR 87 and ISO 2022 IR 159, those of Japan.
struct CodeExtensions: Sendable {
    /// A set of characters that text may switch to.
    private struct CharacterSet: Sendable {
        enum Place {
            /// Bytes from A0 on, one a character or two.
            case upper
            /// Two bytes from 21 to 7E a character.
            case lowerPairs
            /// Bytes below 80, as ASCII.
            case lower
        }
        let place: Place
        /// The name of the encoding in iconv.
        let name: String
        /// What iconv wants before each character.
        var prefix: [UInt8] = []
    }

    /// A defined term, its escape sequence without ESC, and the set.
    private static let terms: [(term: String, escape: String, set: CharacterSet)] = [
        ("ISO 2022 IR 100", "-A", CharacterSet(place: .upper, name: "ISO-8859-1")),
        ("ISO 2022 IR 101", "-B", CharacterSet(place: .upper, name: "ISO-8859-2")),
        ("ISO 2022 IR 109", "-C", CharacterSet(place: .upper, name: "ISO-8859-3")),
        ("ISO 2022 IR 110", "-D", CharacterSet(place: .upper, name: "ISO-8859-4")),
        ("ISO 2022 IR 144", "-L", CharacterSet(place: .upper, name: "ISO-8859-5")),
        ("ISO 2022 IR 127", "-G", CharacterSet(place: .upper, name: "ISO-8859-6")),
        ("ISO 2022 IR 126", "-F", CharacterSet(place: .upper, name: "ISO-8859-7")),
        ("ISO 2022 IR 138", "-H", CharacterSet(place: .upper, name: "ISO-8859-8")),
        ("ISO 2022 IR 148", "-M", CharacterSet(place: .upper, name: "ISO-8859-9")),
        ("ISO 2022 IR 203", "-b", CharacterSet(place: .upper, name: "ISO-8859-15")),
        ("ISO 2022 IR 166", "-T", CharacterSet(place: .upper, name: "TIS-620")),
        ("ISO 2022 IR 13", ")I", CharacterSet(place: .upper, name: "CP932")),
        ("ISO 2022 IR 13", "(J", CharacterSet(place: .lower, name: "ASCII")),
        ("ISO 2022 IR 87", "$B", CharacterSet(place: .lowerPairs, name: "EUC-JP")),
        ("ISO 2022 IR 159", "$(D", CharacterSet(place: .lowerPairs, name: "EUC-JP", prefix: [0x8F])),
        ("ISO 2022 IR 149", "$)C", CharacterSet(place: .upper, name: "EUC-KR")),
        ("ISO 2022 IR 58", "$)A", CharacterSet(place: .upper, name: "GB2312")),
    ]
    private static let ascii = CharacterSet(place: .lower, name: "ASCII")

    /// Every term, and those that also stand alone, for sets of one byte a character.
    static var allTerms: [String] { Set(terms.map(\.term)).sorted() }
    static var singleTerms: [String] {
        Set(terms.filter { $0.set.place == .upper && !$0.escape.hasPrefix("$") }.map(\.term)).sorted()
    }

    /// For text that has escape sequences nobody declared.
    static let every = CodeExtensions([""] + Set(terms.map(\.term)))

    private let known: [(escape: [UInt8], set: CharacterSet)]
    /// What bytes from A0 on are before any escape sequence.
    private let initialUpper: CharacterSet?

    /// - Parameter values: of Specific Character Set (0008,0005).
    init(_ values: [String]) {
        let terms = values.map { $0.replacing("ISO_IR ", with: "ISO 2022 IR ") }
        let declared = CodeExtensions.terms.filter { terms.contains($0.term) }
        known = [(Array("(B".utf8), CodeExtensions.ascii)] + declared.map { (Array($0.escape.utf8), $0.set) }
        // Sets of two bytes a character are there after their escape sequence only.
        initialUpper =
            declared.first { $0.term == terms.first && $0.set.place == .upper && !$0.escape.hasPrefix("$") }?.set
    }

    /// nil when an escape sequence was not declared, or a byte is in no set in force.
    func decode(_ text: RawText, with converter: TextConverter) -> String? {
        let delimiters: [UInt8] =
            switch text.kind {
            case .names: Array("\\^=".utf8)
            case .values: Array("\\".utf8)
            case .text: []
            }
        var decoded = ""
        var lower = CodeExtensions.ascii
        var upper = initialUpper
        var rest = text.bytes[...]
        while let byte = rest.first {
            if byte == RawText.escape {
                guard let (escape, set) = known.first(where: { rest.dropFirst().starts(with: $0.escape) }) else {
                    return nil
                }
                if set.place == .upper { upper = set } else { lower = set }
                rest = rest.dropFirst(1 + escape.count)
                continue
            }
            let run: [UInt8]
            let set: CharacterSet
            if byte >= 0x80 {
                guard let upper else { return nil }
                set = upper
                run = Array(rest.prefix { $0 >= 0x80 })
            } else if byte < 0x20 || lower.place == .lower {
                // At a control character and at a delimiter everything begins anew.
                run = [byte]
                set = CodeExtensions.ascii
                if delimiters.contains(byte) || byte < 0x20 { (lower, upper) = (CodeExtensions.ascii, initialUpper) }
            } else {
                set = lower
                run = Array(rest.prefix { (0x21...0x7E).contains($0) })
                guard !run.isEmpty else { return nil }
            }
            guard let part = CodeExtensions.decode(run, set, converter) else { return nil }
            decoded += part
            rest = rest.dropFirst(run.count)
        }
        return decoded
    }

    private static func decode(_ run: [UInt8], _ set: CharacterSet, _ converter: TextConverter) -> String? {
        var bytes = run
        switch set.place {
        case .lower: return String(decoding: run, as: UTF8.self)
        case .upper: break
        case .lowerPairs:
            guard run.count % 2 == 0 else { return nil }
            bytes = []
            for (index, byte) in run.enumerated() {
                if index % 2 == 0 { bytes += set.prefix }
                bytes.append(byte | 0x80)
            }
        }
        return converter.decode(bytes, asNamed: set.name).flatMap { $0.isCut ? nil : $0.text }
    }

    /// The bytes of `text`, with escape sequences where it changes from one set to another; nil when a character is in none.
    ///
    /// Every set is left before a delimiter and before a control character, so that values and components stand alone.
    func encode(_ text: String, with converter: TextConverter) -> [UInt8]? {
        var bytes: [UInt8] = []
        var isInPairs: [UInt8]?
        var upper = initialUpper
        func leavePairs() {
            if isInPairs != nil { bytes += [RawText.escape] + Array("(B".utf8) }
            isInPairs = nil
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                leavePairs()
                if scalar.value < 0x20 || "\\^=".unicodeScalars.contains(scalar) { upper = initialUpper }
                bytes.append(UInt8(scalar.value))
                continue
            }
            if isInPairs == nil, let upper, let code = CodeExtensions.encode(scalar, upper, converter) {
                bytes += code
                continue
            }
            guard
                let (escape, set, code) = known.lazy.compactMap({ escape, set in
                    CodeExtensions.encode(scalar, set, converter).map { (escape, set, $0) }
                }).first
            else { return nil }
            if set.place == .lowerPairs {
                if isInPairs != escape { bytes += [RawText.escape] + escape }
                isInPairs = escape
            } else {
                leavePairs()
                bytes += [RawText.escape] + escape
                upper = set
            }
            bytes += code
        }
        leavePairs()
        return bytes
    }

    private static func encode(_ scalar: Unicode.Scalar, _ set: CharacterSet, _ converter: TextConverter) -> [UInt8]? {
        guard set.place != .lower, let bytes = converter.encode(String(scalar), asNamed: set.name),
            bytes.starts(with: set.prefix)
        else { return nil }
        let code = bytes.dropFirst(set.prefix.count)
        // The sets of one byte a character, and that of half-width Katakana within CP932; the others have two.
        let width = set.name.hasPrefix("EUC") || set.name == "GB2312" ? 2 : 1
        guard code.count == width, code.allSatisfy({ $0 >= 0xA0 }) else { return nil }
        return set.place == .lowerPairs ? code.map { $0 & 0x7F } : Array(code)
    }
}
