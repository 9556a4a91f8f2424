/// A text in the form in which words are compared: lower case, compatibility forms unfolded (full width), traditional
/// characters as simplified, one space at most, tone marks of Vietnamese at the end of their syllable.
///
/// Two texts that a reader takes for the same fold alike, wherever a keyboard puts the tone mark (hoá, hóa).
struct FoldedText {
    /// Longer texts are not descriptions; nothing beyond is read.
    static let scalarLimit = 1024

    private(set) var scalars: [UInt32] = []
    /// For each scalar, its place among the Unicode scalars of the original.
    private(set) var origins: [Int32] = []
    /// Whether a new word starts here although no separator stands before it (`HeadRoutine`).
    private(set) var startsWord: [Bool] = []
    /// Whether diacritics of Vietnamese stand in the text; without any, words are compared without them.
    private(set) var hasMarks = false
    private(set) var hasIdeographs = false
    /// Control characters, direction overrides or replacement characters: the text cannot be trusted.
    private(set) var isDamaged = false
    private(set) var isTooLong = false
    private var isAfterSpace = false

    init(_ text: String) {
        let count = min(text.utf8.count, Self.scalarLimit)
        scalars.reserveCapacity(count)
        origins.reserveCapacity(count)
        startsWord.reserveCapacity(count)
        let given = text.unicodeScalars.prefix(Self.scalarLimit + 1).map(\.value)
        isTooLong = given.count > Self.scalarLimit
        for (index, value) in given.prefix(Self.scalarLimit).enumerated() {
            append(value, origin: Int32(index), startsWord: Self.startsWord(given, at: index))
        }
        dropLastSpace()
        if hasMarks { moveTonesToSyllableEnd() }
    }

    /// Whether a capital or a program's number shows that a new word starts at `index`: `HeadRoutine`, `CTAAbdomen`,
    /// `Thorax^02CAP`.
    private static func startsWord(_ given: [UInt32], at index: Int) -> Bool {
        guard index > 0 else { return false }
        func isUpper(_ place: Int) -> Bool { given.indices.contains(place) && (0x41...0x5A).contains(given[place]) }
        func isLower(_ place: Int) -> Bool { given.indices.contains(place) && (0x61...0x7A).contains(given[place]) }
        if isUpper(index) {
            if isLower(index - 1) { return true }
            if isUpper(index - 1), isLower(index + 1), isLower(index + 2) { return true }
        }
        guard isUpper(index) || isLower(index), ScalarFolding.isDigit(given[index - 1]) else { return false }
        let before = given[..<index].last { !ScalarFolding.isDigit($0) }
        return before == 0x5E
    }

    private mutating func append(_ value: UInt32, origin: Int32, startsWord isStart: Bool) {
        switch ScalarFolding.class(of: value) {
        case .ignored: return
        case .damage: isDamaged = true
        case .space: appendSpace(origin)
        case .ideograph:
            hasIdeographs = true
            dropLastSpace()
            push(ScalarFolding.simplified(value), origin, false)
        case .folded(let range):
            for position in range {
                let folded = ScalarFolding.unfolded[position]
                if folded == 0x20 { appendSpace(origin) } else { pushFolded(folded, origin, isStart) }
            }
        case .itself: pushFolded(value, origin, isStart)
        }
    }

    private mutating func pushFolded(_ value: UInt32, _ origin: Int32, _ isStart: Bool) {
        if ScalarFolding.isMark(value) || value == ScalarFolding.dStroke { hasMarks = true }
        if ScalarFolding.hugsNeighbours(value) { dropLastSpace() }
        push(value, origin, isStart)
    }

    private mutating func push(_ value: UInt32, _ origin: Int32, _ isStart: Bool) {
        scalars.append(value)
        origins.append(origin)
        startsWord.append(isStart || isAfterSpace)
        isAfterSpace = false
    }

    private mutating func appendSpace(_ origin: Int32) {
        guard let last = scalars.last, last != 0x20, !ScalarFolding.isIdeograph(last) else { return }
        // The space after a sign is left out, but the word before it has ended (C+ AXIAL).
        if ScalarFolding.hugsNeighbours(last) {
            isAfterSpace = true
        } else {
            push(0x20, origin, false)
        }
    }

    private mutating func dropLastSpace() {
        guard scalars.last == 0x20 else { return }
        scalars.removeLast()
        origins.removeLast()
        startsWord.removeLast()
    }

    private mutating func moveTonesToSyllableEnd() {
        var index = 0
        while index < scalars.count {
            guard ScalarFolding.isLetterOrMark(scalars[index]) else {
                index += 1
                continue
            }
            let start = index
            while index < scalars.count, ScalarFolding.isLetterOrMark(scalars[index]) { index += 1 }
            let tones = scalars[start..<index].filter(ScalarFolding.isTone)
            guard !tones.isEmpty else { continue }
            let rest = zip(scalars[start..<index], origins[start..<index]).filter { !ScalarFolding.isTone($0.0) }
            let end = origins[index - 1]
            for (offset, pair) in (rest + tones.map { ($0, end) }).enumerated() {
                scalars[start + offset] = pair.0
                origins[start + offset] = pair.1
            }
        }
    }

    /// Puts `scalars` in the place of `range`.
    mutating func replace(_ range: Range<Int>, with new: [UInt32], origins places: [Int32]) {
        scalars.replaceSubrange(range, with: new)
        origins.replaceSubrange(range, with: places)
        startsWord.replaceSubrange(range, with: new.map { _ in false })
        hasIdeographs = hasIdeographs || new.contains(where: ScalarFolding.isIdeograph)
    }

    /// The text with a space where a capital starts a word (`CircleOfWillis`), nil when none does.
    var partedAtCapitals: FoldedText? {
        var parted = self
        for place in scalars.indices.reversed()
        where place > 0 && startsWord[place] && ScalarFolding.isLetter(scalars[place - 1]) {
            parted.replace(place..<place, with: [0x20], origins: [origins[place - 1]])
        }
        return parted.scalars.count > scalars.count ? parted : nil
    }

    /// The text with its diacritics left out.
    var strippedOfMarks: FoldedText {
        var stripped = self
        let kept = scalars.indices.filter { !ScalarFolding.isMark(scalars[$0]) }
        stripped.scalars = kept.map { scalars[$0] == ScalarFolding.dStroke ? 0x64 : scalars[$0] }
        stripped.origins = kept.map { origins[$0] }
        stripped.startsWord = kept.map { startsWord[$0] }
        stripped.hasMarks = false
        return stripped
    }

    /// The same without diacritics, as people type on keyboards that have none.
    var withoutMarks: [UInt32] {
        scalars.compactMap { ScalarFolding.isMark($0) ? nil : ($0 == ScalarFolding.dStroke ? 0x64 : $0) }
    }

    /// The words of the original that `range` was folded from.
    func original(_ range: Range<Int>, of text: String) -> String {
        guard let first = range.first, let last = range.last else { return "" }
        let view = text.unicodeScalars
        let start = view.index(view.startIndex, offsetBy: Int(origins[first]))
        let end = view.index(view.startIndex, offsetBy: Int(origins[last]) + 1)
        return String(view[start..<end])
    }
}
