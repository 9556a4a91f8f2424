public import Crypto
public import DICOMCore
internal import Foundation

/// The number of a resident identity card, checked, and never kept: only ``hashed(with:)`` and ``lastFour`` are.
public struct NationalID: Equatable, Sendable {
    /// Who issued it.
    public enum Issuer: String, Sendable, CaseIterable {
        /// 18 characters, the last a check character (GB 11643-1999); the 15 digits of before 1999 are written out as these.
        case china = "CN"
        /// 12 digits: province, century and sex, year, number (Nghị định 37/2021/NĐ-CP). It has no check digit.
        case vietnam = "VN"
    }

    public let issuer: Issuer
    /// Whole day in China, only the year in Vietnam.
    public let birthDay: CalendarDay?
    public let birthYear: Int
    public let isFemale: Bool
    /// Whether a check digit was written with it.
    public let isChecked: Bool
    private let digits: String

    /// - Returns: nil when the text is no such number, or one that stands for none.
    public init?(_ text: String, of issuers: Set<Issuer> = [.china]) {
        let characters = text.uppercased().filter { !$0.isWhitespace && $0 != "-" }
        guard characters.utf8.allSatisfy({ Self.isDigit($0) || $0 == UInt8(ascii: "X") }) else { return nil }
        if issuers.contains(.china), let number = Self.chinese(Array(characters.utf8)) {
            self = number
        } else if issuers.contains(.vietnam), let number = Self.vietnamese(Array(characters.utf8)) {
            self = number
        } else {
            return nil
        }
        guard !isPlaceholder else { return nil }
    }

    private init(
        issuer: Issuer, birthDay: CalendarDay?, birthYear: Int, isFemale: Bool, isChecked: Bool, digits: String
    ) {
        self.issuer = issuer
        self.birthDay = birthDay
        self.birthYear = birthYear
        self.isFemale = isFemale
        self.isChecked = isChecked
        self.digits = digits
    }

    public var lastFour: String { String(digits.suffix(4)) }

    /// The same for the same number under the same key, and nothing can be read from it without the key
    /// (HMAC-SHA256, 64 hexadecimal digits).
    public func hashed(with key: SymmetricKey) -> String {
        HMAC<SHA256>.authenticationCode(for: Data("\(issuer.rawValue):\(digits)".utf8), using: key)
            .hexadecimal
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func chinese(_ bytes: [UInt8]) -> NationalID? {
        let isChecked = bytes.count == 18
        var bytes = bytes
        if bytes.count == 15, bytes.allSatisfy(isDigit) {
            bytes.insert(contentsOf: Array("19".utf8), at: 6)
            bytes.append(checkCharacter(bytes))
        }
        guard bytes.count == 18, bytes.dropLast().allSatisfy(isDigit), bytes[17] == checkCharacter(Array(bytes[..<17])),
            bytes[0] != UInt8(ascii: "0"), bytes[0] != UInt8(ascii: "9"),
            let day = CalendarDay(dicom: String(decoding: bytes[6..<14], as: UTF8.self)), day.year >= 1880
        else { return nil }
        return NationalID(
            issuer: .china, birthDay: day, birthYear: day.year, isFemale: bytes[16] % 2 == 0,
            isChecked: isChecked, digits: String(decoding: bytes, as: UTF8.self))
    }

    /// ISO 7064 MOD 11-2 over the first 17 digits.
    private static func checkCharacter(_ digits: [UInt8]) -> UInt8 {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(digits, weights).reduce(0) { $0 + Int($1.0 - UInt8(ascii: "0")) * $1.1 }
        return Array("10X98765432".utf8)[sum % 11]
    }

    private static func vietnamese(_ bytes: [UInt8]) -> NationalID? {
        guard bytes.count == 12, bytes.allSatisfy(isDigit) else { return nil }
        let values = bytes.map { Int($0 - UInt8(ascii: "0")) }
        let province = values[0] * 100 + values[1] * 10 + values[2]
        guard (1...96).contains(province) else { return nil }
        return NationalID(
            issuer: .vietnam, birthDay: nil, birthYear: 1900 + values[3] / 2 * 100 + values[4] * 10 + values[5],
            isFemale: values[3] % 2 == 1, isChecked: false, digits: String(decoding: bytes, as: UTF8.self))
    }

    /// Numbers that are typed where none is known: of one or two digits only, or born on the first day of 1900.
    private var isPlaceholder: Bool {
        Set(digits.dropLast()).count <= 2 || birthDay.map { ($0.year, $0.month, $0.day) == (1900, 1, 1) } ?? false
    }
}
