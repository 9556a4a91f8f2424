public import Archive
internal import DICOMCore
internal import DICOMImaging
public import DICOMNetwork
internal import Dispatch
internal import Synchronization

/// Sends stored Instances by C-STORE, each in a Transfer Syntax that the receiver takes: what C-GET, C-MOVE and forwarding
/// have in common.
public struct InstanceSender: Sendable {
    let archive: Archive
    let convert: InstanceConversion

    public init(archive: Archive, convert: @escaping InstanceConversion) {
        self.archive = archive
        self.convert = convert
    }

    /// The same with conversions in turns of a peer that may contend with others for them.
    public func converting(in turns: FairTurns, as party: FairTurns.Party) -> InstanceSender {
        InstanceSender(archive: archive) { [convert] source, byteCount, syntax, target throws(PixelError) in
            try turns.enter(party).turn(of: .converting, cost: Int(clamping: byteCount)) { () throws(PixelError) in
                try convert(source, byteCount, syntax, target)
            }
        }
    }

    /// Sends one Instance. Blocks.
    ///
    /// - Parameter prepared: what ``prepare(_:for:)`` made of it.
    /// - Throws: ``AssociationError`` when the Association broke; the Instance has failed then, and the Association is good
    ///   for nothing but ``Association/abort()``.
    public func send(
        _ instance: StoredInstance, _ prepared: PreparedInstance? = nil, with scu: inout StoreSCU,
        for originator: Command.MoveOriginator? = nil
    ) throws(AssociationError) -> SubOperationOutcome {
        switch try answer(to: instance, prepared, with: &scu, for: originator) {
        case .unsendable(let error): .failed(reason: "\(error)")
        case .answered(let status, let byteCount):
            switch status.storeOutcome {
            case .stored: .completed(byteCount: byteCount)
            case .storedWithWarning: .warning(status, byteCount: byteCount)
            case .refused: .failed(reason: "\(status): \(status.storeRefusal)")
            }
        }
    }

    /// What came of sending one Instance over an Association that is still whole.
    enum Answer: Sendable, Equatable {
        case unsendable(OutgoingError)
        case answered(DIMSEStatus, byteCount: Int64)
    }

    /// Sends one Instance and tells what the receiver said. Blocks.
    ///
    /// - Parameter waiting: called before so many bytes at most go.
    func answer(
        to instance: StoredInstance, _ prepared: PreparedInstance? = nil, with scu: inout StoreSCU,
        for originator: Command.MoveOriginator? = nil, waiting: (Int) -> Void = { _ in }
    ) throws(AssociationError) -> Answer {
        var outgoing: OutgoingInstance
        do throws(OutgoingError) {
            if let prepared {
                outgoing = try prepared.outgoing()
            } else {
                outgoing = try opened(instance, in: syntaxes(of: instance, for: scu))
            }
        } catch {
            return .unsendable(error)
        }
        let announced = StoreSCU.Instance(
            sopClassUID: instance.sopClassUID.value, sopInstanceUID: instance.sopInstanceUID.value,
            byteCount: outgoing.byteCount,
            moveOriginator: originator)
        let status = try scu.store(announced, in: outgoing.transferSyntaxUID.value) { buffer in
            let count = outgoing.read(into: buffer)
            if count > 0 { waiting(count) }
            return count
        }
        return .answered(status, byteCount: outgoing.byteCount)
    }

    /// Makes the Instance ready that comes next, while the one before is under way: has the disk read it, or has it
    /// converted where the receiver does not take it as it is. Returns at once.
    ///
    /// - Returns: what to send it with, over the same Association.
    public func prepare(_ instance: StoredInstance, for scu: StoreSCU) -> PreparedInstance? {
        let syntaxes = syntaxes(of: instance, for: scu)
        guard syntaxes.contains(instance.transferSyntaxUID) else {
            return PreparedInstance { () throws(OutgoingError) in try opened(instance, in: syntaxes) }
        }
        prefetch(instance)
        return nil
    }

    /// Has the disk read an Instance ahead. Returns at once.
    func prefetch(_ instance: StoredInstance) {
        // A hint: what is wrong with the object is told when it is sent.
        if let object = try? archive.open(instance) { object.prefetch() }
    }

    /// In which of what it can leave in the receiver takes it.
    private func syntaxes(of instance: StoredInstance, for scu: StoreSCU) -> [TransferSyntaxUID] {
        ([instance.transferSyntaxUID] + OutgoingInstance.uncompressed).filter { syntax in
            scu.takes(instance.sopClassUID.value, in: syntax.value)
        }
    }

    private func opened(
        _ instance: StoredInstance, in syntaxes: [TransferSyntaxUID]
    ) throws(OutgoingError) -> OutgoingInstance {
        try OutgoingInstance(instance, from: archive, converting: convert, accepted: syntaxes.contains)
    }
}

/// An Instance that is made ready on a thread of its own.
public final class PreparedInstance: Sendable {
    private let result = Mutex<Result<OutgoingInstance, OutgoingError>?>(nil)
    private let isReady = DispatchSemaphore(value: 0)

    init(_ make: @escaping @Sendable () throws(OutgoingError) -> OutgoingInstance) {
        DispatchQueue(label: "conversion").async { [self] in
            let made = Result { () throws(OutgoingError) in try make() }
            result.withLock { $0 = made }
            isReady.signal()
        }
    }

    /// Blocks until it is ready.
    func outgoing() throws(OutgoingError) -> OutgoingInstance {
        isReady.wait()
        isReady.signal()
        guard let made = result.withLock({ $0 }) else { preconditionFailure("it was said to be ready") }
        return try made.get()
    }
}

/// Which Presentation Contexts Instances of some kinds need, divided among Associations.
public struct SendingContexts: Sendable {
    /// What one Association is to propose, and the kinds that it is for.
    public struct Association: Sendable {
        public var contexts: [(abstractSyntax: String, transferSyntaxes: [String])] = []
        public var kinds: Set<InstanceKind> = []
    }

    public private(set) var associations: [Association] = []

    /// Each stored Transfer Syntax has a context of its own, so that the receiver's choice cannot cost another Instance its
    /// bytes; one more for each SOP Class takes what has to be converted.
    public init(for kinds: Set<InstanceKind>, limit: Int = AssociationRequest.contextLimit) {
        let classes = Dictionary(grouping: kinds, by: \.sopClassUID).sorted { $0.key < $1.key }
        for (sopClass, kinds) in classes {
            let stored = kinds.map(\.transferSyntaxUID).sorted()
            // One context is kept for the conversion, should a SOP Class be stored in more syntaxes than there are contexts.
            for part in stride(from: 0, to: stored.count, by: max(1, limit - 1)) {
                let syntaxes = stored[part..<min(part + max(1, limit - 1), stored.count)]
                let others = OutgoingInstance.uncompressed.filter { !syntaxes.contains($0) }.map(\.value)
                var contexts = syntaxes.map { (abstractSyntax: sopClass.value, transferSyntaxes: [$0.value]) }
                if !others.isEmpty { contexts.append((sopClass.value, others)) }
                if (associations.last?.contexts.count ?? limit) + contexts.count > limit {
                    associations.append(Association())
                }
                let last = associations.count - 1
                associations[last].contexts += contexts
                for syntax in syntaxes {
                    associations[last].kinds.insert(InstanceKind(sopClassUID: sopClass, transferSyntaxUID: syntax))
                }
            }
        }
    }
}
