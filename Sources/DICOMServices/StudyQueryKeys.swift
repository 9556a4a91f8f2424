internal import Archive
internal import DICOMCore

/// The keys of a C-FIND Identifier at STUDY level: what is asked for, and what is to be returned (PS3.4 C.6.2.1).
struct StudyQueryKeys {
    /// A key whose value cannot be matched with.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case date(String)
        case time(String)

        var description: String {
            switch self {
            case .date: "a date key is neither a date nor a range"
            case .time: "Study Time is neither a time nor a range"
            }
        }
    }

    private(set) var filter = StudyFilter()
    /// Nothing can match: a UID that is none, or a range that ends before it begins.
    private(set) var isImpossible = false
    let hasUnsupportedKeys: Bool
    private let requested: [Tag]
    /// Conditions that the index does not decide.
    private var conditions: [Condition] = []

    /// Keys that are matched with and returned.
    private static let supported: Set<Tag> = [
        .studyInstanceUID, .studyDate, .studyTime, .accessionNumber, .patientName, .patientID, .issuerOfPatientID,
        .studyID, .patientBirthDate, .patientSex, .modalitiesInStudy, .studyDescription, .referringPhysicianName,
        .institutionName, .numberOfStudyRelatedSeries, .numberOfStudyRelatedInstances,
    ]
    /// Part of every response, or of none, whatever is asked.
    private static let always: Set<Tag> = [
        .queryRetrieveLevel, .specificCharacterSet, .timezoneOffsetFromUTC, .retrieveAETitle,
    ]

    init(_ keys: AttributeSet) throws(Fault) {
        requested = keys.tags.filter(StudyQueryKeys.supported.contains)
        hasUnsupportedKeys = keys.tags.contains {
            !StudyQueryKeys.supported.contains($0) && !StudyQueryKeys.always.contains($0)
        }
        let uids = keys.strings(.studyInstanceUID).filter { !$0.isEmpty }
        filter.studyInstanceUIDs = uids.compactMap { try? StudyInstanceUID($0) }
        isImpossible = !uids.isEmpty && filter.studyInstanceUIDs.isEmpty
        if let date = keys[.studyDate] {
            let range = try StudyQueryKeys.dates(date)
            (filter.firstDate, filter.lastDate) = (range.first, range.last)
            isImpossible = isImpossible || range.isEmpty
        }
        filter.patientID = keys[.patientID]
        filter.issuer = keys[.issuerOfPatientID]
        filter.accessionNumber = keys[.accessionNumber]
        filter.patientName = keys[.patientName].flatMap { $0 == "*" ? nil : $0 }
        let modalities = keys.strings(.modalitiesInStudy).filter { !$0.isEmpty && $0 != "*" }
        if modalities.contains(where: WildcardPattern.isNeeded) {
            conditions.append(.anyModality(modalities.map { WildcardPattern($0) }))
        } else {
            filter.modalities = modalities
        }
        if let institution = keys[.institutionName], !WildcardPattern.isNeeded(institution) {
            filter.institution = institution
        }
        try addConditions(keys)
    }

    /// The first and last of a range of dates or times; nil for an open end.
    private struct Interval {
        var first: String?
        var last: String?

        /// Ends before it begins.
        var isEmpty: Bool { first.flatMap { first in last.map { $0 < first } } ?? false }

        func contains(_ value: String) -> Bool {
            !value.isEmpty && (first.map { $0 <= value } ?? true) && (last.map { value <= $0 } ?? true)
        }
    }

    private enum Condition {
        case pattern(Tag, WildcardPattern)
        case birthDate(Interval)
        case time(Interval)
        case anyModality([WildcardPattern])
    }

    private mutating func addConditions(_ keys: AttributeSet) throws(Fault) {
        for tag: Tag in [.studyID, .patientSex, .studyDescription, .referringPhysicianName, .institutionName] {
            guard let text = keys[tag], tag != .institutionName || WildcardPattern.isNeeded(text) else { continue }
            conditions.append(.pattern(tag, WildcardPattern(text, ignoresCase: tag == .referringPhysicianName)))
        }
        if let date = keys[.patientBirthDate] { conditions.append(.birthDate(try StudyQueryKeys.dates(date))) }
        if let time = keys[.studyTime] { conditions.append(.time(try StudyQueryKeys.times(time))) }
    }

    /// Whether a study that ``filter`` let through meets the keys that the index does not decide.
    func matches(_ study: StudySummary) -> Bool {
        conditions.allSatisfy { condition in
            switch condition {
            case .pattern(let tag, let pattern): pattern.matches(value(of: tag, in: study))
            case .birthDate(let range): range.contains(study.patient.birthDate)
            case .time(let range): range.contains(StudyQueryKeys.microseconds(study.study.time, padding: "0"))
            case .anyModality(let patterns):
                patterns.contains { pattern in study.modalities.contains(where: pattern.matches) }
            }
        }
    }

    /// A single date or a range, open at either end (PS3.4 C.2.2.2.5).
    private static func dates(_ text: String) throws(Fault) -> Interval {
        // The form YYYY.MM.DD of ACR-NEMA is read too (PS3.5 6.2, VR DA).
        let ends = StudyQueryKeys.ends(of: text, without: ".")
        guard ends.allSatisfy({ $0.isEmpty || ($0.utf8.count == 8 && $0.allSatisfy(\.isASCIIDigit)) }),
            ends.contains(where: { !$0.isEmpty })
        else { throw .date(text) }
        let last = ends[ends.count - 1]
        return Interval(first: ends[0].isEmpty ? nil : ends[0], last: last.isEmpty ? nil : last)
    }

    /// A single time or a range; what is left out of `HHMMSS.FFFFFF` makes it a range by itself.
    private static func times(_ text: String) throws(Fault) -> Interval {
        let ends = StudyQueryKeys.ends(of: text, without: ":")
        guard ends.contains(where: { !$0.isEmpty }),
            ends.allSatisfy({ $0.utf8.count <= 13 && $0.allSatisfy { $0.isASCIIDigit || $0 == "." } })
        else { throw .time(text) }
        let first = ends[0]
        let last = ends[ends.count - 1]
        return Interval(
            first: first.isEmpty ? nil : microseconds(first, padding: "0"),
            last: last.isEmpty ? nil : microseconds(last, padding: "9"))
    }

    private static func ends(of text: String, without separator: Character) -> [String] {
        text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { end in
            end.filter { $0 != " " && $0 != separator }
        }
    }

    /// A time as twelve digits, so that times compare as text; empty stays empty.
    private static func microseconds(_ time: String, padding: Character) -> String {
        let digits = time.filter(\.isASCIIDigit).prefix(12)
        return digits.isEmpty ? "" : digits + String(repeating: padding, count: 12 - digits.count)
    }

    /// The Identifier of one response: what was asked for, and where the study can be had.
    func response(for study: StudySummary, from aeTitle: AETitle) -> AttributeSet {
        var response = AttributeSet()
        for tag in requested { response.set(tag, to: [value(of: tag, in: study)]) }
        if requested.contains(.modalitiesInStudy) { response.set(.modalitiesInStudy, to: study.modalities) }
        response[.queryRetrieveLevel] = "STUDY"
        response[.studyInstanceUID] = study.studyInstanceUID.value
        response[.retrieveAETitle] = aeTitle.value
        return response
    }

    private func value(of tag: Tag, in study: StudySummary) -> String {
        switch tag {
        case .studyInstanceUID: study.studyInstanceUID.value
        case .studyDate: study.study.date
        case .studyTime: study.study.time
        case .accessionNumber: study.study.accessionNumber
        case .studyID: study.study.studyID
        case .studyDescription: study.study.description
        case .referringPhysicianName: study.study.referringPhysicianName
        case .institutionName: study.study.institution
        case .patientName: study.patient.name
        case .patientID: study.patient.patientID
        case .issuerOfPatientID: study.patient.issuer
        case .patientBirthDate: study.patient.birthDate
        case .patientSex: study.patient.sex
        case .numberOfStudyRelatedSeries: String(study.seriesCount)
        case .numberOfStudyRelatedInstances: String(study.instanceCount)
        default: ""
        }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
