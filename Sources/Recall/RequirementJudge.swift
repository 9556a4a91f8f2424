internal import Catalogue
internal import DICOMCore

/// Holds figures against requirements, and says which ask what no index can know.
struct RequirementJudge {
    let book: VolumeBook
    let techniques: [Procedure]
    /// Of those asked for, which modalities an institution's studies have.
    let modalities: [String: Set<String>]

    private struct Figure {
        let institution: String
        let year: String
        var name: String?
        let value: Double
    }

    func findings(
        for requirement: InterventionalRequirement, years: [InterventionalVolumes.Year]
    ) -> [InterventionalVolumes.Finding] {
        let outside = InterventionalVolumes.Finding(
            requirement: requirement, institution: "", year: "", name: nil, value: nil, state: .needsOutsideData)
        guard requirement.answerable != .no else { return [outside] }
        guard let figures = figures(requirement, years), !figures.isEmpty else { return [outside] }
        return figures.map { figure in
            InterventionalVolumes.Finding(
                requirement: requirement, institution: figure.institution, year: figure.year, name: figure.name,
                value: figure.value, state: Self.holds(figure.value, requirement) ? .reached : .notReached)
        }
    }

    private static func holds(_ value: Double, _ requirement: InterventionalRequirement) -> Bool {
        guard let threshold = Double(requirement.threshold) else { return value > 0 }
        return switch requirement.comparison {
        case .atLeast, .present: value >= threshold
        case .atMost: value <= threshold
        case .equal: value == threshold
        case .report: true
        }
    }

    /// Nil for what the index has no figure for.
    private func figures(
        _ requirement: InterventionalRequirement, _ years: [InterventionalVolumes.Year]
    ) -> [Figure]? {
        let domain = requirement.domain
        func each(_ value: (InterventionalVolumes.Year) -> Double) -> [Figure] {
            years.map { Figure(institution: $0.institution, year: $0.year, value: value($0)) }
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
            guard !types.isEmpty else { return nil }
            return each { year in 100 * Double(types.intersection(year.techniques.keys).count) / Double(types.count) }
        case "qualified_physicians": return operators { ($0.first[domain]?.cases ?? 0) > 0 }
        case "teachers_level4": return operators { ($0.first[domain]?.level4 ?? 0) > 0 }
        case "independent_cases_total": return best { career, _ in career.cases(domain) { _ in true } }
        case "independent_cases_level3": return best { career, _ in career.cases(domain) { $0.level == 3 } }
        case "exemption_cases_total": return best { career, last in career.cases(domain) { $0.date > last } }
        case "exemption_cases_level4":
            return best { career, last in career.cases(domain) { $0.date > last && $0.level == 4 } }
        case "training_procedures_level4": return best { career, _ in career.assistedLevel4[domain] ?? 0 }
        case "interventional_experience_years", "exemption_years": return best { career, _ in career.years(domain) }
        case "pacs", "dsa_unit": return each { $0.studies > 0 ? 1 : 0 }
        case "ct_or_mr_and_pacs":
            return each { modalities[$0.institution, default: []].isDisjoint(with: ["CT", "MR"]) ? 0 : 1 }
        case "doppler_ultrasound": return each { modalities[$0.institution, default: []].contains("US") ? 1 : 0 }
        default: return nil
        }
    }

    /// The operator with the greatest figure over all that the index holds up to the end of the period.
    ///
    /// - Parameter figure: gets a career and the day five years before its domain's last case.
    private func best(_ figure: (VolumeBook.Career, _ fiveYearsBefore: String) -> Int) -> [Figure] {
        let last = book.careers.values.flatMap { $0.days.map(\.date) }.max() ?? ""
        let before = Int(last.prefix(4)).map { String($0 - 5) + last.dropFirst(4) } ?? ""
        let found = book.careers.map { (name: $0.key, value: figure($0.value, before)) }
            .max { ($0.value, $1.name.key) < ($1.value, $0.name.key) }
        return found.map { [Figure(institution: "", year: "", name: $0.name.display, value: Double($0.value))] } ?? []
    }
}

extension VolumeBook.Career {
    fileprivate func cases(
        _ domain: Procedure.Domain, where counts: ((date: String, level: Int)) -> Bool
    ) -> Int {
        days.count { day in day.domains[domain].map { counts((day.date, $0)) } ?? false }
    }

    /// Whole years between the first and the last case.
    fileprivate func years(_ domain: Procedure.Domain) -> Int {
        let dated = days.filter { $0.domains[domain] != nil }.compactMap { CalendarDay(dicom: $0.date) }
        guard let first = dated.min(), let last = dated.max() else { return 0 }
        let isShort = (last.month, last.day) < (first.month, first.day)
        return last.year - first.year - (isShort ? 1 : 0)
    }
}

extension Procedure {
    /// Whether the entry stands for whatever is not listed, and is no type of its own.
    var isCatchAll: Bool { name.zh.hasPrefix("其他应用于临床的") }
}
