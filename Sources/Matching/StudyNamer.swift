public import Catalogue
public import DICOMCore

/// Names a study in every catalogue that holds on its day.
///
/// Building one compiles the lexicon once and every imaging edition on it (milliseconds); then it is a value to share.
public struct StudyNamer: Sendable {
    public let library: CatalogueLibrary
    /// The imaging list whose answer is the study's item.
    public let primary: ListID
    /// What the site has added to the lexicon.
    public let words: SiteWords
    private let index: LexiconIndex
    private let matchers: [CatalogueID: Matcher]
    private let procedures: ProcedureMatchers

    /// - Parameters:
    ///   - lexicon: the words images are named by; procedures have a vocabulary of their own.
    ///   - primary: a list of kind imaging in `library`; with another one no study has an item.
    public init(library: CatalogueLibrary, lexicon: Lexicon, primary: ListID = .zhejiangImaging) {
        self.init(library: library, index: LexiconIndex(lexicon), words: .none, primary: primary)
    }

    private init(library: CatalogueLibrary, index: LexiconIndex, words: SiteWords, primary: ListID) {
        self.library = library
        self.words = words
        self.primary = primary
        self.index = index
        procedures = ProcedureMatchers(library, words: .bundled)
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
        StudyNamer(library: library, index: index, words: words, primary: primary)
    }

    /// The same catalogues by the lexicon of the program and `words`.
    ///
    /// - Throws: ``CatalogueError`` when a file of the program is not beside it.
    public func naming(with words: SiteWords) throws(CatalogueError) -> StudyNamer {
        StudyNamer(library: library, index: LexiconIndex(try words.lexicon()), words: words, primary: primary)
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
        let read: ReadStudy
        if let edition, let matcher = matchers[edition.id] {
            let found = matcher.read(study)
            read = ReadStudy(outcome: taught ?? found.outcome, scan: found.scan, index: index)
            naming.outcome = read.outcome
            naming.note(itemOf: edition)
        } else {
            read = ReadStudy(outcome: naming.outcome, scan: StudyScan(study, index: index), index: index)
        }
        for other in library.editions(of: .imaging, on: day) where other.id != edition?.id {
            guard let outcome = matchers[other.id]?.match(study) else { continue }
            naming.others += outcome.codes.map { OtherMatch(catalogue: other.id.value, code: $0) }
        }
        var reading: ProcedureReading?
        for other in library.editions(of: .procedures, on: day) + library.editions(of: .techniques, on: day) {
            guard let matcher = procedures[other.id] else { continue }
            let found: [ProcedureMatch]
            if let known = matcher.matchByItem(read) {
                found = known
            } else {
                let axes = reading ?? procedures.read(read)
                reading = axes
                found = matcher.match(axes)
            }
            naming.procedures += found
            naming.others += found.map(OtherMatch.init)
        }
        // Lists of images have no item for work that needs a modality of its own.
        if case .unmapped(.modality, let candidates) = naming.outcome,
            naming.procedures.contains(where: \.isInterventional)
        {
            naming.outcome = .unmapped(.intervention, candidates: candidates)
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
    /// What ``others`` says of lists of procedures, with confidence and evidence.
    public internal(set) var procedures: [ProcedureMatch] = []

    init(catalogue: CatalogueID?, outcome: MatchOutcome) {
        self.catalogue = catalogue
        self.outcome = outcome
    }

    /// Whether the study, as described, is ``item``; else the list has nothing closer.
    public var isItemExact: Bool {
        guard case .matched(let match, _) = outcome else { return true }
        return match.grade == .exact
    }

    fileprivate mutating func note(itemOf edition: CatalogueEdition) {
        guard case .matched(let match, let rest) = outcome else { return }
        item = rest.isEmpty ? edition.imaging?[match.code] : nil
        others += rest.map { OtherMatch(catalogue: $0.catalogue, code: $0.code) }
    }
}

extension SiteWords {
    /// No words. Two words are the same when descriptions are read so that they are: whatever the case, width, spaces and
    /// traditional characters.
    public static var none: SiteWords { SiteWords { FoldedText($0).scalars } }
}
