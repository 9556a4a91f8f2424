internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import HummingbirdCore

/// What a report on quality is asked with.
struct QualityReportQuery {
    let range: ReportRange
    let grouping: StudyGrouping
    let rule: String?
    let windowDays: Int
    let historyDays: Int
    let minimum: Int

    /// - Throws: a problem with status 400 naming the parameter.
    init(_ uri: URI) throws(Problem) {
        let query = try QueryParameters(
            uri, allowed: ["from", "to", "by", "rule", "window", "history", "minimum"])
        range = ReportRange(firstDate: try query.day("from"), lastDate: try query.day("to"))
        if let first = range.firstDate, let last = range.lastDate, first > last {
            throw .badRequest("from is after to")
        }
        let groupings: [StudyGrouping] = [.station, .institution, .month]
        grouping =
            try query.choice("by", of: groupings.map(\.rawValue)).flatMap(StudyGrouping.init(rawValue:)) ?? .station
        rule = query["rule"]
        windowDays = try query.integer("window", in: 1...366, default: 30)
        historyDays = try query.integer("history", in: 1...3660, default: 365)
        minimum = try query.integer("minimum", in: 2...10_000, default: 20)
    }

    /// The days that count as now; nil when nothing was measured until the last of them.
    func now(_ index: StudyIndex, today: CalendarDay) throws -> ClosedRange<Int>? {
        // Dates of the future are faults of their own.
        let asked = range.lastDate.flatMap(CalendarDay.init(dicom:)) ?? today
        let first = range.firstDate.flatMap(CalendarDay.init(dicom:))?.number
        guard let last = try range.lastDate == nil ? index.lastMeasuredDay(until: asked) : asked else { return nil }
        if let first { return first <= last.number ? first...last.number : nil }
        return (last.number - windowDays + 1)...last.number
    }
}

extension QualityReport {
    init(_ query: QualityReportQuery, from index: StudyIndex, today: CalendarDay) throws {
        let (verdicts, rules) = try index.qualityCounts(in: query.range, by: query.grouping, rule: query.rule)
        struct Key: Hashable, Comparable {
            let group: String
            let institution: String

            static func < (left: Key, right: Key) -> Bool {
                (left.group, left.institution) < (right.group, right.institution)
            }
        }
        let byGroup = Dictionary(grouping: verdicts) { Key(group: $0.group, institution: $0.institution) }
        let rulesByGroup = Dictionary(grouping: rules) { Key(group: $0.group, institution: $0.institution) }
        let rows = byGroup.sorted { $0.key < $1.key }.map { key, counts in
            Row(
                group: key.group, institution: query.grouping == .station ? key.institution : nil,
                verdicts: QualityReport.verdicts(counts), rules: QualityReport.rules(rulesByGroup[key] ?? []))
        }
        self.init(
            from: query.range.firstDate, to: query.range.lastDate, by: query.grouping.rawValue, rows: rows,
            total: Row(
                group: "", institution: nil, verdicts: QualityReport.verdicts(verdicts),
                rules: QualityReport.rules(rules)),
            windowDays: query.windowDays, historyDays: query.historyDays, minimum: query.minimum,
            drift: try QualityReport.drift(query, index, today: today))
    }

    private static func verdicts(_ counts: [QualityCount]) -> [String: Int] {
        Dictionary(counts.map { ($0.verdict, $0.studyCount) }, uniquingKeysWith: +)
    }

    private static func rules(_ counts: [RuleCount]) -> [Rule] {
        Dictionary(grouping: counts, by: \.rule).sorted { $0.key < $1.key }.map { rule, counts in
            func studies(_ severity: String) -> Int {
                counts.filter { $0.severity == severity }.reduce(0) { $0 + $1.studyCount }
            }
            return Rule(rule: rule, info: studies("info"), review: studies("review"), fail: studies("fail"))
        }
    }

    /// Every figure of every group that has one now.
    private static func drift(
        _ query: QualityReportQuery, _ index: StudyIndex, today: CalendarDay
    ) throws -> [Drift] {
        guard let now = try query.now(index, today: today) else { return [] }
        let histories = try index.measures(
            from: CalendarDay(number: now.lowerBound - query.historyDays), to: CalendarDay(number: now.upperBound),
            rule: query.rule)
        return query.grouping == .month ? monthly(query, histories, now) : current(query, histories, now)
    }

    private struct Figure: Hashable {
        let group: String
        let institution: String?
        let rule: String
        let modality: String
        let unit: String

        init(_ history: MeasureHistory, _ grouping: StudyGrouping) {
            group =
                switch grouping {
                case .station: history.station
                case .institution, .peer: history.institution
                case .month: ""
                }
            institution = grouping == .station ? history.institution : nil
            (rule, modality, unit) = (history.rule, history.modality, history.unit)
        }

        var order: [String] { [group, institution ?? "", rule, modality, unit] }

        func drift(group: String? = nil, now: [Double], history: [Double], _ minimum: Int) -> Drift {
            Drift(
                group: group ?? self.group, institution: institution, rule: rule, modality: modality, unit: unit,
                now: now, history: history, minimum: minimum)
        }
    }

    private static func figures(
        _ histories: [MeasureHistory], _ grouping: StudyGrouping
    ) -> [(figure: Figure, values: [MeasureHistory.Value])] {
        Dictionary(grouping: histories) { Figure($0, grouping) }
            .map { ($0.key, $0.value.flatMap(\.values)) }
            .sorted { $0.0.order.lexicographicallyPrecedes($1.0.order) }
    }

    private static func current(
        _ query: QualityReportQuery, _ histories: [MeasureHistory], _ now: ClosedRange<Int>
    ) -> [Drift] {
        figures(histories, query.grouping).compactMap { figure, values in
            let current = values.filter { Int($0.day) >= now.lowerBound }.map(\.value)
            guard !current.isEmpty else { return nil }
            let before = values.filter { Int($0.day) < now.lowerBound }.map(\.value)
            return figure.drift(now: current, history: before, query.minimum)
        }
    }

    /// Each month against the days before it.
    private static func monthly(
        _ query: QualityReportQuery, _ histories: [MeasureHistory], _ now: ClosedRange<Int>
    ) -> [Drift] {
        let drifts = figures(histories, .month).flatMap { figure, values -> [Drift] in
            let months = Dictionary(grouping: values) { String(CalendarDay(number: Int($0.day)).description.prefix(6)) }
            return months.compactMap { month, inMonth -> Drift? in
                guard let first = CalendarDay(dicom: month + "01")?.number,
                    inMonth.contains(where: { Int($0.day) >= now.lowerBound })
                else { return nil }
                let before = values.filter { Int($0.day) < first && Int($0.day) >= first - query.historyDays }
                return figure.drift(
                    group: month, now: inMonth.map(\.value), history: before.map(\.value), query.minimum)
            }
        }
        return drifts.sorted {
            [$0.group, $0.rule, $0.modality, $0.unit].lexicographicallyPrecedes([
                $1.group, $1.rule, $1.modality, $1.unit,
            ])
        }
    }
}
