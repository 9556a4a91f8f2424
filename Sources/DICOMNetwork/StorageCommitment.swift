internal import DICOMCore

/// The Storage Commitment Push Model SOP Class (PS3.4 J.3).
public enum StorageCommitment {
    public static let sopClassUID = "1.2.840.10008.1.20.1"
    /// The one SOP Instance that its actions and events are about (PS3.4 J.3.5).
    public static let sopInstanceUID = "1.2.840.10008.1.20.1.1"
    /// What we offer for its messages; every system has to take the second (PS3.5 10.1).
    public static let transferSyntaxes = [
        TransferSyntaxUID.explicitVRLittleEndian.value, TransferSyntaxUID.implicitVRLittleEndian.value,
    ]
    /// Action Type ID of the request (PS3.4 Table J.3-1).
    public static let requestAction: UInt16 = 1

    /// Event Type ID of the answer (PS3.4 Table J.3-2).
    public enum EventType: UInt16, Sendable {
        case success = 1
        case failuresExist = 2
    }
}
