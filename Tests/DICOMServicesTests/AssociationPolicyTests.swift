import DICOMCore
import Testing

@testable import DICOMNetwork
@testable import DICOMServices

@Suite struct AssociationPolicyTests {
    private static let implicit = "1.2.840.10008.1.2", explicit = "1.2.840.10008.1.2.1"
    private static let deflated = "1.2.840.10008.1.2.1.99", lossless = "1.2.840.10008.1.2.4.70"
    private static let private1 = "1.2.826.0.1.3680043.9.9999.1"

    private static func policy(unknown: Bool = false) throws -> AssociationPolicy {
        try DICOMLibrary.prepare()
        return AssociationPolicy(aeTitle: .priord, acceptsUnknownSOPClasses: unknown) { _ in
            .rejected(.callingAETitleNotRecognized)
        }
    }

    private static func rights(_ services: [PeerService] = PeerService.allCases) throws -> PeerRights {
        PeerRights(aeTitle: try AETitle("CT1"), calledAETitle: .priord, services: Set(services))
    }

    private static func decision(
        _ abstractSyntax: String, _ offered: [String], roles: RequestorRoles = .scu, unknown: Bool = false,
        may services: [PeerService] = PeerService.allCases
    ) throws -> ContextDecision {
        let context = ProposedContext(
            id: 1, abstractSyntax: abstractSyntax, transferSyntaxes: offered, roles: roles)
        return try policy(unknown: unknown).decision(on: context, of: rights(services))
    }

    private static let capture = "1.2.840.10008.5.1.4.1.1.7"

