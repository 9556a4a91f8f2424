public import DICOMCore

/// One line of a long operation's answer (JSON Lines): progress and parts of the result as it goes, at last either the
/// result or a problem.
public struct OperationEvent<Result: Codable & Sendable>: Codable, Sendable {
    /// Instances or studies, so far.
    public var done: Int?
    public var total: Int?
    /// What the result is too large to hold.
    public var part: Result?
    public var result: Result?
    public var problem: Problem?

    public static func progress(done: Int, total: Int) -> OperationEvent { OperationEvent(done: done, total: total) }
    public static func part(_ part: Result) -> OperationEvent { OperationEvent(part: part) }
    public static func finished(_ result: Result) -> OperationEvent { OperationEvent(result: result) }
    public static func failed(_ problem: Problem) -> OperationEvent { OperationEvent(problem: problem) }
}

/// What `priorctl verify` found.
public struct VerifyAnswer: Codable, Sendable, Equatable {
    public struct Fault: Codable, Sendable, Equatable {
        /// `missing`, `wrong-size`, `wrong-digest`, `not-readable`, `without-row` or `missing-quarantined`.
        public var kind: String
        public var sopInstanceUID: String?
        public var detail: String

        public init(kind: String, sopInstanceUID: String? = nil, detail: String) {
            self.kind = kind
            self.sopInstanceUID = sopInstanceUID
            self.detail = detail
        }
    }

    /// The decision log: as many lines as `count`, the last with `hash`. Written down elsewhere they prove what it held.
    public struct Decisions: Codable, Sendable, Equatable {
        public var count: Int
        public var hash: String
        /// The first line that does not hold, counted from 1, and why; nil for a log that holds.
        public var brokenLine: Int?
        public var reason: String?

        public init(count: Int, hash: String, brokenLine: Int? = nil, reason: String? = nil) {
            self.count = count
            self.hash = hash
            self.brokenLine = brokenLine
            self.reason = reason
        }
    }

    /// Whether index, objects and decision log all hold.
    public var isClean: Bool
    public var instanceCount: Int
    /// Bytes whose digest was compared; 0 unless `--full`.
    public var digestedByteCount: Int64
    public var faultCount: Int
    /// The first of them.
    public var faults: [Fault]
    public var decisions: Decisions

    public init(
        isClean: Bool, instanceCount: Int, digestedByteCount: Int64, faultCount: Int, faults: [Fault],
        decisions: Decisions
    ) {
        self.isClean = isClean
        self.instanceCount = instanceCount
        self.digestedByteCount = digestedByteCount
        self.faultCount = faultCount
        self.faults = faults
        self.decisions = decisions
    }
}

/// What `priorctl reindex` did.
public struct ReindexAnswer: Codable, Sendable, Equatable {
    public var indexed: Int
    /// Objects that got no row; `verify` names them.
    public var withoutRow: Int
    /// Whether assessments, timeline and peers could be taken over from the index that was replaced.
    public var keptHistory: Bool

    public init(indexed: Int, withoutRow: Int, keptHistory: Bool) {
        self.indexed = indexed
        self.withoutRow = withoutRow
        self.keptHistory = keptHistory
    }
}

/// Which studies to export, and where to.
public struct ExportRequest: Codable, Sendable, Equatable {
    /// nil for all.
    public var study: StudyInstanceUID?
    /// An absolute path on the daemon's machine, written with the daemon's rights.
    public var directory: String

    public init(study: StudyInstanceUID?, directory: String) {
        self.study = study
        self.directory = directory
    }
}

public struct ExportAnswer: Codable, Sendable, Equatable {
    /// Instances the directory has now.
    public var instanceCount: Int

    public init(instanceCount: Int) { self.instanceCount = instanceCount }
}

/// What became of one imported file.
public struct ImportAnswer: Codable, Sendable, Equatable {
    public enum Outcome: String, Codable, Sendable {
        case stored, duplicate
        /// Other bytes are stored under its SOP Instance UID; these are in quarantine.
        case conflict
    }

    public var outcome: Outcome
    public var quarantineID: Int64?

    public init(outcome: Outcome, quarantineID: Int64? = nil) {
        self.outcome = outcome
        self.quarantineID = quarantineID
    }
}
