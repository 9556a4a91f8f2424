public import Archive
public import Foundation
internal import Matching

extension AliasTeaching {
    /// What became of a table.
    public struct TableReport: Sendable, Equatable {
        public var taughtCount = 0
        /// Lines that were in force already.
        public var unchangedCount = 0
        /// Studies that were named anew.
        public var renamedCount = 0
    }

    /// What is in force, as ``AliasTable`` writes it. Blocks for the disk.
    public func table() throws(ArchiveError) -> String {
        AliasTable.text(
            try archive.index.aliasesInForce().map { (event) throws(ArchiveError) in
                (try Alias(event), event.author.person, event.author.reason)
            })
    }

    /// Teaches every line of a table that is not in force yet, or none if one is at fault or meets an objection. A crash
    /// in between leaves the lines before it; taking the table again goes on there. Blocks for the disk.
    ///
    /// - Parameter person: who imports it; who taught a line and why become part of the reason.
    /// - Throws: ``AliasTable/Faults``, ``AliasTeachingError`` or ``ArchiveError``.
    public func take(_ text: String, by person: String, isForced: Bool, at date: Date) throws -> TableReport {
        let rows = try AliasTable.rows(text)
        var faults: [AliasTable.Fault] = []
        var seen: [AliasKey: (line: Int, meaning: Alias.Meaning)] = [:]
        var report = TableReport()
        var fresh: [(row: AliasTable.Row, author: AliasAuthor)] = []
        for row in rows {
            let key = AliasKey(description: row.alias.key, scope: row.alias.scope)
            if let other = seen.updateValue((row.line, row.alias.meaning), forKey: key) {
                faults.append(
                    .init(line: row.line, reason: "the same description and scope stand on line \(other.line)"))
                continue
            }
            let reason = "imported: \(row.reason) (\(row.person))"
            let author = AliasAuthor(person: person, reason: String(reason.prefix(Self.reasonLimit / 4)), at: date)
            try Self.check(author)
            if let known = book.alias(for: row.alias.key, scope: row.alias.scope), known.saysSame(as: row.alias) {
                report.unchangedCount += 1
                continue
            }
            let objections = try isForced ? [] : objections(to: row.alias)
            if !objections.isEmpty {
                faults.append(
                    .init(line: row.line, reason: objections.map(\.description).joined(separator: "; ")))
            }
            fresh.append((row, author))
        }
        guard faults.isEmpty else { throw AliasTable.Faults(faults: faults) }
        for (row, author) in fresh {
            report.renamedCount += try teach(row.alias, by: author, isForced: isForced).renamedCount
            report.taughtCount += 1
        }
        return report
    }

    private struct AliasKey: Hashable {
        let description: DescriptionKey
        let scope: Alias.Scope
    }
}

extension Alias {
    /// Whether both answer the same, wherever they hold.
    func saysSame(as other: Alias) -> Bool {
        meaning == other.meaning && grade == other.grade && confidence == other.confidence
    }
}
