internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import HummingbirdCore
internal import Recall

/// What a report on recognition is asked with.
struct RecognitionReportQuery {
    let days: DayRange
    let grouping: IndicatorValue.Grouping?
    let asOf: CalendarDay?
    let language: Language
    let isCSV: Bool

    /// - Throws: a problem with status 400 naming the parameter.
    init(_ uri: URI) throws(Problem) {
        let query = try QueryParameters(uri, allowed: ["from", "to", "by", "asOf", "lang", "format"])
        days = try DayRange(query.day("from"), query.day("to"))
        grouping = try query.choice("by", of: IndicatorValue.Grouping.allCases.map(\.rawValue))
            .flatMap(IndicatorValue.Grouping.init(rawValue:))
        asOf = try query.day("asOf").flatMap(CalendarDay.init(dicom:))
        language = try query.language()
        isCSV = try query.choice("format", of: ["json", "csv"]) == "csv"
    }

    /// The last moment whose events count.
    func moment(in zone: TimeZone) -> Date {
        guard let asOf else { return .distantFuture }
        return DayRange.start(of: CalendarDay(number: asOf.number + 1), in: zone).addingTimeInterval(-0.001)
    }
}

/// Outside of the answer, where the word means a part of it.
private let allIndicators = Indicator.all

extension RecognitionReport {
    init(_ query: RecognitionReportQuery, from desk: RecognitionDesk) throws {
        let report = try desk.report(
            in: query.days.times(in: desk.zone), by: query.grouping, asOf: query.moment(in: desk.zone))
        let values = Dictionary(grouping: report.values, by: \.indicator.id)
        let language = query.language
        self.init(
            from: query.days.first?.description, to: query.days.last?.description, asOf: query.asOf?.description,
            by: query.grouping?.rawValue, policy: desk.policy.id.value,
            indicators: allIndicators.map { indicator in
                Indicator(
                    id: indicator.id, name: indicator.name[language], numerator: indicator.numerator[language],
                    denominator: indicator.denominator[language], source: indicator.source,
                    values: (values[indicator.id] ?? []).map {
                        Value(group: $0.group, numerator: $0.numerator, denominator: $0.denominator, rate: $0.rate)
                    })
            },
            eventCount: report.eventCount, unknownCount: report.unknownCount, logCount: report.head.count,
            logHash: report.head.hash)
    }
}
