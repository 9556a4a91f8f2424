public import DICOMCore
internal import DICOMNetwork
internal import Delivery

/// What the services go by, for the conformance statement.
public enum ServiceFacts {
    public struct SOPClass: Sendable {
        public let uid: String
        /// In the words of the conformance statement.
        public let service: String
        /// What a peer needs to be allowed; nil where nothing.
        public let permission: PeerService?
    }

    /// Those that are served by name: all but the storage classes.
    public static var sopClasses: [SOPClass] {
        SOPClasses.served.map { SOPClass(uid: $0.uid, service: $0.service.name, permission: $0.service.permission) }
    }

    /// Storage SOP Classes, current and retired, by UID.
    public static var storageSOPClasses: [String] {
        Set(DICOMLibrary.storageSOPClasses).union(SOPClasses.newerStorage).sorted()
    }

    /// What messages come in that priord itself reads.
    public static var messageTransferSyntaxes: [String] { AssociationPolicy.messageTransferSyntaxes.sorted() }

    /// Attributes of Type 1 that a Performed Procedure Step must have.
    public static var mandatoryOfStep: [Tag] { PerformedStepRules.mandatoryOnCreation }

    /// Failure Reasons (0008,1197) of Storage Commitment.
    public static var commitmentFailures: [(reason: DIMSEStatus, meaning: String)] {
        CommitmentFailure.allCases.map { ($0.reason, $0.meaning) }
    }

    /// Instances that one commitment request may name.
    public static var commitmentInstanceLimit: Int { CommitmentSCP.instanceLimit }
}

/// Why an Instance is not committed to.
enum CommitmentFailure: CaseIterable {
    case damaged, notStored, otherClass, duplicateTransaction

    /// Failure Reason (PS3.4 Table J.3-3).
    var reason: DIMSEStatus {
        switch self {
        case .damaged: .processingFailure
        case .notStored: .noSuchObjectInstance
        case .otherClass: .classInstanceConflict
        case .duplicateTransaction: .duplicateTransactionUID
        }
    }

    var meaning: String {
        switch self {
        case .damaged: "stored, but the object on the disk is not what arrived"
        case .notStored: "not stored"
        case .otherClass: "stored as another SOP Class"
        case .duplicateTransaction:
            "this peer has used the Transaction UID for another list; the same list asked for again is looked at again"
        }
    }
}

extension AssociationPolicy.Service {
    /// What a peer needs to be allowed; nil where nothing.
    var permission: PeerService? {
        switch self {
        case .verification: nil
        case .storage: .store
        case .performedStep: .mpps
        case .storageCommitment: .commitment
        case .find: .query
        case .get, .move: .retrieve
        }
    }

    var name: String {
        switch self {
        case .verification: "Verification"
        case .storage: "Storage"
        case .performedStep: "Modality Performed Procedure Step"
        case .storageCommitment: "Storage Commitment"
        case .find(let model): "Query, \(model.levels.map(\.rawValue).joined(separator: ", "))"
        case .get(let model), .move(let model):
            "Retrieve, \(model.levels.map(\.rawValue).joined(separator: ", "))"
        }
    }
}
