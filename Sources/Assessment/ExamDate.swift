import DICOMCore
public import Foundation

/// Thresholds of `exam-date`.
public struct ExamDateParameters: RuleParameters {
    /// How far a modality's clock may run ahead, in seconds.
    public var clockSkew: TimeInterval = 15 * 60
    /// Days an image may have been acquired before its Study Date: a study that began before midnight.
    public var daysBefore = 1.0
    /// Days an image may have been acquired after its Study Date: late phases, exams repeated in the same study.
    public var daysAfter = 3.0
    /// The same for nuclear medicine and PET, where a tracer is followed.
    public var tracerDaysAfter = 14.0
    /// Days within which an exam counts as sent when it was taken; only its delay tells of the station's clock.
    public var liveDays = 1.0
    /// Zone of dates in objects that name none (Timezone Offset From UTC (0008,0201)). When nil, a date is in the
    /// future only if it is so everywhere on earth.
    public var timeZone: TimeZone?

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("clock-skew", \.clockSkew, unit: "s", range: 0...86_400),
            RuleSetting("days-before", \.daysBefore, unit: "days", range: 0...365),
            RuleSetting("days-after", \.daysAfter, unit: "days", range: 0...365),
            RuleSetting("tracer-days-after", \.tracerDaysAfter, unit: "days", range: 0...365),
            RuleSetting("live-days", \.liveDays, unit: "days", range: 0...30),
        ]
    }

    public init() {}
}

/// `exam-date`: the study has a date, its dates agree with each other, and none is before birth or after arrival.
///
/// The date of an exam decides whether it may stand in for a new one, so that an old film filed under the day of its
/// import is a fault. Exams around midnight, late phases, and old studies that arrive years later are none. Dates of
/// computed images and pages are not compared: those are made at any later time, and may show earlier exams.
struct ExamDate: QualityRule {
    let name = QualityRuleName.examDate
    let parameters: ExamDateParameters

    func findings(in study: StudyContent) -> [Quality.Finding] {
        let places = study.series.flatMap { series in
            series.instances.map { Place(series: series, instance: $0, receivedAt: $0.receivedAt ?? study.receivedAt) }
        }
        guard let first = places.first else { return [] }
        guard places.contains(where: { $0.day != nil }) else {
            let isWritten = places.contains { $0.header[.studyDate] != nil }
            return [finding(.review, first, isWritten ? "the Study Date is not a date" : "no Study Date")]
        }
        return [
            unreadable(places), placeholder(places), future(places), beforeBirth(places), differing(places),
            acquiredBefore(places), acquiredAfter(places),
        ].compactMap { $0 }
    }

    func measures(in series: InspectedSeries) -> [Quality.Measure] {
        // How long after its last image was taken a series began to arrive: where it wanders off, a clock does.
        let arrivals = series.images.compactMap(\.instance.receivedAt)
        let taken = series.images.filter { !$0.instance.isComputed && !$0.instance.isCapture }
            .compactMap { acquisition($0.instance.attributes) }.filter { $0.seconds != nil }
            .map { $0.earliest(in: parameters.timeZone ?? .gmt) }
        guard let arrival = arrivals.min(), let last = taken.max() else { return [] }
        let delay = arrival.timeIntervalSince(last)
        guard abs(delay) <= parameters.liveDays * 86_400 else { return [] }
        return [
            Quality.Measure(
                rule: name, seriesInstanceUID: series.series.seriesInstanceUID, value: delay.rounded(), unit: "s")
        ]
    }

    private struct Place {
        let series: SeriesContent
        let instance: InstanceContent
        let receivedAt: Date
        let day: CalendarDay?
        /// Decides between days that are as frequent.
        var uid: String { instance.sopInstanceUID.value }

        init(series: SeriesContent, instance: InstanceContent, receivedAt: Date) {
            self.series = series
            self.instance = instance
            self.receivedAt = receivedAt
            day = instance.attributes[.studyDate].flatMap(CalendarDay.init(dicom:))
        }

        var header: AttributeSet { instance.attributes }

        /// Whether its dates are those of the exam. What was processed for presentation, or compressed, is DERIVED and still
        /// PRIMARY (PS3.3 C.7.6.1.1.2).
        var isTaken: Bool { instance.isImage && !instance.isComputed && !instance.isCapture }
    }

    private func finding(
        _ severity: Quality.Severity, _ place: Place, value: Double? = nil, threshold: Double? = nil,
        unit: String? = nil, _ detail: String
    ) -> Quality.Finding {
        Quality.Finding(
            rule: name, severity: severity, seriesInstanceUID: place.series.seriesInstanceUID,
            sopInstanceUID: place.instance.sopInstanceUID, value: value, threshold: threshold, unit: unit,
            detail: detail)
    }

    // MARK: Each date

    private func unreadable(_ places: [Place]) -> Quality.Finding? {
        for place in places {
            for (tag, label) in [(Tag.studyDate, "Study Date"), (.acquisitionDate, "Acquisition Date")] {
                guard let text = place.header[tag], CalendarDay(dicom: text) == nil else { continue }
                return finding(.review, place, "the \(label) is not a date")
            }
        }
        return nil
    }

