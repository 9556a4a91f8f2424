public import DICOMCore
internal import Foundation

/// What is known of a person under one identity.
public struct PersonTraits: Equatable, Sendable {
    public enum Sex: String, Sendable {
        case male = "M"
        case female = "F"
    }

    /// Issuer and Patient ID: a bare Patient ID is no identity.
    public struct Identity: Hashable, Sendable {
        public let issuer: String
        public let patientID: String

        public init(issuer: String, patientID: String) {
            self.issuer = issuer
            self.patientID = patientID
        }
    }

    public var identity: Identity
    public var name: PersonName?
    /// Nil for `O` and for nothing said.
    public var sex: Sex?
    /// Nil when none is given, or one that stands for none.
    public var birthDay: CalendarDay?
    /// Keyed hash of the national ID (``NationalID/hashed(with:)``).
    public var nationalID: String?
    /// Issuer-qualified, of Other Patient IDs Sequence (0010,1002).
    public var otherIdentities: Set<Identity>
    /// Digits, the last eleven at most.
    public var phones: Set<String>
    /// Folded.
    public var address: String

    public init(
        identity: Identity, name: PersonName? = nil, sex: Sex? = nil, birthDay: CalendarDay? = nil,
        nationalID: String? = nil, otherIdentities: Set<Identity> = [], phones: Set<String> = [], address: String = ""
    ) {
        self.identity = identity
        self.name = name
        self.sex = sex
        self.birthDay = birthDay
        self.nationalID = nationalID
        self.otherIdentities = otherIdentities
        self.phones = phones
        self.address = address
    }

    /// A birth date that says something: not the first day of 1900 or 1800, which stand for none.
    public static func birthDay(_ value: String) -> CalendarDay? {
        guard let day = CalendarDay(dicom: value), day.year > 1900 || (day.year == 1900 && day.month > 1) else {
            return nil
        }
        return day
    }

    /// Telephone numbers as they compare: digits only, country code and leading zeros left away; at least seven of them.
    public static func phone(_ value: String) -> String? {
        var digits = value.filter { $0.isASCII && $0.isNumber }
        for code in ["0086", "86", "0084", "84"] where digits.count > 10 && digits.hasPrefix(code) {
            digits.removeFirst(code.count)
            break
        }
        digits = String(digits.drop { $0 == "0" })
        return digits.count >= 7 && Set(digits).count > 2 ? String(digits.suffix(11)) : nil
    }
}
