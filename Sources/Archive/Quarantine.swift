internal import DICOMCore
internal import Foundation

/// Why an object could not be stored as it came.
public enum QuarantineReason: String, Sendable, Codable, CaseIterable {
    /// Its SOP Instance UID is stored already, with other bytes.
    case conflict
    /// It cannot be parsed (C000).
    case unreadable
    /// SOP Class or SOP Instance UID differ between the command and the Data Set (A900).
    case mismatch
    /// A mandatory UID is missing or malformed (A900).
    case missingUID
}

/// What an object says it is; unchecked, since it may be the UIDs that are wrong.
public struct ClaimedUIDs: Sendable, Equatable, Codable {
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var seriesInstanceUID: String
    public var studyInstanceUID: String
    public var transferSyntaxUID: String

    public init(
        sopClassUID: String = "", sopInstanceUID: String = "", seriesInstanceUID: String = "",
        studyInstanceUID: String = "", transferSyntaxUID: String = ""
    ) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
        self.studyInstanceUID = studyInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
    }

    init(_ record: InstanceRecord) {
        self.init(
            sopClassUID: record.sopClassUID.value, sopInstanceUID: record.sopInstanceUID.value,
            seriesInstanceUID: record.seriesInstanceUID.value, studyInstanceUID: record.studyInstanceUID.value,
            transferSyntaxUID: record.transferSyntaxUID.value)
    }
}

/// One object in quarantine.
public struct QuarantinedObject: Sendable, Equatable {
    public let id: Int64
    public let reason: QuarantineReason
    /// For the operator: what was wrong, without patient data.
    public let detail: String
    public let claimed: ClaimedUIDs
    public let origin: InstanceOrigin
    /// Bytes of the Data Set.
    public let byteCount: Int64
    public let dataSetOffset: Int64
    public let digest: ObjectDigest
}
