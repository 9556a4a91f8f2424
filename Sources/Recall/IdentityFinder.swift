internal import Archive
internal import Crypto
internal import DICOMCore
internal import Foundation

/// Finds the identity a study names, among those of its number.
struct IdentityFinder {
    /// Descriptions that one number may have and still be somebody's: more have those typed where none is known.
    static let variantLimit = 20

    let table: PersonTable
    let notation: IdentifierNotation

    struct Finding {
        /// Nil for a study that is of none of those known.
        var known: IdentityRecord?
        /// What is known under its number, ``known`` among it; empty for a number that is nobody's.
        var variants: [IdentityRecord]
        /// What a new identity is counted as.
        let variant: Int
    }

    func find(_ study: IdentityStudy, from origin: PersonOrigin) throws -> Finding {
        let patient = study.patient
        let variants = try table.variants(
            patientID: patient.patientID, issuer: origin.issuer, place: origin.place, limit: Self.variantLimit + 1)
        guard variants.count > Self.variantLimit else {
            return Finding(
                known: Self.variant(of: study, among: variants), variants: variants,
                variant: (variants.last?.variant ?? -1) + 1)
        }
        // Beside so many only the same description is the same identity, which its key finds.
        let first = variants.first { Self.isDescribed($0, by: patient) }
        return Finding(
            known: try first
                ?? table.identity(key: Self.key(of: study, from: origin, isFirst: false, siteKey: notation.siteKey)),
            variants: [],
            variant: try table.nextVariant(patientID: patient.patientID, issuer: origin.issuer, place: origin.place))
    }

    /// The identity of a study among those known, or nil when there is none it can be.
    private static func variant(of study: IdentityStudy, among variants: [IdentityRecord]) -> IdentityRecord? {
        let patient = study.patient
        if let exact = variants.first(where: { isDescribed($0, by: patient) }) { return exact }
        if variants.isEmpty { return nil }
        let traits = PersonTraits(known: patient)
        let fitting = variants.filter { !traits.contradicts(PersonTraits($0)) }
        func agreement(_ record: IdentityRecord) -> Int {
            [(record.name, patient.name), (record.birthDate, patient.birthDate), (record.sex, patient.sex)]
                .filter { !$0.isEmpty && $0 == $1 }.count
        }
        return fitting.max { (agreement($0), -$0.variant) < (agreement($1), -$1.variant) }
    }

    private static func isDescribed(_ record: IdentityRecord, by patient: PatientRecord) -> Bool {
        (record.name, record.birthDate, record.sex) == (patient.name, patient.birthDate, patient.sex)
    }

    /// The identity of a study that is of none of those known.
    static func newcomer(
        _ study: IdentityStudy, from origin: PersonOrigin, variant: Int, _ header: PatientHeader?,
        _ notation: IdentifierNotation
    ) -> IdentityRecord {
        var record = IdentityRecord(
            key: key(of: study, from: origin, isFirst: variant == 0, siteKey: notation.siteKey),
            patientID: study.patient.patientID, issuer: origin.issuer, place: origin.place, variant: variant)
        record.take(study.patient, header, notation)
        return record
    }

    /// 16 characters of base 32 of the keyed hash of what identifies.
    ///
    /// - Parameter isFirst: of its number; further ones are told apart by what they are described by.
    private static func key(
        of study: IdentityStudy, from origin: PersonOrigin, isFirst: Bool, siteKey: SymmetricKey
    ) -> String {
        var parts = [origin.issuer, origin.place, study.patient.patientID]
        if !isFirst { parts += [study.patient.name, study.patient.birthDate, study.patient.sex] }
        let code = HMAC<SHA256>.authenticationCode(for: Data(parts.joined(separator: "\u{0}").utf8), using: siteKey)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        var text = ""
        var (bits, count) = (0, 0)
        for byte in code.prefix(10) {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[bits >> count & 31])
            }
        }
        return text
    }
}
