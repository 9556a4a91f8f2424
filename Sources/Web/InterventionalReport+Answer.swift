internal import AdminAPI
internal import Archive
internal import Catalogue
internal import HummingbirdCore
internal import Recall

/// What a report on interventions is asked with.
struct InterventionalReportQuery {
    let scope: InterventionalVolumes.Scope
    let isCSV: Bool

    /// - Throws: a problem with status 400 naming the parameter.
    init(_ uri: URI) throws(Problem) {
        let query = try QueryParameters(uri, allowed: ["year", "from", "to", "institution", "operator", "format"])
        var range = ReportRange(firstDate: try query.day("from"), lastDate: try query.day("to"))
        if query["year"] != nil {
            guard range.firstDate == nil, range.lastDate == nil else {
                throw .badRequest("year stands alone, or from and to")
            }
            let year = try query.integer("year", in: 1900...2999, default: 0)
            range = ReportRange(firstDate: "\(year)0101", lastDate: "\(year)1231")
        }
        if let first = range.firstDate, let last = range.lastDate, first > last {
            throw .badRequest("from is after to")
        }
        scope = InterventionalVolumes.Scope(range: range, institution: query["institution"], name: query["operator"])
        isCSV = try query.choice("format", of: ["json", "csv"]) == "csv"
    }
}

extension InterventionalReport {
    init(_ query: InterventionalReportQuery, _ volumes: InterventionalVolumes) {
        self.init(
            from: query.scope.range.firstDate, to: query.scope.range.lastDate, years: volumes.years.map(Year.init),
            operators: volumes.operators.map(Operator.init), findings: volumes.findings.map(Finding.init))
    }
}

extension InterventionalReport.Tally {
    fileprivate init(_ tally: InterventionalVolumes.Tally?) {
        self.init(cases: tally?.cases ?? 0, level3: tally?.level3 ?? 0, level4: tally?.level4 ?? 0)
    }
}

extension InterventionalReport.Year {
    fileprivate init(_ year: InterventionalVolumes.Year) {
        self.init(
            institution: year.institution, year: year.year, studies: year.studies, total: .init(year.total),
            general: .init(year.domains[.general]), peripheral: .init(year.domains[.peripheral]),
            techniques: year.techniques, vietnamese: year.vietnamese, withoutOperator: year.withoutOperator)
    }
}

extension InterventionalReport.Operator {
    fileprivate init(_ one: InterventionalVolumes.Operator) {
        self.init(
            institution: one.institution, year: one.year, name: one.name, mayBe: one.mayBe,
            total: .init(one.firstTotal), general: .init(one.first[.general]),
            peripheral: .init(one.first[.peripheral]), assisting: .init(one.assisting))
    }
}

extension InterventionalReport.Finding {
    fileprivate init(_ finding: InterventionalVolumes.Finding) {
        let requirement = finding.requirement
        self.init(
            requirement: requirement.id, domain: requirement.domain.rawValue, section: requirement.section,
            subject: requirement.subject, text: requirement.textZh, meaning: requirement.meaning,
            metric: requirement.metric, comparison: requirement.comparison.rawValue,
            threshold: requirement.threshold, unit: requirement.unit, institution: finding.institution,
            year: finding.year, name: finding.name, value: finding.value, state: finding.state.rawValue,
            isProxy: finding.isProxy,
            dataSource: requirement.dataSource, notes: requirement.notes)
    }
}
