public import Catalogue

/// What an examination shows, in pieces that can be held against those of another: the parts of the body, each with its
/// side, and how it is shown.
///
/// Where a list leaves something open (a Vietnamese procedure names no side), there is one content for each thing it may
/// mean: ``alternatives(of:in:)``.
public struct ExamContent: Hashable, Sendable {
    public enum Side: String, Sendable, Hashable {
        case left, right
    }

    /// One part, shown in one way.
    struct Piece: Hashable {
        let part: ConceptID
        /// Nil for an unpaired part and for one shown whole, both sides of it.
        let side: Side?
        let show: Show
    }

    /// How a part is shown.
    enum Show: Hashable {
        /// A projection of a radiograph, with the side nearest the detector where the item says so.
        case view(ItemView, technique: ConceptID)
        /// Tokens of the catalogue's series, any of which will do.
        case series([String])
        /// A technique or action that nothing else stands in for, with what is said of contrast.
        case technique(ConceptID, contrast: String)
    }

    /// As in the catalogue's modality column, `MG` for mammograms; empty where the list does not say.
    public let modality: String
    let pieces: Set<Piece>
    /// Postures it is made in; empty when any will do.
    let positions: Set<CatalogueItem.Position>
    /// Whether the words of the source ask for the posture. One that only a character of the code gives asks nothing.
    let asksPosition: Bool

    /// Parts of the body, as the list names them.
    public var parts: Set<ConceptID> { Set(pieces.map(\.part)) }
    public var sides: Set<Side?> { Set(pieces.map(\.side)) }

    /// What an item of an imaging list shows.
    public init(_ item: CatalogueItem) {
        modality = item.family == .mammogram ? item.family.rawValue : item.modality
        positions = Set(item.positions)
        asksPosition = item.positionBasis == .stated && !item.positions.isEmpty
        var pieces: Set<Piece> = []
        for part in item.anatomy {
            if item.views.isEmpty {
                for show in Self.series(of: item) {
                    for side in Self.sides(item.laterality) { pieces.insert(Piece(part: part, side: side, show: show)) }
                }
            }
            for view in item.views {
                // On a paired part the side of a view is the limb or breast imaged, on the trunk it is how it is turned.
                let isOfSide = item.laterality != .none && view.side != nil
                let sides: [Side?] = isOfSide ? [view.side == .left ? .left : .right] : Self.sides(item.laterality)
                let shown = ItemView(projection: view.projection, side: isOfSide ? nil : view.side)
                for side in sides {
                    pieces.insert(Piece(part: part, side: side, show: .view(shown, technique: item.technique)))
                }
            }
        }
        self.pieces = pieces
    }

    private init(modality: String, pieces: Set<Piece>) {
        self.modality = modality
        self.pieces = pieces
        positions = []
        asksPosition = false
    }

    private static func sides(_ laterality: CatalogueItem.Laterality) -> [Side?] {
        switch laterality {
        case .none: [nil]
        case .left: [.left]
        case .right: [.right]
        case .both: [.left, .right]
        }
    }

    /// The tokens of the item, or in lists that have none what contrast and technique say.
    private static func series(of item: CatalogueItem) -> [Show] {
        if !item.requiredSeries.isEmpty { return item.requiredSeries.map { .series($0) } }
        return series(contrast: item.contrast == .none ? "" : item.contrast.rawValue, technique: item.technique)
    }

    private static func series(contrast: String, technique: ConceptID?) -> [Show] {
        guard let technique, !ordinary.contains(technique.name) else {
            switch contrast {
            case "with", "without_and_with": return [.series(["PRE"]), .series(["POST"])]
            case "delayed": return [.series(["POST:DELAY"])]
            case "dynamic": return [.series(["PRE"]), .series(["DYN>=3"])]
            default: return [.series(["PRE"])]
            }
        }
        return [.technique(technique, contrast: contrast)]
    }

    /// Techniques that ask nothing beyond plain and enhanced images.
    private static let ordinary: Set<String> = ["plain", "enhanced", "routine", "dynamic"]

    /// Everything a procedure may mean, each once, in the same order on every run. Empty when its name does not say what
    /// part of the body it is of.
    ///
    /// - Parameter items: the lists its item codes stand in.
    public static func alternatives(of procedure: Procedure, in items: [ImagingCatalogue]) -> [ExamContent] {
        let listed = procedure.itemCodes.compactMap { code in items.lazy.compactMap { $0[code] }.first }
        if !listed.isEmpty { return Set(listed.map { ExamContent($0) }).sorted() }
        let parts = procedure.regions.compactMap { ConceptID(kind: .anatomy, name: $0) }
        let shows = procedure.techniques.compactMap {
            ConceptID(kind: procedure.isInterventional ? .action : .technique, name: $0)
        }
        let contrasts =
            procedure.contrast == .unspecified ? ["without", "with"] : [(procedure.contrast ?? .none).rawValue]
        let sides: [[Side?]] =
            procedure.laterality == "unspecified" ? [[.left], [.right], [.left, .right]] : [[nil]]
        var contents: Set<ExamContent> = []
        for contrast in contrasts {
            let way =
                shows.isEmpty
                ? series(contrast: contrast, technique: nil)
                : shows.flatMap { series(contrast: contrast, technique: $0) }
            for side in sides where !parts.isEmpty {
                let pieces = parts.flatMap { part in
                    side.flatMap { side in way.map { Piece(part: part, side: side, show: $0) } }
                }
                contents.insert(ExamContent(modality: procedure.modality, pieces: Set(pieces)))
            }
        }
        return contents.sorted()
    }
}

extension ExamContent.Show {
    /// As the catalogue writes it: `PA`, `PRE:T1`, `MRA:TOF/MRA:PC`, `cta`.
    var word: String {
        switch self {
        case .view(let view, _): view.token
        case .series(let tokens): tokens.joined(separator: "/")
        case .technique(let technique, _): technique.name
        }
    }
}

extension ExamContent: Comparable {
    /// By what is written down, so that several are walked in the same order on every run.
    public static func < (left: ExamContent, right: ExamContent) -> Bool { left.spelling < right.spelling }

    private var spelling: String {
        let pieces = pieces.map { "\($0.part.name) \($0.side?.rawValue ?? "") \($0.show)" }.sorted()
        return modality + pieces.joined(separator: "; ") + positions.map(\.rawValue).sorted().joined(separator: "/")
    }
}
