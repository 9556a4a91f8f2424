public import Catalogue

/// What the matcher says of one study.
public enum MatchOutcome: Sendable, Equatable {
    /// `others` are the further items of a study that is several at once; usually empty.
    case matched(StudyMatch, others: [StudyMatch])
    /// No safe answer. `candidates` are the items a person would be offered, best first, often none.
    case unmapped(AbstentionReason, candidates: [ItemCode])

    /// The codes answered, none when unmapped.
    public var codes: [ItemCode] {
        switch self {
        case .matched(let match, let others): [match.code] + others.map(\.code)
        case .unmapped: []
        }
    }
}

/// Why a study was not answered.
public enum AbstentionReason: String, Sendable, Codable, CaseIterable {
    /// Nothing in the study says what was examined.
    case noDescription = "no_description"
    /// The text is damaged, hides its direction, or is too long to be a description.
    case unreadableText = "unreadable_text"
    /// The modality is missing or no item is made with it.
    case modality
    /// Text and Attribute name different modalities, or the study mixes several.
    case modalityConflict = "modality_conflict"
    case outOfList = "out_of_list"
    case ambiguousRegion = "ambiguous_region"
    case multiPart = "multi_part"
    case intervention
    case technique
    case contrastNotInList = "contrast_not_in_list"
    case contrastNotStated = "contrast_not_stated"
    case contrastConflict = "contrast_conflict"
    case ambiguousLaterality = "ambiguous_laterality"
    case lateralityConflict = "laterality_conflict"
    /// Only part of what the item covers was examined, e.g. one side of a two-sided item.
    case scope
    case viewsNotStated = "views_not_stated"
    case projection
    case ambiguousPosition = "ambiguous_position"
    /// Several items fit equally.
    case ambiguousItem = "ambiguous_item"
    /// One item fits, but too much of the text was not understood.
    case lowConfidence = "low_confidence"
    /// A person taught that studies of this description are none of the items.
    case taughtNone = "taught_none"
}

/// How the matcher came to its answer, for `priorctl map --explain`.
public struct Explanation: Sendable, Equatable {
    /// One item that was weighed.
    public struct Considered: Sendable, Equatable {
        public let code: ItemCode
        /// Only the axes that speak against the item, or that it needs and the study does not give.
        public let objections: [Objection]
    }

    public struct Objection: Sendable, Hashable {
        public let axis: Evidence.Axis
        public let reason: AbstentionReason
        /// False when the study is only silent on the axis.
        public let isContradiction: Bool
    }

    public let outcome: MatchOutcome
    /// Everything found in text and Attributes, in the order of the axes.
    public let axes: [Evidence]
    /// The items of the study's modality and region, fewest objections first.
    public let considered: [Considered]
    /// Words of the study's description the lexicon does not know.
    public let unknownWords: [String]
}
