internal import DICOMCore
internal import Foundation

/// A range of dates, times or moments, open at an end that is nil (PS3.4 C.2.2.2.5). Ends are inside.
struct ValueInterval<Bound: Comparable & Sendable>: Sendable {
    var first: Bound?
    var last: Bound?

    /// Ends before it begins: nothing is in it.
    var isEmpty: Bool { first.flatMap { first in last.map { $0 < first } } ?? false }

    func contains(_ value: Bound) -> Bool { (first.map { $0 <= value } ?? true) && (last.map { value <= $0 } ?? true) }
}

extension ValueInterval<String> {
    /// A date `YYYYMMDD`, also in the form `YYYY.MM.DD` of ACR-NEMA (PS3.5 6.2, VR DA), or a range; nil when it is neither.
    init?(dates text: String) {
        let ends = ValueInterval.ends(of: text, without: ".")
        guard ends.allSatisfy({ $0.isEmpty || ($0.utf8.count == 8 && $0.utf8.allSatisfy(isDigit)) }),
            ends.contains(where: { !$0.isEmpty })
        else { return nil }
        let last = ends[ends.count - 1]
        self.init(first: ends[0].isEmpty ? nil : ends[0], last: last.isEmpty ? nil : last)
    }

    /// A time or a range; what is left out of `HHMMSS.FFFFFF` makes it a range by itself. Bounds are twelve digits.
    init?(times text: String) {
        let ends = ValueInterval.ends(of: text, without: ":")
        guard ends.contains(where: { !$0.isEmpty }), ends.allSatisfy({ $0.isEmpty || ValueInterval.isTime($0) })
        else { return nil }
        let first = ends[0]
        let last = ends[ends.count - 1]
        self.init(
            first: first.isEmpty ? nil : ValueInterval.microseconds(first, padding: "0"),
            last: last.isEmpty ? nil : ValueInterval.microseconds(last, padding: "9"))
    }

    private static func isTime(_ text: String) -> Bool {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return [2, 4, 6].contains(parts[0].utf8.count) && parts.allSatisfy { $0.utf8.allSatisfy(isDigit) }
            && (parts.count == 1 || parts[0].utf8.count == 6 && (1...6).contains(parts[1].utf8.count))
    }

    private static func ends(of text: String, without separator: Character) -> [String] {
        text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { end in
            end.filter { $0 != " " && $0 != separator }
        }
    }

    /// A time as twelve digits, so that times compare as text; nil for what is none.
    static func microseconds(_ time: String, padding: Character = "0") -> String? {
        let digits = time.filter { $0.isASCII && $0.isNumber }.prefix(12)
        return digits.count < 2 ? nil : digits + String(repeating: padding, count: 12 - digits.count)
    }

    /// A date as eight digits, or nil for what is none.
    static func day(_ date: String) -> String? {
        let digits = date.filter { $0 != "." }
        return digits.utf8.count == 8 && digits.utf8.allSatisfy(isDigit) ? digits : nil
    }
}

/// How VR DT is read (PS3.5 6.2): what it leaves out makes it a range, and an offset from UTC may follow.
struct DateTimeReading: Sendable {
    /// Seconds east of UTC of values without offset, at the moment given as seconds since 1970 in that zone.
    let offset: @Sendable (_ localSeconds: Int) -> Int

    /// - Parameters:
    ///   - dataSetOffset: Timezone Offset From UTC (0008,0201) of the Data Set, as `+0800`.
    ///   - timeZone: of values where that says nothing.
    init(dataSetOffset: String?, timeZone: TimeZone) {
        if let seconds = dataSetOffset.flatMap(DateTimeReading.seconds(ofOffset:)) {
            offset = { _ in seconds }
        } else {
            offset = { local in
                let guess = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(local)))
                return timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(local - guess)))
            }
        }
    }

    static func seconds(ofOffset text: String) -> Int? {
        let digits = text.dropFirst()
        guard text.utf8.count == 5, let sign = text.first, sign == "+" || sign == "-", digits.utf8.allSatisfy(isDigit),
            let hours = Int(digits.prefix(2)), let minutes = Int(digits.suffix(2)), minutes < 60, hours <= 14
        else { return nil }
        return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// A moment or a range of moments, microseconds since 1970 UTC; nil when it is neither. A hyphen and four digits at the
    /// end are an offset where they can be one (PS3.4 C.2.2.2.5).
    func interval(_ text: String) -> ValueInterval<Int>? {
        let text = text.filter { $0 != " " }
        if let moment = moment(text) { return moment }
        for hyphen in text.indices where text[hyphen] == "-" {
            let (left, right) = (text[..<hyphen], text[text.index(after: hyphen)...])
            let first = left.isEmpty ? nil : moment(String(left))
            let last = right.isEmpty ? nil : moment(String(right))
            if (first != nil || left.isEmpty) && (last != nil || right.isEmpty) && !(left.isEmpty && right.isEmpty) {
                return ValueInterval(first: first?.first, last: last?.last)
            }
        }
        return nil
    }

    /// All of the time that a value may mean.
    func moment(_ text: String) -> ValueInterval<Int>? {
        var text = text
        var zone: Int?
        if text.utf8.count >= 9, let seconds = DateTimeReading.seconds(ofOffset: String(text.suffix(5))) {
            zone = seconds
            text.removeLast(5)
        }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let digits = parts[0]
        let fraction = parts.count == 2 ? parts[1] : ""
        guard [4, 6, 8, 10, 12, 14].contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit),
            fraction.utf8.allSatisfy(isDigit),
            parts.count == 1 || digits.utf8.count == 14 && (1...6).contains(fraction.count)
        else { return nil }
        let earliest = digits + "00000101000000".suffix(14 - digits.utf8.count)
        guard let first = microseconds(earliest, fraction.padding(toLength: 6, withPad: "0", startingAt: 0), zone),
            let last = microseconds(
                DateTimeReading.latest(digits), fraction.padding(toLength: 6, withPad: "9", startingAt: 0), zone)
        else { return nil }
        return ValueInterval(first: first, last: last)
    }

    private static func latest(_ digits: String) -> String {
        var digits = digits
        if digits.utf8.count == 4 { digits += "12" }
        if digits.utf8.count == 6 {
            let days = ["31", "30", "29", "28"]
            digits += days.first { CalendarDay(dicom: digits + $0) != nil } ?? "31"
        }
        return digits + "00000000235959".suffix(14 - digits.utf8.count)
    }

    private func microseconds(_ digits: String, _ fraction: String, _ zone: Int?) -> Int? {
        guard let day = CalendarDay(dicom: String(digits.prefix(8))), let time = Int(digits.suffix(6)),
            let fraction = Int(fraction), time / 10000 < 24, time / 100 % 100 < 60, time % 100 <= 60
        else { return nil }
        let local = day.number * 86400 + time / 10000 * 3600 + time / 100 % 100 * 60 + time % 100
        return (local - (zone ?? offset(local))) * 1_000_000 + fraction
    }
}

func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
