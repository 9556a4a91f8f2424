public import Catalogue
public import DICOMCore

/// Names a study in every catalogue that holds on its day.
///
/// Building one compiles the lexicon once and every imaging edition on it (milliseconds); then it is a value to share.
public struct StudyNamer: Sendable {
    public let library: CatalogueLibrary
    /// The imaging list whose answer is the study's item.
    public let primary: ListID
    private let index: LexiconIndex
    private let matchers: [CatalogueID: Matcher]

    /// - Parameter primary: a list of kind imaging in `library`; with another one no study has an item.
    public init(library: CatalogueLibrary, lexicon: Lexicon, primary: ListID = .zhejiangImaging) {
        self.init(library: library, index: LexiconIndex(lexicon), primary: primary)
    }

    private init(library: CatalogueLibrary, index: LexiconIndex, primary: ListID) {
        self.library = library
        self.primary = primary
        self.index = index
        matchers = Dictionary(
            library.editions.compactMap { edition in
                edition.imaging.map { (edition.id, Matcher(catalogue: $0, index: index)) }
            }
        ) { first, _ in first }
    }

    /// With the catalogues and the lexicon that are part of the program.
    public static func bundled() throws -> StudyNamer {
        let lexicon = try Lexicon.bundled()
        return StudyNamer(library: try .bundled(lexicon: lexicon), lexicon: lexicon)
    }

    /// The same words and the same primary list over other catalogues.
    public func naming(by library: CatalogueLibrary) -> StudyNamer {
        StudyNamer(library: library, index: index, primary: primary)
    }

    /// The matcher of the primary list as it holds on `day`; nil when it has ended by then.
    public func matcher(on day: CalendarDay?) -> Matcher? {
        library.edition(of: primary, on: day).flatMap { matchers[$0.id] }
    }

    /// - Parameters:
    ///   - day: the day the study was made; nil when it does not say, and the newest editions hold then.
    ///   - taught: stands in the place of what the primary list's matcher says.
    public func name(
        _ study: StudyDescriptor, on day: CalendarDay?, taught: MatchOutcome? = nil
    ) -> StudyNaming {
        let edition = library.edition(of: primary, on: day)
        var naming = StudyNaming(catalogue: edition?.id, outcome: .unmapped(.outOfList, candidates: []))
        if let edition, let matcher = matchers[edition.id] {
            naming.outcome = taught ?? matcher.match(study)
            naming.note(itemOf: edition)
        }
        for other in library.editions(of: .imaging, on: day) where other.id != edition?.id {
            guard let outcome = matchers[other.id]?.match(study) else { continue }
            naming.others += outcome.codes.map { OtherMatch(catalogue: other.id.value, code: $0) }
        }
        guard case .matched(let match, others: _) = naming.outcome else { return naming }
        for procedures in library.procedures(on: day) {
            naming.others += procedures.procedures(for: match.code).filter { $0.relation == .same }
                .map { OtherMatch(catalogue: procedures.id.value, no: $0.number) }
        }
        return naming
    }
}

/// What a study is, in all catalogues of its day.
public struct StudyNaming: Sendable, Equatable {
    /// The edition that `outcome` speaks of; nil when the primary list has ended by then.
    public let catalogue: CatalogueID?
    public internal(set) var outcome: MatchOutcome
    /// The item of `outcome`, when it is one alone.
    public private(set) var item: CatalogueItem?
    /// Further items of a set first, then other catalogues.
    public internal(set) var others: [OtherMatch] = []

    init(catalogue: CatalogueID?, outcome: MatchOutcome) {
        self.catalogue = catalogue
        self.outcome = outcome
    }

    fileprivate mutating func note(itemOf edition: CatalogueEdition) {
        guard case .matched(let match, let rest) = outcome else { return }
        item = rest.isEmpty ? edition.imaging?[match.code] : nil
        others += rest.map { OtherMatch(catalogue: $0.catalogue, code: $0.code) }
    }
}
