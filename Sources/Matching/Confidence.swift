import Foundation

/// What makes an answer less sure; each is a fact about study and item that can be seen in the explanation.
public struct Doubts: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The list has nothing closer, or a value was left to convention.
    public static let nearest = Doubts(rawValue: 1 << 0)
    public static let contrastAssumed = Doubts(rawValue: 1 << 1)
    /// The region stands only in another Attribute or in series.
    public static let regionElsewhere = Doubts(rawValue: 1 << 2)
    public static let moreViews = Doubts(rawValue: 1 << 3)
    public static let techniqueUnsaid = Doubts(rawValue: 1 << 4)
    /// Words had to be put right to be understood.
    public static let respelled = Doubts(rawValue: 1 << 5)
    /// An Attribute names another part of the body or another projection than the text.
    public static let attributeDiffers = Doubts(rawValue: 1 << 6)
    /// A word that was not understood may be another examination.
    public static let unknownClause = Doubts(rawValue: 1 << 7)
    /// One word of the text was not understood.
    public static let unknownWord = Doubts(rawValue: 1 << 8)
    /// More than one was not.
    public static let unknownWords = Doubts(rawValue: 1 << 9)
    /// What was ordered by code and what the description says are different items.
    public static let textDiffers = Doubts(rawValue: 1 << 10)

    /// Each with the name programs see.
    public static let names: [(doubt: Doubts, name: String)] = [
        (.nearest, "nearest"), (.contrastAssumed, "contrast_assumed"), (.regionElsewhere, "region_elsewhere"),
        (.moreViews, "more_views"), (.techniqueUnsaid, "technique_unsaid"), (.respelled, "respelled"),
        (.attributeDiffers, "attribute_differs"), (.unknownClause, "unknown_clause"), (.unknownWord, "unknown_word"),
        (.unknownWords, "unknown_words"), (.textDiffers, "text_differs"),
    ]

    /// The members, in the order of ``names``.
    public var each: [Doubts] { Doubts.names.map(\.doubt).filter(contains) }

    public var names: [String] { Doubts.names.filter { contains($0.doubt) }.map(\.name) }
}

extension Doubts: Codable {
    /// As the list of ``names``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(names)
    }

    /// Names that are not known are passed over.
    public init(from decoder: any Decoder) throws {
        let names = try decoder.singleValueContainer().decode([String].self)
        self = Doubts.names.reduce(into: []) { if names.contains($1.name) { $0.insert($1.doubt) } }
    }
}

/// How likely an answer is right.
///
/// A logistic model over ``Doubts``. Its weights are set by judgement, since too few answers are wrong to fit them well, and
/// checked on labelled descriptions kept aside: of the answers given with confidence p about p are right
/// (`Benchmarks/matching/reliability.py`).
enum Confidence {
    /// Log odds of an answer without a doubt.
    private static let certain = 4.2
    private static let weights: [(doubt: Doubts, weight: Double)] = [
        (.nearest, -0.8), (.contrastAssumed, -0.9), (.regionElsewhere, -1.2), (.moreViews, -0.9),
        (.techniqueUnsaid, -0.8), (.respelled, -0.8), (.attributeDiffers, -1.2), (.unknownClause, -4),
        (.unknownWord, -0.8), (.unknownWords, -1.5), (.textDiffers, -3.2),
    ]

    /// In 0...1, to two digits.
    static func value(_ doubts: Doubts) -> Double {
        let odds = weights.reduce(certain) { doubts.contains($1.doubt) ? $0 + $1.weight : $0 }
        return (100 / (1 + exp(-odds))).rounded() / 100
    }
}
