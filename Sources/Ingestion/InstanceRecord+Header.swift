internal import Archive
internal import DICOMCore
internal import DICOMNetwork

/// Why a readable header makes no index row.
enum RecordError: Error, Equatable {
    case missing(Tag)
    case malformed(Tag, UIDError)
}

extension RecordError: CustomStringConvertible {
    var description: String {
        switch self {
        case .missing(let tag): "the mandatory UID \(tag) is missing"
        case .malformed(let tag, let error): "\(tag) is no UID: \(error)"
        }
    }
}

extension StoredHeader {
    /// - Throws: ``RecordError``.
    init(_ header: ObjectHeader) throws {
        self.init(
            record: try InstanceRecord(header),
            callingAETitle: try? AETitle(header.meta.sourceAETitle),
            calledAETitle: try? AETitle(header.meta.receivingAETitle),
            dataSetOffset: Int64(header.dataSetOffset))
    }
}

extension InstanceRecord {
    fileprivate init(_ header: ObjectHeader) throws {
        let attributes = header.attributes
        self.init(
            sopInstanceUID: try attributes.uid(.sopInstanceUID), sopClassUID: try attributes.uid(.sopClassUID),
            seriesInstanceUID: try attributes.uid(.seriesInstanceUID),
            studyInstanceUID: try attributes.uid(.studyInstanceUID),
            transferSyntaxUID: try TransferSyntaxUID(header.meta.transferSyntaxUID),
            patient: PatientRecord(attributes), study: StudyRecord(attributes), series: SeriesRecord(attributes),
            image: ImageRecord(attributes), text: header.textOrigin)
        announcedInstanceCount = attributes.integer(.numberOfStudyRelatedInstances)
    }
}

extension AttributeSet {
    fileprivate func uid<Identifier: UID>(_ tag: Tag) throws(RecordError) -> Identifier {
        guard let text = self[tag] else { throw .missing(tag) }
        do {
            return try Identifier(text)
        } catch {
            throw .malformed(tag, error)
        }
    }

    fileprivate func text(_ tag: Tag) -> String { self[tag] ?? "" }
}

extension PatientRecord {
    fileprivate init(_ attributes: AttributeSet) {
        self.init(
            patientID: attributes.text(.patientID), issuer: attributes.text(.issuerOfPatientID),
            name: attributes.text(.patientName), birthDate: attributes.text(.patientBirthDate),
            sex: attributes.text(.patientSex))
    }
}

extension StudyRecord {
    fileprivate init(_ attributes: AttributeSet) {
        self.init(
            date: attributes.text(.studyDate), time: attributes.text(.studyTime),
            accessionNumber: attributes.text(.accessionNumber), studyID: attributes.text(.studyID),
            description: attributes.text(.studyDescription),
            referringPhysicianName: attributes.text(.referringPhysicianName),
            institution: attributes.text(.institutionName))
    }
}

extension SeriesRecord {
    fileprivate init(_ attributes: AttributeSet) {
        self.init(
            modality: attributes.text(.modality), number: attributes.integer(.seriesNumber),
            description: attributes.text(.seriesDescription), bodyPart: attributes.text(.bodyPartExamined),
            laterality: attributes.text(.laterality), protocolName: attributes.text(.protocolName),
            stationName: attributes.text(.stationName))
    }
}

extension ImageRecord {
    fileprivate init(_ attributes: AttributeSet) {
        self.init(
            number: attributes.integer(.instanceNumber), numberOfFrames: attributes.integer(.numberOfFrames),
            rows: attributes.integer(.rows), columns: attributes.integer(.columns),
            viewPosition: attributes.text(.viewPosition))
    }
}
