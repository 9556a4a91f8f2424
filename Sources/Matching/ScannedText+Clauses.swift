extension ScannedText {
    /// The words of the text in clauses, as signs and words that join two examinations part them (`+`, `、`, 及, và).
    ///
    /// A sign inside a word of the lexicon parts nothing.
    func clauses() -> [[Mention]] {
        var clauses: [[Mention]] = []
        var current: [Mention] = []
        var place = 0
        for mention in mentions {
            if mention.range.lowerBound >= place, hasJoint(place..<mention.range.lowerBound), !current.isEmpty {
                clauses.append(current)
                current = []
            }
            current.append(mention)
            place = max(place, mention.range.upperBound)
        }
        if !current.isEmpty { clauses.append(current) }
        return clauses
    }

    private func hasJoint(_ range: Range<Int>) -> Bool {
        let between = folded.scalars[range]
        if between.contains(where: Self.joints.contains) { return true }
        return between.split(separator: 0x20).contains { Self.jointWords.contains(Array($0)) }
    }

    private static let joints = Set("+,&/-及和与加并或".unicodeScalars.map(\.value))
    private static let jointWords: Set<[UInt32]> = Set(
        ["and", "va", "và", "with", "plus"].map { FoldedText($0).scalars })
}
