internal import Archive
internal import DICOMCore

/// The keys of a C-FIND Identifier at STUDY level: what is asked for, and what is to be returned (PS3.4 C.6.2.1).
struct StudyQueryKeys {
    /// A key whose value cannot be matched with.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case date(String)

        var description: String {
            switch self {
            case .date: "Study Date is neither a date nor a range"
            }
        }
    }

    private(set) var filter = StudyFilter()
    /// Nothing can match: a UID that is none, or a range that ends before it begins.
    private(set) var isImpossible = false
    let hasUnsupportedKeys: Bool
    private let requested: [Tag]

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
        if let date = keys[.studyDate] { try take(dates: date) }
        filter.patientID = keys[.patientID]
        filter.issuer = keys[.issuerOfPatientID]
        filter.accessionNumber = keys[.accessionNumber]
        filter.patientName = keys[.patientName].flatMap { $0 == "*" ? nil : $0 }
        filter.modalities = keys.strings(.modalitiesInStudy).filter { !$0.isEmpty && $0 != "*" }
        filter.institution = keys[.institutionName].flatMap { $0.contains("*") || $0.contains("?") ? nil : $0 }
    }

    /// A single date or a range, open at either end (PS3.4 C.2.2.2.5).
    private mutating func take(dates text: String) throws(Fault) {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { end in
            // The form YYYY.MM.DD of ACR-NEMA is read too (PS3.5 6.2, VR DA).
            end.filter { $0 != " " && $0 != "." }
        }
        guard ends.allSatisfy({ $0.isEmpty || ($0.utf8.count == 8 && $0.allSatisfy(\.isASCIIDigit)) }),
            ends.contains(where: { !$0.isEmpty })
        else { throw .date(text) }
        filter.firstDate = ends[0].isEmpty ? nil : ends[0]
        filter.lastDate = ends.count == 1 ? filter.firstDate : ends[1].isEmpty ? nil : ends[1]
        if let first = filter.firstDate, let last = filter.lastDate, last < first { isImpossible = true }
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
