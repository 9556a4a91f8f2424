internal import DICOMCore
internal import Foundation

/// What two identities are to each other.
public struct PersonVerdict: Equatable, Sendable {
    public enum Link: String, Codable, Sendable {
        case same, possible, different
    }

    /// What spoke for or against, in the order it was looked at.
    public enum Reason: String, Codable, Sendable, CaseIterable {
        /// One Patient ID of one issuer.
        case sameNumber
        case sameNationalID, otherNationalID, sameOtherIdentity
        /// What identifies is shared by people who are not one.
        case sharedIdentifier
        case samePhone, otherPhone, sameAddress
        case sameName, sameNameBySound, nearName, sameFamilyName, otherName
        case sameBirthDay, nearBirthDay, otherBirthDay
        case sameSex, otherSex
    }

    public let link: Link
    /// Evidence in bits (Fellegi and Sunter 1969): log2 of how much likelier what was found is of one person than of two.
    public let weight: Double
    public let reasons: [Reason]
}

/// Says of two identities whether they are one person.
///
/// Rules come first. What identifies (a national ID, an issuer-qualified other Patient ID) joins where nothing
/// contradicts it; what only describes (name, birth date, sex) never joins, however well it agrees: twins, namesakes and
/// borrowed cards are one rule. Everything else is weighed.
public struct PersonJudge: Sendable {
    /// How often fields of one person disagree, and when two are worth a person's look.
    public struct Parameters: Sendable, Equatable {
        /// Bits from which two identities are `possible`.
        public var possibleWeight = 10.0
        /// Bits from which two identities that an identifier joins are `same`.
        public var sameWeight = 30.0

        public init() {}
    }

    private let rarity: NameRarity
    private let parameters: Parameters

    public init(rarity: NameRarity, parameters: Parameters = Parameters()) {
        self.rarity = rarity
        self.parameters = parameters
    }

    public func judge(_ one: PersonTraits, _ other: PersonTraits) -> PersonVerdict {
        var evidence = Evidence()
        weighIdentifiers(one, other, &evidence)
        weighName(one, other, &evidence)
        weighBirthDay(one, other, &evidence)
        weighSex(one, other, &evidence)
        weighPlace(one, other, &evidence)
        return PersonVerdict(link: link(evidence), weight: evidence.weight, reasons: evidence.reasons)
    }

    private func link(_ evidence: Evidence) -> PersonVerdict.Link {
        let found = Set(evidence.reasons)
        let isIdentified = !found.isDisjoint(with: [.sameNationalID, .sameOtherIdentity])
        let contradictions = found.intersection([.otherName, .sameFamilyName, .otherBirthDay, .otherSex])
        if isIdentified {
            // A card in other hands, or a number typed for a relative: somebody must look.
            if !contradictions.isEmpty || found.contains(.otherNationalID) { return .possible }
            // A number alone, with nothing beside it to agree, may have been typed for anyone.
            let agrees = !found.isDisjoint(with: [.sameName, .sameNameBySound, .nearName])
            return agrees && evidence.weight >= parameters.sameWeight ? .same : .possible
        }
        if found.contains(.otherNationalID) {
            // One slip in a number is likelier than two people of one rare name born on one day, but that is for a person.
            return found.isSuperset(of: [.sameName, .sameBirthDay]) && evidence.weight >= parameters.possibleWeight
                ? .possible : .different
        }
        if found.contains(.otherSex),
            !found.isDisjoint(with: [.otherBirthDay, .nearBirthDay, .otherName, .sameFamilyName])
        {
            return .different
        }
        return evidence.weight >= parameters.possibleWeight ? .possible : .different
    }

    private struct Evidence {
        private(set) var weight = 0.0
        private(set) var reasons: [PersonVerdict.Reason] = []

        /// - Parameters:
        ///   - inOne: how often this is found of one person.
        ///   - inTwo: how often of two.
        mutating func add(_ reason: PersonVerdict.Reason, inOne: Double, inTwo: Double) {
            weight += log2(inOne / inTwo)
            reasons.append(reason)
        }
    }

