import DICOMCore
import Foundation

/// `exam-date`: the study has one, it is not before birth, and not in the future when it was received.
struct ExamDate: QualityRule {
    let name = QualityRuleName.examDate
    let parameters: ExamDateParameters

    func findings(in study: StudyContent) -> [Quality.Finding] {
        let placed = study.series.flatMap { series in series.instances.map { (series, $0) } }
        guard let (series, first) = placed.first else { return [] }
        var findings: [Quality.Finding] = []
        func note(
            _ severity: Quality.Severity, _ value: Double?, _ threshold: Double?, _ unit: String?, _ detail: String
        ) {
            findings.append(
                Quality.Finding(
                    rule: name, severity: severity, seriesInstanceUID: series.seriesInstanceUID,
                    sopInstanceUID: first.sopInstanceUID, value: value, threshold: threshold, unit: unit,
                    detail: detail))
        }

        let headers = placed.map(\.1.attributes)
        let written = headers.compactMap { $0[.studyDate] }
        let dated = headers.compactMap { header in
            header[.studyDate].flatMap(CalendarDay.init(dicom:)).map { (day: $0, header: header) }
        }
        guard let latest = dated.map({ instant(of: $0.header, on: $0.day) }).max(),
            let earliest = dated.map(\.day).min()
        else {
            note(.review, nil, nil, nil, written.isEmpty ? "no Study Date" : "the Study Date is not a date")
            return findings
        }
        let lead = latest.timeIntervalSince(study.receivedAt)
        if lead > parameters.clockSkew {
            let hours = (lead / 360).rounded() / 10
            note(.fail, hours, parameters.clockSkew / 3600, "hours", "the exam is dated after it was received")
        }
        if let birth = headers.lazy.compactMap({ $0[.patientBirthDate].flatMap(CalendarDay.init(dicom:)) }).first,
            earliest < birth
        {
            note(.fail, Double(birth.days(to: earliest)), 0, "days", "the exam is dated before the patient's birth")
        }
        return findings
    }

    /// The moment the study began, or its day where the time is missing; in an unknown zone the earliest it can be.
    private func instant(of header: AttributeSet, on day: CalendarDay) -> Date {
        let seconds = header[.studyTime].flatMap(ExamDate.secondsOfDay) ?? 0
        let offset = header[.timezoneOffsetFromUTC].flatMap(ExamDate.secondsFromUTC)
        let local = Date(timeIntervalSince1970: TimeInterval(day.number * 86_400 + seconds))
        let east = offset ?? parameters.timeZone?.secondsFromGMT(for: local) ?? ExamDate.easternmost
        return local.addingTimeInterval(-TimeInterval(east))
    }

    /// Of Kiribati, where every day begins first.
    private static let easternmost = 14 * 3600

    /// Reads a TM value, `HHMMSS.FFFFFF`, down to minutes or hours when it ends there (PS3.5 6.2).
    static func secondsOfDay(_ value: String) -> Int? {
        let digits = value.prefix { $0 != "." }.filter { $0 != ":" }.compactMap(\.wholeNumberValue)
        guard digits.count >= 2 else { return nil }
        let pairs = stride(from: 0, to: min(digits.count - 1, 6), by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        return zip(pairs, [3600, 60, 1]).map { $0 * $1 }.reduce(0, +)
    }

    /// Reads `+0800` or `-0330` (PS3.3 C.12.1.1.8).
    static func secondsFromUTC(_ value: String) -> Int? {
        let digits = value.dropFirst().compactMap(\.wholeNumberValue)
        guard let sign = value.first, sign == "+" || sign == "-", digits.count == 4 else { return nil }
        let seconds = (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60
        return sign == "-" ? -seconds : seconds
    }
}
