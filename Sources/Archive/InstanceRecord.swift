public import DICOMCore
public import Foundation

/// What the index keeps of one Instance's header. Ingestion makes it from the Data Set.
///
/// Strings are as sent, decoded to Unicode (Normalization Form C) and trimmed of padding; "" stands for absent or empty.
public struct InstanceRecord: Sendable, Equatable {
    public var sopInstanceUID: SOPInstanceUID
    public var sopClassUID: SOPClassUID
    public var seriesInstanceUID: SeriesInstanceUID
    public var studyInstanceUID: StudyInstanceUID
    /// How the stored Data Set is encoded: the Transfer Syntax it arrived in.
    public var transferSyntaxUID: TransferSyntaxUID
    public var patient: PatientRecord
    public var study: StudyRecord
    public var series: SeriesRecord
    public var image: ImageRecord
    /// How the text of all of these was decoded.
    public var text: TextOrigin
    /// Number of Study Related Instances (0020,1208): how many its sender knew of; nil when it does not say.
    public var announcedInstanceCount: Int?

    public init(
        sopInstanceUID: SOPInstanceUID, sopClassUID: SOPClassUID, seriesInstanceUID: SeriesInstanceUID,
        studyInstanceUID: StudyInstanceUID, transferSyntaxUID: TransferSyntaxUID,
        patient: PatientRecord = PatientRecord(), study: StudyRecord = StudyRecord(),
        series: SeriesRecord = SeriesRecord(), image: ImageRecord = ImageRecord(), text: TextOrigin = .declared
    ) {
        self.sopInstanceUID = sopInstanceUID
        self.sopClassUID = sopClassUID
        self.seriesInstanceUID = seriesInstanceUID
        self.studyInstanceUID = studyInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
        self.patient = patient
        self.study = study
        self.series = series
        self.image = image
        self.text = text
    }
}

/// The Patient Module's identifying Attributes (PS3.3 C.7.1.1).
public struct PatientRecord: Sendable, Equatable {
    /// Patient ID (0010,0020). Means nothing without its issuer, and nothing at all when empty.
    public var patientID: String
    /// Issuer of Patient ID (0010,0021).
    public var issuer: String
    /// Patient's Name (0010,0010), every component group: `Wang^XiaoDong=王^小东`.
    public var name: String
    /// Patient's Birth Date (0010,0030), `YYYYMMDD`.
    public var birthDate: String
    /// Patient's Sex (0010,0040).
    public var sex: String

    public init(
        patientID: String = "", issuer: String = "", name: String = "", birthDate: String = "", sex: String = ""
    ) {
        self.patientID = patientID
        self.issuer = issuer
        self.name = name
        self.birthDate = birthDate
        self.sex = sex
    }
}

/// Attributes of the Study level (PS3.3 C.7.2.1), and the institution it came from.
public struct StudyRecord: Sendable, Equatable {
    /// Study Date (0008,0020), `YYYYMMDD`.
    public var date: String
    /// Study Time (0008,0030), `HHMMSS.FFFFFF`.
    public var time: String
    public var accessionNumber: String
    public var studyID: String
    public var description: String
    public var referringPhysicianName: String
    /// Institution Name (0008,0080).
    public var institution: String

    public init(
        date: String = "", time: String = "", accessionNumber: String = "", studyID: String = "",
        description: String = "", referringPhysicianName: String = "", institution: String = ""
    ) {
        self.date = date
        self.time = time
        self.accessionNumber = accessionNumber
        self.studyID = studyID
        self.description = description
        self.referringPhysicianName = referringPhysicianName
        self.institution = institution
    }
}

/// Attributes of the Series level (PS3.3 C.7.3.1).
public struct SeriesRecord: Sendable, Equatable {
    public var modality: String
    public var number: Int?
    public var description: String
    /// Body Part Examined (0018,0015).
    public var bodyPart: String
    /// Laterality (0020,0060).
    public var laterality: String
    public var protocolName: String
    public var stationName: String

    public init(
        modality: String = "", number: Int? = nil, description: String = "", bodyPart: String = "",
        laterality: String = "", protocolName: String = "", stationName: String = ""
    ) {
        self.modality = modality
        self.number = number
        self.description = description
        self.bodyPart = bodyPart
        self.laterality = laterality
        self.protocolName = protocolName
        self.stationName = stationName
    }
}

/// Attributes of the Instance level.
public struct ImageRecord: Sendable, Equatable {
    /// Instance Number (0020,0013).
    public var number: Int?
    public var numberOfFrames: Int?
    public var rows: Int?
    public var columns: Int?
    /// View Position (0018,5101).
    public var viewPosition: String

    public init(
        number: Int? = nil, numberOfFrames: Int? = nil, rows: Int? = nil, columns: Int? = nil,
        viewPosition: String = ""
    ) {
        self.number = number
        self.numberOfFrames = numberOfFrames
        self.rows = rows
        self.columns = columns
        self.viewPosition = viewPosition
    }
}

/// Who handed an Instance over, and when.
public struct InstanceOrigin: Sendable, Equatable {
    /// nil when it did not come over an Association, or is not known any more.
    public var callingAETitle: AETitle?
    public var calledAETitle: AETitle?
    /// The peer's address; "" when not known.
    public var host: String
    /// Kept in whole milliseconds.
    public var receivedAt: Date

    public init(callingAETitle: AETitle?, calledAETitle: AETitle?, host: String, receivedAt: Date) {
        self.callingAETitle = callingAETitle
        self.calledAETitle = calledAETitle
        self.host = host
        self.receivedAt = receivedAt
    }
}

/// What a stored Part-10 file says of itself; recovery and `reindex` work from this and the bytes alone.
public struct StoredHeader: Sendable, Equatable {
    public var record: InstanceRecord
    /// Source Application Entity Title (0002,0016).
    public var callingAETitle: AETitle?
    /// Receiving Application Entity Title (0002,0018).
    public var calledAETitle: AETitle?
    /// Bytes of preamble and File Meta Information before the Data Set (PS3.10 7.1).
    public var dataSetOffset: Int64

    public init(record: InstanceRecord, callingAETitle: AETitle?, calledAETitle: AETitle?, dataSetOffset: Int64) {
        self.record = record
        self.callingAETitle = callingAETitle
        self.calledAETitle = calledAETitle
        self.dataSetOffset = dataSetOffset
    }
}
