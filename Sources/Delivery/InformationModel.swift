// Delivery owns what leaves priord by somebody's wish, whatever the protocol: which Patients, Studies, Series and Instances
// a query means, which stored Instances a retrieval means and in which Transfer Syntax they go out, and the durable queue of
// forwards. It leaves the messages to DICOMServices and Web, what is stored to Archive, and decoding to DICOMImaging.

public import DICOMCore

/// A Query/Retrieve Information Model (PS3.4 C.3).
public enum InformationModel: Sendable {
    case patientRoot
    case studyRoot
    /// Retired, and still spoken (PS3.4-2004 C.6.3).
    case patientStudyOnly

    /// The levels a request may name, highest first. In the Study Root the Patient's Attributes belong to the Study (PS3.4 C.6.2.1).
    public var levels: [QueryLevel] {
        switch self {
        case .patientRoot: QueryLevel.allCases
        case .studyRoot: [.study, .series, .image]
        case .patientStudyOnly: [.patient, .study]
        }
    }
}
