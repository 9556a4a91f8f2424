internal import DICOMCore
public import Foundation

/// The members of a JSON object, found in one pass and read one by one: a log of a million records is gone through in
/// seconds, where decoding each into a type of its own takes many times as long.
public struct EventFields {
    private struct Member {
        let key: Range<Int>
        let value: Range<Int>
        let isString: Bool
    }

    private let bytes: UnsafeRawBufferPointer
    private var members: [Member] = []

    /// - Parameter bytes: valid for as long as the value is used.
    /// - Returns: nil when it is no JSON object. What is inside nested values is not looked at.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        members.reserveCapacity(24)
        var place = 0
        skipSpace(&place)
        guard take("{", &place) else { return nil }
        skipSpace(&place)
        if take("}", &place) { return }
        repeat {
            skipSpace(&place)
            guard let key = string(&place) else { return nil }
            skipSpace(&place)
            guard take(":", &place) else { return nil }
            skipSpace(&place)
            if let text = string(&place) {
                members.append(Member(key: key, value: text, isString: true))
            } else {
                guard let other = other(&place) else { return nil }
                members.append(Member(key: key, value: other, isString: false))
            }
            skipSpace(&place)
        } while take(",", &place)
        guard take("}", &place) else { return nil }
    }

    /// The text of a member; nil when there is none of that name, or it is no text.
    public subscript(name: StaticString) -> String? {
        guard let member = member(name), member.isString else { return nil }
        let text = bytes[member.value]
        guard text.contains(UInt8(ascii: "\\")) else { return String(decoding: text, as: UTF8.self) }
        let quoted = Data([UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")])
        return try? JSONDecoder().decode(String.self, from: quoted)
    }

    /// A member that is a whole number.
    public func integer(_ name: StaticString) -> Int? {
        guard let member = member(name), !member.isString else { return nil }
        return Int(String(decoding: bytes[member.value], as: UTF8.self))
    }

    /// A member that is true or false.
    public func flag(_ name: StaticString) -> Bool? {
        guard let member = member(name), !member.isString else { return nil }
        return switch bytes[member.value].count {
        case 4 where bytes[member.value].elementsEqual("true".utf8): true
        case 5 where bytes[member.value].elementsEqual("false".utf8): false
        default: nil
        }
    }

    /// A member that is a time as the log writes it, in milliseconds since 1970.
    public func milliseconds(_ name: StaticString) -> Int64? {
        guard let member = member(name), member.isString else { return nil }
        return EventTime.milliseconds(bytes[member.value])
    }

    private func member(_ name: StaticString) -> Member? {
        guard let base = bytes.baseAddress else { return nil }
        return members.first { member in
            member.key.count == name.utf8CodeUnitCount
                && memcmp(base + member.key.lowerBound, name.utf8Start, member.key.count) == 0
        }
    }

    // MARK: Reading

    private func skipSpace(_ place: inout Int) {
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 || bytes[place] == 0x0D { place += 1 }
    }

    private func take(_ character: Unicode.Scalar, _ place: inout Int) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// What stands between two quotation marks.
    private func string(_ place: inout Int) -> Range<Int>? {
        guard take("\"", &place) else { return nil }
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                return start..<(place - 1)
            case UInt8(ascii: "\\"): place += 2
            default: place += 1
            }
        }
        return nil
    }

    /// A number, a word, or a nested value up to its end.
    private func other(_ place: inout Int) -> Range<Int>? {
        let start = place
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                guard string(&place) != nil else { return nil }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return place > start ? start..<place : nil }
                depth -= 1
            case UInt8(ascii: ",") where depth == 0: return place > start ? start..<place : nil
            default: break
            }
            place += 1
        }
        return nil
    }
}

/// Times as the log writes them: `2026-11-21T08:30:00.123Z`.
public enum EventTime {
    /// - Returns: nil for anything of another form.
    static func milliseconds(_ text: Slice<UnsafeRawBufferPointer>) -> Int64? {
        let digits = Array(text)
        guard digits.count == 24, digits[10] == UInt8(ascii: "T"), digits[23] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in digits[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let milli = number(20..<23),
            let date = CalendarDay(year: Int(year), month: Int(month), day: Int(day))
        else { return nil }
        return ((Int64(date.number) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milli
    }

    /// In whole milliseconds, by their number: formatting a `Date` may cut the last of them off.
    public static func text(_ date: Date) -> String {
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let milliseconds = date.milliseconds
        let day = CalendarDay(seconds: Double(milliseconds / 1000))
        let rest = milliseconds - Int64(day.number) * 86_400_000
        let (hours, minutes) = (padded(rest / 3_600_000, 2), padded(rest / 60_000 % 60, 2))
        let (seconds, thousandths) = (padded(rest / 1000 % 60, 2), padded(rest % 1000, 3))
        let (month, dayOfMonth) = (padded(Int64(day.month), 2), padded(Int64(day.day), 2))
        return "\(padded(Int64(day.year), 4))-\(month)-\(dayOfMonth)T\(hours):\(minutes):\(seconds).\(thousandths)Z"
    }

    public static func date(milliseconds: Int64) -> Date { Date(milliseconds: milliseconds) }
}
