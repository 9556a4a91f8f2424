public import DICOMCore
public import DICOMNetwork

/// What a peer may do, and what stands in for what it does not send.
public struct PeerRights: Sendable, Equatable {
    public var aeTitle: AETitle
    /// The AE Title it called priord by.
    public var calledAETitle: AETitle
    public var services: Set<PeerService>
    /// Whether it may change Performed Procedure Steps that other peers created.
    public var changesStepsOfOthers: Bool
    /// What it hears when it sends other bytes under a known SOP Instance UID: 0000 or 0111.
    public var conflictStatus: DIMSEStatus

    public init(
        aeTitle: AETitle, calledAETitle: AETitle, services: Set<PeerService> = Set(PeerService.allCases),
        changesStepsOfOthers: Bool = false, conflictStatus: DIMSEStatus = .success
    ) {
        self.aeTitle = aeTitle
        self.calledAETitle = calledAETitle
        self.services = services
        self.changesStepsOfOthers = changesStepsOfOthers
        self.conflictStatus = conflictStatus
    }

    func may(_ service: PeerService) -> Bool { services.contains(service) }
}

/// Who asks for an Association, as far as it is known.
public struct Caller: Sendable, Equatable {
    /// AE Titles as sent, not necessarily legal ones.
    public var calling: String
    public var called: String
    /// Numeric address.
    public var host: String
    /// What TLS says of it, or nil without TLS.
    public var security: TLSFacts?

    public init(calling: String, called: String, host: String, security: TLSFacts? = nil) {
        self.calling = calling
        self.called = called
        self.host = host
        self.security = security
    }
}

/// Whether an Association may be opened.
public enum Admission: Sendable, Equatable {
    case admitted(PeerRights)
    case rejected(AssociationRejection)
}
