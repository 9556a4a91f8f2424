public import DICOMCore
public import DICOMNetwork
internal import Delivery

/// Which SOP Classes and peers are served: the one place where that is decided.
public struct AssociationPolicy: Sendable {
    /// AE Title priord answers with.
    public var aeTitle: AETitle
    /// Storage SOP Classes that no list holds are taken too.
    public var acceptsUnknownSOPClasses: Bool
    public var admission: @Sendable (Caller) -> Admission

    public init(
        aeTitle: AETitle, acceptsUnknownSOPClasses: Bool,
        admission: @escaping @Sendable (Caller) -> Admission
    ) {
        self.aeTitle = aeTitle
        self.acceptsUnknownSOPClasses = acceptsUnknownSOPClasses
        self.admission = admission
    }

    func admission(of association: Association) -> Admission {
        guard association.applicationContext == Association.dicomApplicationContext else {
            return .rejected(.applicationContextNotSupported)
        }
        return admission(
            Caller(
                calling: association.callingAETitle, called: association.calledAETitle, host: association.host,
                security: association.security))
    }

    /// Answers one Presentation Context that a peer proposes (PS3.8 9.3.3.2).
    func decision(on context: ProposedContext, of peer: PeerRights) -> ContextDecision {
        guard let service = service(of: context.abstractSyntax) else { return .abstractSyntaxNotSupported }
        let hasRoles = service == .storage || service == .storageCommitment
        let roles = service.roles(of: peer).intersection(hasRoles ? context.roles : .scu)
        guard !roles.isEmpty else { return .userRejection }
        let offered =
            switch service {
            case .storage: context.transferSyntaxes.filter { (try? TransferSyntaxUID($0)) != nil }
            case .verification, .find, .get, .move, .performedStep, .storageCommitment:
                context.transferSyntaxes.filter(AssociationPolicy.messageTransferSyntaxes.contains)
            }
        guard let choice = TransferSyntaxPreference.choice(from: offered) else { return .transferSyntaxesNotSupported }
        return .accepted(transferSyntax: choice, roles: roles)
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

        /// What a peer with these rights may be of it.
        func roles(of peer: PeerRights) -> RequestorRoles {
            var roles: RequestorRoles = []
            if permission.map(peer.may) ?? true { roles.insert(.scu) }
            // Who commits is SCP, and many a one does not say so.
            if self == .storageCommitment, peer.may(.report) { roles.formUnion([.scu, .scp]) }
            // Who is SCP of a Storage SOP Class is sent its Instances by C-GET (PS3.4 C.4.3.2).
            if self == .storage, peer.may(.retrieve) { roles.insert(.scp) }
            return roles
        }
    }

    /// The service an Abstract Syntax belongs to, or nil when it is not served.
    func service(of abstractSyntax: String) -> Service? {
        switch abstractSyntax {
        case _ where AssociationPolicy.named[abstractSyntax] != nil: AssociationPolicy.named[abstractSyntax]
        case _ where DICOMLibrary.isStorageSOPClass(abstractSyntax): .storage
        case _ where SOPClasses.newerStorage.contains(abstractSyntax): .storage
        case _ where acceptsUnknownSOPClasses && DICOMLibrary.name(ofUID: abstractSyntax) == nil: .storage
        default: nil
        }
    }

    private static let named = Dictionary(SOPClasses.served.map { ($0.uid, $0.service) }) { first, _ in first }

    /// Messages whose Data Sets priord itself reads and writes; a compressed syntax makes no sense there.
    static let messageTransferSyntaxes = Set(
        [TransferSyntaxUID.implicitVRLittleEndian, .explicitVRLittleEndian, .explicitVRBigEndian].map(\.value))
}
