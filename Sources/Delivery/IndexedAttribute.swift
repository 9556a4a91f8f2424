internal import Archive
internal import DICOMCore

/// An Attribute that the index knows of its level, so that no object is read for it.
struct IndexedAttribute: Sendable {
    /// Where its values come from.
    enum Source: Sendable {
        case match(@Sendable (IndexMatch) -> [String])
        case patientCount(@Sendable (PatientCounts) -> Int)
        case sopClassesInStudy
    }

    let tag: Tag
    let level: QueryLevel
    /// By which the index narrows a query, where it does.
    let field: IndexField?
    let source: Source

    private init(_ tag: Tag, _ level: QueryLevel, _ field: IndexField?, _ source: Source) {
        (self.tag, self.level, self.field, self.source) = (tag, level, field, source)
    }

    private static func patient(
        _ tag: Tag, _ field: IndexField?, _ value: @escaping @Sendable (PatientRecord) -> String
    ) -> IndexedAttribute { IndexedAttribute(tag, .patient, field, .match { one(value($0.patient)) }) }

    private static func study(
        _ tag: Tag, _ field: IndexField?, _ values: @escaping @Sendable (StudySummary) -> [String]
    ) -> IndexedAttribute { IndexedAttribute(tag, .study, field, .match { $0.study.map(values) ?? [] }) }

    private static func series(
        _ tag: Tag, _ field: IndexField?, _ values: @escaping @Sendable (SeriesSummary) -> [String]
    ) -> IndexedAttribute { IndexedAttribute(tag, .series, field, .match { $0.series.map(values) ?? [] }) }

    private static func image(
        _ tag: Tag, _ field: IndexField?, _ values: @escaping @Sendable (StoredInstance) -> [String]
    ) -> IndexedAttribute { IndexedAttribute(tag, .image, field, .match { $0.instance.map(values) ?? [] }) }

    private static func one(_ text: String) -> [String] { text.isEmpty ? [] : [text] }
    private static func one(_ number: Int?) -> [String] { number.map { [String($0)] } ?? [] }

    /// All of them, by tag.
    static let byTag = Dictionary(all.map { ($0.tag, $0) }) { first, _ in first }

    private static let all: [IndexedAttribute] = [
        patient(.patientName, .patientName, \.name),
        patient(.patientID, .patientID, \.patientID),
        patient(.issuerOfPatientID, .issuer, \.issuer),
        patient(.patientBirthDate, .birthDate, \.birthDate),
        patient(.patientSex, .sex, \.sex),
        IndexedAttribute(.numberOfPatientRelatedStudies, .patient, nil, .patientCount(\.studies)),
        IndexedAttribute(.numberOfPatientRelatedSeries, .patient, nil, .patientCount(\.series)),
        IndexedAttribute(.numberOfPatientRelatedInstances, .patient, nil, .patientCount(\.instances)),

        study(.studyInstanceUID, .studyInstanceUID) { [$0.studyInstanceUID.value] },
        study(.studyDate, .studyDate) { one($0.study.date) },
        study(.studyTime, nil) { one($0.study.time) },
        study(.accessionNumber, .accessionNumber) { one($0.study.accessionNumber) },
        study(.studyID, .studyID) { one($0.study.studyID) },
        study(.studyDescription, .studyDescription) { one($0.study.description) },
        study(.referringPhysicianName, nil) { one($0.study.referringPhysicianName) },
        study(.institutionName, .institution) { one($0.study.institution) },
        study(.modalitiesInStudy, .modalitiesInStudy, \.modalities),
        study(.numberOfStudyRelatedSeries, nil) { one($0.seriesCount) },
        study(.numberOfStudyRelatedInstances, nil) { one($0.instanceCount) },
        IndexedAttribute(.sopClassesInStudy, .study, .sopClassesInStudy, .sopClassesInStudy),

        series(.seriesInstanceUID, .seriesInstanceUID) { [$0.seriesInstanceUID.value] },
        series(.modality, .modality) { one($0.series.modality) },
        series(.seriesNumber, .seriesNumber) { one($0.series.number) },
        series(.seriesDescription, .seriesDescription) { one($0.series.description) },
        series(.bodyPartExamined, .bodyPart) { one($0.series.bodyPart) },
        series(.laterality, .laterality) { one($0.series.laterality) },
        series(.protocolName, .protocolName) { one($0.series.protocolName) },
        series(.stationName, .stationName) { one($0.series.stationName) },
        series(.numberOfSeriesRelatedInstances, nil) { one($0.instanceCount) },

        image(.sopInstanceUID, .sopInstanceUID) { [$0.sopInstanceUID.value] },
        image(.sopClassUID, .sopClassUID) { [$0.sopClassUID.value] },
        image(.instanceNumber, .instanceNumber) { one($0.image.number) },
        image(.numberOfFrames, nil) { one($0.image.numberOfFrames) },
        image(.rows, nil) { one($0.image.rows) },
        image(.columns, nil) { one($0.image.columns) },
        image(.viewPosition, .viewPosition) { one($0.image.viewPosition) },
        image(.availableTransferSyntaxUID, nil) { [$0.transferSyntaxUID.value] },
    ]

    /// The Unique Key of a level (PS3.4 C.6.1.1).
    static func uniqueKey(_ level: QueryLevel) -> Tag {
        switch level {
        case .patient: .patientID
        case .study: .studyInstanceUID
        case .series: .seriesInstanceUID
        case .image: .sopInstanceUID
        }
    }

    /// Whether objects are asked at PATIENT level too: Attributes of the Patient Module, and not those that belong to a
    /// Study because they change (PS3.3 C.7.1.1, C.7.2.2).
    static func isOfPatient(_ tag: Tag) -> Bool { tag.group == 0x0010 && !ofPatientStudy.contains(tag) }

    private static let ofPatientStudy: Set<Tag> = [
        .patientAge, .patientSize, .patientSizeCodeSequence, .patientBodyMassIndex, .patientWeight, .medicalAlerts,
        .allergies, .smokingStatus, .occupation, .additionalPatientHistory, .pregnancyStatus, .lastMenstrualDate,
    ]
}
