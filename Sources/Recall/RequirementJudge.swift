internal import Catalogue
internal import DICOMCore

/// Holds figures against requirements, and says which ask what no index can know.
///
/// What an institution must have, or do in a year, is judged by institution and year; what a physician must have done, by
/// physician over all that the index holds, so that "of these" speaks of the same person's cases. What a physician had done
/// when the norms were issued in 2019 no index can tell that began later.
struct RequirementJudge {
    let book: VolumeBook
    let techniques: [Procedure]
    /// Of those asked for, which modalities an institution's studies have.
    let modalities: [String: Set<String>]
    /// Whether all of a year is over and inside the range.
    let isWhole: (_ year: String) -> Bool
    /// The only physician asked for, and those who may be the same; nil for all.
    let wanted: OperatorName?

    private struct Figure {
        var institution = ""
        var year = ""
        var name: String?
        let value: Double
        /// Whether it is of a year that may still bring more, or of which the range leaves something out.
        var isOfPart = false
    }

    func findings(
        for requirement: InterventionalRequirement, years: [InterventionalVolumes.Year]
    ) -> [InterventionalVolumes.Finding] {
        let figures = requirement.answerable == .no ? [] : figures(requirement, years)
        guard !figures.isEmpty else {
            return [
                InterventionalVolumes.Finding(
                    requirement: requirement, institution: "", year: "", name: nil, value: nil,
                    state: .needsOutsideData)
            ]
        }
        return figures.map { figure in
            let state = Self.state(figure, requirement)
            return InterventionalVolumes.Finding(
                requirement: requirement, institution: figure.institution, year: figure.year, name: figure.name,
                value: state == .needsOutsideData ? nil : figure.value, state: state)
        }
    }

    private static func state(
        _ figure: Figure, _ requirement: InterventionalRequirement
    ) -> InterventionalVolumes.Finding.State {
        let threshold = Double(requirement.threshold)
        switch requirement.comparison {
        case .report: return .reached
        // That nothing of it is in the index does not say that there is none.
        case .present: return figure.value >= threshold ?? 1 ? .reached : .needsOutsideData
        case .atLeast:
            // Once reached it stays so, whatever the rest of the year brings.
            if figure.value >= threshold ?? 1 { return .reached }
            return figure.isOfPart ? .partOfYear : .notReached
        case .atMost, .equal:
            if figure.isOfPart { return .partOfYear }
            let holds =
                requirement.comparison == .equal ? figure.value == threshold : figure.value <= threshold ?? 0
            return holds ? .reached : .notReached
        }
    }

    /// Empty for what the index has no figure for.
    private func figures(_ requirement: InterventionalRequirement, _ years: [InterventionalVolumes.Year]) -> [Figure] {
        let domain = requirement.domain
        func each(_ value: (InterventionalVolumes.Year) -> Double) -> [Figure] {
            years.filter { !$0.year.isEmpty }.map { year in
                Figure(
                    institution: year.institution, year: year.year, value: value(year), isOfPart: !isWhole(year.year))
            }
        }
        func operators(_ counts: (InterventionalVolumes.Operator) -> Bool) -> [Figure] {
            each { year in
                Double(
                    book.desks.values.count { desk in
                        desk.institution == year.institution && desk.year == year.year && counts(desk)
                    })
            }
        }
        switch requirement.metric {
        case "annual_cases_total": return each { Double($0.domains[domain]?.cases ?? 0) }
        case "annual_cases_level4": return each { Double($0.domains[domain]?.level4 ?? 0) }
        case "technique_type_coverage":
            let types = Set(techniques.filter { $0.domain == domain && !$0.isCatchAll }.map(\.id))
            guard !types.isEmpty else { return [] }
            return each { year in 100 * Double(types.intersection(year.techniques.keys).count) / Double(types.count) }
        case "qualified_physicians": return operators { ($0.first[domain]?.cases ?? 0) > 0 }
        case "teachers_level4": return operators { ($0.first[domain]?.level4 ?? 0) > 0 }
        case "independent_cases_total": return physicians { $0.domains[domain]?.tally.cases }
        case "independent_cases_level3": return physicians { $0.domains[domain]?.tally.level3 }
        case "training_procedures_level4": return physicians { $0.assistedLevel4[domain] }
        case "interventional_experience_years": return physicians { $0.domains[domain]?.wholeYears }
        case "pacs", "dsa_unit": return each { $0.studies > 0 ? 1 : 0 }
        case "ct_or_mr_and_pacs":
            return each { modalities[$0.institution, default: []].isDisjoint(with: ["CT", "MR"]) ? 0 : 1 }
        case "doppler_ultrasound": return each { modalities[$0.institution, default: []].contains("US") ? 1 : 0 }
        default: return []
        }
    }

    /// Of everybody who has such cases, over all that the index holds up to the end of the period; the greatest first.
    private func physicians(_ figure: (VolumeBook.Career) -> Int?) -> [Figure] {
        let found = book.careers.compactMap { name, career -> (name: OperatorName, value: Int)? in
            guard wanted.map({ name.mayBe($0) }) ?? true else { return nil }
            return figure(career).map { (name, $0) }
        }
        return found.sorted { ($1.value, $0.name.key) < ($0.value, $1.name.key) }
            .map { Figure(name: $0.name.display, value: Double($0.value)) }
    }
}

extension Procedure {
    /// Whether the entry stands for whatever is not listed, and is no type of its own.
    var isCatchAll: Bool { name.zh.hasPrefix("其他应用于临床的") }
}
