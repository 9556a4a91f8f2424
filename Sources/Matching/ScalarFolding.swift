import Foundation

/// How single Unicode scalars fold, taken from Foundation's ICU once and kept as tables, since it is asked for every
/// character of every description.
enum ScalarFolding {
    enum Class {
        case itself
        case ignored
        case space
        case damage
        case ideograph
        /// Becomes these places of ``unfolded``.
        case folded(Range<Int>)
    }

    static let dStroke: UInt32 = 0x111

    private struct Table {
        var spans: [UInt32: Range<Int>] = [:]
        var unfolded: [UInt32] = []
    }

    private static let table = makeTable()
    static var unfolded: [UInt32] { table.unfolded }

    static func `class`(of value: UInt32) -> Class {
        switch value {
        case 0x20, 0x09, 0x0A, 0x0D: return .space
        case 0x00..<0x20, 0x7F..<0xA0, 0xFFFD: return .damage
        case 0x202A...0x202E, 0x2066...0x2069: return .damage
        case 0x200B...0x200F, 0x2060...0x2064, 0xFEFF, 0xAD, 0xFE00...0xFE0F: return .ignored
        case 0x4E00...0x9FFF: return .ideograph
        case 0x80...0xFFFF: break
        default: return value < 0x80 ? asciiClasses[Int(value)] : .space
        }
        return table.spans[value].map { .folded($0) } ?? .itself
    }

    /// Punctuation that words are written around with or without spaces.
    static func hugsNeighbours(_ value: UInt32) -> Bool {
        switch value {
        case 0x28, 0x29, 0x2B, 0x2C, 0x2D, 0x2F, 0x26: true  // ( ) + , - / &
        default: false
        }
    }

    static func isIdeograph(_ value: UInt32) -> Bool { (0x4E00...0x9FFF).contains(value) }
    static func isMark(_ value: UInt32) -> Bool { (0x300...0x36F).contains(value) }
    static func isDigit(_ value: UInt32) -> Bool { (0x30...0x39).contains(value) }

    /// Grave, acute, tilde, hook above and dot below: the tones of Vietnamese.
    static func isTone(_ value: UInt32) -> Bool {
        switch value {
        case 0x300, 0x301, 0x303, 0x309, 0x323: true
        default: false
        }
    }

    static func isLetter(_ value: UInt32) -> Bool {
        (0x61...0x7A).contains(value) || ((0xC0...0x2AF).contains(value)) || (0x370...0x52F).contains(value)
    }

    static func isVowel(_ value: UInt32) -> Bool {
        switch value {
        case 0x61, 0x65, 0x69, 0x6F, 0x75, 0x79: true  // a e i o u y
        default: false
        }
    }

    static func isLetterOrMark(_ value: UInt32) -> Bool { isLetter(value) || isMark(value) }

    private static let asciiClasses: [Class] = (0..<0x80).map { value in
        guard let scalar = Unicode.Scalar(UInt32(value)) else { return .damage }
        switch scalar {
        case "0"..."9", "a"..."z", "(", ")", "+", ",", "-", "/", "&": return .itself
        case "A"..."Z", "[", "]", "{", "}", ";", ":": return table.spans[scalar.value].map { .folded($0) } ?? .itself
        default: return .space
        }
    }

    // MARK: Traditional characters

    /// The simplified form of a traditional character, itself otherwise.
    static func simplified(_ value: UInt32) -> UInt32 { simplifiedForms[Int(value - 0x4E00)] }

    private static let simplifiedForms: [UInt32] = {
        let block: [UInt32] = Array(0x4E00...0x9FFF)
        let text = String(String.UnicodeScalarView(block.compactMap(Unicode.Scalar.init)))
        let mapped = text.applyingTransform(StringTransform("Hant-Hans"), reverse: false) ?? text
        let forms = mapped.unicodeScalars.map(\.value)
        // Rare characters map outside the block; their own form serves as well.
        return forms.count == block.count ? zip(forms, block).map { isIdeograph($0) ? $0 : $1 } : block
    }()

    // MARK: Table

    private static let foldedBlocks: [ClosedRange<UInt32>] = [
        0x41...0x5A, 0xA0...0x24F, 0x1E00...0x1EFF, 0x2000...0x206F, 0x2070...0x209F, 0x2100...0x218F,
        0x2460...0x24FF, 0x2E80...0x2FDF, 0x3000...0x303F, 0x3200...0x33FF, 0xF900...0xFAFF, 0xFB00...0xFB06,
        0xFF00...0xFFEF,
    ]

    /// What the compatibility mapping leaves that should still compare alike.
    private static let alike: [UInt32: UInt32] = [
        0x5B: 0x28, 0x7B: 0x28, 0x3010: 0x28, 0x3014: 0x28, 0x5D: 0x29, 0x7D: 0x29, 0x3011: 0x29, 0x3015: 0x29,
        0x3B: 0x2C, 0x3A: 0x2C, 0x3001: 0x2C, 0x3002: 0x2C, 0xB7: 0x2C, 0x2010: 0x2D, 0x2011: 0x2D, 0x2012: 0x2D,
        0x2013: 0x2D, 0x2014: 0x2D, 0x2015: 0x2D, 0x2212: 0x2D, 0x2044: 0x2F,
    ]

    private static func makeTable() -> Table {
        var table = Table()
        func set(_ value: UInt32, _ folded: [UInt32]) {
            table.spans[value] = table.unfolded.count..<(table.unfolded.count + folded.count)
            table.unfolded += folded
        }
        for value in foldedBlocks.joined() {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let mapped = String(scalar).decomposedStringWithCompatibilityMapping.lowercased()
                .decomposedStringWithCanonicalMapping
            // The sign of both (C±) is typed as two signs as well.
            let isBoth = value == 0xB1
            let folded = isBoth ? [0x2B, 0x2D] : mapped.unicodeScalars.map { keep(alike[$0.value] ?? $0.value) }
            if folded != [value] { set(value, folded) }
        }
        for (value, folded) in alike where table.spans[value] == nil { set(value, [folded]) }
        return table
    }

    /// Punctuation without a meaning of its own separates words.
    private static func keep(_ value: UInt32) -> UInt32 {
        let isKept =
            isLetterOrMark(value) || isDigit(value) || hugsNeighbours(value) || isIdeograph(value)
        return isKept ? value : 0x20
    }
}
