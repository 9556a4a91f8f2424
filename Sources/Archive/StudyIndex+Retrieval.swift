internal import DICOMCore
internal import Foundation
internal import GRDB

extension StudyIndex {
    /// Resolves a selection to what is stored now.
    ///
    /// - Parameter pageLimit: rows read at a time.
    public func instances(
        of selection: InstanceSelection, pageLimit: Int = 200
    ) throws(ArchiveError) -> SelectedInstances {
        let chunks = try read { db -> (Int64, [SelectedInstances.Part], [InstanceKind: Int]) in
            let lastOrdinal = try Int64.fetchOne(db, sql: "SELECT max(ordinal) FROM instance") ?? 0
            guard !selection.isEmpty else { return (lastOrdinal, [], [:]) }
            var kinds: [InstanceKind: Int] = [:]
            guard selection.instances.isEmpty else {
                let lists = Self.distinct(selection.instances).chunks(of: pageLimit)
                for list in lists {
                    let condition = Self.condition(naming: list, in: selection, upTo: lastOrdinal)
                    try Self.count(into: &kinds, condition, in: db)
                }
                return (lastOrdinal, lists.map { .instances($0) }, kinds)
            }
            let series = try Self.series(of: selection, in: db)
            for list in series.chunks(of: 500) {
                let places = list.map { _ in "?" }.joined(separator: ", ")
                try Self.count(
                    into: &kinds,
                    (
                        "instance.series IN (\(places)) AND instance.ordinal <= ?",
                        StatementArguments(list.map(\.id)) + [lastOrdinal]
                    ), in: db)
            }
            return (lastOrdinal, series.map { .series(id: $0.id, uid: $0.uid) }, kinds)
        }
        return SelectedInstances(
            index: self, selection: selection, kinds: chunks.2, lastOrdinal: chunks.0, parts: chunks.1,
            pageLimit: pageLimit)
    }

    /// The next Instances of a Series in order of Instance Number, those without one first, then of arrival.
    func instances(
        inSeries id: Int64, _ uid: String, after last: StoredInstance?, upTo lastOrdinal: Int64, limit: Int
    ) throws(ArchiveError) -> [StoredInstance] {
        // The UID is asked for too, since a reindex in between gives Series other ids.
        let series = "instance.series = ? AND series.uid = ? AND instance.ordinal <= ?"
        let arguments: StatementArguments = [id, uid, lastOrdinal]
        return try read { db in
            var found: [StoredInstance] = []
            if last?.image.number == nil {
                found = try Self.instances(
                    where: "\(series) AND instance.number IS NULL AND instance.ordinal > ?",
                    "instance.ordinal LIMIT ?", arguments + [last?.ordinal ?? -1, limit], in: db)
            }
            guard found.count < limit else { return found }
            let number = last?.image.number
            return found
                + (try Self.instances(
                    where: "\(series) AND instance.number >= ? AND (instance.number > ? OR instance.ordinal > ?)",
                    "instance.number, instance.ordinal LIMIT ?",
                    arguments + [
                        number.map(Int64.init) ?? .min, number.map(Int64.init) ?? .min,
                        number == nil ? -1 : last?.ordinal, limit - found.count,
                    ], in: db))
        }
    }

    /// The Instances of those names that the rest of the selection admits, in the order of the names.
    func instances(
        named uids: [SOPInstanceUID], in selection: InstanceSelection, upTo lastOrdinal: Int64
    ) throws(ArchiveError) -> [StoredInstance] {
        let condition = Self.condition(naming: uids, in: selection, upTo: lastOrdinal)
        let found = try read { db in
            try Self.instances(where: condition.sql, "instance.ordinal", condition.arguments, in: db)
        }
        let places = Dictionary(uniqueKeysWithValues: uids.enumerated().map { ($1, $0) })
        return found.sorted { (places[$0.sopInstanceUID] ?? 0) < (places[$1.sopInstanceUID] ?? 0) }
    }

    private static func instances(
        where condition: String, _ order: String, _ arguments: StatementArguments, in db: Database
    ) throws -> [StoredInstance] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT \(StoredInstance.columns)
                    FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study
                    WHERE \(condition) ORDER BY \(order)
                    """), arguments: arguments
        ).map(StoredInstance.init)
    }

    private static func count(
        into kinds: inout [InstanceKind: Int], _ condition: (sql: String, arguments: StatementArguments),
        in db: Database
    ) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT instance.sopClass, instance.transferSyntax, count(*)
                FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study
                WHERE \(condition.sql) GROUP BY instance.sopClass, instance.transferSyntax
                """, arguments: condition.arguments)
        for row in rows {
            let kind = InstanceKind(
                sopClassUID: try SOPClassUID(row[0]), transferSyntaxUID: try TransferSyntaxUID(row[1]))
            kinds[kind, default: 0] += row[2]
        }
    }

    /// The Series that a selection without Instances means, oldest Study first.
    private static func series(of selection: InstanceSelection, in db: Database) throws -> [(id: Int64, uid: String)] {
        let condition = condition(of: selection)
        return try Row.fetchAll(
            db,
            sql: """
                SELECT series.id, series.uid FROM study JOIN series ON series.study = study.id
                WHERE \(condition.sql)
                ORDER BY study.date, study.time, study.id, series.number IS NULL, series.number, series.id
                """, arguments: condition.arguments
        ).map { (id: $0[0], uid: $0[1]) }
    }

    private static func condition(
        naming uids: [SOPInstanceUID], in selection: InstanceSelection, upTo lastOrdinal: Int64
    ) -> (sql: String, arguments: StatementArguments) {
        let rest = condition(of: selection)
        return (
            "instance.uid IN (SELECT value FROM json_each(?)) AND instance.ordinal <= ? AND \(rest.sql)",
            [list(uids.map(\.value)), lastOrdinal] + rest.arguments
        )
    }

    /// What a selection asks of Study and Series. Lists are given as JSON, since there may be more names than parameters.
    private static func condition(of selection: InstanceSelection) -> (sql: String, arguments: StatementArguments) {
        var conditions = ["1"]
        var arguments = StatementArguments()
        if let patientID = selection.patientID {
            conditions.append("study.patientID = ?")
            arguments += [patientID]
        }
        if let issuer = selection.issuer {
            conditions.append("study.issuer = ?")
            arguments += [issuer]
        }
        if !selection.studies.isEmpty {
            conditions.append("study.uid IN (SELECT value FROM json_each(?))")
            arguments += [list(selection.studies.map(\.value))]
        }
        if !selection.series.isEmpty {
            conditions.append("series.uid IN (SELECT value FROM json_each(?))")
            arguments += [list(selection.series.map(\.value))]
        }
        return (conditions.joined(separator: " AND "), arguments)
    }

    /// UIDs as a JSON list: digits and dots need no escape.
    private static func list(_ uids: [String]) -> String {
        "[" + uids.map { "\"\($0)\"" }.joined(separator: ",") + "]"
    }

    private static func distinct(_ uids: [SOPInstanceUID]) -> [SOPInstanceUID] {
        var seen: Set<SOPInstanceUID> = []
        return uids.filter { seen.insert($0).inserted }
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
