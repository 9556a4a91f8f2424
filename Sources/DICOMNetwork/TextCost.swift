internal import DICOMCore
internal import Foundation

/// What text costs in bits if it is in an encoding: −log₂ of a coarse model of what people write in it. The encoding in which
/// the bytes cost least is what they are in; a difference of 10 bits is odds of a thousand to one.
///
/// The models know no words. Chinese: the standards order characters by how common they are (GB2312 and Big5 level 1 hold
/// 99 % of running text). Vietnamese: letters with marks stand in regular syllables. Western: letters with marks stand
/// alone among others, in the case of their neighbours. ASCII costs the same everywhere.
enum TextCost {
    static let ascii = 5.0
    /// A letter or character out of place.
    private static let misplaced = 6.0

    /// - Parameters:
    ///   - bytes: without escape sequences.
    ///   - text: `bytes` decoded from `encoding`.
    static func of(_ bytes: [UInt8], _ text: String, in encoding: TextEncoding) -> Double {
        switch encoding {
        case .gb18030: return ofPairs(bytes, gb18030)
        case .big5: return ofPairs(bytes, big5)
        case .shiftJIS: return ofPairs(bytes, shiftJIS)
        case .eucKR: return ofPairs(bytes, eucKR)
        case .windows1252: return ofLetters(text, isVietnamese: false)
        case .windows1258, .tcvn3: return ofLetters(text, isVietnamese: true)
        case .utf8, .iso2022: return ofScalars(text)
        }
    }

    /// A character of two bytes or four, or of one that is none of ASCII.
    private struct Character {
        var bits: Double
        var byteCount = 2
    }

    /// Common characters of GB2312 (rows B0 to D7), its others (D8 to F7), its symbols, and what GBK and GB18030 add.
    private static func gb18030(_ lead: UInt8, _ trail: UInt8) -> Character {
        switch (lead, trail) {
        case (_, 0x30...0x39): Character(bits: 28, byteCount: 4)
        case (0xB0...0xD7, 0xA1...): Character(bits: 12)
        case (0xD8...0xF7, 0xA1...): Character(bits: 17)
        case (0xA1, 0xA1...), (0xA3, 0xA1...): Character(bits: 11)
        case (0xA2, 0xA1...): Character(bits: 15)
        case (0xA4...0xA9, 0xA1...): Character(bits: 20)
        case (0xAA...0xAF, 0xA1...), (0xF8..., 0xA1...), (0xA1...0xA7, ..<0xA1): Character(bits: 32)
        default: Character(bits: 22)
        }
    }

    private static func big5(_ lead: UInt8, _ trail: UInt8) -> Character {
        switch (lead, trail) {
        case (0xA4...0xC5, _), (0xC6, ...0x7E): Character(bits: 12.5)
        case (0xC9...0xF9, _): Character(bits: 18)
        case (0xA1...0xA3, _): Character(bits: 13)
        default: Character(bits: 26)
        }
    }

    private static func shiftJIS(_ lead: UInt8, _ trail: UInt8) -> Character {
        switch lead {
        case 0xA1...0xDF: Character(bits: 11, byteCount: 1)
        case 0x82, 0x83: Character(bits: 8)
        case 0x81: Character(bits: 11)
        case 0x88...0x97: Character(bits: 13)
        case 0x98...0x9F, 0xE0...0xEA: Character(bits: 17)
        default: Character(bits: 26)
        }
    }

    private static func eucKR(_ lead: UInt8, _ trail: UInt8) -> Character {
        switch (lead, trail) {
        case (0xB0...0xC8, 0xA1...): Character(bits: 11)
        case (0xCA...0xFD, 0xA1...): Character(bits: 18)
        default: Character(bits: 24)
        }
    }

