internal import DICOMCore
internal import Foundation
internal import GRDB

/// The way through the index that a query takes: which table or index is walked, in which order.
enum IndexWalk: Sendable, Equatable {
    /// Rows named by unique or nearly unique keys; few.
    case instanceUIDs, seriesUIDs, studyUIDs, patientIDs, accessionNumbers
    /// Patient IDs or Accession Numbers that begin with this.
    case patientIDPrefix(String)
    case accessionPrefix(String)
    /// The studies that their names or full text found, all of them.
    case candidates([Int64])
    /// Studies that full text finds, so many at a time.
    case text(String, isPairs: Bool)
    case modality(String)
    case date
    /// All rows, so many at a time.
    case rows

    /// The walk that looks at the fewest rows.
    init(for query: IndexQuery, in db: Database) throws {
        func has(_ field: IndexField) -> Bool { query.exactValues(field)?.contains { !$0.isEmpty } ?? false }
        if query.level == .image, has(.sopInstanceUID) {
            self = .instanceUIDs
        } else if query.level > .patient, has(.studyInstanceUID) {
            self = .studyUIDs
        } else if query.level > .study, has(.seriesInstanceUID) {
            self = .seriesUIDs
        } else if has(.patientID) {
            self = .patientIDs
        } else if query.level > .patient, has(.accessionNumber) {
            self = .accessionNumbers
        } else if query.level > .patient, try IndexWalk.isFewDays(query, in: db) {
            self = IndexWalk.modality(in: query).map { .modality($0) } ?? .date
        } else if let found = try IndexWalk.names(for: query, in: db) ?? IndexWalk.fullText(for: query, in: db) {
            self = found
        } else if let prefix = IndexWalk.prefix(of: .patientID, in: query),
            let walk = try IndexWalk.patientIDPrefix(prefix).narrowed(for: query, in: db)
        {
            self = walk
        } else if query.level > .patient, let prefix = IndexWalk.prefix(of: .accessionNumber, in: query),
            let walk = try IndexWalk.accessionPrefix(prefix).narrowed(for: query, in: db)
        {
            self = walk
        } else if query.level > .patient, let modality = IndexWalk.modality(in: query) {
            self = .modality(modality)
        } else if query.level > .patient, query.order == .newestFirst || IndexWalk.hasDates(query) {
            self = .date
        } else {
            self = .rows
        }
    }

    private static func hasDates(_ query: IndexQuery) -> Bool { query.conditions.contains { $0.field == .studyDate } }

    /// Whether so few Studies are of the days wanted that nothing finds them sooner than these days do.
    private static func isFewDays(_ query: IndexQuery, in db: Database) throws -> Bool {
        for case (.studyDate, .range(let first?, let last?)) in query.conditions {
            let count = try Int.fetchOne(
                db.cachedStatement(
                    sql: "SELECT count(*) FROM (SELECT 1 FROM study WHERE date >= ? AND date <= ? LIMIT ?)"),
                arguments: [first, last, query.bounds.days + 1])
            return count.map { $0 <= query.bounds.days } ?? false
        }
        return false
    }

    private static func modality(in query: IndexQuery) -> String? {
        for field in [IndexField.modalitiesInStudy, .modality] {
            if let values = query.exactValues(field), values.count == 1 { return values[0] }
        }
        return nil
    }

    /// What a pattern begins with before its first wildcard.
    private static func prefix(of field: IndexField, in query: IndexQuery) -> String? {
        for case (field, .pattern(let pattern)) in query.conditions { return prefix(of: pattern) }
        return nil
    }

    private static func prefix(of pattern: String) -> String? {
        let prefix = pattern.prefix { $0 != "*" && $0 != "?" }
        return prefix.isEmpty ? nil : String(prefix)
    }

    /// The studies with a component group of the name that begins as wanted; nil when there is no such wish, or too many.
    private static func names(for query: IndexQuery, in db: Database) throws -> IndexWalk? {
        for case (.patientName, .nameBeginnings(let patterns)) in query.conditions {
            let prefixes = patterns.compactMap { prefix(of: $0) }
            guard let prefix = prefixes.max(by: { $0.utf8.count < $1.utf8.count }) else { return nil }
            let found = try Int64.fetchAll(
                db.cachedStatement(sql: namesStatement),
                arguments: [prefix, prefix + "\u{10FFFF}", query.bounds.candidates + 1])
            return found.count > query.bounds.candidates ? nil : .candidates(found)
        }
        return nil
    }

    /// One part for each index on names.
    private static let namesStatement =
        StudyIndex.nameGroups.map { group, condition in
            "SELECT id FROM study WHERE \(group) >= ?1 AND \(group) < ?2 AND \(condition)"
        }.joined(separator: " UNION ALL ") + " LIMIT ?3"

    /// Full text, where a part of a name, an ID or a description gives it something to look for. When much is found, studies
    /// of a few days are rather walked by date, and the newest ones too.
    private static func fullText(for query: IndexQuery, in db: Database) throws -> IndexWalk? {
        let terms = terms(in: query)
        let walk: IndexWalk
        if let expression = SearchText.trigramExpression(for: terms) {
            walk = .text(expression, isPairs: false)
        } else if let expression = SearchText.pairExpression(for: terms) {
            walk = .text(expression, isPairs: true)
        } else {
            return nil
        }
        let found = try walk.candidates(after: 0, limit: query.bounds.candidates, in: db)
        if found.upperBound == nil { return .candidates(found.ids) }
        if query.level == .patient { return .rows }
        return query.order == .newestFirst || hasDates(query) ? nil : walk
    }

