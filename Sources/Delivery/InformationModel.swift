// Delivery owns what leaves priord by somebody's wish, whatever the protocol: which Patients, Studies, Series and Instances
// a query means, which stored Instances a retrieval means and in which Transfer Syntax they go out, and the durable queue of
// forwards. It leaves the messages to DICOMServices and Web, what is stored to Archive, and decoding to DICOMImaging.

/// Query/Retrieve Level (0008,0052), highest first (PS3.4 C.6.1.1).
public enum QueryLevel: String, CaseIterable, Comparable, Sendable {
    case patient = "PATIENT"
    case study = "STUDY"
    case series = "SERIES"
    case image = "IMAGE"

    private var depth: Int { QueryLevel.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: QueryLevel, right: QueryLevel) -> Bool { left.depth < right.depth }
}

/// A Query/Retrieve Information Model (PS3.4 C.3).
public enum InformationModel: Sendable {
    case patientRoot
    case studyRoot

    /// The levels a request may name. In the Study Root the Patient's Attributes belong to the Study (PS3.4 C.6.2.1).
    public var levels: [QueryLevel] {
        switch self {
        case .patientRoot: QueryLevel.allCases
        case .studyRoot: [.study, .series, .image]
        }
    }
}
