/// `priorctl report completeness --json` and `GET /api/v1/reports/completeness`: how many studies came whole, and which
/// rules said so.
public struct CompletenessReport: Codable, Sendable, Equatable {
    /// Studies of one group.
    public struct Row: Codable, Sendable, Equatable {
        /// Station, institution, month (`YYYYMM`) or AE Title; "" for studies that do not say.
        public var group: String
        /// Where a station stands; nil in other groupings.
        public var institution: String?
        public var studies: Int
        public var complete: Int
        public var incomplete: Int
        /// Nothing tells how much there should be.
        public var unknown: Int
        /// Still receiving, or waiting for the assessment.
        public var notAssessed: Int
        /// Among the studies that are assessed, in 0...1; nil when none is.
        public var completeRate: Double?
        public var incompleteRate: Double?
        public var unknownRate: Double?
        /// The rules that decided, by name.
        public var rules: [Rule]

        public init(group: String, institution: String?, counts: [Count]) {
            func studies(_ verdict: String) -> Int {
                counts.filter { $0.verdict == verdict }.reduce(0) { $0 + $1.studies }
            }
            self.group = group
            self.institution = institution
            self.studies = counts.reduce(0) { $0 + $1.studies }
            (complete, incomplete, unknown) = (studies("complete"), studies("incomplete"), studies("unknown"))
            let assessed = complete + incomplete + unknown
            notAssessed = self.studies - assessed
            func rate(_ part: Int) -> Double? { assessed == 0 ? nil : Double(part) / Double(assessed) }
            (completeRate, incompleteRate, unknownRate) = (rate(complete), rate(incomplete), rate(unknown))
            rules = Set(counts.map(\.rule)).subtracting([""]).sorted().map { name in
                let own = counts.filter { $0.rule == name }
                return Rule(
                    rule: name, complete: own.filter { $0.verdict == "complete" }.reduce(0) { $0 + $1.studies },
                    incomplete: own.filter { $0.verdict == "incomplete" }.reduce(0) { $0 + $1.studies })
            }
        }
    }

    /// What one rule decided.
    public struct Rule: Codable, Sendable, Equatable {
        public var rule: String
        public var complete: Int
        public var incomplete: Int
    }

    /// Studies of one verdict by one rule, of which rows are made.
    public struct Count: Sendable, Equatable {
        /// "" for studies that are not assessed.
        public var verdict: String
        public var rule: String
        public var studies: Int

        public init(verdict: String, rule: String, studies: Int) {
            self.verdict = verdict
            self.rule = rule
            self.studies = studies
        }
    }

    /// First and last Study Date, `YYYYMMDD`; nil for an open end.
    public var from: String?
    public var to: String?
    /// `station`, `institution`, `month` or `peer`.
    public var by: String
    /// Groups ascending.
    public var rows: [Row]
    /// All of them together.
    public var total: Row

    public init(from: String?, to: String?, by: String, rows: [Row], total: Row) {
        self.from = from
        self.to = to
        self.by = by
        self.rows = rows
        self.total = total
    }
}
