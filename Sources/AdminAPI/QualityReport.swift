/// `priorctl report quality --json` and `GET /api/v1/reports/quality`: how good the studies were, what rules raised, and
/// which room's figures wandered off.
public struct QualityReport: Codable, Sendable, Equatable {
    /// Studies of one group.
    public struct Row: Codable, Sendable, Equatable {
        /// Station, institution or month (`YYYYMM`); "" for studies that do not say.
        public var group: String
        /// Where a station stands; nil in other groupings.
        public var institution: String?
        /// Studies with an assessment.
        public var studies: Int
        public var pass: Int
        public var review: Int
        public var fail: Int
        /// Without an image that could be judged.
        public var notAssessed: Int
        /// Among the judged studies (all but notAssessed), in 0...1; nil when there is none.
        public var passRate: Double?
        public var reviewRate: Double?
        public var failRate: Double?
        /// Rules that found something, by name.
        public var rules: [Rule]

        /// - Parameters:
        ///   - verdicts: studies by verdict.
        public init(group: String, institution: String?, verdicts: [String: Int], rules: [Rule]) {
            self.group = group
            self.institution = institution
            (pass, review) = (verdicts["pass"] ?? 0, verdicts["review"] ?? 0)
            (fail, notAssessed) = (verdicts["fail"] ?? 0, verdicts["notAssessed"] ?? 0)
            let judged = pass + review + fail
            studies = judged + notAssessed
            func rate(_ part: Int) -> Double? { judged == 0 ? nil : Double(part) / Double(judged) }
            (passRate, reviewRate, failRate) = (rate(pass), rate(review), rate(fail))
            self.rules = rules
        }
    }

    /// Studies in which one rule found something, by the worst it found in each.
    public struct Rule: Codable, Sendable, Equatable {
        public var rule: String
        public var info: Int
        public var review: Int
        public var fail: Int

        public init(rule: String, info: Int, review: Int, fail: Int) {
            self.rule = rule
            self.info = info
            self.review = review
            self.fail = fail
        }
    }

    /// One figure of one group now, against the group's own history.
    public struct Drift: Codable, Sendable, Equatable {
        public var group: String
        public var institution: String?
        /// The rule that measures it.
        public var rule: String
        public var modality: String
        /// Of `median`, `historyMedian` and `historySpread`.
        public var unit: String
        public var count: Int
        /// Nil without a value now.
        public var median: Double?
        public var historyCount: Int
        public var historyMedian: Double?
        /// 1.4826 × the median absolute deviation: the standard deviation where values are normal.
        public var historySpread: Double?
        /// Spreads between the medians; nil with too few values, or where the history has no spread.
        public var z: Double?
        /// |z| is above 3, or a figure that never changed has changed.
        public var isDrifting: Bool

        /// - Parameters:
        ///   - now, history: values in any order.
        ///   - minimum: values the history needs, and a quarter of it now.
        public init(
            group: String, institution: String?, rule: String, modality: String, unit: String, now: [Double],
            history: [Double], minimum: Int
        ) {
            self.group = group
            self.institution = institution
            self.rule = rule
            self.modality = modality
            self.unit = unit
            (count, historyCount) = (now.count, history.count)
            let (median, center) = (Drift.median(now), Drift.median(history))
            let spread = center.flatMap { center in Drift.median(history.map { abs($0 - center) }) }
                .map { $0 * Drift.normalSpread }
            (self.median, historyMedian, historySpread) = (median, center, spread)
            z = nil
            isDrifting = false
            guard let median, let center, let spread, history.count >= minimum, now.count * 4 >= minimum else { return }
            if spread > 0 {
                let distance = (median - center) / spread
                z = distance
                isDrifting = abs(distance) > QualityReport.driftLimit
            } else {
                isDrifting = median != center
            }
        }

        /// The standard deviation of normal values, in median absolute deviations.
        private static let normalSpread = 1.4826

        static func median(_ values: [Double]) -> Double? {
            guard !values.isEmpty else { return nil }
            let sorted = values.sorted()
            let middle = sorted.count / 2
            return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        }
    }

    /// Three standard deviations, the action limit of control charts (Shewhart; ISO 7870-2).
    public static let driftLimit = 3.0

    /// First and last Study Date, `YYYYMMDD`; nil for an open end.
    public var from: String?
    public var to: String?
    /// `station`, `institution` or `month`.
    public var by: String
    /// Groups ascending.
    public var rows: [Row]
    /// All of them together.
    public var total: Row
    /// Days that count as now, up to the last with a figure, when `from` is not given; days before that are history; and how
    /// many values a history needs.
    public var windowDays: Int
    public var historyDays: Int
    public var minimum: Int
    /// By group, then rule and modality.
    public var drift: [Drift]

    public init(
        from: String?, to: String?, by: String, rows: [Row], total: Row, windowDays: Int, historyDays: Int,
        minimum: Int, drift: [Drift]
    ) {
        self.from = from
        self.to = to
        self.by = by
        self.rows = rows
        self.total = total
        self.windowDays = windowDays
        self.historyDays = historyDays
        self.minimum = minimum
        self.drift = drift
    }
}

/// Which settled studies to judge again: the body of `POST /admin/v1/reassess`. All that is given must hold.
public struct ReassessRequest: Codable, Sendable, Equatable {
    /// Study Dates, `YYYYMMDD`, both included.
    public var from: String?
    public var to: String?
    /// Those in which this quality rule found something.
    public var rule: String?
    /// Study Instance UID.
    public var study: String?

    public init(from: String? = nil, to: String? = nil, rule: String? = nil, study: String? = nil) {
        self.from = from
        self.to = to
        self.rule = rule
        self.study = study
    }
}

/// How many studies wait for another assessment.
public struct ReassessAnswer: Codable, Sendable, Equatable {
    public var studies: Int

    public init(studies: Int) { self.studies = studies }
}
