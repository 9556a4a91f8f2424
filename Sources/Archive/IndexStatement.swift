internal import DICOMCore
internal import Foundation
internal import GRDB

/// One page of an ``IndexQuery`` as SQL: the rows' keys, in the order of its walk.
struct IndexStatement {
    let query: IndexQuery
    let walk: IndexWalk
    private var conditions: [String] = []
    private var arguments: [(any DatabaseValueConvertible)?] = []
    private let columns: (outer: [String], inner: [String])

    /// Where a page ended that this one follows.
    private let last: [IndexKey]?

    init(_ query: IndexQuery, _ walk: IndexWalk, after last: [IndexKey]?) throws {
        self.query = query
        self.walk = walk
        self.last = last
        columns = walk.columns(query)
        try addWalk()
        if let last { continueAfter(last) }
        for (field, condition) in query.conditions { try add(field, condition) }
    }

    private mutating func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
        conditions.append(condition)
        arguments += values
    }

    private static func list(_ values: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
    }

    /// Terms of one condition; more would narrow little and cost every row.
    private static let termLimit = 16

    private var entity: String { query.level == .patient ? "patient" : "study" }

    private mutating func addWalk() throws {
        switch walk {
        case .candidates(let ids):
            var rest = ids
            if case .number(let row) = last?.first, columns.outer[0] == "study.id" { rest.removeAll { $0 < row } }
            let list = try IndexStatement.list(rest)
            if query.level == .patient {
                add("patient.id IN (SELECT patient FROM study WHERE id IN (SELECT value FROM json_each(?)))", list)
            } else {
                add("study.id IN (SELECT value FROM json_each(?))", list)
            }
        case .modality(let modality): add("m.modality = ?", modality)
        case .patientIDPrefix, .accessionPrefix:
            guard let range = walk.prefixRange(entity) else { return }
            if last == nil { add("\(range.column) >= ?", range.first) }
            add("\(range.column) < ? AND \(range.column) <> ''", range.end)
        case .instanceUIDs, .seriesUIDs, .studyUIDs, .patientIDs, .accessionNumbers, .text, .date, .rows: break
        }
    }

    /// Continues after the row in which an earlier page ended.
    private mutating func continueAfter(_ keys: [IndexKey]) {
        let all = columns.outer + columns.inner
        guard keys.count == all.count else { return }
        let relation = query.isNewestFirst ? "<" : ">"
        // The first condition says no more than the second, but it is one that an index serves.
        add("\(all[0]) \(relation)= ?", keys[0].argument)
        conditions.append(
            "(\(all.joined(separator: ", "))) \(relation) (\(all.map { _ in "?" }.joined(separator: ", ")))")
        arguments += keys.map(\.argument)
    }

    /// Whether an end of a range is behind the row from which the walk goes on. SQLite would rather start there.
    private func isBehind(_ field: IndexField, isFirst: Bool) -> Bool {
        guard last != nil, field == .studyDate, columns.outer[0].hasSuffix(".date") else { return false }
        return isFirst != query.isNewestFirst
    }

    /// Looks at rows after one and up to another only.
    mutating func restrict(toRowsAfter first: Int64, upTo last: Int64, among ids: [Int64]? = nil) throws {
        add("\(entity).id > ? AND \(entity).id <= ?", first, last)
        if let ids { add("study.id IN (SELECT value FROM json_each(?))", try IndexStatement.list(ids)) }
    }

    /// Looks at so many rows only as one page may, where conditions leave open how many of them match.
    ///
    /// - Returns: where the page ends, or nil when it reaches the end.
    mutating func restrictToWindow(after last: [IndexKey]?, in db: Database) throws -> [IndexKey]? {
        let isWalked: (IndexField) -> Bool = { $0 == .studyDate || $0 == .modalitiesInStudy }
        guard query.conditions.contains(where: { !isWalked($0.field) }) else { return nil }
        var walked = IndexQuery(level: query.level == .patient ? .patient : .study)
        walked.order = query.isNewestFirst ? .newestFirst : .any
        walked.conditions = query.conditions.filter { $0.field == .studyDate }
        let rows = try IndexStatement(walked, walk, after: last.map { Array($0.prefix(columns.outer.count)) })
        guard let end = try rows.key(db, number: query.bounds.walked(query.level)) else { return nil }
        let places = end.map { _ in "?" }.joined(separator: ", ")
        conditions.append(
            "(\(columns.outer.joined(separator: ", "))) \(query.isNewestFirst ? ">=" : "<=") (\(places))")
        arguments += end.map(\.argument)
        return end
    }

    /// The columns of the walk's row of a number, from 1.
    private func key(_ db: Database, number: Int64) throws -> [IndexKey]? {
        let direction = query.isNewestFirst ? " DESC" : ""
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try Row.fetchOne(
            db,
            sql: """
                SELECT \(columns.outer.joined(separator: ", ")) FROM \(walk.source(query.level)) \(filter)
                ORDER BY \(columns.outer.map { $0 + direction }.joined(separator: ", ")) LIMIT 1 OFFSET ?
                """, arguments: StatementArguments(arguments) + [number - 1]
        ).map(keys)
    }

    /// At most `limit` matches with the values of their walk's columns before them.
    func rows(_ db: Database, limit: Int) throws -> RowCursor {
        let all = columns.outer + columns.inner
        let direction = query.isNewestFirst ? " DESC" : ""
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try Row.fetchCursor(
            db,
            sql: """
                SELECT \((all + matched).joined(separator: ", ")) FROM \(walk.source(query.level)) \(filter)
                ORDER BY \(all.map { $0 + direction }.joined(separator: ", ")) LIMIT ?
                """, arguments: StatementArguments(arguments) + [limit])
    }

    /// How many columns of a row come before those of its match.
    var keyCount: Int { columns.outer.count + columns.inner.count }

    /// What a match is made of; ids tell whether what is above it is the same as of the match before.
    private var matched: [String] {
        switch query.level {
        case .patient: [PatientSummary.columns.description]
        case .study: [StudySummary.columns.description]
        case .series: ["study.id", StudySummary.columns.description, SeriesSummary.columns.description]
        case .image:
            [
                "study.id", StudySummary.columns.description, "series.id", SeriesSummary.columns.description,
                StoredInstance.columns.description,
            ]
        }
    }

    /// The values of the walk's columns in a row.
    func keys(of row: Row) -> [IndexKey] {
        (0..<keyCount).map { position in
            let value: DatabaseValue = row[position]
            if let number = Int64.fromDatabaseValue(value) { return .number(number) }
            return .text(String.fromDatabaseValue(value) ?? "")
        }
    }
}

