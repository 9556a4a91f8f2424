/// How words are read when a study is compared with lists of procedures, and what single procedures ask beyond their
/// columns; one line of procedure-rules.tsv (LEXICON.md).
public struct ProcedureRule: Sendable, Equatable {
    public enum Effect: Sendable, Equatable {
        /// `subject` lies inside, or is a kind of, each of these.
        case within([ConceptID])
        /// `subject` says these too.
        case implies([ConceptID])
        /// `subject` is read as this, or as nothing (nil).
        case readsAs(ConceptID?)
        /// `subject` done, these need no procedure of their own.
        case absorbs([ConceptID])
        /// `subject` asks for no procedure.
        case neutral
        /// `subject` asks for a procedure only where nothing else is done.
        case diagnostic
        /// `subject` is the plain form of the examination.
        case bare
        /// Departments name the part alone where they mean `subject`.
        case unsaid
        /// A procedure with `subject` in its name is meant by texts without it.
        case optional
        /// `subject` only says that something was done, so other texts of the study are asked what.
        case vague
        /// The procedures listed differ from their columns in what any of these stand for.
        case procedures([String], Change, [ConceptID])
        /// Studies that name one of these are outside the list.
        case outside([ConceptID])
    }

    /// What a line says of single procedures.
    public enum Change: String, Sendable, CaseIterable {
        /// The subject is one of these instead of the column's.
        case regions
        case techniques
        /// One of these must be named.
        case requires
        /// None of these may be named.
        case excludes
    }

    /// The concept the rule is about, nil for rules about procedures.
    public let subject: ConceptID?
    /// The list a rule about procedures is about.
    public let catalogue: CatalogueID?
    public let effect: Effect
    /// Concepts that must be named too, and those that must not.
    public let with: [ConceptID]
    public let without: [ConceptID]
    /// The line it stands on, for reports.
    public let line: Int

    /// The rules that are part of the program, all of whose concepts have words in `lexicon`.
    public static func bundled(_ lexicon: Lexicon) throws(CatalogueError) -> [ProcedureRule] {
        try list(BundledFile.procedureRules.table(), lexicon)
    }

    static func list(_ table: TabSeparatedTable, _ lexicon: Lexicon) throws(CatalogueError) -> [ProcedureRule] {
        try table.require(["rule", "subject", "with", "value"])
        var rules: [ProcedureRule] = []
        for row in table.rows where !["not_a_word", "few_words"].contains(row["rule"]) {
            let rule = try ProcedureRule(row)
            for concept in rule.mentioned where lexicon.names[concept] == nil {
                throw row.fault("rule", "\(concept) has no term")
            }
            rules.append(rule)
        }
        return rules
    }

    private var mentioned: [ConceptID] {
        var all = [subject].compactMap(\.self) + with + without
        switch effect {
        case .within(let values), .implies(let values), .absorbs(let values), .procedures(_, _, let values),
            .outside(let values):
            all += values
        case .readsAs(let value): all += [value].compactMap(\.self)
        case .neutral, .diagnostic, .bare, .unsaid, .optional, .vague: break
        }
        return all
    }

    init(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        let values = try Self.concepts(row, "value", row["value"] == "-" ? [] : row.list("value"))
        let conditions = row.list("with")
        with = try Self.concepts(row, "with", conditions.filter { !$0.hasPrefix("!") })
        without = try Self.concepts(
            row, "with", conditions.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) })
        line = row.line
        let change = Change(rawValue: row["rule"])
        if change != nil || row["rule"] == "outside" {
            let parts = row["subject"].split(separator: "/", maxSplits: 1).map(String.init)
            guard let first = parts.first, let catalogue = CatalogueID(first) else {
                throw row.fault("subject", "\"\(row["subject"])\" is not list/ids")
            }
            self.catalogue = catalogue
            subject = nil
            guard let change else {
                effect = .outside(values)
                return
            }
            guard parts.count == 2 else { throw row.fault("subject", "names no procedure") }
            effect = .procedures(parts[1].split(separator: ";").map(String.init), change, values)
            return
        }
        guard let concept = ConceptID(row["subject"]) else {
            throw row.fault("subject", "\"\(row["subject"])\" is not kind.name")
        }
        subject = concept
        catalogue = nil
        switch row["rule"] {
        case "within": effect = .within(values)
        case "implies": effect = .implies(values)
        case "reads_as": effect = .readsAs(values.first)
        case "absorbs": effect = .absorbs(values)
        case "neutral": effect = .neutral
        case "diagnostic": effect = .diagnostic
        case "bare": effect = .bare
        case "unsaid": effect = .unsaid
        case "optional": effect = .optional
        case "vague": effect = .vague
        default: throw row.fault("rule", "\"\(row["rule"])\" is not a known rule")
        }
    }

    private static func concepts(
        _ row: TabSeparatedTable.Row, _ column: String, _ texts: [String]
    ) throws(CatalogueError) -> [ConceptID] {
        var concepts: [ConceptID] = []
        for text in texts {
            guard let concept = ConceptID(text) else { throw row.fault(column, "\"\(text)\" is not kind.name") }
            concepts.append(concept)
        }
        return concepts
    }
}
