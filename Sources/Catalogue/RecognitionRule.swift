public import DICOMCore

/// One rule of a mutual-recognition notice, as Recall's verdicts cite it (zhejiang-recognition-rules.tsv).
public struct RecognitionRule: Sendable, Equatable, Identifiable {
    /// Who or what can say whether the rule holds.
    public enum Decider: String, Sendable {
        case software, clinician, mixed, administrative
        /// A register or an outcome outside DICOM is needed.
        case softwareWithExternalData = "software_external_data"
    }

    /// What is asked of a prior before the rule holds. The words of a notice stay in its file; these are the tests there are.
    public enum Check: Equatable, Sendable {
        /// The prior is, or contains, the item in question.
        case coded
        /// The item stands on the list.
        case listed
        /// Both institutions are of the grade or above, or independent, and their quality assessment was valid.
        case accreditedAbove(HospitalGrade)
        /// Both are below the grade, or have none.
        case bothBelow(HospitalGrade)
        /// The prior's institution is of the grade or above with a valid assessment, the other below.
        case fromAbove(HospitalGrade)
        /// Both are members of one alliance.
        case allied
        case carriedOut, itemComplete, seriesComplete, clear, reliable, fit
        case identityAndDate
        case reported
        /// Whole calendar days between the two exam dates; the last one is inside.
        case withinDays(Int)
        /// Only a doctor can say: shown, and holds until somebody raises it.
        case question
    }

    /// `ZR-` rules, `ZQ-` image quality, `ZE-` exceptions, `KI-` indicators, each with a two-digit number.
    public let id: String
    /// Section of the notice.
    public let section: String
    public let category: String
    public let text: LocalizedName
    public let dataNeeded: String
    public let decidableBy: Decider
    public let notes: String
    /// Nil for a rule that says nothing of a single prior.
    public let check: Check?
}

/// The rules of one notice and the days it holds for. Another province's notice is another file.
public struct RecognitionPolicy: Sendable, Equatable {
    public let id: CatalogueID
    public let effective: EffectivePeriod
    /// In the order of the notice.
    public let rules: [RecognitionRule]

    public subscript(rule: String) -> RecognitionRule? { rules.first { $0.id == rule } }

    /// Zhejiang's notice of 2021: the rules as handed down, with what is asked for each (recognition-checks.tsv).
    public static func bundled() throws(CatalogueError) -> RecognitionPolicy {
        let checks = try BundledFile.recognitionChecks.table()
        var rows: [String: TabSeparatedTable.Row] = [:]
        for row in checks.rows { rows[row["id"]] = row }
        let first = checks.rows.first
        return try RecognitionPolicy(
            id: first?["policy"] ?? "", from: first?["from"] ?? "", until: first?["until"] ?? "",
            table: BundledFile.recognitionRules.table()
        ) { row throws(CatalogueError) in
            guard let check = rows[row["id"]] else {
                throw row.fault("id", "\(row["id"]) has no line in \(checks.file)")
            }
            return check
        }
    }

    /// Reads a site's own notice: the columns of zhejiang-recognition-rules.tsv with `check`, `value` and `meaning_vi`, and
    /// above them `# id:`, `# from:` and, where it has ended, `# until:`.
    ///
    /// - Throws: ``CatalogueError`` naming line, column and reason of the first fault.
    public init(file: String, bytes: [UInt8]) throws(CatalogueError) {
        let table = try TabSeparatedTable(bytes, file: file)
        try table.require(["check", "value", "meaning_vi"])
        func note(_ key: String) -> String { table.notes.first { $0.key == key }?.value ?? "" }
        try self.init(id: note("id"), from: note("from"), until: note("until"), table: table) { $0 }
    }

    private init(
        id: String, from: String, until: String, table: TabSeparatedTable,
        checks: (TabSeparatedTable.Row) throws(CatalogueError) -> TabSeparatedTable.Row
    ) throws(CatalogueError) {
        try table.require(["id", "section", "category", "text_zh", "meaning_en", "data_needed", "decidable_by"])
        func head(_ reason: String) -> CatalogueError {
            .malformed(file: table.file, line: table.headerLine, column: "#1", reason: reason)
        }
        guard let policy = CatalogueID(id) else {
            throw head("id \"\(id)\" is not lower-case letters, digits and hyphens")
        }
        guard let first = CalendarDay(iso: from) else { throw head("from \"\(from)\" is not YYYY-MM-DD") }
        let last = CalendarDay(iso: until)
        guard until.isEmpty || last != nil, let effective = EffectivePeriod(from: first, until: last) else {
            throw head("until \"\(until)\" is not a day YYYY-MM-DD after from")
        }
        var rules: [RecognitionRule] = []
        var ids: Set<String> = []
        for row in table.rows {
            let rule = try row.nonEmpty("id")
            guard ids.insert(rule).inserted else { throw row.fault("id", "\(rule) stands twice") }
            let check = try checks(row)
            rules.append(
                RecognitionRule(
                    id: rule, section: row["section"], category: row["category"],
                    text: LocalizedName(zh: row["text_zh"], en: row["meaning_en"], vi: check["meaning_vi"]),
                    dataNeeded: row["data_needed"],
                    decidableBy: try row.value("decidable_by", as: RecognitionRule.Decider.self), notes: row["notes"],
                    check: try RecognitionRule.Check(check)))
        }
        self.id = policy
        self.effective = effective
        self.rules = rules
    }
}

extension RecognitionRule.Check {
    /// Nil where the cell is empty.
    init?(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        func grade() throws(CatalogueError) -> HospitalGrade {
            guard let grade = HospitalGrade(row["value"]) else {
                throw row.fault("value", "\"\(row["value"])\" is not a grade such as 2A")
            }
            return grade
        }
        switch row["check"] {
        case "": return nil
        case "coded": self = .coded
        case "listed": self = .listed
        case "accredited-above": self = .accreditedAbove(try grade())
        case "both-below": self = .bothBelow(try grade())
        case "from-above": self = .fromAbove(try grade())
        case "allied": self = .allied
        case "carried-out": self = .carriedOut
        case "item-complete": self = .itemComplete
        case "series-complete": self = .seriesComplete
        case "clear": self = .clear
        case "reliable": self = .reliable
        case "fit": self = .fit
        case "identity-and-date": self = .identityAndDate
        case "reported": self = .reported
        case "within-days":
            let days = try row.integer("value")
            guard (0...3650).contains(days) else {
                throw row.fault("value", "\(days) is not a number of days up to 3650")
            }
            self = .withinDays(days)
        case "question": self = .question
        default: throw row.fault("check", "\"\(row["check"])\" is not a known check")
        }
    }
}