    private func weighIdentifiers(_ one: PersonTraits, _ other: PersonTraits, _ evidence: inout Evidence) {
        if let number = one.nationalID, let otherNumber = other.nationalID {
            if number == otherNumber {
                evidence.add(.sameNationalID, inOne: 0.95, inTwo: 1e-7)
            } else {
                evidence.add(.otherNationalID, inOne: 0.03, inTwo: 1)
            }
        }
        if one.otherIdentities.contains(other.identity) || other.otherIdentities.contains(one.identity)
            || !one.otherIdentities.isDisjoint(with: other.otherIdentities)
        {
            evidence.add(.sameOtherIdentity, inOne: 0.9, inTwo: 1e-6)
        }
    }

    private func weighName(_ one: PersonTraits, _ other: PersonTraits, _ evidence: inout Evidence) {
        guard let name = one.name, let otherName = other.name else { return }
        let found = NameComparison(name, otherName)
        // The name that says more tells how rare it is.
        let known = name.characters.isEmpty ? otherName : name
        let share = rarity.share(of: known, isBySound: found.isBySound)
        switch found.agreement {
        case .exact: evidence.add(found.isBySound ? .sameNameBySound : .sameName, inOne: 0.85, inTwo: share)
        case .sound: evidence.add(.sameNameBySound, inOne: 0.5, inTwo: share)
        case .near: evidence.add(.nearName, inOne: 0.05, inTwo: min(share * 20, 0.02))
        case .family:
            evidence.add(
                .sameFamilyName, inOne: 0.02, inTwo: rarity.familyShare(of: known, isBySound: found.isBySound))
        case .different: evidence.add(.otherName, inOne: 0.02, inTwo: 0.95)
        }
    }

    private func weighBirthDay(_ one: PersonTraits, _ other: PersonTraits, _ evidence: inout Evidence) {
        guard let day = one.birthDay, let otherDay = other.birthDay else { return }
        if day == otherDay {
            // Ages typed as a year stand on its first day.
            let isFirst = day.month == 1 && day.day == 1
            evidence.add(.sameBirthDay, inOne: 0.93, inTwo: isFirst ? 1e-3 : 4e-5)
        } else if Self.isNear(day, otherDay) {
            evidence.add(.nearBirthDay, inOne: 0.05, inTwo: 5e-3)
        } else {
            evidence.add(.otherBirthDay, inOne: 0.02, inTwo: 0.99)
        }
    }

    /// One slip apart: a digit, two that changed places, day and month, or a year alone on its first day.
    static func isNear(_ one: CalendarDay, _ other: CalendarDay) -> Bool {
        if one.year == other.year, one.month == other.day, one.day == other.month { return true }
        let isYearOnly = [one, other].contains { $0.month == 1 && $0.day == 1 }
        if isYearOnly, abs(one.year - other.year) <= 1 { return true }
        let (digits, otherDigits) = (Array(one.description.utf8), Array(other.description.utf8))
        let slips = zip(digits, otherDigits).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
        if slips.count == 1 { return true }
        guard slips.count == 2, slips[1] == slips[0] + 1 else { return false }
        return digits[slips[0]] == otherDigits[slips[1]] && digits[slips[1]] == otherDigits[slips[0]]
    }

    private func weighSex(_ one: PersonTraits, _ other: PersonTraits, _ evidence: inout Evidence) {
        guard let sex = one.sex, let otherSex = other.sex else { return }
        if sex == otherSex {
            evidence.add(.sameSex, inOne: 0.995, inTwo: 0.5)
        } else {
            evidence.add(.otherSex, inOne: 0.005, inTwo: 0.5)
        }
    }

    private func weighPlace(_ one: PersonTraits, _ other: PersonTraits, _ evidence: inout Evidence) {
        if !one.phones.isEmpty, !other.phones.isEmpty {
            // Families share a telephone.
            if one.phones.isDisjoint(with: other.phones) {
                evidence.add(.otherPhone, inOne: 0.4, inTwo: 1)
            } else {
                evidence.add(.samePhone, inOne: 0.6, inTwo: 1e-4)
            }
        }
        if one.address.count >= 6, one.address == other.address {
            evidence.add(.sameAddress, inOne: 0.4, inTwo: 1e-4)
        }
    }
}