    private static func ofPairs(_ bytes: [UInt8], _ character: (UInt8, UInt8) -> Character) -> Double {
        var bits = 0.0
        var index = 0
        var previous: UInt8?
        var wasWide = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                bits += ascii
                if wasWide { bits += neighbour(byte) }
                (previous, wasWide) = (byte, false)
                index += 1
            } else {
                let found = character(byte, index + 1 < bytes.count ? bytes[index + 1] : 0)
                bits += found.bits
                if let previous, !wasWide { bits += neighbour(previous) }
                (previous, wasWide) = (nil, true)
                index += found.byteCount
            }
        }
        return bits
    }

    /// Small Latin letters do not touch Chinese characters; capitals ("CT平扫") and digits do.
    private static func neighbour(_ byte: UInt8) -> Double {
        switch byte {
        case 0x61...0x7A: misplaced
        case 0x41...0x5A: 4
        default: 0
        }
    }

    private static func ofScalars(_ text: String) -> Double {
        var bits = 0.0
        for scalar in text.unicodeScalars {
            bits += ofScalar(scalar)
        }
        return bits
    }

    /// Which blocks of Unicode are used at all; a wrong UTF-8 hits the others.
    private static func ofScalar(_ scalar: Unicode.Scalar) -> Double {
        switch scalar.value {
        case ..<0x80: ascii
        case 0x80..<0xA0: 25
        case 0xA0..<0x180, 0x1A0...0x1B0, 0x300...0x323, 0x1EA0...0x1EF9: 7
        case 0x2010...0x2030, 0x3000...0x30FF, 0xFF00...0xFF5E: 10
        case 0x4E00...0x9FFF, 0xAC00...0xD7A3: 14
        default: unusual
        }
    }

    private static let unusual = 18.0

    /// Whether the text has characters beyond the alphabets that Unicode text is expected to have here.
    static func isUnusual(_ text: String) -> Bool { text.unicodeScalars.contains { ofScalar($0) >= unusual } }
}

extension TextCost {
    /// Letters of Western Europe that are in every other name, and those that are rare.
    private static let common = Set("àáâãäåæçèéêëìíîïñòóôöøùúûüßœ".unicodeScalars)

    /// One of the 6,800 syllables of Vietnamese, however many letters it has.
    private static let syllable = 13.0

    /// The cost of text in an alphabet of one byte a letter.
    private static func ofLetters(_ text: String, isVietnamese: Bool) -> Double {
        var bits = 0.0
        var word: [Unicode.Scalar] = []
        var before: Unicode.Scalar?
        func isLetter(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isAlphabetic && scalar != "ª" && scalar != "º" && scalar != "µ"
                || (0x300...0x323).contains(scalar.value)
        }
        func endWord() {
            if word.contains(where: { !$0.isASCII }) {
                bits += isVietnamese ? ofVietnamese(word, after: before) : ofWestern(word)
            } else {
                bits += ascii * Double(word.count)
            }
            before = word.last ?? before
            word.removeAll(keepingCapacity: true)
        }
        for scalar in text.unicodeScalars {
            if isLetter(scalar) {
                word.append(scalar)
                continue
            }
            endWord()
            bits += scalar.isASCII ? ascii : ofSymbol(scalar, after: before)
            before = scalar
        }
        endWord()
        return bits
    }

    private static func ofVietnamese(_ word: [Unicode.Scalar], after before: Unicode.Scalar?) -> Double {
        let marked = Double(word.count { !$0.isASCII })
        let plain = ascii * (Double(word.count) - marked)
        let followsDigit = before.map { ("0"..."9").contains($0) } ?? false
        let isSyllable = VietnameseSyllable.isPlausible(String(String.UnicodeScalarView(word)))
        return (isSyllable ? min(syllable, plain + marked * 6) : plain + marked * 16) + (followsDigit ? misplaced : 0)
    }

    private static func ofWestern(_ word: [Unicode.Scalar]) -> Double {
        var bits = 0.0
        let isMarkedOnly = !word.contains(where: \.isASCII)
        for (index, scalar) in word.enumerated() {
            if scalar.isASCII {
                bits += ascii
                continue
            }
            let isUpper = scalar.properties.isUppercase
            let lower = isUpper ? scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar : scalar
            bits += common.contains(lower) ? 6.5 : 9.5
            guard index > 0 else { continue }
            let previous = word[index - 1]
            if !previous.isASCII { bits += isMarkedOnly ? 9 : 5 }
            if isUpper, previous.properties.isLowercase { bits += misplaced }
            if !isUpper, lower != "ß", index > 1, previous.properties.isUppercase,
                word[index - 2].properties.isUppercase
            {
                bits += misplaced
            }
        }
        return bits
    }

    /// Units and quotation marks stand where they belong; other symbols are rare in names and descriptions.
    private static func ofSymbol(_ scalar: Unicode.Scalar, after before: Unicode.Scalar?) -> Double {
        let followsLetter = before?.properties.isAlphabetic ?? false
        let followsSpace = before == nil || before == " "
        // Two characters of UTF-8 or Chinese for one.
        let followsMark = before.map { !$0.isASCII } ?? false
        let bits =
            switch scalar {
            case "°", "µ": followsLetter ? 14.0 : 5
            case "²", "³": 7.0
            case "’", "®", "©", "™": 10.0
            case "\u{A0}", "·", "±", "–", "—", "‘", "“", "”", "„", "…", "•", "«", "»", "½": followsSpace ? 9.0 : 16.0
            default: followsLetter ? 20.0 : 14.0
            }
        return bits + (followsMark ? 8 : 0)
    }
}
