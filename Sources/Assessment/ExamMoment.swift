import DICOMCore
import Foundation

/// A day an object's header names, with the time of day and the zone where it names those too.
struct ExamMoment {
    let day: CalendarDay
    /// Since midnight; nil without a time that can be read.
    let seconds: Int?
    /// East of UTC; nil when the object names no zone.
    let secondsFromUTC: Int?

    /// - Returns: nil when the date is missing or none.
    init?(_ date: Tag, _ time: Tag, in header: AttributeSet) {
        guard let day = header[date].flatMap(CalendarDay.init(dicom:)) else { return nil }
        self.day = day
        seconds = header[time].flatMap(ExamMoment.secondsOfDay)
        secondsFromUTC = header[.timezoneOffsetFromUTC].flatMap(ExamMoment.secondsFromUTC)
    }

    /// Reads a DT value, `YYYYMMDDHHMMSS.FFFFFF&ZZXX`, of a whole day at least (PS3.5 6.2).
    init?(dateTime: String, in header: AttributeSet) {
        guard let day = CalendarDay(dicom: String(dateTime.prefix(8))) else { return nil }
        self.day = day
        let rest = dateTime.dropFirst(8)
        let zone = rest.drop { $0 != "+" && $0 != "-" }
        seconds = ExamMoment.secondsOfDay(String(rest.prefix { $0 != "+" && $0 != "-" }))
        secondsFromUTC =
            ExamMoment.secondsFromUTC(String(zone))
            ?? header[.timezoneOffsetFromUTC].flatMap(ExamMoment.secondsFromUTC)
    }

    /// The instant; without a time the beginning of the day, in an unknown zone the earliest it can be.
    func earliest(in zone: TimeZone?) -> Date {
        let local = Date(timeIntervalSince1970: TimeInterval(day.number * 86_400 + (seconds ?? 0)))
        let east = secondsFromUTC ?? zone?.secondsFromGMT(for: local) ?? ExamMoment.easternmost
        return local.addingTimeInterval(-TimeInterval(east))
    }

    /// Of Kiribati, where every day begins first.
    private static let easternmost = 14 * 3600

    /// Reads a TM value, `HHMMSS.FFFFFF`, down to minutes or hours when it ends there (PS3.5 6.2).
    static func secondsOfDay(_ value: String) -> Int? {
        let characters = value.prefix { $0 != "." }.filter { $0 != ":" }
        let digits = characters.compactMap(ExamMoment.digit)
        guard digits.count >= 2, digits.count == characters.count else { return nil }
        let pairs = stride(from: 0, to: min(digits.count - 1, 6), by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        // 60 is a leap second.
        guard zip(pairs, [23, 59, 60]).allSatisfy({ $0 <= $1 }) else { return nil }
        return zip(pairs, [3600, 60, 1]).map { $0 * $1 }.reduce(0, +)
    }

    /// Reads `+0800` or `-0330` (PS3.3 C.12.1.1.8).
    static func secondsFromUTC(_ value: String) -> Int? {
        let digits = value.dropFirst().compactMap(digit)
        guard let sign = value.first, sign == "+" || sign == "-", digits.count == 4, value.count == 5 else {
            return nil
        }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours <= 14, minutes < 60 else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return sign == "-" ? -seconds : seconds
    }

    /// Of the digits 0 to 9 alone: other scripts have numbers too, of which 京 is ten quadrillions.
    private static func digit(_ character: Character) -> Int? {
        character.isASCII ? character.wholeNumberValue : nil
    }
}
