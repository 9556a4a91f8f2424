internal import CDCMTK
internal import DICOMCore

/// What the requestor of an Association is in a Presentation Context (PS3.7 D.3.3.4).
public struct RequestorRoles: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What a requestor is that proposes no role.
    public static let scu = RequestorRoles(rawValue: 1)
    public static let scp = RequestorRoles(rawValue: 2)
}

extension RequestorRoles {
    init(_ roles: cdcmtk_roles) {
        self = []
        if roles.scu { insert(.scu) }
        if roles.scp { insert(.scp) }
    }

    var translated: cdcmtk_roles { cdcmtk_roles(scu: contains(.scu), scp: contains(.scp)) }
}

/// A Presentation Context as the requestor proposes it (PS3.8 9.3.2.2).
public struct ProposedContext: Sendable, Equatable {
    public let id: UInt8
    public let abstractSyntax: String
    /// In the order of the request.
    public let transferSyntaxes: [String]
    public var roles: RequestorRoles = .scu
}

/// The acceptor's answer to a ``ProposedContext`` (PS3.8 9.3.3.2).
public enum ContextDecision: Sendable, Equatable {
    /// Those of `roles` that are not proposed are not accepted either.
    case accepted(transferSyntax: String, roles: RequestorRoles = .scu)
    /// The service is there, and not for this requestor.
    case userRejection
    case abstractSyntaxNotSupported
    case transferSyntaxesNotSupported
}

extension ContextDecision {
    /// Result of a Presentation Context (PS3.8 Table 9-18), and when it is answered.
    public static let results: [(code: Int, meaning: String)] = [
        (0, "accepted"),
        (Int(CDCMTK_REFUSED_BY_USER.rawValue), "the service is there, and not for this peer (`permissions`)"),
        (Int(CDCMTK_REFUSED_ABSTRACT_SYNTAX.rawValue), "the SOP Class is not served"),
        (
            Int(CDCMTK_REFUSED_TRANSFER_SYNTAXES.rawValue),
            "the SOP Class is served in none of the Transfer Syntaxes proposed"
        ),
    ]
}

/// A Presentation Context in force.
public struct PresentationContext: Sendable, Equatable {
    public let id: UInt8
    public let abstractSyntax: String
    public let transferSyntax: String
    public let roles: RequestorRoles
}

/// Which of the Transfer Syntaxes a peer offers for one context priord takes.
public enum TransferSyntaxPreference {
    /// Chooses so that as little as possible is lost on the way: Explicit VR Little Endian keeps the VR of private
    /// Attributes; Implicit VR and what is compressed without loss follow in the peer's order; a lossy syntax comes last,
    /// since a peer that offers it beside others would compress for us; so do Deflated and Big Endian, which are retired
    /// or rarely well supported by those who will fetch the object.
    public static func choice(from offered: [String]) -> String? {
        offered.filter { !$0.isEmpty }.enumerated()
            .min { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }?.element
    }

    private static func rank(_ transferSyntax: String) -> Int {
        order.firstIndex { $0.contains(transferSyntax) } ?? others
    }

    /// Groups by preference; the empty one stands for every Transfer Syntax that no other has.
    public static let order: [[String]] = [first, [], lastResorts, mayBeLossy]
    private static let others = 1

    private static let first = [TransferSyntaxUID.explicitVRLittleEndian.value]

    private static let lastResorts = [
        TransferSyntaxUID.explicitVRBigEndian.value, TransferSyntaxUID.deflatedExplicitVRLittleEndian.value,
    ]

    /// JPEG baseline and extended, JPEG-LS near-lossless, JPEG 2000, JPEG XL, HTJ2K and the video syntaxes (PS3.6 A).
    private static let mayBeLossy = [
        "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91",
        "1.2.840.10008.1.2.4.93", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112", "1.2.840.10008.1.2.4.203",
        "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.101", "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.103",
        "1.2.840.10008.1.2.4.104", "1.2.840.10008.1.2.4.105", "1.2.840.10008.1.2.4.106", "1.2.840.10008.1.2.4.107",
        "1.2.840.10008.1.2.4.108",
    ]
}

