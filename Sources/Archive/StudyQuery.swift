internal import DICOMCore
internal import Foundation
internal import GRDB

/// A ``StudyFilter`` as SQL.
struct StudyQuery {
    private var source = "study"
    private var order = "study.date DESC, study.time DESC, study.id DESC"
    private var conditions: [String] = []
    private var arguments: [(any DatabaseValueConvertible)?] = []
    private let filter: StudyFilter

    init(_ filter: StudyFilter) throws {
        self.filter = filter
        try addKeys()
        addModalities()
        addVerdicts()
        addText()
        addName()
    }

    func count(_ db: Database) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM \(source) \(whereClause)", arguments: StatementArguments(arguments)) ?? 0
    }

    func rows(_ db: Database) throws -> [Row] {
        try Row.fetchAll(
            db, sql: "SELECT \(StudySummary.columns) FROM \(source) \(whereClause) ORDER BY \(order) LIMIT ? OFFSET ?",
            arguments: StatementArguments(arguments) + [filter.limit, filter.offset])
    }

    private var whereClause: String { conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ") }

    private mutating func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
        conditions.append(condition)
        arguments += values
    }

    private mutating func addKeys() throws {
        if !filter.studyInstanceUIDs.isEmpty {
            let list = String(decoding: try JSONEncoder().encode(filter.studyInstanceUIDs), as: UTF8.self)
            add("study.uid IN (SELECT value FROM json_each(?))", list)
        }
        if let patientID = filter.patientID { addMatch("study.patientID", patientID) }
        if let issuer = filter.issuer { add("study.issuer = ?", issuer) }
        if let accession = filter.accessionNumber {
            addMatch("study.accessionNumber", accession)
            if !accession.isEmpty { conditions.append("study.accessionNumber <> ''") }
        }
        if let number = filter.number {
            // Each half by an index of its own.
            add(
                """
                study.id IN (SELECT id FROM study AS numbered WHERE numbered.patientID = ?
                    UNION ALL SELECT id FROM study AS accessed
                        WHERE accessed.accessionNumber = ? AND accessed.accessionNumber <> '')
                """, number, number)
        }
        if let institution = filter.institution { add("study.institution = ?", institution) }
        if let (description, modality) = filter.foldedDescription.map({ ($0, filter.describedModality) }) {
            add(
                "study.descriptor IN (SELECT id FROM descriptor WHERE description = ? AND (? IS NULL OR modality = ?))",
                description, modality, modality)
        }
        if let source = filter.sourceAETitle { add("study.sourceAETitle = ?", source.value) }
    }

    /// Whether a condition leaves so few studies that walking them in order of date would be the slower way.
    private var isSelective: Bool {
        !filter.studyInstanceUIDs.isEmpty || filter.patientID != nil || filter.accessionNumber != nil
            || filter.number != nil || filter.patientName != nil || !filter.text.isEmpty || filter.code != nil
            || filter.foldedDescription != nil
    }

    private mutating func addModalities() {
        var date = "study.date"
        if filter.modalities.count == 1 && !isSelective {
            source = "studyModality AS m CROSS JOIN study ON study.id = m.study"
            order = "m.date DESC, m.time DESC, m.study DESC"
            date = "m.date"
            add("m.modality = ?", filter.modalities[0])
        } else if !filter.modalities.isEmpty {
            let either = filter.modalities.map { _ in "instr('\\' || study.modalities || '\\', '\\' || ? || '\\') > 0" }
            conditions.append("(" + either.joined(separator: " OR ") + ")")
            arguments += filter.modalities.map { $0 }
        }
        if let first = filter.firstDate { add("\(date) >= ?", first) }
        if let last = filter.lastDate { add("\(date) <= ?", last) }
        if filter.firstDate != nil || filter.lastDate != nil { conditions.append("\(date) <> ''") }
    }

    /// Whether a study has no safe match and waits for review.
    static let isUnmapped = "study.awaitsReview = 1"

    private mutating func addVerdicts() {
        if let code = filter.code { add("study.code = ? AND study.code <> ''", code) }
        if filter.isUnmapped { conditions.append(Self.isUnmapped) }
        if let state = filter.state { add("study.state = \(state.rawValue)") }
        if let completeness = filter.completeness { add("study.completeness = ?", completeness) }
        if let quality = filter.quality { add("study.quality = ?", quality) }
    }

    /// Trigrams and Chinese pairs select candidates, the folded text decides; other terms of one or two characters
    /// have only the latter.
    private mutating func addText() {
        let terms = SearchText.terms(of: filter.text)
        addCandidates(for: terms)
        for term in terms {
            add("instr((SELECT text FROM studyText WHERE studyText.study = study.id), ?) > 0", term)
        }
    }

    private mutating func addCandidates(for terms: [String]) {
        let expressions = [
            ("studySearch", SearchText.trigramExpression(for: terms)),
            ("studyPairs", SearchText.pairExpression(for: terms)),
        ]
        for case (let table, let expression?) in expressions {
            add(
                """
                study.id IN (SELECT rowid FROM \(table) WHERE \(table) MATCH ?
                    UNION ALL SELECT id FROM study AS receiving WHERE receiving.state = 0)
                """, expression)
        }
    }

    private mutating func addName() {
        guard let name = filter.patientName else { return }
        let folded = SearchText.fold(name)
        guard !folded.isEmpty, folded.contains(where: { $0 != "*" }) else { return }
        addCandidates(for: folded.split(whereSeparator: { "*?^= ".contains($0) }).map(String.init))
        let pattern = SearchText.glob(folded)
        add(
            "(study.foldedName GLOB ? OR study.foldedName GLOB ? OR study.foldedName GLOB ? OR study.foldedName GLOB ?)",
            pattern, pattern + "=*", "*=" + pattern, "*=" + pattern + "=*")
    }

    private mutating func addMatch(_ column: String, _ value: String) {
        if value.contains(where: { $0 == "*" || $0 == "?" }) {
            add("\(column) GLOB ?", SearchText.glob(value))
        } else {
            add("\(column) = ?", value)
        }
    }
}
