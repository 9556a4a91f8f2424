internal import Archive

/// A key of VR PN (PS3.4 C.2.2.2.1.1): case, width and diacritics mean nothing, đ is d.
///
/// A key of one component group matches any group of a name: `Wang*` and `王*` both find `Wang^Xiaodong=王^小东`. A key with
/// `=` has a pattern for each group: `=王*` means the ideographic one. Delimiters at the end of a group are left away.
struct NamePattern: Sendable, Equatable {
    /// Alphabetic, ideographic and phonetic; folded. "" matches everything.
    let groups: [String]
    private let patterns: [WildcardPattern]

    init(_ key: String) {
        groups = NamePattern.groups(of: key)
        patterns = groups.map { WildcardPattern($0) }
    }

    /// There are no more (PS3.5 6.2.1).
    private static let groupLimit = 3

    private static func groups(of name: String) -> [String] {
        name.split(separator: "=", omittingEmptySubsequences: false).prefix(groupLimit).map { group in
            var folded = Substring(SearchText.fold(String(group)))
            while let last = folded.last, last == "^" || last == " " { folded.removeLast() }
            return String(folded)
        }
    }

    func matches(_ name: String) -> Bool {
        let values = NamePattern.groups(of: name)
        if patterns.count == 1 { return values.contains(where: patterns[0].matches) }
        return patterns.enumerated().allSatisfy { position, pattern in
            groups[position].isEmpty || position < values.count && pattern.matches(values[position])
        }
    }

    /// Words of a key that is meant loosely ("fuzzy"): each begins a word of the name, in any order and group.
    static func words(of name: String) -> [String] {
        SearchText.fold(name).split { "^= *?,".contains($0) }.map(String.init)
    }
}
