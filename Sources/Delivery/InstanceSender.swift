public import Archive
internal import DICOMCore
internal import DICOMImaging
public import DICOMNetwork

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
    /// - Throws: ``AssociationError`` when the Association broke; the Instance has failed then, and the Association is good
    ///   for nothing but ``Association/abort()``.
    public func send(
        _ instance: StoredInstance, with scu: inout StoreSCU, for originator: Command.MoveOriginator? = nil
    ) throws(AssociationError) -> SubOperationOutcome {
        switch try answer(to: instance, with: &scu, for: originator) {
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
        to instance: StoredInstance, with scu: inout StoreSCU, for originator: Command.MoveOriginator? = nil,
        waiting: (Int) -> Void = { _ in }
    ) throws(AssociationError) -> Answer {
        let sopClass = instance.sopClassUID.value
        var outgoing: OutgoingInstance
        do throws(OutgoingError) {
            outgoing = try OutgoingInstance(instance, from: archive, converting: convert) { [scu] syntax in
                scu.takes(sopClass, in: syntax.value)
            }
        } catch {
            return .unsendable(error)
        }
        let announced = StoreSCU.Instance(
            sopClassUID: sopClass, sopInstanceUID: instance.sopInstanceUID.value, byteCount: outgoing.byteCount,
            moveOriginator: originator)
        let status = try scu.store(announced, in: outgoing.transferSyntaxUID.value) { buffer in
            let count = outgoing.read(into: buffer)
            if count > 0 { waiting(count) }
            return count
        }
        return .answered(status, byteCount: outgoing.byteCount)
    }

    /// Has the disk read the Instance that comes next while the one before is under way.
    public func prepare(_ instance: StoredInstance) {
        // A hint: what is wrong with the object is told when it is sent.
        if let object = try? archive.open(instance) { object.prefetch() }
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