    @Test(arguments: [
        (capture, PeerService.store), (SOPClasses.studyRootFind, .query), (SOPClasses.patientRootFind, .query),
        (SOPClasses.studyRootMove, .retrieve), (SOPClasses.patientRootGet, .retrieve),
        (SOPClasses.performedStep, .mpps), (StorageCommitment.sopClassUID, .commitment),
    ])
    func `a service is there for peers that may use it, and for nobody else`(
        abstractSyntax: String, service: PeerService
    ) throws {
        #expect(
            try Self.decision(abstractSyntax, [Self.implicit], may: [service])
                == .accepted(transferSyntax: Self.implicit))
        let others = PeerService.allCases.filter { $0 != service && $0 != .report }
        #expect(try Self.decision(abstractSyntax, [Self.implicit], may: others) == .userRejection)
    }

    @Test func `verification needs no permission`() throws {
        #expect(
            try Self.decision(SOPClasses.verification, [Self.implicit], may: [])
                == .accepted(transferSyntax: Self.implicit))
    }

    @Test(arguments: [RequestorRoles.scp, .scu])
    func `who was asked to commit may report, whether it says that it is SCP or not`(role: RequestorRoles) throws {
        let uid = StorageCommitment.sopClassUID
        #expect(
            try Self.decision(uid, [Self.implicit], roles: role, may: [.report])
                == .accepted(transferSyntax: Self.implicit, roles: role))
    }

    @Test func `who may retrieve and not store is sent instances and takes the role of SCP alone`() throws {
        #expect(
            try Self.decision(Self.capture, [Self.implicit], roles: [.scu, .scp], may: [.retrieve])
                == .accepted(transferSyntax: Self.implicit, roles: .scp))
        #expect(try Self.decision(Self.capture, [Self.implicit], roles: .scp, may: [.store]) == .userRejection)
    }

    @Test(arguments: [
        "1.2.840.10008.5.1.4.1.1.2",  // CT Image
        "1.2.840.10008.5.1.4.1.1.6",  // Ultrasound Image (Retired)
        "1.2.840.10008.5.1.4.1.1.88.1",  // Text SR - Trial (Retired)
        "1.2.840.10008.5.1.4.1.1.66.7",  // Label Map Segmentation, younger than DCMTK 3.6.7
    ])
    func `storage SOP classes are accepted, current, retired and new`(abstractSyntax: String) throws {
        #expect(
            try Self.decision(abstractSyntax, [Self.lossless, Self.explicit])
                == .accepted(transferSyntax: Self.explicit))
        #expect(try Self.decision(abstractSyntax, [Self.lossless]) == .accepted(transferSyntax: Self.lossless))
    }

    @Test(arguments: [SOPClasses.performedStep, StorageCommitment.sopClassUID, SOPClasses.patientRootFind])
    func `services of messages are accepted in what their messages can be written in`(abstractSyntax: String) throws {
        #expect(
            try Self.decision(abstractSyntax, [Self.lossless, Self.implicit])
                == .accepted(transferSyntax: Self.implicit))
        #expect(try Self.decision(abstractSyntax, [Self.lossless]) == .transferSyntaxesNotSupported)
    }

    @Test(arguments: ["1.2.840.10008.5.1.1.1", "1.2.840.10008.3.1.2.3.4", "1.2.840.10008.5.1.4.31", ""])
    func `other services are refused whatever the setting says`(abstractSyntax: String) throws {
        #expect(try Self.decision(abstractSyntax, [Self.implicit]) == .abstractSyntaxNotSupported)
        if !abstractSyntax.isEmpty {
            #expect(try Self.decision(abstractSyntax, [Self.implicit], unknown: true) == .abstractSyntaxNotSupported)
        }
    }

    @Test(arguments: [
        SOPClasses.patientRootGet, SOPClasses.studyRootGet, SOPClasses.patientRootMove, SOPClasses.studyRootMove,
    ])
    func `retrieval is accepted, and relational when that is proposed`(abstractSyntax: String) throws {
        #expect(
            try Self.decision(abstractSyntax, [Self.lossless, Self.implicit])
                == .accepted(transferSyntax: Self.implicit))
        let policy = try Self.policy()
        #expect(policy.extensionAnswer(to: [1], of: abstractSyntax) == [1])
        #expect(policy.extensionAnswer(to: [0, 1], of: abstractSyntax) == [0])
        #expect(policy.extensionAnswer(to: [], of: abstractSyntax) == nil)
    }

    @Test func `extended negotiation of other services is not answered`() throws {
        #expect(try Self.policy().extensionAnswer(to: [1], of: "1.2.840.10008.5.1.4.1.1.2") == nil)
    }

    @Test(arguments: [RequestorRoles.scu, .scp, [.scu, .scp]])
    func `a requestor of a storage SOP class is what it proposes to be`(roles: RequestorRoles) throws {
        var context = ProposedContext(
            id: 1, abstractSyntax: "1.2.840.10008.5.1.4.1.1.2", transferSyntaxes: [Self.explicit])
        context.roles = roles
        #expect(
            try Self.policy().decision(on: context, of: Self.rights())
                == .accepted(transferSyntax: Self.explicit, roles: roles))
        context = ProposedContext(
            id: 1, abstractSyntax: SOPClasses.studyRootGet, transferSyntaxes: [Self.explicit], roles: roles)
        #expect(
            try Self.policy().decision(on: context, of: Self.rights())
                == .accepted(transferSyntax: Self.explicit, roles: .scu))
    }

    @Test func `unknown SOP classes are stored by setting`() throws {
        #expect(try Self.decision(Self.private1, [Self.implicit]) == .abstractSyntaxNotSupported)
        #expect(
            try Self.decision(Self.private1, [Self.implicit], unknown: true) == .accepted(transferSyntax: Self.implicit)
        )
    }

    @Test func `messages that priord reads itself come uncompressed`() throws {
        #expect(try Self.decision(SOPClasses.verification, [Self.lossless]) == .transferSyntaxesNotSupported)
        #expect(try Self.decision(SOPClasses.studyRootFind, [Self.deflated]) == .transferSyntaxesNotSupported)
        #expect(
            try Self.decision(SOPClasses.studyRootFind, [Self.deflated, Self.implicit])
                == .accepted(transferSyntax: Self.implicit))
    }

    @Test func `a transfer syntax that is no UID is not chosen`() throws {
        let capture = "1.2.840.10008.5.1.4.1.1.7"
        #expect(try Self.decision(capture, ["none at all"]) == .transferSyntaxesNotSupported)
        #expect(try Self.decision(capture, ["none at all", "1.2.3.4"]) == .accepted(transferSyntax: "1.2.3.4"))
        #expect(try Self.decision(capture, []) == .transferSyntaxesNotSupported)
    }

    @Test func `what a peer sends is printable in a log line`() {
        #expect("a\u{1B}[2J\nb".printable == "a?[2J?b")
        #expect(String(repeating: "x", count: 300).printable.count == 64)
    }
}
