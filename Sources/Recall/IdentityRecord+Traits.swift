internal import Archive
internal import Crypto
internal import DICOMCore
internal import Foundation

extension PersonTraits {
    init(_ record: IdentityRecord) {
        self.init(
            // Equal numbers of places without an issuer say nothing, so their place stands for it.
            identity: Identity(
                issuer: record.issuer.isEmpty ? "\u{0}" + record.place : record.issuer, patientID: record.patientID),
            name: PersonName(record.name), sex: Sex(rawValue: record.sex),
            birthDay: Self.birthDay(record.birthDate),
            nationalID: record.nationalHash.isEmpty ? nil : record.nationalHash,
            otherIdentities: Set(record.others.map { Identity(issuer: $0.issuer, patientID: $0.patientID) }),
            phones: Set(record.phones), address: record.address)
    }
}

extension PersonTraits {
    /// By what the index keeps of a patient.
    init(known patient: PatientRecord) {
        self.init(
            identity: Identity(issuer: patient.issuer, patientID: patient.patientID), name: PersonName(patient.name),
            sex: Sex(rawValue: patient.sex), birthDay: Self.birthDay(patient.birthDate))
    }

    /// Whether one human cannot be both without somebody's slip: birth date or sex are given on both sides and differ, or the
    /// names are not even near.
    func contradicts(_ other: PersonTraits) -> Bool {
        if let birthDay, let day = other.birthDay, birthDay != day { return true }
        if let sex, let otherSex = other.sex, sex != otherSex { return true }
        return isNamedUnlike(other)
    }

    /// Whether both have names, and these are not even near.
    func isNamedUnlike(_ other: PersonTraits) -> Bool {
        guard let name, let otherName = other.name else { return false }
        return NameComparison(name, otherName).agreement < .near
    }
}

/// How numbers that identify are kept, and which of them do not.
struct IdentifierNotation {
    let siteKey: SymmetricKey
    /// Numbers that are typed where none is known.
    var placeholders: Set<String> = []
}

extension IdentityRecord {
    /// Beyond these a header says nothing of one human.
    private static let phoneLimit = 5
    private static let otherLimit = 20
    private static let addressLimit = 200

    /// Studies of an identity whose header is read while none has said anything that identifies.
    static let headerLimit = 3

    /// Whether the header of another study may say what identifies.
    var wantsHeader: Bool { studyCount < Self.headerLimit && nationalHash.isEmpty && others.isEmpty }

    /// Takes over what a study and the header of one of its objects say of the patient.
    mutating func take(_ patient: PatientRecord, _ header: PatientHeader?, _ notation: IdentifierNotation) {
        (name, birthDate, sex) = (patient.name, patient.birthDate, patient.sex)
        identify(patient, header, notation)
        guard let header else { return }
        var phones: [String] = []
        for phone in header.phones.compactMap(PersonTraits.phone) where !phones.contains(phone) { phones.append(phone) }
        self.phones = Array(phones.prefix(Self.phoneLimit))
        address = String(SearchText.fold(header.address).prefix(Self.addressLimit))
    }

    private mutating func identify(_ patient: PatientRecord, _ header: PatientHeader?, _ notation: IdentifierNotation) {
        let numbers = [patientID] + (header?.otherPatientIDs ?? []) + (header?.others.map(\.patientID) ?? [])
        let known = numbers.lazy.filter { !notation.placeholders.contains($0) }
        if let number = known.compactMap({ NationalID($0, agreeingWith: patient) }).first {
            nationalHash = number.hashed(with: notation.siteKey)
            nationalLastFour = number.lastFour
        }
        guard let header else { return }
        let own = Other(issuer: issuer, patientID: patientID)
        let others = header.others.filter { other in
            // A national ID is kept as a hash alone, and not at all where it is a relative's.
            !other.issuer.isEmpty && !other.patientID.isEmpty && other != own
                && !notation.placeholders.contains(other.patientID)
                && NationalID(other.patientID)?.isChecked != true
                && NationalID(other.patientID, agreeingWith: patient) == nil
        }
        self.others = Array(others.prefix(Self.otherLimit))
    }

    /// The record with what it lacked and another study of the same patient says; nil when that is nothing.
    func enriched(by patient: PatientRecord, _ header: PatientHeader?, _ notation: IdentifierNotation)
        -> IdentityRecord?
    {
        guard (name, birthDate, sex) != (patient.name, patient.birthDate, patient.sex) || header != nil else {
            return nil
        }
        var record = self
        if PersonTraits.birthDay(birthDate) == nil, PersonTraits.birthDay(patient.birthDate) != nil {
            record.birthDate = patient.birthDate
        }
        if PersonTraits.Sex(rawValue: sex) == nil, PersonTraits.Sex(rawValue: patient.sex) != nil {
            record.sex = patient.sex
        }
        if let name = PersonName(patient.name) {
            let known = PersonName(self.name)
            if known == nil || (known?.characters.isEmpty == true && !name.characters.isEmpty) {
                record.name = patient.name
            }
        }
        if wantsHeader { record.identify(patient, header, notation) }
        return record == self ? nil : record
    }
}

extension PatientHeader {
    /// Whether it says what identifies, so that no other header of the patient need be read.
    func identifies(_ patient: PatientRecord) -> Bool {
        !others.isEmpty
            || (otherPatientIDs + [patient.patientID]).contains { NationalID($0, agreeingWith: patient) != nil }
    }
}

extension NationalID {
    /// A number counts only where it is the patient's: a relative's is typed as well. The birth date written in it must be
    /// the patient's, or a slip away. What has no check digit must agree in all it says: a Vietnamese number in
    /// year and sex, one of 15 digits in the day.
    init?(_ text: String, agreeingWith patient: PatientRecord) {
        guard let number = NationalID(text, of: [.china, .vietnam]) else { return nil }
        let day = PersonTraits.birthDay(patient.birthDate)
        switch number.issuer {
        case .vietnam:
            guard let day, day.year == number.birthYear, patient.sex == (number.isFemale ? "F" : "M") else {
                return nil
            }
        case .china:
            if let day, let own = number.birthDay {
                guard day == own || (number.isChecked && PersonJudge.isNear(day, own)) else { return nil }
            } else if !number.isChecked {
                return nil
            }
        }
        self = number
    }
}

extension PersonName {
    /// The family name as frequencies are kept by it: simplified characters, or Latin letters without marks.
    var familyText: String? {
        if !characters.isEmpty { return String(String.UnicodeScalarView(characters.prefix(familyCount))) }
        return spellings.first?.first?.plain
    }
}
