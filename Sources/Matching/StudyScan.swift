import Catalogue

/// One text of a study with the words found in it.
struct ScannedText {
    let source: Evidence.Source
    let text: String
    let folded: FoldedText
    let mentions: [Mention]
    let unknown: [Range<Int>]
    /// Whether words had to be put right to be understood.
    let isRespelled: Bool

    init(_ text: String, source: Evidence.Source, index: LexiconIndex) {
        self.source = source
        self.text = text
        let folded = FoldedText(text)
        guard !folded.isDamaged, !folded.isTooLong else {
            (self.folded, mentions, unknown, isRespelled) = (folded, [], [], false)
            return
        }
        let (mentions, unknown) = index.words(in: folded)
        // Series are many, and named by their protocols more than by people.
        if !unknown.isEmpty, source != .seriesDescription,
            let right = index.wordsPutRight(in: folded, unknown: unknown)
        {
            (self.folded, self.mentions, self.unknown, isRespelled) = (right.text, right.mentions, right.unknown, true)
        } else {
            (self.folded, self.mentions, self.unknown, isRespelled) = (folded, mentions, unknown, false)
        }
    }

    func words(of mention: Mention) -> String { folded.original(mention.range, of: text) }
}

/// Every text of a study, read once; what the axes are found in.
final class StudyScan: Sendable {
    /// Series beyond this many say nothing new.
    static let seriesLimit = 128

    /// The leading text, or nil when there is none.
    let leading: ScannedText?
    /// Protocol name, body part and the like: asked where the leading text is silent.
    let secondary: [ScannedText]
    let series: [ScannedText]
    let family: ModalityFamily?
    let modalityProblem: AbstentionReason?
    /// Values of Modality (0008,0060) of what was imaged, capitals.
    let modalities: Set<String>
    let attributeSide: SideSet
    let attributeViews: ViewSet
    /// The Attribute ``attributeViews`` stand in.
    let viewSource: Evidence.Source
    /// Postures after Patient Position (0018,5100), which scanners fill from the exam's protocol.
    let attributePositions: Set<CatalogueItem.Position>
    /// Nothing but scout images came: what they plan was not examined yet.
    let isLocalizerOnly: Bool
    let hasContrastAgent: Bool
    /// The language the department works in, which decides what silence on contrast means.
    let language: Language
    let isUnreadable: Bool
    /// The leading text has a word of a European language other than English.
    var isEuropean: Bool { leading?.mentions.contains { $0.languages == .european } ?? false }

    /// - Parameter leader: the text to be read first, where it says anything.
    init(_ study: StudyDescriptor, ledBy leader: Evidence.Source = .studyDescription, index: LexiconIndex) {
        var texts = [
            ScannedText(study.studyDescription, source: .studyDescription, index: index),
            ScannedText(study.procedureDescription, source: .procedureDescription, index: index),
            ScannedText(study.procedureMeanings.joined(separator: "; "), source: .procedureCode, index: index),
            ScannedText(study.anatomicRegions.joined(separator: "; "), source: .anatomicRegion, index: index),
            ScannedText(study.protocolName, source: .protocolName, index: index),
            ScannedText(study.bodyPart, source: .bodyPart, index: index),
        ]
        series = study.seriesDescriptions.prefix(Self.seriesLimit).map {
            ScannedText($0, source: .seriesDescription, index: index)
        }
        isUnreadable = texts.contains { $0.folded.isDamaged || $0.folded.isTooLong }
        texts.removeAll { $0.folded.scalars.isEmpty }
        if let place = texts.firstIndex(where: { $0.source == leader }) { texts.insert(texts.remove(at: place), at: 0) }
        leading = texts.first
        secondary = Array(texts.dropFirst())
        let everything = texts + series
        language =
            if everything.contains(where: \.folded.hasIdeographs) {
                .chinese
            } else if texts.contains(where: { $0.mentions.contains { $0.languages == .vietnamese } }) {
                .vietnamese
            } else {
                .english
            }
        modalities = Set(([study.modality] + study.modalitiesInStudy).map { $0.uppercased() })
            .subtracting(Self.companions)
        (family, modalityProblem) = Self.family(of: study, said: leading, index: index)
        attributeSide = SideSet(attribute: study.laterality)
        let codedViews = study.viewMeanings.map { ScannedText($0, source: .viewCode, index: index) }
        (attributeViews, viewSource) = Self.views(of: study, coded: codedViews, index: index)
        attributePositions = study.patientPositions.reduce(into: []) { $0.formUnion(Self.positions(of: $1)) }
        isLocalizerOnly = !study.seriesPlanes.isEmpty && study.seriesPlanes.allSatisfy { $0 == "LOCALIZER" }
        hasContrastAgent =
            !study.contrastAgent.isEmpty && !Self.noAgent.contains(study.contrastAgent.uppercased())
    }