extension Association {
    /// What the requestor proposed, in its order.
    public var proposedContexts: [ProposedContext] {
        (0..<cdcmtk_association_context_count(handle)).compactMap { index in
            var context = cdcmtk_context()
            guard cdcmtk_association_context(handle, index, &context) == CDCMTK_OK else { return nil }
            let transferSyntaxes = (0..<context.transfer_syntax_count).compactMap { number -> String? in
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { uid in
                    guard let start = uid.baseAddress,
                        cdcmtk_association_proposed_transfer_syntax(handle, index, number, start) == CDCMTK_OK
                    else { return nil }
                    return String(cString: start)
                }
            }
            return ProposedContext(
                id: context.identifier,
                abstractSyntax: withUnsafeBytes(of: context.abstract_syntax) { String(nulTerminated: $0) },
                transferSyntaxes: transferSyntaxes, roles: RequestorRoles(context.proposed_roles))
        }
    }

    /// The contexts that were accepted, by their ID.
    public var acceptedContexts: [UInt8: PresentationContext] {
        var contexts: [UInt8: PresentationContext] = [:]
        for index in 0..<cdcmtk_association_context_count(handle) {
            var context = cdcmtk_context()
            guard cdcmtk_association_context(handle, index, &context) == CDCMTK_OK else { continue }
            let transferSyntax = withUnsafeBytes(of: context.accepted_transfer_syntax) { String(nulTerminated: $0) }
            guard !transferSyntax.isEmpty else { continue }
            contexts[context.identifier] = PresentationContext(
                id: context.identifier,
                abstractSyntax: withUnsafeBytes(of: context.abstract_syntax) { String(nulTerminated: $0) },
                transferSyntax: transferSyntax, roles: RequestorRoles(context.accepted_roles))
        }
        return contexts
    }

    /// Accepts the Association with a decision for each proposed context.
    ///
    /// - Parameter extensions: what is answered to ``requestedExtension(of:)``, by SOP Class.
    public func accept(
        as aeTitle: String, extensions: [String: [UInt8]] = [:], deciding decision: (ProposedContext) -> ContextDecision
    ) throws(AssociationError) {
        var error = cdcmtk_error()
        for context in proposedContexts {
            let result =
                switch decision(context) {
                case .accepted(let transferSyntax, let roles):
                    cdcmtk_association_accept_context(handle, context.id, transferSyntax, roles.translated, &error)
                case .userRejection:
                    cdcmtk_association_refuse_context(handle, context.id, CDCMTK_REFUSED_BY_USER, &error)
                case .abstractSyntaxNotSupported:
                    cdcmtk_association_refuse_context(handle, context.id, CDCMTK_REFUSED_ABSTRACT_SYNTAX, &error)
                case .transferSyntaxesNotSupported:
                    cdcmtk_association_refuse_context(handle, context.id, CDCMTK_REFUSED_TRANSFER_SYNTAXES, &error)
                }
            try Association.check(result, error)
        }
        for (sopClass, bytes) in extensions {
            try Association.check(
                cdcmtk_association_accept_extension(handle, sopClass, bytes, bytes.count, &error), error)
        }
        try Association.check(cdcmtk_association_acknowledge(handle, aeTitle, &error), error)
    }

    /// Service Class Application Information that the requestor gives for a SOP Class, byte by byte; empty when it gives
    /// none (PS3.7 D.3.3.5).
    public func requestedExtension(of sopClass: String) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count = cdcmtk_association_requested_extension(handle, sopClass, base, buffer.count)
        }
    }

    public func reject(_ rejection: AssociationRejection) {
        var error = cdcmtk_error()
        _ = cdcmtk_association_reject(handle, rejection.result, rejection.source, rejection.reason, &error)
    }
}
