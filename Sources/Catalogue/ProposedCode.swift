/// An item of a list, by its code.
public struct ListedCode: Sendable, Equatable {
    public let catalogue: CatalogueID
    public let code: ItemCode
    public let name: LocalizedName
}

/// A code for an examination that no list holds, composed by the grammar. No publisher has given it: it is to be shown
/// as proposed wherever it stands.
public struct ProposedCode: Sendable, Equatable {
    public let code: ItemCode
    public let axes: CodedAxes
    /// Listed codes that differ least, best first.
    public let nearest: [ListedCode]

    fileprivate init(code: ItemCode, axes: CodedAxes, nearest: [ListedCode]) {
        self.code = code
        self.axes = axes
        self.nearest = nearest
    }
}

/// The code of an examination, from a list where one has it.
public enum ExaminationCode: Sendable, Equatable {
    /// Never empty: the items of the lists that are this examination.
    case listed([ListedCode])
    case proposed(ProposedCode)
}

/// Explains and composes codes with a library's lists beside the grammar.
public struct CodeBook: Sendable {
    let grammar: CodeAxes
    let composition: CodeComposition
    /// Items of every list that uses the grammar, newest edition of each code first.
    let listed: [ItemCode: [ListedCode]]

    public init(_ library: CatalogueLibrary) throws(CatalogueError) {
        grammar = library.grammar
        composition = try .bundled(grammar: library.grammar)
        var listed: [ItemCode: [ListedCode]] = [:]
        for edition in library.editions.reversed() where edition.header.usesCodeGrammar {
            for item in edition.imaging?.items ?? [] {
                listed[item.code, default: []].append(
                    ListedCode(catalogue: edition.id, code: item.code, name: item.name))
            }
        }
        self.listed = listed
    }

    public static func bundled() throws -> CodeBook { try CodeBook(.bundled(lexicon: .bundled())) }

    /// The code of an examination: the listed one where a list has it, else one that is proposed.
    ///
    /// A list tells fewer things apart than the grammar can: where it has one posture, or one technique, for a part and side,
    /// an examination that says nothing else is that item, and no second code is made for it.
    public func code(for asked: ExaminationAxes) throws(CompositionError) -> ExaminationCode {
        let code = try composition.compose(asked)
        if let items = listed[code] { return .listed(items) }
        let same = listed.keys.filter { isSame($0, as: code, asked) }.sorted()
        if let only = same.first, same.count == 1, let items = listed[only] { return .listed(items) }
        if same.count > 1, asked.position == nil, asked.modality == .radiograph || asked.modality == .mammogram {
            throw .unstated(
                .position, choices: same.compactMap { composition.axes(of: $0)?.position?.rawValue })
        }
        guard let axes = composition.axes(of: code) else {
            throw .notInGrammar(.region, value: asked.regions.map(\.name).joined(separator: ";"))
        }
        return .proposed(ProposedCode(code: code, axes: axes, nearest: neighbours(of: code)))
    }

    /// Whether a listed code differs from the composed one only in what was not asked for.
    private func isSame(_ other: ItemCode, as code: ItemCode, _ asked: ExaminationAxes) -> Bool {
        let (other, code) = (Array(other.value), Array(code.value))
        guard other[..<5] == code[..<5], other[8] == code[8] else { return false }
        let plain = [nil, "plain", "enhanced", "radiography"].contains(asked.technique?.name)
        guard other[5] == code[5] || plain && asked.views.isEmpty else { return false }
        return other[7] == code[7] || asked.position == nil || other[7] == "Z"
    }

    /// Listed codes that begin with most of the same characters, so of the same modality and part first.
    func neighbours(of code: ItemCode, limit: Int = 3) -> [ListedCode] {
        let ranked = listed.keys.map { (Self.sharedCount($0, code), $0) }
            .filter { $0.0 >= Self.partCount }.sorted { ($1.0, $0.1) < ($0.0, $1.1) }
        return ranked.prefix(limit).compactMap { listed[$0.1]?.first }
    }

    /// Characters of a code that say modality and part.
    private static let partCount = 4

    private static func sharedCount(_ left: ItemCode, _ right: ItemCode) -> Int {
        zip(left.value.utf8, right.value.utf8).prefix { $0 == $1 }.count
    }

    /// Listed codes by the number of characters to change, put in or leave out, then by code.
    func nearest(to characters: [Character], limit: Int = 3) -> [ListedCode] {
        let ranked = listed.keys.map { (Self.distance(Array($0.value), characters), $0) }.sorted(by: <)
        return ranked.prefix { $0.0 <= 3 }.prefix(limit).compactMap { listed[$0.1]?.first }
    }

    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let above = row[column + 1]
                row[column + 1] = min(diagonal + (character == other ? 0 : 1), above + 1, row[column] + 1)
                diagonal = above
            }
        }
        return row[right.count]
    }
}
