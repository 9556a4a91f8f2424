internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Matching
internal import Recall

/// Figures for the quality office, of studies in a range of Study Dates.
struct ReportRoutes {
    let daemon: Daemon

    func add(to router: Router<WebContext>) {
        router.resource("/api/v1/reports/completeness", [.get: { request, _ in try await completeness(request) }])
        router.resource("/api/v1/reports/quality", [.get: { request, _ in try await quality(request) }])
        router.resource("/api/v1/reports/recognition", [.get: { request, _ in try await recognition(request) }])
        router.resource("/api/v1/reports/interventional", [.get: { request, _ in try await interventional(request) }])
    }

    private func quality(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let query = try QualityReportQuery(request.uri)
        let index = daemon.archive.index
        let report = try await daemon.queries.run {
            try QualityReport(query, from: index, today: CalendarDay(localDayOf: Date()))
        }
        return try Response(json: report)
    }

    private static let csv = "text/csv; charset=utf-8"

    private func recognition(_ request: Request) async throws -> Response {
        let query = try RecognitionReportQuery(request.uri)
        try request.requireAcceptance(of: query.isCSV ? "text/csv" : "application/json")
        let desk = daemon.desk
        let report = try await daemon.operations.run { try RecognitionReport(query, from: desk) }
        return query.isCSV ? Response(text: report.csv, contentType: Self.csv) : try Response(json: report)
    }

    private func interventional(_ request: Request) async throws -> Response {
        let query = try InterventionalReportQuery(request.uri)
        try request.requireAcceptance(of: query.isCSV ? "text/csv" : "application/json")
        let (index, requirements, library) = (
            daemon.archive.index, daemon.requirements, daemon.catalogues.namer.library
        )
        let (institutions, zone) = (daemon.recall.institutions, daemon.desk.zone)
        let report = try await daemon.operations.run {
            InterventionalReport(
                query,
                try InterventionalVolumes(
                    in: query.scope, index: index, library: library, requirements: requirements,
                    institutions: institutions, today: .today(in: zone)))
        }
        return query.isCSV ? Response(text: report.csv, contentType: Self.csv) : try Response(json: report)
    }

    private func completeness(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let query = try ReportQuery(request.uri, groupings: StudyGrouping.allCases)
        let index = daemon.archive.index
        let report = try await daemon.queries.run {
            CompletenessReport(query, try index.completenessCounts(in: query.range, by: query.grouping))
        }
        return try Response(json: report)
    }
}

/// What every report is asked with.
struct ReportQuery {
    let range: ReportRange
    let grouping: StudyGrouping

    /// - Parameter groupings: those the report knows; by institution when the request does not say.
    /// - Throws: a problem with status 400 naming the parameter.
    init(_ uri: URI, groupings: [StudyGrouping]) throws(Problem) {
        let query = try QueryParameters(uri, allowed: ["from", "to", "by"])
        let range = ReportRange(firstDate: try query.day("from"), lastDate: try query.day("to"))
        if let first = range.firstDate, let last = range.lastDate, first > last {
            throw .badRequest("from is after to")
        }
        self.range = range
        grouping =
            try query.choice("by", of: groupings.map(\.rawValue)).flatMap(StudyGrouping.init(rawValue:))
            ?? .institution
    }
}

extension CompletenessReport {
    init(_ query: ReportQuery, _ counts: [CompletenessCount]) {
        let groups = Dictionary(grouping: counts) { [$0.group, $0.institution] }
        let rows = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, counts in
            Row(
                group: key[0], institution: query.grouping == .station ? key[1] : nil, counts: counts.map(Count.init))
        }
        self.init(
            from: query.range.firstDate, to: query.range.lastDate, by: query.grouping.rawValue, rows: rows,
            total: Row(group: "", institution: nil, counts: counts.map(Count.init)))
    }
}

extension CompletenessReport.Count {
    fileprivate init(_ count: CompletenessCount) {
        self.init(verdict: count.verdict, rule: count.rule, studies: count.studyCount)
    }
}
