public import DICOMCore
public import DICOMNetwork
internal import Delivery

/// What a peer may do, and what stands in for what it does not send.
public struct PeerRights: Sendable, Equatable {
    public var aeTitle: AETitle
    /// The AE Title it called priord by.
    public var calledAETitle: AETitle
    /// Storing, and with it commitment and MPPS: they tell of what a peer stores, and show nothing of others.
    public var mayStore: Bool
    public var mayQuery: Bool
    /// Having Instances sent, to itself (C-GET) or to another (C-MOVE).
    public var mayRetrieve: Bool
    /// What it hears when it sends other bytes under a known SOP Instance UID: 0000 or 0111.
    public var conflictStatus: DIMSEStatus

    public init(
        aeTitle: AETitle, calledAETitle: AETitle, mayStore: Bool, mayQuery: Bool, mayRetrieve: Bool,
        conflictStatus: DIMSEStatus
    ) {
        self.aeTitle = aeTitle
        self.calledAETitle = calledAETitle
        self.mayStore = mayStore
        self.mayQuery = mayQuery
        self.mayRetrieve = mayRetrieve
        self.conflictStatus = conflictStatus
    }
}

/// Whether an Association may be opened.
public enum Admission: Sendable, Equatable {
    case admitted(PeerRights)
    case rejected(AssociationRejection)
}

/// Which SOP Classes and peers are served: the one place where that is decided.
public struct AssociationPolicy: Sendable {
    /// AE Title priord answers with.
    public var aeTitle: AETitle
    /// Storage SOP Classes that no list holds are taken too.
    public var acceptsUnknownSOPClasses: Bool
    /// Decides by calling and called AE Title, as sent, and the peer's address.
    public var admission: @Sendable (_ calling: String, _ called: String, _ host: String) -> Admission

    public init(
        aeTitle: AETitle, acceptsUnknownSOPClasses: Bool,
        admission: @escaping @Sendable (_ calling: String, _ called: String, _ host: String) -> Admission
    ) {
        self.aeTitle = aeTitle
        self.acceptsUnknownSOPClasses = acceptsUnknownSOPClasses
        self.admission = admission
    }

    func admission(of association: Association) -> Admission {
        guard association.applicationContext == Association.dicomApplicationContext else {
            return .rejected(.applicationContextNotSupported)
        }
        return admission(association.callingAETitle, association.calledAETitle, association.host)
    }

    /// Answers one proposed Presentation Context (PS3.8 9.3.3.2).
    func decision(on context: ProposedContext) -> ContextDecision {
        guard let service = service(of: context.abstractSyntax) else { return .abstractSyntaxNotSupported }
        let offered =
            switch service {
            case .storage: context.transferSyntaxes.filter { (try? TransferSyntaxUID($0)) != nil }
            case .verification, .find, .get, .move, .performedStep, .storageCommitment:
                context.transferSyntaxes.filter(AssociationPolicy.messageTransferSyntaxes.contains)
            }
        guard let choice = TransferSyntaxPreference.choice(from: offered) else { return .transferSyntaxesNotSupported }
        // Who is SCP of a Storage SOP Class is sent its Instances by C-GET (PS3.4 C.4.3.2), and who is SCP of Storage
        // Commitment reports what it was asked for.
        let hasRoles = [.storage, .storageCommitment].contains(service)
        return .accepted(transferSyntax: choice, roles: hasRoles ? context.roles : .scu)
    }

    /// What is answered to the extended negotiation of a SOP Class, or nil: of retrieval only that it may be relational
    /// (PS3.4 C.5.1.1, C.5.2.1, C.5.3.1).
    func extensionAnswer(to proposed: [UInt8], of abstractSyntax: String) -> [UInt8]? {
        guard !proposed.isEmpty else { return nil }
        switch service(of: abstractSyntax) {
        case .find: return QuerySCP.Extension(proposed).answer(to: proposed)
        case .get, .move: return [proposed[0] == 1 ? 1 : 0]
        default: return nil
        }
    }

    enum Service: Equatable {
        case verification, storage, performedStep, storageCommitment
        case find(InformationModel)
        case get(InformationModel)
        case move(InformationModel)
    }

    /// The service an Abstract Syntax belongs to, or nil when it is not served.
    func service(of abstractSyntax: String) -> Service? {
        switch abstractSyntax {
        case SOPClasses.verification: .verification
        case SOPClasses.patientRootFind: .find(.patientRoot)
        case SOPClasses.studyRootFind: .find(.studyRoot)
        case SOPClasses.patientStudyOnlyFind: .find(.patientStudyOnly)
        case SOPClasses.patientRootGet: .get(.patientRoot)
        case SOPClasses.studyRootGet: .get(.studyRoot)
        case SOPClasses.patientRootMove: .move(.patientRoot)
        case SOPClasses.studyRootMove: .move(.studyRoot)
        case SOPClasses.performedStep: .performedStep
        case StorageCommitment.sopClassUID: .storageCommitment
        case _ where DICOMLibrary.isStorageSOPClass(abstractSyntax): .storage
        case _ where SOPClasses.newerStorage.contains(abstractSyntax): .storage
        case _ where acceptsUnknownSOPClasses && DICOMLibrary.name(ofUID: abstractSyntax) == nil: .storage
        default: nil
        }
    }

    /// What an N-EVENT-REPORT of our own is offered in.
    static let messageTransferSyntax = "1.2.840.10008.1.2.1"

    /// Messages whose Data Sets priord itself reads and writes; a compressed syntax makes no sense there.
    private static let messageTransferSyntaxes: Set = [
        "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2",
    ]
}