extension IndexStatement {
    private mutating func add(_ field: IndexField, _ condition: IndexCondition) throws {
        // A patient is found by what is said of the patient.
        if query.level == .patient, field == .modalitiesInStudy || field == .sopClassesInStudy { return }
        if field == .modalitiesInStudy || field == .modality && query.level == .study {
            return addModalities(condition)
        }
        if field == .sopClassesInStudy { return try addSOPClasses(condition) }
        guard let column = column(field) else { return }
        switch condition {
        case .anyOf(let values):
            if values.count == 1 {
                add("\(column) = ?", values[0])
            } else {
                add("\(column) IN (SELECT value FROM json_each(?))", try IndexStatement.list(values))
            }
            if field == .accessionNumber { conditions.append("\(column) <> ''") }
        case .number(let numbers):
            add("\(column) IN (SELECT value FROM json_each(?))", try IndexStatement.list(numbers))
        case .pattern(let pattern): add("\(column) GLOB ?", SearchText.glob(pattern))
        case .range(let first, let last):
            if let first, !isBehind(field, isFirst: true) { add("\(column) >= ?", first) }
            if let last, !isBehind(field, isFirst: false) { add("\(column) <= ?", last) }
            conditions.append("\(column) <> ''")
        case .nameBeginnings(let patterns):
            for pattern in patterns {
                let glob = SearchText.glob(pattern) + "*"
                add("(\(column) GLOB ? OR \(column) GLOB ?)", glob, "*=" + glob)
            }
        case .nameWords(let words):
            for word in words.prefix(IndexStatement.termLimit) { add("instr(\(column), ?) > 0", word) }
        }
    }

    private mutating func addModalities(_ condition: IndexCondition) {
        guard case .anyOf(let values) = condition, values.count <= IndexStatement.termLimit else { return }
        let either = values.map { _ in "instr('\\' || study.modalities || '\\', '\\' || ? || '\\') > 0" }
        conditions.append("(" + either.joined(separator: " OR ") + ")")
        arguments += values.map { $0 }
    }

    private mutating func addSOPClasses(_ condition: IndexCondition) throws {
        guard case .anyOf(let values) = condition else { return }
        add(
            """
            EXISTS (SELECT 1 FROM series AS s JOIN instance AS i ON i.series = s.id
                WHERE s.study = study.id AND i.sopClass IN (SELECT value FROM json_each(?)))
            """, try IndexStatement.list(values))
    }

    /// Where a field is kept; nil where the level has none.
    private func column(_ field: IndexField) -> String? {
        let isPatient = query.level == .patient
        let column: (QueryLevel, String) =
            switch field {
            case .patientID: (.patient, "patientID")
            case .issuer: (.patient, "issuer")
            case .patientName: (.patient, isPatient ? "folded(patient.name)" : "foldedName")
            case .birthDate: (.patient, "birthDate")
            case .sex: (.patient, "sex")
            case .studyInstanceUID: (.study, "uid")
            case .studyDate: (.study, "date")
            case .accessionNumber: (.study, "accessionNumber")
            case .studyID: (.study, "studyID")
            case .studyDescription: (.study, "description")
            case .institution: (.study, "institution")
            case .seriesInstanceUID: (.series, "uid")
            case .modality: (.series, "modality")
            case .seriesNumber: (.series, "number")
            case .seriesDescription: (.series, "description")
            case .bodyPart: (.series, "bodyPart")
            case .laterality: (.series, "laterality")
            case .protocolName: (.series, "protocolName")
            case .stationName: (.series, "stationName")
            case .sopInstanceUID: (.image, "uid")
            case .sopClassUID: (.image, "sopClass")
            case .instanceNumber: (.image, "number")
            case .viewPosition: (.image, "viewPosition")
            case .modalitiesInStudy, .sopClassesInStudy: (.study, "")
            }
        guard column.0 <= query.level else { return nil }
        if case .modality = walk, field == .studyDate { return "m.date" }
        if field == .patientName, isPatient { return column.1 }
        return switch column.0 {
        case .patient: entity + "." + column.1
        case .study: "study." + column.1
        case .series: "series." + column.1
        case .image: "instance." + column.1
        }
    }
}

extension IndexKey {
    fileprivate var argument: (any DatabaseValueConvertible)? {
        switch self {
        case .text(let text): text
        case .number(let number): number
        }
    }
}
