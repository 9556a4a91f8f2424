public import DICOMCore
public import Foundation
internal import GRDB

/// Counts for the operator.
public struct IndexCounts: Sendable, Equatable {
    public var studies = 0
    public var receivingStudies = 0
    public var settledStudies: Int { studies - receivingStudies }
    /// Settled studies whose assessment is outstanding.
    public var awaitingAssessment = 0
    /// Assessed without a safe match and waiting for a person's review.
    public var unmappedStudies = 0
    public var series = 0
    public var instances = 0
    /// Bytes of all Data Sets.
    public var bytes: Int64 = 0
    /// Instances that came again with the same bytes.
    public var duplicates = 0
    public var quarantined: [QuarantineReason: Int] = [:]

    public init() {}
}

/// What a peer last did, by its Calling AE Title.
public struct PeerActivity: Sendable, Equatable {
    public let aeTitle: AETitle
    /// The newest address it used.
    public let host: String
    public let lastReceivedAt: Date?
    public let instanceCount: Int
    public let byteCount: Int64
    public let duplicateCount: Int
    public let lastFailureAt: Date?
    /// "" when nothing failed yet.
    public let lastFailure: String
    public var text = PeerText()
}

extension StudyIndex {
    public func counts() throws(ArchiveError) -> IndexCounts {
        try read { db in
            var counts = IndexCounts()
            if let row = try Row.fetchOne(db, sql: "SELECT * FROM total") {
                counts.studies = row["studies"]
                counts.series = row["series"]
                counts.instances = row["instances"]
                counts.bytes = row["bytes"]
                counts.duplicates = row["duplicates"]
            }
            func count(_ condition: String) throws -> Int {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM study WHERE \(condition)") ?? 0
            }
            counts.receivingStudies = try count("state = 0")
            counts.awaitingAssessment = try count("awaitingAssessment = 1")
            counts.unmappedStudies = try count(StudyQuery.isUnmapped)
            for row in try Row.fetchAll(db, sql: "SELECT reason, count(*) FROM quarantine GROUP BY reason") {
                guard let reason = QuarantineReason(rawValue: row[0]) else { continue }
                counts.quarantined[reason] = row[1]
            }
            return counts
        }
    }

    /// Every peer that stored or failed, by AE Title.
    public func peers() throws(ArchiveError) -> [PeerActivity] {
        try read { db in
            let texts = try Self.texts(in: db)
            return try Row.fetchAll(db, sql: "SELECT * FROM peer ORDER BY aeTitle").map { row in
                PeerActivity(
                    aeTitle: try AETitle(row["aeTitle"]), host: row["host"],
                    lastReceivedAt: (row["lastReceivedAt"] as Int64?).map(Date.init(milliseconds:)),
                    instanceCount: row["instanceCount"], byteCount: row["byteCount"],
                    duplicateCount: row["duplicateCount"],
                    lastFailureAt: (row["lastFailureAt"] as Int64?).map(Date.init(milliseconds:)),
                    lastFailure: row["lastFailure"], text: texts[row["aeTitle"]] ?? PeerText())
            }
        }
    }

    /// The newest address a peer used; nil for one that never stored and never failed.
    public func host(ofPeer aeTitle: AETitle) throws(ArchiveError) -> String? {
        try read { db in
            try String.fetchOne(db, sql: "SELECT host FROM peer WHERE aeTitle = ?", arguments: [aeTitle.value])
        }
    }

    /// Notes that something a peer wanted was refused or failed.
    public func recordFailure(
        ofPeer aeTitle: AETitle, host: String, reason: String, at date: Date
    ) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO peer (aeTitle, host, instanceCount, byteCount, duplicateCount, lastFailureAt, lastFailure)
                    VALUES (?, ?, 0, 0, 0, ?, ?)
                    ON CONFLICT (aeTitle) DO UPDATE SET host = excluded.host,
                        lastFailureAt = excluded.lastFailureAt, lastFailure = excluded.lastFailure
                    """, arguments: [aeTitle.value, host, date.milliseconds, reason])
        }
    }

    /// Adds to the event log.
    public func record(
        _ kind: EventKind, study: StudyInstanceUID? = nil, at date: Date, detail: String
    ) throws(ArchiveError) {
        try write { db in try IndexTransaction(db).record(kind, study: study, at: date, detail: detail) }
    }

    /// The newest events of everything, newest first.
    public func events(limit: Int = 100) throws(ArchiveError) -> [Event] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM event ORDER BY id DESC LIMIT ?", arguments: [limit])
                .map(Event.init)
        }
    }

    /// What happened to a Study, oldest first.
    public func timeline(of study: StudyInstanceUID) throws(ArchiveError) -> [Event] {
        try read { db in try Self.timeline(of: study, in: db) }
    }

    static func timeline(of study: StudyInstanceUID, in db: Database) throws -> [Event] {
        try Row.fetchAll(db, sql: "SELECT * FROM event WHERE study = ? ORDER BY id", arguments: [study.value])
            .map(Event.init)
    }
}
