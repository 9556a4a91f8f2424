/// Which axes each character of a code stands for, both ways (code-composition.tsv).
public struct CodeComposition: Sendable {
    fileprivate struct Entry {
        let context: CodeContext
        let character: Character
        let modality: ModalityFamily?
        /// At position 4 the parts it stands for, further on the parts it goes with; empty for all.
        let regions: [ConceptID]
        let laterality: CatalogueItem.Laterality?
        /// `none`, `without`, `with`, or empty for either.
        let contrast: String
        let techniques: [ConceptID]
        let position: CatalogueItem.Position?
        let views: [Set<ItemView>]
    }

    private let entries: [Int: [Entry]]
    private let grammar: CodeAxes
    /// Parts that have codes for one side.
    private let sided: Set<ConceptID>

    public static func bundled(grammar: CodeAxes) throws(CatalogueError) -> CodeComposition {
        try CodeComposition(BundledFile.codeComposition.table(), grammar: grammar)
    }

    init(_ table: TabSeparatedTable, grammar: CodeAxes) throws(CatalogueError) {
        try table.require([
            "position", "context", "value", "modality", "region", "laterality", "contrast", "technique", "posture",
            "views",
        ])
        var entries: [Int: [Entry]] = [:]
        var sided: Set<ConceptID> = []
        for row in table.rows {
            let (key, entry) = try (CodeRow(row), Entry(row))
            guard
                grammar.choices(at: key.position, after: key.context.exact ?? []).contains(where: {
                    $0.character == key.character
                })
            else { throw row.fault("value", "is not in the grammar there") }
            entries[key.position, default: []].append(entry)
            if entry.laterality == .left || entry.laterality == .right { sided.formUnion(entry.regions) }
        }
        self.entries = entries
        self.sided = sided
        self.grammar = grammar
    }

    // MARK: Axes of a code

    /// What `code` says; nil when it is not well formed.
    public func axes(of code: ItemCode) -> CodedAxes? {
        let characters = Array(code.value)
        func entry(_ position: Int) -> Entry? {
            entries[position]?.first { $0.character == characters[position - 1] && $0.context.admits(characters) }
        }
        guard grammar.isWellFormed(code), let modality = entry(3)?.modality, let part = entry(4),
            let contrast = entry(5), let technique = entry(6), let posture = entry(8), let views = entry(9)
        else { return nil }
        return CodedAxes(
            modality: modality, regions: part.regions, laterality: part.laterality ?? .none,
            contrast: contrast.contrast == "none" ? nil : contrast.contrast == "with",
            techniques: technique.techniques, position: posture.position,
            views: posture.views.isEmpty ? views.views : views.views.filter(posture.views.contains))
    }

    // MARK: Code of axes

    /// The code the grammar gives these axes, listed or not.
    ///
    /// - Throws: ``CompositionError`` where the axes leave a character open or the grammar has none for them.
    public func compose(_ asked: ExaminationAxes) throws(CompositionError) -> ItemCode {
        let family = asked.modality == .mammogram ? .radiograph : asked.modality
        guard let root = entries[3]?.first(where: { $0.modality == family })?.character else {
            throw .notInGrammar(.modality, value: asked.modality.rawValue)
        }
        let part = try part(of: asked, root: root)
        guard var characters = part.context.exact else { throw .notInGrammar(.region, value: "") }
        characters.append(part.character)

        var technique: Entry?
        if let concept = asked.technique {
            technique = try one(6, after: characters, part, .technique, concept.name) {
                $0.techniques.contains(concept)
            }
        }
        let contrast = try contrast(of: asked, technique, family)
        let agent = try one(5, after: characters, part, .contrast, contrast) { $0.contrast == contrast }
        characters.append(agent.character)
        let usual = agent.techniques.first
        if technique == nil {
            technique = try one(6, after: characters, part, .technique, usual?.name ?? "") { entry in
                usual.map(entry.techniques.contains) ?? false
            }
        }
        characters += technique.map { [$0.character] } ?? []
        guard let filler = grammar.choices(at: 7, after: characters).first else {
            throw .notInGrammar(.technique, value: asked.technique?.name ?? "")
        }
        characters.append(filler.character)

        guard family != .radiograph || !asked.views.isEmpty else {
            throw .unstated(.views, choices: (entries[9] ?? []).flatMap(\.views).map(Self.text))
        }
        let special = entries[8]?.first { $0.views.contains(asked.views) }
        let posture: Entry
        if let special {
            posture = special
        } else {
            posture = try one(8, after: characters, part, .position, asked.position?.rawValue ?? "") {
                $0.views.isEmpty && $0.position == asked.position
            }
        }
        if special != nil, let position = asked.position { throw .notInGrammar(.position, value: position.rawValue) }
        characters.append(posture.character)
        let views = try one(9, after: characters, part, .views, Self.text(asked.views)) { entry in
            asked.views.isEmpty ? entry.views.isEmpty : entry.views.contains(asked.views)
        }
        characters.append(views.character)
        do {
            return try ItemCode(String(characters))
        } catch {
            throw .notInGrammar(.region, value: String(characters))
        }
    }

