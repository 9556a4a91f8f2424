/// `GET /api/v1/reports/interventional`: what was done in angiography, and what the norms of 2019 ask.
public struct InterventionalReport: Codable, Sendable, Equatable {
    /// Cases and how many are of which level of surgery.
    public struct Tally: Codable, Sendable, Equatable {
        public var cases: Int
        public var level3: Int
        public var level4: Int

        public init(cases: Int, level3: Int, level4: Int) {
            self.cases = cases
            self.level3 = level3
            self.level4 = level4
        }
    }

    /// One institution in one year.
    public struct Year: Codable, Sendable, Equatable {
        /// Id of the configuration, or the name where that knows none.
        public var institution: String
        /// `YYYY`, "" for studies without a date, or with one that is still to come.
        public var year: String
        /// Angiography studies, whatever they were named.
        public var studies: Int
        public var total: Tally
        /// Techniques of the list for general ones, and of that for peripheral vessels.
        public var general: Tally
        public var peripheral: Tally
        /// Ids of techniques, each with its studies.
        public var techniques: [String: Int]
        /// Interventions of Vietnam's list.
        public var vietnamese: Int
        /// Cases that name nobody.
        public var withoutOperator: Int

        public init(
            institution: String, year: String, studies: Int, total: Tally, general: Tally, peripheral: Tally,
            techniques: [String: Int], vietnamese: Int, withoutOperator: Int
        ) {
            self.institution = institution
            self.year = year
            self.studies = studies
            self.total = total
            self.general = general
            self.peripheral = peripheral
            self.techniques = techniques
            self.vietnamese = vietnamese
            self.withoutOperator = withoutOperator
        }
    }

    /// One operator at one institution in one year.
    public struct Operator: Codable, Sendable, Equatable {
        public var institution: String
        public var year: String
        public var name: String
        /// Other spellings that may be the same person; they are counted apart.
        public var mayBe: [String]
        /// Named first.
        public var total: Tally
        public var general: Tally
        public var peripheral: Tally
        /// Named after another.
        public var assisting: Tally

        public init(
            institution: String, year: String, name: String, mayBe: [String], total: Tally, general: Tally,
            peripheral: Tally, assisting: Tally
        ) {
            self.institution = institution
            self.year = year
            self.name = name
            self.mayBe = mayBe
            self.total = total
            self.general = general
            self.peripheral = peripheral
            self.assisting = assisting
        }
    }

    /// A requirement and what the index says of it.
    public struct Finding: Codable, Sendable, Equatable {
        public var requirement: String
        public var domain: String
        public var section: String
        public var subject: String
        public var text: String
        public var meaning: String
        public var metric: String
        /// `>=`, `<=`, `=`, `present` or `report`.
        public var comparison: String
        public var threshold: String
        public var unit: String
        /// As in ``Year``; "" where the answer is not about one institution.
        public var institution: String
        public var year: String
        /// The operator it is about, over all that the index holds.
        public var name: String?
        public var value: Double?
        /// `reached`, `notReached`, `partOfYear` or `needsOutsideData`.
        public var state: String
        /// Whether the figure stands in for what no index knows in full.
        public var isProxy: Bool
        public var dataSource: String
        public var notes: String

        public init(
            requirement: String, domain: String, section: String, subject: String, text: String, meaning: String,
            metric: String, comparison: String, threshold: String, unit: String, institution: String, year: String,
            name: String?, value: Double?, state: String, isProxy: Bool, dataSource: String, notes: String
        ) {
            self.requirement = requirement
            self.domain = domain
            self.section = section
            self.subject = subject
            self.text = text
            self.meaning = meaning
            self.metric = metric
            self.comparison = comparison
            self.threshold = threshold
            self.unit = unit
            self.institution = institution
            self.year = year
            self.name = name
            self.value = value
            self.state = state
            self.isProxy = isProxy
            self.dataSource = dataSource
            self.notes = notes
        }
    }

    /// Study Dates, `YYYYMMDD`, both included; nil for an open end.
    public var from: String?
    public var to: String?
    public var years: [Year]
    public var operators: [Operator]
    public var findings: [Finding]

    public init(from: String?, to: String?, years: [Year], operators: [Operator], findings: [Finding]) {
        self.from = from
        self.to = to
        self.years = years
        self.operators = operators
        self.findings = findings
    }

    /// One line for each institution and year, operator and finding; the first column says which.
    public var csv: String {
        let header = [
            "kind", "institution", "year", "name", "studies", "cases", "level3", "level4", "generalCases",
            "generalLevel4", "peripheralCases", "peripheralLevel4", "assisting", "vietnamese", "withoutOperator",
            "mayBe", "requirement", "value", "comparison", "threshold", "unit", "state", "isProxy",
        ]
        func sums(_ total: Tally, _ general: Tally, _ peripheral: Tally) -> [String] {
            [
                total.cases, total.level3, total.level4, general.cases, general.level4, peripheral.cases,
                peripheral.level4,
            ].map { String($0) }
        }
        func empty(_ count: Int) -> [String] { Array(repeating: "", count: count) }
        var lines = [header]
        for year in years {
            var line = ["institution", CSVText.field(year.institution), year.year, "", String(year.studies)]
            line += sums(year.total, year.general, year.peripheral)
            line += ["", String(year.vietnamese), String(year.withoutOperator)] + empty(8)
            lines.append(line)
        }
        for one in operators {
            var line = ["operator", CSVText.field(one.institution), one.year, CSVText.field(one.name), ""]
            line += sums(one.total, one.general, one.peripheral)
            line += [String(one.assisting.cases), "", "", CSVText.field(one.mayBe.joined(separator: "; "))] + empty(7)
            lines.append(line)
        }
        for finding in findings {
            var line = ["requirement", CSVText.field(finding.institution), finding.year]
            line += [CSVText.field(finding.name ?? "")] + empty(12)
            line += [finding.requirement, finding.value.map { String($0) } ?? "", finding.comparison]
            line += [finding.threshold, finding.unit, finding.state, String(finding.isProxy)]
            lines.append(line)
        }
        return CSVText.text(lines)
    }
}
