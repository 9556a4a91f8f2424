public import Catalogue

/// What one examination is to another, and why.
public struct ExamRelation: Equatable, Sendable {
    /// In the order of how much the first can do for the second; `none` when it does not concern it.
    public enum Kind: Int, Sendable, Comparable {
        case none, related, part, contains, same

        public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }

        /// What the second examination is to the first.
        public var inverse: Kind {
            switch self {
            case .contains: .part
            case .part: .contains
            case .none, .related, .same: self
            }
        }
    }

    /// Where the two differ, seen from the first.
    public enum Difference: Hashable, Sendable {
        case modality(String, String)
        /// Parts of the body that only one of the two shows.
        case moreParts([ConceptID])
        case fewerParts([ConceptID])
        /// Sides that only one of the two shows.
        case moreSides([ExamContent.Side])
        case fewerSides([ExamContent.Side])
        /// Projections or series that only one of the two has.
        case moreShown([String])
        case fewerShown([String])
        case position
    }

    public let kind: Kind
    /// Empty for `same`.
    public let differences: [Difference]
}

/// Holds examinations against each other: same, contains, part, related or none.
///
/// `contains` and `part` are each other's inverse, the others their own. The answer depends on the two contents alone.
public struct RelationJudge: Sendable {
    private let coverage: AnatomyCoverage

    public init(coverage: AnatomyCoverage) { self.coverage = coverage }

    /// What `prior` is to `current`.
    public func relation(of prior: ExamContent, to current: ExamContent) -> ExamRelation {
        let contains = shows(prior, everythingOf: current)
        let isContained = shows(current, everythingOf: prior)
        let kind: ExamRelation.Kind =
            switch (contains, isContained) {
            case (true, true): .same
            case (true, false): .contains
            case (false, true): .part
            case (false, false): meets(prior, current) ? .related : .none
            }
        return ExamRelation(kind: kind, differences: kind == .same ? [] : differences(prior, current))
    }

    /// What a prior that may be any of several is to an examination that may be: the least that holds for all of them.
    public func relation(of priors: [ExamContent], to currents: [ExamContent]) -> ExamRelation {
        var least: ExamRelation?
        for prior in priors {
            for current in currents {
                let relation = relation(of: prior, to: current)
                least = least.map { Self.common($0, relation) } ?? relation
            }
        }
        return least ?? ExamRelation(kind: .none, differences: [])
    }

    /// Neither may claim what the other denies: a content that contains one and is part of another is only related.
    private static func common(_ one: ExamRelation, _ other: ExamRelation) -> ExamRelation {
        switch (one.kind, other.kind) {
        case (.contains, .part), (.part, .contains):
            ExamRelation(kind: .related, differences: one.differences)
        default: one.kind <= other.kind ? one : other
        }
    }

    private func shows(_ one: ExamContent, everythingOf other: ExamContent) -> Bool {
        guard one.modality == other.modality, !other.pieces.isEmpty else { return false }
        if other.asksPosition, one.positions.isEmpty || !one.positions.isSubset(of: other.positions) { return false }
        return other.pieces.allSatisfy { asked in
            one.pieces.contains { given in shows(given, asked, modality: one.modality) }
        }
    }

    private func shows(_ given: ExamContent.Piece, _ asked: ExamContent.Piece, modality: String) -> Bool {
        guard coverage.covers(given.part, asked.part, modality: modality) else { return false }
        guard given.side == nil || given.side == asked.side else { return false }
        return shows(given.show, asked.show, modality: modality)
    }

    private func shows(_ given: ExamContent.Show, _ asked: ExamContent.Show, modality: String) -> Bool {
        switch (given, asked) {
        case (.view(let one, let technique), .view(let other, let askedTechnique)):
            return one.projection == other.projection && technique == askedTechnique
                && (other.side == nil || one.side == other.side)
        case (.series(let tokens), .series(let askedTokens)):
            return tokens.allSatisfy { token in
                askedTokens.contains { coverage.shows(token, $0, modality: modality) }
            }
        case (.technique(let one, let contrast), .technique(let other, let askedContrast)):
            return one == other && contrast == askedContrast
        default: return false
        }
    }

    private func meets(_ one: ExamContent, _ other: ExamContent) -> Bool {
        one.parts.contains { part in other.parts.contains { coverage.meets(part, $0) } }
    }

    // MARK: Why

    private func differences(_ one: ExamContent, _ other: ExamContent) -> [ExamRelation.Difference] {
        var found: [ExamRelation.Difference] = []
        if one.modality != other.modality { found.append(.modality(one.modality, other.modality)) }
        let (more, fewer) = (lone(one, beside: other), lone(other, beside: one))
        if !more.isEmpty { found.append(.moreParts(more)) }
        if !fewer.isEmpty { found.append(.fewerParts(fewer)) }
        let (sides, otherSides) = (Set(one.sides.compactMap(\.self)), Set(other.sides.compactMap(\.self)))
        let (moreSides, fewerSides) = (sides.subtracting(otherSides), otherSides.subtracting(sides))
        if !moreSides.isEmpty, !otherSides.isEmpty {
            found.append(.moreSides(moreSides.sorted { $0.rawValue < $1.rawValue }))
        }
        if !fewerSides.isEmpty, !sides.isEmpty {
            found.append(.fewerSides(fewerSides.sorted { $0.rawValue < $1.rawValue }))
        }
        guard one.modality == other.modality else { return found }
        let (shown, otherShown) = (loneShows(one, beside: other), loneShows(other, beside: one))
        if !shown.isEmpty { found.append(.moreShown(shown)) }
        if !otherShown.isEmpty { found.append(.fewerShown(otherShown)) }
        if one.asksPosition || other.asksPosition, one.positions != other.positions { found.append(.position) }
        return found
    }

    /// Parts of `one` that nothing of `other` covers.
    private func lone(_ one: ExamContent, beside other: ExamContent) -> [ConceptID] {
        one.parts.filter { part in
            !other.parts.contains { coverage.covers($0, part, modality: other.modality) }
        }
        .sorted { $0.name < $1.name }
    }

    /// What of `one` is shown in a way nothing of `other` is, whatever the part.
    private func loneShows(_ one: ExamContent, beside other: ExamContent) -> [String] {
        let shows = Set(other.pieces.map(\.show))
        let ways = Set(one.pieces.map(\.show)).filter { asked in
            !shows.contains { self.shows($0, asked, modality: other.modality) }
        }
        return ways.map(\.word).sorted()
    }
}