    /// The body part, by all parts asked for and the side.
    private func part(of asked: ExaminationAxes, root: Character) throws(CompositionError) -> Entry {
        let named = asked.regions.map(\.name).joined(separator: ";")
        let parts = (entries[4] ?? []).filter { entry in
            entry.context.exact?.last == root && asked.regions.allSatisfy(entry.regions.contains)
        }
        guard !asked.regions.isEmpty, !parts.isEmpty else { throw .notInGrammar(.region, value: named) }
        let fitting = parts.filter { entry in
            guard let laterality = asked.laterality else {
                return entry.laterality == CatalogueItem.Laterality.none
                    || entry.laterality == .both && asked.regions.allSatisfy { !sided.contains($0) }
            }
            return entry.laterality == laterality
        }
        if let exact = fitting.first(where: { $0.regions == asked.regions }) { return exact }
        guard let part = fitting.first else {
            if let laterality = asked.laterality { throw .notInGrammar(.laterality, value: laterality.rawValue) }
            throw .unstated(.laterality, choices: parts.compactMap(\.laterality?.rawValue))
        }
        guard fitting.count == 1 else {
            throw .unstated(.region, choices: fitting.map { $0.regions.map(\.name).joined(separator: ";") })
        }
        return part
    }

    private func contrast(
        of asked: ExaminationAxes, _ technique: Entry?, _ family: ModalityFamily
    ) throws(CompositionError) -> String {
        if family == .radiograph {
            if asked.contrast == true { throw .notInGrammar(.contrast, value: "with") }
            return "none"
        }
        let wanted = asked.contrast.map { $0 ? "with" : "without" }
        let usual = technique.map(\.contrast).flatMap { $0.isEmpty ? nil : $0 }
        if let wanted, let usual, wanted != usual { throw .contradiction(.technique, .contrast) }
        guard let contrast = wanted ?? usual else { throw .unstated(.contrast, choices: ["without", "with"]) }
        return contrast
    }

    private func one(
        _ position: Int, after characters: [Character], _ part: Entry, _ axis: ExaminationAxes.Axis, _ value: String,
        where fits: (Entry) -> Bool
    ) throws(CompositionError) -> Entry {
        let entry = entries[position]?.first { entry in
            entry.context.admits(characters) && fits(entry)
                && (entry.regions.isEmpty || entry.regions.contains(where: part.regions.contains))
        }
        guard let entry else { throw .notInGrammar(axis, value: value) }
        return entry
    }

    private static func text(_ views: Set<ItemView>) -> String { views.map(\.token).sorted().joined(separator: ";") }
}

extension CodeComposition.Entry {
    fileprivate init(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        func concepts(_ column: String, _ kind: ConceptID.Kind) throws(CatalogueError) -> [ConceptID] {
            var concepts: [ConceptID] = []
            for name in row.list(column) {
                guard let concept = ConceptID(kind: kind, name: name) else {
                    throw row.fault(column, "\"\(name)\" is not a name of the lexicon")
                }
                concepts.append(concept)
            }
            return concepts
        }
        let key = try CodeRow(row)
        context = key.context
        character = key.character
        modality = row["modality"].isEmpty ? nil : try row.value("modality", as: ModalityFamily.self)
        regions = try concepts("region", .anatomy)
        laterality =
            row["laterality"].isEmpty ? nil : try row.value("laterality", as: CatalogueItem.Laterality.self)
        contrast = row["contrast"]
        guard ["", "none", "without", "with"].contains(contrast) else {
            throw row.fault("contrast", "\"\(contrast)\" is not none, without or with")
        }
        techniques = try concepts("technique", .technique)
        let posture = row["posture"]
        position =
            posture.isEmpty || posture == "UNSPECIFIED"
            ? nil : try row.value("posture", as: CatalogueItem.Position.self)
        var sets: [Set<ItemView>] = []
        for set in row.list("views", separator: "/") where set != "-" {
            var views: Set<ItemView> = []
            for token in set.split(separator: ";") {
                guard let view = ItemView(token: String(token)) else {
                    throw row.fault("views", "\"\(token)\" is not a view")
                }
                views.insert(view)
            }
            sets.append(views)
        }
        views = sets
    }
}
