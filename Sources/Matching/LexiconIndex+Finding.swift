import Catalogue

/// Finding the words of the lexicon in a text.
extension LexiconIndex {
    /// Words that join two examinations and mean nothing else.
    static let jointWords: Set<[UInt32]> = Set(["and", "va", "và", "plus"].map { FoldedText($0).scalars })

    /// The words of a text once what it leaves unread is put right, or nil when that helps nothing.
    func wordsPutRight(
        in text: FoldedText, unknown: [Range<Int>]
    ) -> (text: FoldedText, mentions: [Mention], unknown: [Range<Int>])? {
        var best: (text: FoldedText, mentions: [Mention], unknown: [Range<Int>])?
        func take(_ candidate: FoldedText) {
            let (mentions, rest) = words(in: candidate)
            if rest.count < (best?.unknown ?? unknown).count { best = (candidate, mentions, rest) }
        }
        if text.hasMarks {
            // Without its diacritics a word may be another one too, so nothing that was read may be lost.
            let known = Set(words(in: text).mentions.map(\.concept))
            let stripped = text.strippedOfMarks
            let (mentions, rest) = words(in: stripped)
            if known.isSubset(of: mentions.map(\.concept)) {
                take(stripped)
                if !rest.isEmpty, let right = speller.respelled(stripped, unknown: rest) { take(right) }
            }
        }
        if let parted = (best?.text ?? text).partedAtCapitals { take(parted) }
        if let rest = best?.unknown, rest.isEmpty { return best }
        if let respelled = speller.respelled(best?.text ?? text, unknown: best?.unknown ?? unknown) { take(respelled) }
        let mentions = best?.mentions ?? words(in: text).mentions
        if mentions.contains(where: { kind($0.concept) == .modality }),
            !mentions.contains(where: { kind($0.concept) == .anatomy }),
            let named = speller.regionNamed(in: best?.text ?? text, unknown: best?.unknown ?? unknown)
        {
            take(named)
        }
        return best
    }

    /// The last unknown word of a text, where it says something by standing last.
    private func lastWord(of text: FoldedText, after mentions: [Mention], _ unknown: [Range<Int>]) -> Mention? {
        guard let last = unknown.last, let word = endWords[Array(text.scalars[last])],
            mentions.allSatisfy({ $0.range.lowerBound < last.lowerBound || $0.concept == word.mayFollow })
        else { return nil }
        return Mention(concept: word.concept, languages: .english, range: last)
    }

    /// The words of a text from left to right, the longest at each place.
    ///
    /// - Complexity: O(text length × longest word).
    func words(in text: FoldedText) -> (mentions: [Mention], unknown: [Range<Int>]) {
        let trie = text.hasMarks ? vocabulary.marked : vocabulary.plain
        let longest = words(in: text, trie) { trie.longestWord(in: text, at: $0) }
        guard longest.unknown.contains(where: { ScalarFolding.isIdeograph(text.scalars[$0.lowerBound]) }) else {
            return longest
        }
        // Where the longest word tears the next one (左手骨|龄片), a shorter one may leave less unread.
        let parting = trie.parting(of: text)
        let parted = words(in: text, trie) { parting[$0] }
        return parted.unknown.lazy.map(\.count).reduce(0, +) < longest.unknown.lazy.map(\.count).reduce(0, +)
            ? parted : longest
    }

    private func words(
        in text: FoldedText, _ trie: TermTrie, wordAt: (Int) -> (end: Int, entries: Range<Int32>)?
    ) -> (mentions: [Mention], unknown: [Range<Int>]) {
        var mentions: [(mention: Mention, entry: TermTrie.Entry)] = []
        var unknown: [Range<Int>] = []
        var index = 0
        while index < text.scalars.count {
            let word = text.isWordStart(index) ? wordAt(index) : nil
            if let end = word?.end ?? text.jointEnd(at: index), text.isJoint(index..<end) {
                index = end
                continue
            }
            guard let word else {
                let start = index
                index += 1
                if ScalarFolding.isIdeograph(text.scalars[start]) {
                    if let last = unknown.last, last.upperBound == start,
                        ScalarFolding.isIdeograph(text.scalars[start - 1])
                    {
                        unknown[unknown.count - 1] = last.lowerBound..<index
                    } else {
                        unknown.append(start..<index)
                    }
                } else if ScalarFolding.isLetter(text.scalars[start]) {
                    while index < text.scalars.count, !text.isWordStart(index) { index += 1 }
                    let end = text.scalars[start..<index].lastIndex(where: { $0 != 0x20 }).map { $0 + 1 } ?? index
                    if end - start > 1 { unknown.append(start..<end) }
                }
                continue
            }
            for entry in trie.entries[Int(word.entries.lowerBound)..<Int(word.entries.upperBound)] {
                mentions.append(
                    (Mention(concept: entry.concept, languages: entry.languages, range: index..<word.end), entry)
                )
            }
            index = word.end
        }
        // Weak words are believed together.
        let hints = mentions.lazy.filter { $0.entry.isHint && $0.mention.languages == .vietnamese }
            .map(\.mention.concept)
        let isVietnamese =
            mentions.contains { !$0.entry.isWeak && $0.mention.languages == .vietnamese }
            || hints.first.map { first in hints.contains { $0 != first } } ?? false
        let believed = mentions.filter { isVietnamese || !$0.entry.isWeak || $0.mention.languages != .vietnamese }
        let whole = withoutTorn(believed.map(\.mention), unknown, in: text)
        let said = withoutExclusions(negated(whole, in: text), in: text)
        var read = withoutEnumerations(said, in: text)
        if let last = lastWord(of: text, after: read, unknown) {
            unknown.removeLast()
            let place = read.firstIndex { $0.range.lowerBound > last.range.lowerBound } ?? read.count
            read.insert(last, at: place)
        }
        return (read, unknown)
    }
}

extension FoldedText {
    /// Where the word that starts at `index` ends, when it is short enough for a joint.
    fileprivate func jointEnd(at index: Int) -> Int? {
        guard isWordStart(index), ScalarFolding.isLetter(scalars[index]) else { return nil }
        let end =
            scalars[index...].prefix(5).firstIndex { !ScalarFolding.isLetterOrMark($0) }
            ?? min(index + 5, scalars.count)
        return end - index <= 4 ? end : nil
    }

    /// Whether the number two stands right before `index`, alone.
    func hasTwo(before index: Int) -> Bool {
        guard index >= 2, scalars[index - 1] == 0x20, scalars[index - 2] == 0x32 else { return false }
        return index == 2
            || !(ScalarFolding.isLetterOrMark(scalars[index - 3]) || ScalarFolding.isDigit(scalars[index - 3]))
    }

    fileprivate func isJoint(_ range: Range<Int>) -> Bool { LexiconIndex.jointWords.contains(Array(scalars[range])) }
}
