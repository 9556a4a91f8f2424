extension ScannedText {
    /// The words of the text in clauses, as signs and words that join two examinations part them (`+`, `、`, 及, và).
    ///
    /// A sign inside a word of the lexicon parts nothing.
    func clauses() -> [[Mention]] {
        var clauses: [[Mention]] = []
        for (mention, number) in zip(mentions, numbers(of: mentions, joints: Self.joints)) {
            if number == clauses.count { clauses.append([]) }
            clauses[number].append(mention)
        }
        return clauses
    }

    /// For each of `mentions` the clause it stands in, counted from 0; only plain joints part these, for a comma or a
    /// slash may also give detail.
    func clauseNumbers(of mentions: [Mention]) -> [Int] { numbers(of: mentions, joints: Self.plainJoints) }

    /// Whether an unknown word stands alone where a joint promises another examination (`CT head and xyz`).
    var hasUnknownClause: Bool {
        !mentions.isEmpty
            && unknown.contains { place in
                mentions.allSatisfy { mention in
                    let isBefore = mention.range.lowerBound < place.lowerBound
                    let start = isBefore ? mention.range.upperBound : place.upperBound
                    let end = isBefore ? place.lowerBound : mention.range.lowerBound
                    return start < end && hasJoint(start..<end, Self.plainJoints)
                }
            }
    }

    private func numbers(of mentions: [Mention], joints: Set<UInt32>) -> [Int] {
        var numbers: [Int] = []
        numbers.reserveCapacity(mentions.count)
        var place = 0
        for mention in mentions {
            let last = numbers.last ?? 0
            let isJoined = mention.range.lowerBound > place && !numbers.isEmpty
            numbers.append(isJoined && hasJoint(place..<mention.range.lowerBound, joints) ? last + 1 : last)
            place = max(place, mention.range.upperBound)
        }
        return numbers
    }

    /// Whether a sign or word that joins two examinations stands in `gap`.
    func isJoined(_ gap: Range<Int>) -> Bool { hasJoint(gap, Self.plainJoints) }

    private func hasJoint(_ range: Range<Int>, _ joints: Set<UInt32>) -> Bool {
        let between = folded.scalars[range]
        if between.contains(where: joints.contains) { return true }
        return between.split(separator: 0x20).contains { Self.jointWords.contains(Array($0)) }
    }

    private static let plainJoints = Set("+&及和与".unicodeScalars.map(\.value))
    private static let joints = plainJoints.union(",/-加并".unicodeScalars.map(\.value))
    private static let jointWords: Set<[UInt32]> = LexiconIndex.jointWords.union([FoldedText("with").scalars])
}
