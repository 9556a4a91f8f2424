/// What an examination is made of, as far as a code can say it: what is asked for when a code is composed.
public struct ExaminationAxes: Sendable, Equatable {
    public enum Axis: String, Sendable, Codable, CaseIterable {
        case modality, region, laterality, contrast, technique, position, views
    }

    /// How the images are made; a mammogram is a radiograph to the codes.
    public var modality: ModalityFamily
    /// Concepts of kind anatomy, the leading one first; never empty.
    public var regions: [ConceptID]
    /// Nil when nothing is said of a side.
    public var laterality: CatalogueItem.Laterality?
    /// Whether contrast is given; nil when nothing is said, and on radiographs.
    public var contrast: Bool?
    /// Of kind technique; nil for the ordinary one.
    public var technique: ConceptID?
    public var position: CatalogueItem.Position?
    /// Of a radiograph; empty on CT and MR.
    public var views: Set<ItemView>

    public init(
        modality: ModalityFamily, regions: [ConceptID], laterality: CatalogueItem.Laterality? = nil,
        contrast: Bool? = nil, technique: ConceptID? = nil, position: CatalogueItem.Position? = nil,
        views: Set<ItemView> = []
    ) {
        self.modality = modality
        self.regions = regions
        self.laterality = laterality
        self.contrast = contrast
        self.technique = technique
        self.position = position
        self.views = views
    }

    /// The axes of a listed item.
    public init(_ item: CatalogueItem) {
        let contrast: Bool? =
            switch item.contrast {
            case .none: nil
            case .without: false
            case .with, .dynamic, .delayed, .withoutAndWith: true
            }
        self.init(
            modality: item.family, regions: item.anatomy, laterality: item.laterality, contrast: contrast,
            technique: item.technique, position: item.positions.first, views: Set(item.views))
    }
}

/// What a code says of an examination.
public struct CodedAxes: Sendable, Equatable {
    public let modality: ModalityFamily
    /// All the parts that the body part of the code stands for.
    public let regions: [ConceptID]
    public let laterality: CatalogueItem.Laterality
    /// Nil on radiographs.
    public let contrast: Bool?
    /// The techniques the code does not tell apart.
    public let techniques: [ConceptID]
    /// Nil when the code leaves it open.
    public let position: CatalogueItem.Position?
    /// The sets of projections the code does not tell apart; empty on CT and MR.
    public let views: [Set<ItemView>]

    /// Whether every axis that is asked for is what the code says.
    public func says(_ asked: ExaminationAxes) -> Bool {
        let family = asked.modality == .mammogram ? .radiograph : asked.modality
        return modality == family && asked.regions.allSatisfy(regions.contains)
            && asked.laterality.map { $0 == laterality } ?? true && asked.contrast.map { $0 == contrast } ?? true
            && asked.technique.map(techniques.contains) ?? true && asked.position.map { $0 == position } ?? true
            && (asked.views.isEmpty || views.contains(asked.views))
    }
}

/// Why no code can be composed.
public enum CompositionError: Error, Equatable, Sendable {
    /// The codes differ by it and nothing is said; `choices` are what could be.
    case unstated(ExaminationAxes.Axis, choices: [String])
    /// The grammar has no character for it in this company.
    case notInGrammar(ExaminationAxes.Axis, value: String)
    /// The technique is never done so.
    case contradiction(ExaminationAxes.Axis, ExaminationAxes.Axis)
}
