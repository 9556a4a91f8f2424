/// A day of the Gregorian calendar, as in a VR DA value: no clock, no time zone (PS3.5 6.2).
public struct CalendarDay: Hashable, Sendable, Comparable {
    public let year: Int
    public let month: Int
    public let day: Int

    /// - Returns: nil when the calendar has no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...CalendarDay.dayCount(month: month, year: year)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads a DA value, `YYYYMMDD`, or the `YYYY.MM.DD` of ACR-NEMA that PS3.5 6.2 asks receivers to accept.
    public init?(dicom value: String) {
        let digits = value.utf8.filter { $0 != UInt8(ascii: ".") }
        let dotCount = value.utf8.count - digits.count
        guard digits.count == 8, dotCount == 0 || dotCount == 2, digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let numbers = digits.map { Int($0) - 0x30 }
        self.init(
            year: numbers[0] * 1000 + numbers[1] * 100 + numbers[2] * 10 + numbers[3],
            month: numbers[4] * 10 + numbers[5], day: numbers[6] * 10 + numbers[7])
    }

    /// The day `number` days after 1970-01-01, kept within the years 1 to 9999.
    public init(number: Int) {
        let kept = min(max(number, -719_162), 2_932_896)
        // Counted from 0000-03-01, in eras of 400 years.
        let days = kept + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// The day in which a moment lies, `seconds` after the beginning of 1970-01-01 by the same clock.
    public init(seconds: Double) { self.init(number: Int((seconds / 86_400).rounded(.down))) }

    /// Days since 1970-01-01, negative before it.
    public var number: Int {
        // Years begin in March here, so that the leap day is the last of its year.
        let marchYear = month > 2 ? year : year - 1
        let era = marchYear / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Whole days from `self` to `other`, negative when `other` is earlier.
    public func days(to other: CalendarDay) -> Int { other.number - number }

    public static func < (left: CalendarDay, right: CalendarDay) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    private static func dayCount(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CalendarDay: CustomStringConvertible {
    /// As in DICOM: `YYYYMMDD`.
    public var description: String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return padded(year, 4) + padded(month, 2) + padded(day, 2)
    }
}
