public import Foundation
internal import GRDB

/// How far into the decision log the index has got.
struct DecisionMark: Equatable, Sendable {
    var head: EventChain.Head
    /// Where that line ends.
    var byteCount: Int64

    static let start = DecisionMark(head: .empty, byteCount: 0)

    var count: Int { head.count }

    mutating func add(_ line: UnsafeRawBufferPointer, _ byteCount: Int) {
        head = EventChain.Head(
            count: head.count + 1, hash: String(decoding: line.prefix(ChainHash.width), as: UTF8.self))
        self.byteCount += Int64(byteCount)
    }
}

/// A time when the log was found not to reach as far as it had.
struct DecisionLoss: Equatable, Sendable {
    let mark: DecisionMark
    /// Lines there were when it was found.
    let keptCount: Int

    var asBreak: EventChain.Break {
        let first = keptCount + 1
        return first > mark.count
            ? EventChain.Break(line: mark.count, reason: "the last line the index knew is another one")
            : EventChain.Break(
                line: first,
                reason: first == mark.count
                    ? "the line was cut off: the index knew it"
                    : "lines \(first) to \(mark.count) were cut off: the index knew them")
    }
}

/// One line of the log as it is found again.
struct DecisionRow {
    let line: Int
    let offset: Int64
    let byteCount: Int
    let record: String
    let kind: String
    let at: Int64
    let person: String?
    let reference: String?
    let study: String?
    let prior: String?

    /// - Parameter byteCount: with the end of the line.
    init(_ line: UnsafeRawBufferPointer, number: Int, at offset: Int64, byteCount: Int) {
        let fields = ChainHash.record(of: line).flatMap { EventFields($0) }
        self.line = number
        self.offset = offset
        self.byteCount = byteCount - 1
        record = fields?["record"] ?? ""
        kind = fields?["kind"] ?? ""
        at = fields?.milliseconds("at") ?? 0
        person = fields?["person"]
        reference = fields?["reference"]
        study = fields?["study"]
        prior = fields?["prior"]
    }

    init(_ row: Row) {
        line = row["line"]
        offset = row["offset"]
        byteCount = row["byteCount"]
        record = row["record"]
        kind = row["kind"]
        at = row["at"]
        person = row["person"]
        reference = row["reference"]
        study = row["study"]
        prior = row["prior"]
    }
}

/// Which records of the decision log are meant: those that fulfil everything that is given.
public struct DecisionFilter: Sendable, Equatable {
    /// What the member `record` says.
    public var record: String?
    /// Any of these in the member `kind`; all when empty.
    public var kinds: [String] = []
    /// Any of these in the member `person`; all when empty.
    public var persons: [String] = []
    /// In the members `reference`, `study` or `prior`.
    public var study: String?
    /// Any of these in the member `prior`; all when empty.
    public var priors: [String] = []
    /// Of the member `at`; the end is not included.
    public var times: Range<Date>?
    /// Only lines after this one.
    public var after = 0
    public var limit = 1000
    /// Whether the last ones come first.
    public var isNewestFirst = false

    public init(record: String? = nil) { self.record = record }
}

extension StudyIndex {
    func decisionMark() throws(ArchiveError) -> DecisionMark? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT count, hash, byteCount FROM decisionMark").map {
                DecisionMark(head: EventChain.Head(count: $0[0], hash: $0[1]), byteCount: $0[2])
            }
        }
    }

    /// Takes in lines of the log and how far it goes with them.
    ///
    /// - Returns: false, and nothing is taken in, when the index has not got to `start`.
    func add(_ rows: [DecisionRow], from start: DecisionMark, to end: DecisionMark) throws(ArchiveError) -> Bool {
        try write { db in
            let known = try Row.fetchOne(db, sql: "SELECT count, hash FROM decisionMark").map {
                EventChain.Head(count: $0[0], hash: $0[1])
            }
            guard (known ?? .empty) == start.head else { return false }
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO decision (line, offset, byteCount, record, kind, at, person, reference, study, prior)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """)
            for row in rows {
                try insert.execute(arguments: [
                    row.line, row.offset, row.byteCount, row.record, row.kind, row.at, row.person, row.reference,
                    row.study, row.prior,
                ])
            }
            try db.execute(
                sql: "INSERT OR REPLACE INTO decisionMark (id, count, hash, byteCount) VALUES (1, ?, ?, ?)",
                arguments: [end.count, end.head.hash, end.byteCount])
            return true
        }
    }

    /// Keeps that the log does not reach as far as `mark`, and forgets what was in it: it is read anew.
    func noteLoss(of mark: DecisionMark, keptCount: Int) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: "INSERT INTO decisionLoss (count, hash, byteCount, keptCount, at) VALUES (?, ?, ?, ?, ?)",
                arguments: [mark.count, mark.head.hash, mark.byteCount, keptCount, Date().milliseconds])
            try db.execute(sql: "DELETE FROM decision; DELETE FROM decisionMark")
            try IndexTransaction(db).record(
                .decisionsCut, study: nil, at: Date(),
                detail: "the decision log had \(mark.count) lines and has \(keptCount) of them")
        }
    }

    /// By the first line that is missing.
    func decisionLosses() throws(ArchiveError) -> [DecisionLoss] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT count, hash, byteCount, keptCount FROM decisionLoss ORDER BY keptCount, count"
            ).map {
                DecisionLoss(
                    mark: DecisionMark(head: EventChain.Head(count: $0[0], hash: $0[1]), byteCount: $0[2]),
                    keptCount: $0[3])
            }
        }
    }

    func decisions(matching filter: DecisionFilter) throws(ArchiveError) -> [DecisionRow] {
        var conditions = ["line > ?"]
        var arguments: StatementArguments = [filter.after]
        func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
        if let record = filter.record {
            conditions.append("+record = ?")
            arguments += [record]
        }
        if !filter.kinds.isEmpty {
            conditions.append("+kind IN (\(marks(filter.kinds.count)))")
            arguments += StatementArguments(filter.kinds)
        }
        if !filter.persons.isEmpty {
            conditions.append("person IN (\(marks(filter.persons.count)))")
            arguments += StatementArguments(filter.persons)
        }
        if let study = filter.study {
            let column = { (name: String) in "SELECT line FROM decision WHERE \(name) = ?" }
            conditions.append(
                "line IN (\(["reference", "study", "prior"].map(column).joined(separator: " UNION ")))")
            arguments += [study, study, study]
        }
        if !filter.priors.isEmpty {
            conditions.append("prior IN (\(marks(filter.priors.count)))")
            arguments += StatementArguments(filter.priors)
        }
        if let times = filter.times {
            conditions.append("at >= ? AND at < ?")
            arguments += [times.lowerBound.milliseconds, times.upperBound.milliseconds]
        }
        let sql = """
            SELECT * FROM decision WHERE \(conditions.joined(separator: " AND "))
            ORDER BY line \(filter.isNewestFirst ? "DESC" : "ASC") LIMIT ?
            """
        return try read { db in
            try Row.fetchAll(db, sql: sql, arguments: arguments + [filter.limit]).map(DecisionRow.init)
        }
    }
}
