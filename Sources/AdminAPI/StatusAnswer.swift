public import Foundation

/// How something stands; also the exit code of `priorctl status`, as monitoring systems expect it.
public enum StatusVerdict: String, Codable, Sendable, Comparable, CaseIterable {
    case ok, warning, critical

    public var exitCode: Int32 {
        switch self {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        }
    }

    public static func < (left: StatusVerdict, right: StatusVerdict) -> Bool { left.exitCode < right.exitCode }
}

/// `priorctl status --json` and `GET /api/v1/status`: one verdict, then what it rests on.
public struct StatusAnswer: Codable, Sendable, Equatable {
    /// One thing that was looked at.
    public struct Check: Codable, Sendable, Equatable {
        /// Stable, lower case: `listener`, `storage`, `disk`, `backlog`, `pixels`, `associations`, `peers`, `studies`,
        /// `text`, `quarantine`, `commitments`, `forwards`, `sources`, `catalogues`, `lexicon`,
        /// `decisions`, `daemon`.
        public var name: String
        public var state: StatusVerdict
        /// One line for people, without patient data.
        public var summary: String
        /// The figure the check is about, where it has one.
        public var value: Int64?
        /// Of `value`: `bytes`, `seconds`, `studies`, `objects`, `associations`, `instances`, `catalogues`,
        /// `words`, `images`, `commitments`, `events`.
        public var unit: String?
        /// What the check is made of: one for each peer, state or reason.
        public var parts: [Check]

        public init(
            name: String, state: StatusVerdict, summary: String, value: Int64? = nil, unit: String? = nil,
            parts: [Check] = []
        ) {
            self.name = name
            self.state = state
            self.summary = summary
            self.value = value
            self.unit = unit
            self.parts = parts
        }
    }

    /// The worst of the checks.
    public var verdict: StatusVerdict
    public var checks: [Check]
    /// Of the daemon; nil when it did not answer.
    public var version: String?
    public var aeTitle: String?
    public var startedAt: Date?
    /// When this was looked at.
    public var at: Date

    public init(checks: [Check], version: String? = nil, aeTitle: String? = nil, startedAt: Date? = nil, at: Date) {
        verdict = checks.map(\.state).max() ?? .ok
        self.checks = checks
        self.version = version
        self.aeTitle = aeTitle
        self.startedAt = startedAt
        self.at = at
    }
}
