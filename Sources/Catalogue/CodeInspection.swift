/// What is to be said of a code as somebody wrote it.
public struct CodeInspection: Sendable, Equatable {
    /// How the writing was read otherwise than it stands.
    public enum Slip: Sendable, Equatable, Hashable {
        case lowerCase
        case fullWidth
        /// Spaces, hyphens or dots between the characters.
        case separators
        /// The letter O stands for 0; the place counts from 1.
        case letterO(position: Int)
        /// The letter I stands for 1.
        case letterI(position: Int)
    }

    public enum Verdict: Sendable, Equatable {
        /// Never empty.
        case listed([ListedCode])
        /// The grammar explains every character, and no list has the code.
        case unlisted
        case wrong(Fault)
    }

    /// The first thing that is wrong.
    public struct Fault: Sendable, Equatable {
        /// Counted from 1; one beyond the last character when some are missing.
        public let position: Int
        /// Nil when it is missing.
        public let character: Character?
        /// What the grammar allows there, in the order of its file; empty beyond the ninth character.
        public let allowed: [CodeAxes.Choice]
    }

    /// The code as it was read, whatever its length.
    public let text: String
    public let slips: [Slip]
    /// As far as there are characters, at most nine.
    public let positions: [CodeAxes.Position]
    public let verdict: Verdict
    /// Listed codes that differ least, best first; none for a code that is listed.
    public let nearest: [ListedCode]
    /// What the code says; nil when it is wrong.
    public let axes: CodedAxes?
}

extension CodeBook {
    /// Longer texts are no codes.
    private static let textLimit = 64

    /// Reads a code as it was written, and explains every position.
    ///
    /// - Returns: nil when `written` holds nothing, or more than any code.
    public func inspect(_ written: String) -> CodeInspection? {
        guard written.unicodeScalars.prefix(Self.textLimit + 1).count <= Self.textLimit else { return nil }
        let (characters, slips) = Self.read(written)
        guard !characters.isEmpty else { return nil }
        let positions = grammar.explain(characters)
        let code = try? ItemCode(String(characters))
        let items = code.flatMap { listed[$0] }
        let verdict: CodeInspection.Verdict =
            if let items {
                .listed(items)
            } else if let fault = fault(characters, positions) {
                .wrong(fault)
            } else {
                .unlisted
            }
        return CodeInspection(
            text: String(characters), slips: slips, positions: positions, verdict: verdict,
            nearest: items != nil
                ? [] : verdict == .unlisted ? code.map { neighbours(of: $0) } ?? [] : nearest(to: characters),
            axes: code.flatMap(composition.axes))
    }

    private func fault(_ characters: [Character], _ positions: [CodeAxes.Position]) -> CodeInspection.Fault? {
        let wrong = positions.first { $0.meaning == nil }?.index
        guard let position = wrong ?? (characters.count == ItemCode.length ? nil : positions.count + 1) else {
            return nil
        }
        return CodeInspection.Fault(
            position: position, character: position <= characters.count ? characters[position - 1] : nil,
            allowed: grammar.choices(at: position, after: Array(characters.prefix(position - 1))))
    }

    private static func read(_ written: String) -> (characters: [Character], slips: [CodeInspection.Slip]) {
        var characters: [Character] = []
        var slips: [CodeInspection.Slip] = []
        func note(_ slip: CodeInspection.Slip) {
            if !slips.contains(slip) { slips.append(slip) }
        }
        for scalar in written.unicodeScalars {
            var value = scalar.value
            // Full-width forms of ASCII, and the ideographic space.
            if (0xFF01...0xFF5E).contains(value) || value == 0x3000 {
                value = value == 0x3000 ? 0x20 : value - 0xFEE0
                note(.fullWidth)
            }
            guard let plain = Unicode.Scalar(value) else { continue }
            if plain.properties.isWhitespace || plain == "-" || plain == "." {
                note(.separators)
                continue
            }
            switch plain {
            case "a"..."z":
                note(.lowerCase)
                characters.append(contentsOf: String(plain).uppercased())
            default: characters.append(Character(plain))
            }
            let position = characters.count
            switch characters[position - 1] {
            case "O":
                characters[position - 1] = "0"
                note(.letterO(position: position))
            case "I":
                characters[position - 1] = "1"
                note(.letterI(position: position))
            default: break
            }
        }
        return (characters, slips)
    }
}