    private func placeholder(_ places: [Place]) -> Quality.Finding? {
        let place = places.first { $0.day.map { ExamDate.placeholders.contains("\($0)") } == true }
        return place.map { finding(.review, $0, "the Study Date is a placeholder") }
    }

    /// The least dates of programs.
    private static let placeholders: Set<String> = ["00010101", "11111111", "19000101", "99991231"]

    private func future(_ places: [Place]) -> Quality.Finding? {
        let leads = places.flatMap { place in
            moments(place).map { moment in
                (
                    place: place, label: moment.label,
                    lead: moment.value.earliest(in: parameters.timeZone).timeIntervalSince(place.receivedAt)
                )
            }
        }
        guard let worst = leads.max(by: { $0.lead < $1.lead }), worst.lead > parameters.clockSkew else { return nil }
        let subject = worst.label == "Study Date" ? "the exam is" : "the \(worst.label) is"
        return finding(
            .fail, worst.place, value: (worst.lead / 360).rounded() / 10, threshold: parameters.clockSkew / 3600,
            unit: "hours", "\(subject) dated after it was received")
    }

    private func moments(_ place: Place) -> [(label: String, value: ExamMoment)] {
        let header = place.header
        let dated: [(String, ExamMoment?)] = [
            ("Study Date", ExamMoment(.studyDate, .studyTime, in: header)),
            ("Series Date", ExamMoment(.seriesDate, .seriesTime, in: header)),
            ("Acquisition Date", acquisition(header)),
            ("Content Date", ExamMoment(.contentDate, .contentTime, in: header)),
        ]
        return dated.compactMap { label, moment in moment.map { (label, $0) } }
    }

    private func acquisition(_ header: AttributeSet) -> ExamMoment? {
        header[.acquisitionDateTime].flatMap { ExamMoment(dateTime: $0, in: header) }
            ?? ExamMoment(.acquisitionDate, .acquisitionTime, in: header)
    }

    private func beforeBirth(_ places: [Place]) -> Quality.Finding? {
        let births = places.lazy.compactMap { $0.header[.patientBirthDate].flatMap(CalendarDay.init(dicom:)) }
        guard let birth = births.first else { return nil }
        let days = places.compactMap { place -> (place: Place, day: CalendarDay)? in
            let taken = place.isTaken ? acquisition(place.header)?.day : nil
            return [place.day, taken].compactMap { $0 }.min().map { (place, $0) }
        }
        guard let earliest = days.min(by: { $0.day < $1.day }), earliest.day < birth else { return nil }
        return finding(
            .fail, earliest.place, value: Double(birth.days(to: earliest.day)), threshold: 0, unit: "days",
            "the exam is dated before the patient's birth")
    }

    // MARK: Dates beside each other

    /// Study Date is the study's own, the same in each of its objects; devices that write the day of the series differ by
    /// one around midnight.
    private func differing(_ places: [Place]) -> Quality.Finding? {
        let days = Dictionary(grouping: places.filter { $0.day != nil }, by: \.day)
        guard let earliest = days.keys.compactMap({ $0 }).min(), let latest = days.keys.compactMap({ $0 }).max(),
            let odd = days.values.min(by: { ($0.count, $0.first?.uid ?? "") < ($1.count, $1.first?.uid ?? "") })?.first,
            earliest < latest
        else { return nil }
        let distance = Double(earliest.days(to: latest))
        return finding(
            distance > parameters.daysBefore ? .review : .info, odd, value: distance, threshold: parameters.daysBefore,
            unit: "days", "\(days.count) different Study Dates")
    }

    private func acquiredBefore(_ places: [Place]) -> Quality.Finding? {
        let early = places.flatMap { place in takenDays(place).map { (place: place, days: -$0) } }
        guard let worst = early.max(by: { $0.days < $1.days }), Double(worst.days) > parameters.daysBefore else {
            return nil
        }
        return finding(
            .review, worst.place, value: Double(worst.days), threshold: parameters.daysBefore, unit: "days",
            "an image was acquired \(worst.days) days before the Study Date")
    }

    private func acquiredAfter(_ places: [Place]) -> Quality.Finding? {
        let late = places.flatMap { place in
            takenDays(place).map { (place: place, days: $0, limit: limit(place.series)) }
        }
        let excess = late.filter { Double($0.days) > $0.limit }
        guard let worst = excess.max(by: { $0.days < $1.days }) else { return nil }
        return finding(
            .review, worst.place, value: Double(worst.days), threshold: worst.limit, unit: "days",
            "an image was acquired \(worst.days) days after the Study Date")
    }

    private func limit(_ series: SeriesContent) -> Double {
        ["NM", "PT"].contains(series.modality?.uppercased()) ? parameters.tracerDaysAfter : parameters.daysAfter
    }

    /// Days from the Study Date to when an image was taken: by its acquisition, else by its series and content.
    private func takenDays(_ place: Place) -> [Int] {
        guard place.isTaken, let day = place.day else { return [] }
        let header = place.header
        let taken = acquisition(header)?.day
        // Reconstructed again later, an image keeps its acquisition and gets a new series and content.
        let others = [Tag.seriesDate, .contentDate].compactMap { header[$0].flatMap(CalendarDay.init(dicom:)) }
            .filter { other in taken.map { other < $0 } ?? true }
        return ([taken].compactMap { $0 } + others).map { day.days(to: $0) }
    }
}
