public import Archive

/// What a stored object's header says of its patient beyond what the index has.
public struct PatientHeader: Sendable, Equatable {
    /// Other Patient IDs (0010,1000), and the Patient IDs of Other Patient IDs Sequence (0010,1002) without an issuer.
    public var otherPatientIDs: [String]
    /// Issuer and Patient ID of Other Patient IDs Sequence (0010,1002).
    public var others: [IdentityRecord.Other]
    /// Patient's Telephone Numbers (0010,2154).
    public var phones: [String]
    /// Patient's Address (0010,1040).
    public var address: String

    public init(
        otherPatientIDs: [String] = [], others: [IdentityRecord.Other] = [], phones: [String] = [], address: String = ""
    ) {
        self.otherPatientIDs = otherPatientIDs
        self.others = others
        self.phones = phones
        self.address = address
    }
}
