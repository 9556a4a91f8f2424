public import DICOMCore

/// The notices there are, each for its days: a province that changes its rules keeps the old ones for exams of their time.
public struct RecognitionPolicies: Sendable, Equatable {
    /// By their first days; never empty.
    public let all: [RecognitionPolicy]

    /// One notice for all days.
    public init(_ policy: RecognitionPolicy) { all = [policy] }

    /// - Parameter policies: at least one.
    /// - Throws: when two have one id or begin on one day.
    public init(_ policies: [RecognitionPolicy]) throws(RecognitionPolicyClash) {
        precondition(!policies.isEmpty, "some notice must hold")
        for (place, policy) in policies.enumerated() {
            for earlier in policies[..<place]
            where earlier.id == policy.id || earlier.effective.from == policy.effective.from {
                throw RecognitionPolicyClash(place: place, isOfID: earlier.id == policy.id, other: earlier.id)
            }
        }
        all = policies.sorted { $0.effective.from < $1.effective.from }
    }

    /// The newest notice that has begun; a day before the first one reads as that one's first, so that older studies stay
    /// comparable. It may have ended (``RecognitionPolicy/holds(on:)``).
    public func policy(on day: CalendarDay) -> RecognitionPolicy { all.last { $0.effective.from <= day } ?? all[0] }

    public subscript(id: String) -> RecognitionPolicy? { all.first { $0.id.value == id } }
}

/// Why two notices cannot stand beside each other.
public struct RecognitionPolicyClash: Error, Equatable, Sendable, CustomStringConvertible {
    /// Of the later one, counted from 0.
    public let place: Int
    let isOfID: Bool
    let other: CatalogueID

    public var description: String {
        isOfID ? "another notice has the id \(other)" : "the notice \(other) begins on the same day"
    }
}

extension RecognitionPolicy {
    /// Whether it has not ended by `day`.
    public func holds(on day: CalendarDay) -> Bool { effective.until.map { day <= $0 } ?? true }

    /// As a file that ``init(file:bytes:)`` reads.
    public var fileText: String {
        let days = [
            ("id", id.value), ("from", Self.iso(effective.from)), ("until", effective.until.map(Self.iso) ?? ""),
        ]
        let head = days.filter { !$0.1.isEmpty }.map { "# \($0.0): \($0.1)" }
        let rows = rules.map { rule in
            let check = rule.check?.cells ?? (name: "", value: "")
            return [
                rule.id, rule.section, rule.category, rule.text.zh, rule.text.en, rule.dataNeeded,
                rule.decidableBy.rawValue, rule.notes, check.name, check.value, rule.text.vi,
            ].joined(separator: "\t")
        }
        let columns = [
            "id", "section", "category", "text_zh", "meaning_en", "data_needed", "decidable_by", "notes", "check",
            "value", "meaning_vi",
        ].joined(separator: "\t")
        return (head + [columns] + rows).joined(separator: "\n") + "\n"
    }

    /// `YYYY-MM-DD`.
    private static func iso(_ day: CalendarDay) -> String {
        let digits = day.description
        return "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))"
    }
}

extension RecognitionRule.Check {
    /// As the columns `check` and `value` have it.
    fileprivate var cells: (name: String, value: String) {
        switch self {
        case .coded: ("coded", "")
        case .listed: ("listed", "")
        case .accreditedAbove(let grade): ("accredited-above", "\(grade)")
        case .bothBelow(let grade): ("both-below", "\(grade)")
        case .fromAbove(let grade): ("from-above", "\(grade)")
        case .allied: ("allied", "")
        case .carriedOut: ("carried-out", "")
        case .itemComplete: ("item-complete", "")
        case .seriesComplete: ("series-complete", "")
        case .clear: ("clear", "")
        case .reliable: ("reliable", "")
        case .fit: ("fit", "")
        case .identityAndDate: ("identity-and-date", "")
        case .reported: ("reported", "")
        case .withinDays(let days): ("within-days", "\(days)")
        case .question: ("question", "")
        }
    }
}
