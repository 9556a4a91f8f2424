internal import Archive
public import Catalogue
internal import DICOMCore
internal import Foundation

/// What was done in angiography: studies named as techniques of China's lists and as Vietnamese procedures, by institution,
/// year and operator, and held against the norms of 2019.
///
/// One study is one case. It counts where any of its techniques counts, and as the highest of their levels. The lists hold
/// levels 3 and 4 alone, so what is of a lower level is told apart and not counted among the cases.
public struct InterventionalVolumes: Sendable {
    /// A number of cases and how many of them are of which level.
    public struct Tally: Sendable, Equatable {
        public internal(set) var cases = 0
        public internal(set) var level3 = 0
        public internal(set) var level4 = 0

        mutating func add(_ level: Int) {
            cases += 1
            if level == 4 { level4 += 1 } else { level3 += 1 }
        }
    }

    /// What one institution did in one year.
    public struct Year: Sendable, Equatable {
        /// Id of the register, or the name as it is written where that knows none.
        public let institution: String
        /// `YYYY`, "" for studies without a date, or with one that is still to come.
        public let year: String
        /// Angiography studies, whatever they were named.
        public internal(set) var studies = 0
        public internal(set) var total = Tally()
        public internal(set) var domains: [Procedure.Domain: Tally] = [:]
        /// Ids of the techniques done, and in how many studies.
        public internal(set) var techniques: [String: Int] = [:]
        /// Studies that are interventions of Vietnam's list.
        public internal(set) var vietnamese = 0
        /// Cases that name nobody.
        public internal(set) var withoutOperator = 0
    }

    /// What one operator did at one institution in one year.
    public struct Operator: Sendable, Equatable {
        public let institution: String
        public let year: String
        public let name: String
        /// Other spellings that may be the same person; they are counted apart.
        public internal(set) var mayBe: [String] = []
        /// Named first.
        public internal(set) var first: [Procedure.Domain: Tally] = [:]
        public internal(set) var firstTotal = Tally()
        /// Named after another.
        public internal(set) var assisting = Tally()
    }

    public let years: [Year]
    public let operators: [Operator]
    public let findings: [Finding]
    public let techniques: [Procedure]

    /// A requirement and what the index says of it.
    public struct Finding: Sendable, Equatable {
        public enum State: String, Sendable {
            /// The figure reaches the threshold, as far as the index knows.
            case reached
            case notReached
            /// Not reached by what is there of a year that is not over, or not wholly in the range.
            case partOfYear
            /// No index of studies can answer it.
            case needsOutsideData
        }

        public let requirement: InterventionalRequirement
        /// "" where the answer is not about one institution.
        public let institution: String
        public let year: String
        /// The operator it is about, over all that the index holds; nil where it is about an institution.
        public let name: String?
        public let value: Double?
        public let state: State

        /// Whether the figure stands in for what no index knows in full. The norms count every technique in a year's cases,
        /// the lists hold levels 3 and 4 alone.
        public var isProxy: Bool {
            state != .needsOutsideData
                && (requirement.answerable == .partial || requirement.metric == "annual_cases_total")
        }
    }
}

/// A study with what it counts as.
struct InterventionalCase {
    let institution: String
    /// Nil for a study without a date that can be.
    let day: CalendarDay?
    /// Techniques of China's lists.
    let techniques: [Procedure]
    let isVietnamese: Bool
    let operators: [OperatorName]

    var year: String { day.map { String($0.description.prefix(4)) } ?? "" }

    /// The greatest level in `domain`, or in both; nil without a technique there.
    func level(_ domain: Procedure.Domain? = nil) -> Int? {
        techniques.filter { domain == nil || $0.domain == domain }.compactMap(\.surgicalLevel).max()
    }

    /// - Parameters:
    ///   - institution: as volumes are counted by.
    ///   - today: a study that is dated later counts as not dated.
    init(
        _ study: PerformedStudy, institution: String, techniques: [String: Procedure], interventions: Set<String>,
        today: CalendarDay
    ) {
        self.institution = institution
        day = CalendarDay(dicom: study.date).flatMap { $0 <= today ? $0 : nil }
        let entries = study.entries.map(String.init)
        self.techniques = entries.compactMap { techniques[$0] }
        isVietnamese = entries.contains(where: interventions.contains)
        // The physicians who perform the series are meant; where none is named, those who operate the machine stand in.
        let performing = study.operators.filter { $0.role == .performing }
        var seen: Set<OperatorName> = []
        operators = (performing.isEmpty ? study.operators : performing).compactMap { OperatorName($0.name) }
            .filter { seen.insert($0).inserted }
    }
}
