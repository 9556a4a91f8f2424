/// All words of a lexicon as one automaton: the longest word that starts at a place is found in one walk.
struct TermTrie {
    /// What a word says, as indices the owner gave.
    struct Entry {
        let concept: Int
        var languages: LanguageSet
        /// Too short or too common to be believed in a text that nothing else shows to be of its language.
        var isWeak: Bool
        /// Whether, though weak, it hints at the language of the text.
        var isHint = false
    }

    private var firstEdge: [Int32] = []
    private var edgeScalars: [UInt32] = []
    private var edgeTargets: [Int32] = []
    /// For each node the entries of the word that ends there, as a range of ``entries``.
    private var entryRanges: [Range<Int32>] = []
    private(set) var entries: [Entry] = []
    /// The root's edges by scalar.
    private var first: [Int32] = Array(repeating: 0, count: 0x10000)

    init(_ words: [(scalars: [UInt32], entry: Entry)]) {
        let sorted = words.sorted { $0.scalars.lexicographicallyPrecedes($1.scalars) }
        var queue: [(range: Range<Int>, depth: Int)] = [(sorted.indices, 0)]
        var next = 0
        while next < queue.count {
            let (range, depth) = queue[next]
            var index = range.lowerBound
            let firstEntry = entries.count
            while index < range.upperBound, sorted[index].scalars.count == depth {
                add(sorted[index].entry, from: firstEntry)
                index += 1
            }
            entryRanges.append(Int32(firstEntry)..<Int32(entries.count))
            firstEdge.append(Int32(edgeScalars.count))
            while index < range.upperBound {
                let scalar = sorted[index].scalars[depth]
                let start = index
                while index < range.upperBound, sorted[index].scalars[depth] == scalar { index += 1 }
                edgeScalars.append(scalar)
                edgeTargets.append(Int32(queue.count))
                if next == 0, scalar < 0x10000 { first[Int(scalar)] = Int32(queue.count) }
                queue.append((start..<index, depth + 1))
            }
            next += 1
        }
        firstEdge.append(Int32(edgeScalars.count))
    }

    private mutating func add(_ entry: Entry, from first: Int) {
        if let same = entries[first...].firstIndex(where: { $0.concept == entry.concept }) {
            entries[same].languages.formUnion(entry.languages)
            entries[same].isWeak = entries[same].isWeak && entry.isWeak
            entries[same].isHint = entries[same].isHint || entry.isHint
        } else {
            entries.append(entry)
        }
    }

    /// The longest word starting at `start`, with its end and entries, or nil.
    ///
    /// - Complexity: O(length of the longest word), whatever the text.
    func longestWord(in text: FoldedText, at start: Int) -> (end: Int, entries: Range<Int32>)? {
        var node = child(of: Self.root, text.scalars[start])
        var index = start + 1
        var found: (end: Int, entries: Range<Int32>)?
        while node != Self.none {
            let range = entryRanges[Int(node)]
            if !range.isEmpty, text.isWordEnd(index) { found = (index, range) }
            guard index < text.scalars.count else { break }
            node = child(of: node, text.scalars[index])
            index += 1
        }
        return found
    }

    /// For each place of a text the word to take there so that the fewest ideographs stay unread, the longest if several do.
    func parting(of text: FoldedText) -> [(end: Int, entries: Range<Int32>)?] {
        let count = text.scalars.count
        var words: [(end: Int, entries: Range<Int32>)?] = Array(repeating: nil, count: count)
        var unread = Array(repeating: 0, count: count + 1)
        for start in stride(from: count - 1, through: 0, by: -1) {
            let isIdeograph = ScalarFolding.isIdeograph(text.scalars[start])
            unread[start] = unread[start + 1] + (isIdeograph ? 1 : 0)
            guard text.isWordStart(start) else { continue }
            guard isIdeograph else {
                words[start] = longestWord(in: text, at: start)
                if let end = words[start]?.end { unread[start] = unread[end] }
                continue
            }
            var node = child(of: Self.root, text.scalars[start])
            var end = start + 1
            while node != Self.none {
                let range = entryRanges[Int(node)]
                if !range.isEmpty, text.isWordEnd(end), unread[end] <= unread[start] {
                    unread[start] = unread[end]
                    words[start] = (end, range)
                }
                guard end < count else { break }
                node = child(of: node, text.scalars[end])
                end += 1
            }
        }
        return words
    }

    // MARK: Walking

    /// The node every word starts from. No edge leads back to it, so it says "no node" as well.
    static let root: Int32 = 0
    static let none: Int32 = 0

    /// The node that `scalar` leads to, ``none`` when no word goes on so.
    func child(of node: Int32, _ scalar: UInt32) -> Int32 {
        if node == Self.root { return scalar < 0x10000 ? first[Int(scalar)] : Self.none }
        var low = Int(firstEdge[Int(node)])
        var high = Int(firstEdge[Int(node) + 1])
        while low < high {
            let middle = (low + high) / 2
            if edgeScalars[middle] == scalar { return edgeTargets[middle] }
            if edgeScalars[middle] < scalar { low = middle + 1 } else { high = middle }
        }
        return Self.none
    }

    /// The entries of the word that ends at `node`, empty when none does.
    func entries(at node: Int32) -> ArraySlice<Entry> {
        let range = entryRanges[Int(node)]
        return entries[Int(range.lowerBound)..<Int(range.upperBound)]
    }
}

/// Languages a word belongs to.
struct LanguageSet: OptionSet {
    let rawValue: UInt8
    static let chinese = LanguageSet(rawValue: 1)
    static let english = LanguageSet(rawValue: 2)
    static let vietnamese = LanguageSet(rawValue: 4)
    /// Of a language that catalogues are not written in.
    static let european = LanguageSet(rawValue: 8)
}

extension FoldedText {
    /// Whether a word may end before `index`: Latin words end at a separator, ideographs anywhere, and a sign that ends
    /// a word (`C+`) needs no letter after it.
    func isWordEnd(_ index: Int) -> Bool {
        guard index < scalars.count else { return true }
        let last = scalars[index - 1]
        let next = scalars[index]
        let nextIsWord = ScalarFolding.isLetterOrMark(next) || ScalarFolding.isDigit(next)
        guard nextIsWord, !startsWord[index] else { return true }
        if ScalarFolding.isIdeograph(last) || last == 0x29 { return true }
        if ScalarFolding.isDigit(next), ScalarFolding.isLetter(last), isLongWord(endingAt: index) { return true }
        return false
    }

    /// Whether a word may start at `index`.
    func isWordStart(_ index: Int) -> Bool {
        guard index > 0 else { return true }
        let value = scalars[index]
        guard ScalarFolding.isLetterOrMark(value) || ScalarFolding.isDigit(value), !startsWord[index] else {
            return true
        }
        let previous = scalars[index - 1]
        if ScalarFolding.isLetterOrMark(previous) { return false }
        return !ScalarFolding.isDigit(previous) || (ScalarFolding.isLetter(value) && !isShortWord(at: index))
    }

    /// Four letters or more, which a number may follow without a space (`CHEST2`).
    private func isLongWord(endingAt end: Int) -> Bool {
        end >= 4 && scalars[(end - 4)..<end].allSatisfy(ScalarFolding.isLetterOrMark)
    }

    private func isShortWord(at start: Int) -> Bool {
        start + 4 > scalars.count || !scalars[start..<(start + 4)].allSatisfy(ScalarFolding.isLetterOrMark)
    }
}
