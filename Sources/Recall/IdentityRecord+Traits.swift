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
        if let name, let otherName = other.name { return NameComparison(name, otherName).agreement < .near }
        return false
    }
}

extension IdentityRecord {
    /// Beyond these a header says nothing of one human.
    private static let phoneLimit = 5
    private static let otherLimit = 20
    private static let addressLimit = 200

    /// Takes over what a study and the header of one of its objects say of the patient.
    mutating func take(_ patient: PatientRecord, _ header: PatientHeader?, _ siteKey: SymmetricKey) {
        (name, birthDate, sex) = (patient.name, patient.birthDate, patient.sex)
        let numbers = [patientID] + (header?.otherPatientIDs ?? []) + (header?.others.map(\.patientID) ?? [])
        if let number = numbers.lazy.compactMap({ NationalID($0, agreeingWith: patient) }).first {
            nationalHash = number.hashed(with: siteKey)
            nationalLastFour = number.lastFour
        }
        guard let header else { return }
        var phones: [String] = []
        for phone in header.phones.compactMap(PersonTraits.phone) where !phones.contains(phone) { phones.append(phone) }
        self.phones = Array(phones.prefix(Self.phoneLimit))
        address = String(SearchText.fold(header.address).prefix(Self.addressLimit))
        let own = Other(issuer: issuer, patientID: patientID)
        let others = header.others.filter { other in
            // A national ID is kept as a hash alone.
            !other.issuer.isEmpty && !other.patientID.isEmpty && other != own
                && NationalID(other.patientID, agreeingWith: patient) == nil
        }
        self.others = Array(others.prefix(Self.otherLimit))
    }

    /// The record with what it lacked and another study of the same patient says; nil when that is nothing.
    func enriched(by patient: PatientRecord) -> IdentityRecord? {
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
        return record == self ? nil : record
    }
}

extension NationalID {
    /// Vietnamese numbers have no check digit, so one counts only where its year and sex are the patient's.
    init?(_ text: String, agreeingWith patient: PatientRecord) {
        guard let number = NationalID(text, of: [.china, .vietnam]) else { return nil }
        if number.issuer == .vietnam {
            guard let day = PersonTraits.birthDay(patient.birthDate), day.year == number.birthYear,
                patient.sex == (number.isFemale ? "F" : "M")
            else { return nil }
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