    private static func terms(in query: IndexQuery) -> [String] {
        query.conditions.flatMap { field, condition -> [String] in
            switch (field, condition) {
            case (.patientName, .nameBeginnings(let patterns)):
                patterns.flatMap { $0.split { "*?^= ".contains($0) }.map(String.init) }
            case (.patientName, .nameWords(let words)): words
            case (.patientID, .pattern(let pattern)):
                prefix(of: pattern) == nil ? SearchText.wholeTerms(of: pattern) : []
            // A patient is found by what is said of the patient.
            case _ where query.level == .patient: []
            case (.accessionNumber, .pattern(let pattern)):
                prefix(of: pattern) == nil ? SearchText.wholeTerms(of: pattern) : []
            case (.studyDescription, .pattern(let pattern)), (.institution, .pattern(let pattern)):
                SearchText.wholeTerms(of: pattern)
            case (.studyDescription, .anyOf(let values)), (.institution, .anyOf(let values)):
                values.count == 1 ? SearchText.wholeTerms(of: values[0]) : []
            default: []
            }
        }
    }

    /// The studies that a prefix names, when they are few; else the prefix itself, or nil where studies are wanted by date.
    private func narrowed(for query: IndexQuery, in db: Database) throws -> IndexWalk? {
        if query.order == .any { return self }
        guard let range = prefixRange("study") else { return nil }
        // The index on Accession Numbers leaves out empty ones.
        let found = try Int64.fetchAll(
            db,
            sql: """
                SELECT id FROM study
                WHERE \(range.column) >= ? AND \(range.column) < ? AND \(range.column) <> '' LIMIT ?
                """, arguments: [range.first, range.end, query.bounds.candidates + 1])
        return found.count <= query.bounds.candidates ? .candidates(found) : nil
    }

    /// The range of a column in which every text begins with the prefix; the end is outside.
    func prefixRange(_ table: String) -> (column: String, first: String, end: String)? {
        // No text has a scalar beyond the last of Unicode.
        switch self {
        case .patientIDPrefix(let text): ("\(table).patientID", text, text + "\u{10FFFF}")
        case .accessionPrefix(let text): ("\(table).accessionNumber", text, text + "\u{10FFFF}")
        default: nil
        }
    }

    /// The next studies that full text finds, and those receiving, which it does not know yet.
    ///
    /// - Returns: their row numbers, and up to which number all are known; nil when that is the end.
    func candidates(
        after row: Int64, limit: Int, in db: Database
    ) throws -> (ids: [Int64], upperBound: Int64?) {
        guard case .text(let expression, let isPairs) = self else { return ([], nil) }
        let table = isPairs ? "studyPairs" : "studySearch"
        var ids = try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT rowid FROM \(table) WHERE \(table) MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?"),
            arguments: [expression, row, limit])
        let upperBound = ids.count < limit ? nil : ids.last
        // The sign keeps SQLite from walking all rows between the two instead of the few that are receiving.
        ids += try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT id FROM study WHERE state = 0 AND +id > ? AND +id <= ?"),
            arguments: [row, upperBound ?? .max])
        return (ids, upperBound)
    }
}

extension IndexWalk {
    /// The tables in the order they are walked. CROSS JOIN keeps SQLite from another one.
    func source(_ level: QueryLevel) -> String {
        switch (level, self) {
        case (.patient, _): return "patient"
        case (_, .instanceUIDs):
            return """
                instance CROSS JOIN series ON series.id = instance.series CROSS JOIN study ON study.id = series.study
                """
        case (_, .seriesUIDs):
            return "series CROSS JOIN study ON study.id = series.study" + (level == .image ? IndexWalk.instances : "")
        case (_, .modality):
            return "studyModality AS m CROSS JOIN study ON study.id = m.study" + IndexWalk.lower(level)
        default:
            return "study" + IndexWalk.lower(level)
        }
    }

    private static let instances = " CROSS JOIN instance ON instance.series = series.id"

    private static func lower(_ level: QueryLevel) -> String {
        switch level {
        case .patient, .study: ""
        case .series: " CROSS JOIN series ON series.study = study.id"
        case .image: " CROSS JOIN series ON series.study = study.id" + instances
        }
    }

    /// The columns that order the walk: those of the outermost table, and those below it.
    func columns(_ query: IndexQuery) -> (outer: [String], inner: [String]) {
        let level = query.level
        if level == .patient {
            if case .patientIDPrefix = self { return (["patient.patientID", "patient.issuer"], []) }
            return (["patient.id"], [])
        }
        let inner =
            switch level {
            case .patient, .study: [String]()
            case .series: ["series.id"]
            case .image: ["series.id", "instance.ordinal"]
            }
        if query.isNewestFirst, case .modality = self { return (["m.date", "m.time", "m.study"], inner) }
        if query.isNewestFirst { return (["study.date", "study.time", "study.id"], inner) }
        switch self {
        case .instanceUIDs: return (["instance.ordinal"], [])
        case .seriesUIDs: return (["series.id"], Array(inner.dropFirst()))
        case .patientIDPrefix: return (["study.patientID", "study.issuer", "study.id"], inner)
        case .accessionPrefix: return (["study.accessionNumber", "study.id"], inner)
        case .modality: return (["m.date", "m.time", "m.study"], inner)
        case .date: return (["study.date", "study.time", "study.id"], inner)
        case .studyUIDs, .patientIDs, .accessionNumbers, .candidates, .text, .rows: return (["study.id"], inner)
        }
    }
}
