internal import CDCMTK
public import DICOMCore

/// What to propose to whom.
public struct AssociationRequest: Sendable {
    /// At most this many Presentation Contexts fit one Association (PS3.8 9.3.2.2: odd numbers 1…255).
    public static let contextLimit = 128

    public var host: String
    public var port: Int
    public var callingAETitle: AETitle
    public var calledAETitle: AETitle
    /// Abstract Syntax and Transfer Syntaxes by preference; they get the IDs 1, 3, 5, ….
    public var contexts: [(abstractSyntax: String, transferSyntaxes: [String])]
    /// Abstract Syntaxes of which the requestor is SCP, as an N-EVENT-REPORT on an Association of its own needs
    /// (PS3.7 D.3.3.4); of the others it is SCU.
    public var abstractSyntaxesAsSCP: Set<String> = []
    public var limits = AssociationLimits()

    public init(
        host: String, port: Int, callingAETitle: AETitle, calledAETitle: AETitle,
        contexts: [(abstractSyntax: String, transferSyntaxes: [String])]
    ) {
        self.host = host
        self.port = port
        self.callingAETitle = callingAETitle
        self.calledAETitle = calledAETitle
        self.contexts = contexts
    }

    /// Opens the Association. Blocks.
    ///
    /// - Throws: ``AssociationError``; a refusal is ``AssociationError/rejected(_:)``.
    public func open() throws(AssociationError) -> Association {
        var handle: OpaquePointer?
        var error = cdcmtk_error()
        let result = withProposals { proposals in
            guard let first = proposals.baseAddress else { return CDCMTK_PROTOCOL_ERROR }
            return cdcmtk_association_request(
                host, UInt16(clamping: port), callingAETitle.value, calledAETitle.value, first, Int32(proposals.count),
                limits.translated, &handle, &error)
        }
        guard result == CDCMTK_OK, let handle else { throw AssociationError(result, error) }
        return Association(handle: handle, host: host, isRequested: true)
    }

    private func withProposals<Result>(_ body: (UnsafeBufferPointer<cdcmtk_proposal>) -> Result) -> Result {
        // C keeps no pointer beyond the call, so one arena of copies serves it.
        var copies: [UnsafeMutablePointer<CChar>] = []
        var lists: [UnsafeMutablePointer<UnsafePointer<CChar>>] = []
        defer {
            for copy in copies { copy.deallocate() }
            for list in lists { list.deallocate() }
        }
        func copied(_ text: String) -> UnsafePointer<CChar> {
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (offset, byte) in bytes.enumerated() { (copy + offset).initialize(to: byte) }
            copies.append(copy)
            return UnsafePointer(copy)
        }
        let proposals = contexts.map { context -> cdcmtk_proposal in
            let list = UnsafeMutablePointer<UnsafePointer<CChar>>.allocate(
                capacity: max(1, context.transferSyntaxes.count))
            for (offset, uid) in context.transferSyntaxes.enumerated() { (list + offset).initialize(to: copied(uid)) }
            lists.append(list)
            return cdcmtk_proposal(
                abstract_syntax: copied(context.abstractSyntax), transfer_syntaxes: list,
                transfer_syntax_count: Int32(context.transferSyntaxes.count),
                is_scp: abstractSyntaxesAsSCP.contains(context.abstractSyntax))
        }
        return proposals.withUnsafeBufferPointer(body)
    }
}