    /// The projections of a study's images: as coded, else View Position, else as rows and columns lie on the patient.
    private static func views(
        of study: StudyDescriptor, coded: [ScannedText], index: LexiconIndex
    ) -> (ViewSet, Evidence.Source) {
        var views: ViewSet = []
        for text in coded {
            for mention in text.mentions where index.kind(mention.concept) == .view {
                views.formUnion(ViewSet(concept: index.concepts[mention.concept]))
            }
        }
        if !views.isEmpty { return (views, .viewCode) }
        for value in study.viewPositions { views.formUnion(ViewSet(viewPosition: value)) }
        if !views.isEmpty { return (views, .viewPosition) }
        for value in study.patientOrientations { views.formUnion(ViewSet(patientOrientation: value)) }
        return (views, .patientOrientation)
    }

    /// Patient Position (0018,5100): head or feet first, then supine, prone or on a side (PS3.3 C.7.3.1.1.2).
    private static func positions(of value: String) -> Set<CatalogueItem.Position> {
        switch value.uppercased() {
        case "HFS", "FFS": [.supine]
        case "HFP", "FFP": [.prone]
        case "HFDR", "HFDL", "FFDR", "FFDL": [.decubitus]
        default: []
        }
    }

    /// What consoles fill in where nothing was given.
    private static let noAgent: Set = ["NONE", "NO", "N", "0", "无", "不用", "KHÔNG"]

    /// Values of Modality that go along with images of any kind.
    static let companions: Set<String> = [
        "SR", "PR", "KO", "OT", "DOC", "SEG", "REG", "AU", "FID", "PLAN", "SC", "",
    ]

    private static func family(
        of study: StudyDescriptor, said text: ScannedText?, index: LexiconIndex
    ) -> (ModalityFamily?, AbstentionReason?) {
        let values = Set(([study.modality] + study.modalitiesInStudy).map { $0.uppercased() }).subtracting(companions)
        let families = Set(values.map(ModalityFamily.init(dicomModality:)))
        var said: Set<ModalityFamily> = []
        for mention in text?.mentions ?? [] where index.kind(mention.concept) == .modality {
            if let only = families.first, families.count == 1, let attribute = only {
                let meant = index.reading(
                    of: mention.concept, languages: mention.languages, family: attribute, beside: [])
                guard meant == mention.concept else { continue }
            }
            guard let family = ModalityFamily(dicomModality: index.concepts[mention.concept].name) else {
                return (nil, .modality)
            }
            said.insert(family)
        }
        // A mammogram is an X-ray as well, and says so in many departments.
        if said == [.mammogram, .radiograph] { said = [.mammogram] }
        guard families.count <= 1, said.count <= 1 else { return (nil, .modalityConflict) }
        guard let only = families.first else { return (said.first, said.isEmpty ? .modality : nil) }
        guard let family = only else { return (nil, .modality) }
        if let word = said.first, word != family {
            guard family == .mammogram, word == .radiograph else { return (nil, .modalityConflict) }
        }
        return (family, nil)
    }
}

/// A study whose texts were read once, with the imaging item they name.
public struct ReadStudy: Sendable {
    public let outcome: MatchOutcome
    let scan: StudyScan
    let index: LexiconIndex

    /// What a word of the scanned texts stands for.
    func concept(_ mention: Mention) -> ConceptID { index.concepts[mention.concept] }
}

/// Sides a text or an Attribute names.
struct SideSet: OptionSet, Hashable {
    let rawValue: UInt8
    static let left = SideSet(rawValue: 1)
    static let right = SideSet(rawValue: 2)
    /// One side, not said which.
    static let one = SideSet(rawValue: 4)
    static let both: SideSet = [.left, .right]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(concept: ConceptID) {
        self =
            switch concept.name {
            case "left": .left
            case "right": .right
            case "both": .both
            case "unspecified": .one
            default: []
            }
    }

    /// A value of Laterality (0020,0060) or Image Laterality (0020,0062).
    init(attribute value: String) {
        self =
            switch value.uppercased() {
            case "L", "LEFT": .left
            case "R", "RIGHT": .right
            case "B", "BOTH": .both
            default: []
            }
    }

    var text: String {
        switch self {
        case .left: "left"
        case .right: "right"
        case .both: "both"
        default: "one"
        }
    }
}
