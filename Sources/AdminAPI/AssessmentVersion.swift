public import Foundation

/// One assessment of a study in short; none is ever lost.
public struct AssessmentVersion: Codable, Sendable, Equatable {
    public var version: Int
    public var at: Date
    /// How many the study had then.
    public var instanceCount: Int
    public var code: String?
    public var completeness: String
    public var quality: String
    /// Against the version before; empty for the first.
    public var changes: [Change]

    /// What is different from the version before.
    public struct Change: Codable, Sendable, Equatable {
        /// `instances`, `code`, `completeness`, `quality`, `evidence` (of completeness) or `findings` (of quality).
        public var field: String
        /// Of `evidence` and `findings`.
        public var rule: String?
        /// "" for nothing. Of evidence the verdicts, of findings the severities, each with how often it was given, and
        /// with how much is missing.
        public var from: String
        public var to: String

        public init(field: String, rule: String? = nil, from: String, to: String) {
            self.field = field
            self.rule = rule
            self.from = from
            self.to = to
        }
    }

    public init(
        version: Int, at: Date, instanceCount: Int, code: String?, completeness: String, quality: String,
        changes: [Change] = []
    ) {
        self.version = version
        self.at = at
        self.instanceCount = instanceCount
        self.code = code
        self.completeness = completeness
        self.quality = quality
        self.changes = changes
    }
}

extension AssessmentVersion {
    /// What differs from `previous`.
    ///
    /// - Parameters: what either version said in full; nil when that is not known, and then only the verdicts are compared.
    public func changes(
        from previous: AssessmentVersion, _ before: AssessmentAnswer?, to now: AssessmentAnswer?
    ) -> [Change] {
        var changes = [
            Change(field: "instances", from: "\(previous.instanceCount)", to: "\(instanceCount)"),
            Change(field: "code", from: previous.code ?? "", to: code ?? ""),
            Change(field: "completeness", from: previous.completeness, to: completeness),
            Change(field: "quality", from: previous.quality, to: quality),
        ]
        if let before, let now {
            changes += Self.changes("evidence", from: before.completeness.byRule, to: now.completeness.byRule)
            changes += Self.changes("findings", from: before.quality.byRule, to: now.quality.byRule)
        }
        return changes.filter { $0.from != $0.to }
    }

    private static func changes(
        _ field: String, from before: [String: String], to now: [String: String]
    ) -> [Change] {
        Set(before.keys).union(now.keys).sorted().map { rule in
            Change(field: field, rule: rule, from: before[rule] ?? "", to: now[rule] ?? "")
        }
    }
}

extension CompletenessAnswer {
    /// What each rule said in a few words: `incomplete 2, missing 3`.
    fileprivate var byRule: [String: String] {
        Dictionary(grouping: evidence, by: \.rule).mapValues { pieces in
            let missing = pieces.reduce(0) { $0 + $1.missing.count }
            return pieces.map(\.verdict).counted + (missing > 0 ? ", missing \(missing)" : "")
        }
    }
}

extension QualityAnswer {
    /// What each rule found in a few words: `review 2`.
    fileprivate var byRule: [String: String] {
        Dictionary(grouping: findings, by: \.rule).mapValues { $0.map(\.severity).counted }
    }
}

extension [String] {
    /// Each value once, with how often it is there when that is more than once.
    fileprivate var counted: String {
        Dictionary(grouping: self, by: \.self).sorted { $0.key < $1.key }
            .map { $0.value.count > 1 ? "\($0.key) \($0.value.count)" : $0.key }.joined(separator: ", ")
    }
}
