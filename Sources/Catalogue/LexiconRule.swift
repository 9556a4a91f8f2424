/// How words are read beyond their plain meaning, by convention of radiology departments; one line of lexicon-rules.tsv.
public struct LexiconRule: Sendable, Equatable {
    public enum Effect: Sendable, Equatable {
        /// `subject` lies inside the given part: when both are named, the part inside is meant.
        case within(ConceptID)
        /// `subject` and the condition named together are the given one.
        case combine(ConceptID)
        /// `subject` is read as the given one, or as nothing (nil).
        case readsAs(ConceptID?)
        /// `subject` says the given one too, when the text is silent on it or names only a part around it.
        case implies(ConceptID)
        case role(Role)
        /// `subject` decides by itself whether contrast is given, so the text need not say.
        case settlesContrast
        /// Departments use `subject` without saying so where the list has nothing simpler for the region.
        case maybeUnsaid
        /// This word says `subject` where nothing follows it but the condition (CT CHEST WITH).
        case atEnd(String)
        /// This term of `subject` is left out: it is far more often an ordinary word.
        case notAWord(String)
    }

    /// What a technique named in the text asks of an item. A technique or action without a role excludes every item
    /// that does not have it.
    public enum Role: String, Sendable {
        /// Asks nothing.
        case neutral
        /// Only an item with this technique is meant.
        case defining
        /// An item with this technique is preferred; another is the nearest.
        case additive
    }

    public let subject: ConceptID
    public let effect: Effect
    /// Empty for all.
    public let families: [ModalityFamily]
    /// The language of the words, nil for any.
    public let language: Language?
    /// Another concept that must be named too.
    public let condition: ConceptID?
    /// The line it stands on, for reports.
    public let line: Int

    init(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        func concept(_ column: String) throws(CatalogueError) -> ConceptID {
            guard let concept = ConceptID(row[column]) else {
                throw row.fault(column, "\"\(row[column])\" is not kind.name")
            }
            return concept
        }
        subject = try concept("id")
        switch row["rule"] {
        case "within": effect = .within(try concept("value"))
        case "combine": effect = .combine(try concept("value"))
        case "reads_as": effect = .readsAs(row["value"] == "-" ? nil : try concept("value"))
        case "implies": effect = .implies(try concept("value"))
        case "role": effect = .role(try row.value("value", as: Role.self))
        case "settles_contrast": effect = .settlesContrast
        case "not_a_word": effect = .notAWord(try row.nonEmpty("value"))
        case "at_end": effect = .atEnd(try row.nonEmpty("value"))
        case "maybe_unsaid": effect = .maybeUnsaid
        default: throw row.fault("rule", "\"\(row["rule"])\" is not a known rule")
        }
        var families: [ModalityFamily] = []
        for word in row.list("modality", separator: " ") {
            guard let family = ModalityFamily(rawValue: word) else {
                throw row.fault("modality", "\"\(word)\" is not DR, MG, CT or MR")
            }
            families.append(family)
        }
        self.families = families
        language = row["language"].isEmpty ? nil : try row.value("language", as: Language.self)
        condition = row["with"].isEmpty ? nil : try concept("with")
        if case .combine = effect, condition == nil { throw row.fault("with", "is empty") }
        line = row.line
    }

    /// The concepts the rule names, with the column each stands in.
    var mentioned: [(column: String, concept: ConceptID)] {
        var all = [("id", subject)]
        if let condition { all.append(("with", condition)) }
        switch effect {
        case .within(let concept), .combine(let concept), .implies(let concept), .readsAs(let concept?):
            all.append(("value", concept))
        case .readsAs(nil), .role, .settlesContrast, .maybeUnsaid, .atEnd, .notAWord: break
        }
        return all
    }
}
