import Catalogue

/// What a text says of its own words: that contrast is not given, that a part is included, that something is excepted.
extension LexiconIndex {
    /// A part in one character that an unknown one follows at once (脑|某) is the start of another word, not a part.
    func withoutTorn(_ mentions: [Mention], _ unknown: [Range<Int>], in text: FoldedText) -> [Mention] {
        let torn = Set(unknown.map(\.lowerBound).filter { ScalarFolding.isIdeograph(text.scalars[$0]) })
        guard !torn.isEmpty else { return mentions }
        return mentions.filter { mention in
            !(mention.range.count == 1 && kind(mention.concept) == .anatomy && torn.contains(mention.range.upperBound)
                && ScalarFolding.isIdeograph(text.scalars[mention.range.lowerBound]))
        }
    }

    /// Contrast right after a bare negation (`không dùng thuốc cản quang`, `bez kontrastu`) is contrast not given.
    func negated(_ mentions: [Mention], in text: FoldedText) -> [Mention] {
        guard let negation, let without, mentions.contains(where: { $0.concept == negation }) else { return mentions }
        var result = mentions
        for mention in mentions where mention.concept == negation {
            let next = result.indices.filter { result[$0].range.lowerBound >= mention.range.upperBound }
            guard let first = next.first, contrastGiven.contains(result[first].concept),
                text.isClose(mention.gap(to: result[first]))
            else { continue }
            let start = result[first].range.lowerBound
            for place in next where result[place].range.lowerBound == start {
                guard contrastGiven.contains(result[place].concept) else { continue }
                result[place] = Mention(
                    concept: without, languages: result[place].languages, range: result[place].range)
            }
        }
        return result
    }

    /// Parts that a bracket lists as what the part before it takes in (`tiểu khung (gồm: tử cung, buồng trứng)`) or
    /// reaches to (尺桡骨(含腕关节)) are no examinations of their own.
    func withoutEnumerations(_ mentions: [Mention], in text: FoldedText) -> [Mention] {
        guard let inclusion, mentions.contains(where: { $0.concept == inclusion }) else { return mentions }
        var result = mentions
        for mention in mentions where mention.concept == inclusion {
            let scope = text.scope(of: mention.range)
            guard
                let whole = mentions.last(where: {
                    $0.range.upperBound <= mention.range.lowerBound && kind($0.concept) == .anatomy
                })?.concept
            else { continue }
            let parts = mentions.filter { scope.contains($0.range.lowerBound) && kind($0.concept) == .anatomy }
            guard
                parts.allSatisfy({ $0.concept == whole || isInside($0.concept, whole) || isBeside($0.concept, whole) })
            else { continue }
            result.removeAll { scope.contains($0.range.lowerBound) && kind($0.concept) == .anatomy }
        }
        return result
    }

    /// What a text excepts (`不含2D`) it does not say.
    func withoutExclusions(_ mentions: [Mention], in text: FoldedText) -> [Mention] {
        guard let exclusion else { return mentions }
        let scopes = mentions.filter { $0.concept == exclusion }.map { text.scope(of: $0.range) }
        guard !scopes.isEmpty else { return mentions }
        return mentions.filter { mention in !scopes.contains { $0.contains(mention.range.lowerBound) } }
    }

    /// Whether the two lie in one part that means something, side by side: forearm and wrist.
    private func isBeside(_ one: Int, _ other: Int) -> Bool {
        let shared = (parents[one] ?? []).intersection(parents[other] ?? [])
        return !makeOne(one, other) && shared.contains { part in readings[part]?.contains { $0.result == nil } != true }
    }

    /// Whether a part named after another is one more examination: neither lies in the other, nor do they make one.
    func isApart(_ one: Int, _ other: Int) -> Bool {
        one != other && !isInside(one, other) && !isInside(other, one) && !makeOne(one, other)
    }

    private func makeOne(_ one: Int, _ other: Int) -> Bool {
        combinations.contains { ($0.first, $0.second) == (one, other) || ($0.first, $0.second) == (other, one) }
    }
}

extension FoldedText {
    /// Whether no more than two short words, and nothing that joins, stand in `gap`.
    fileprivate func isClose(_ gap: Range<Int>) -> Bool {
        let words = scalars[gap].split(separator: 0x20)
        return words.count <= 2
            && words.allSatisfy { word in
                word.allSatisfy(ScalarFolding.isLetterOrMark) && !LexiconIndex.jointWords.contains(Array(word))
            }
    }

    /// What a word of inclusion or exception speaks of: the rest of the bracket it opens, otherwise what follows up to the
    /// next sign.
    fileprivate func scope(of word: Range<Int>) -> Range<Int> {
        let rest = word.upperBound..<scalars.count
        if word.lowerBound > 0, scalars[word.lowerBound - 1] == 0x28 {
            return rest.lowerBound..<(scalars[rest].firstIndex(of: 0x29) ?? rest.upperBound)
        }
        let start = scalars[rest].firstIndex { $0 != 0x20 } ?? rest.upperBound
        let end = scalars[start...].firstIndex { $0 == 0x20 || ScalarFolding.hugsNeighbours($0) }
        return start..<(end ?? rest.upperBound)
    }
}
