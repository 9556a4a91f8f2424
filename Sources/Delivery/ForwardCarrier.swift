internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation

/// Why an attempt ended before everything was answered.
enum ForwardFault: Error, Equatable {
    case index(ArchiveError)
    /// The destination cannot be reached, or does not let us in: no Instance is to blame.
    case unavailable(String)
    /// The connection ended, or nothing was answered, while an Instance was on its way.
    case broken(String)
    /// The destination has no room; what it has none for now, it may have later.
    case noRoom(String)
    /// The destination asks to be left alone until then.
    case busy(until: Date, String)
    /// The daemon stops, or the destination's window has closed.
    case stopped
}

extension ForwardFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .index(let error): "\(error)"
        case .unavailable(let why), .broken(let why), .noRoom(let why), .busy(_, let why): why
        case .stopped: "stopped"
        }
    }
}

/// What a destination said of one Instance.
enum ForwardAnswer: Equatable {
    /// `warning` says what it did to it, in a few words.
    case taken(byteCount: Int64, warning: String? = nil)
    case refused(String)
}

extension ForwardAnswer {
    /// What a Status of C-STORE or a Failure Reason of STOW-RS comes to (PS3.4 Table B.2-1, PS3.18 Table 10.5.3-2).
    ///
    /// - Throws: ``ForwardFault/noRoom(_:)`` for what passes.
    init(_ status: DIMSEStatus, byteCount: Int64) throws(ForwardFault) {
        switch status.storeOutcome {
        case .stored: self = .taken(byteCount: byteCount)
        case .storedWithWarning: self = .taken(byteCount: byteCount, warning: "\(status)")
        case .refused:
            let reason = "\(status): \(status.storeRefusal)"
            let hasNoRoom = (0xA700...0xA7FF).contains(status.code) || status == .resourceLimitation
            guard !hasNoRoom else { throw .noRoom(reason) }
            self = .refused(reason)
        }
    }
}

/// Carries the Instances of one study to a destination, one after the other. All calls come from one thread and block.
protocol ForwardCarrier {
    /// Sees to it that an Instance can go; what it throws is not the Instance's fault.
    mutating func open(for instance: StoredInstance) throws(ForwardFault)
    /// Makes the one ready that comes after the next. Returns at once.
    mutating func prepare(_ instance: StoredInstance)
    /// Sends one, and waits for what the destination says of it.
    mutating func carry(_ instance: StoredInstance) throws(ForwardFault) -> ForwardAnswer
    /// Ends the connection, over which everything is answered.
    mutating func end()
    /// Ends the connection as it is.
    mutating func abort()
}

/// By C-STORE, over an Association with contexts for everything that is still to be sent.
struct StoreCarrier: ForwardCarrier {
    private let request: AssociationRequest
    private let forward: DueForward
    private let lane: ForwardLane
    private var pace: ForwardPace
    private var association: Association?
    private var scu: StoreSCU?
    /// What the Association has contexts for.
    private var kinds: Set<InstanceKind> = []
    /// For this Association; another may take other Transfer Syntaxes.
    private var prepared: [SOPInstanceUID: PreparedInstance] = [:]

    init(_ request: AssociationRequest, for forward: DueForward, on lane: ForwardLane) {
        self.request = request
        self.forward = forward
        self.lane = lane
        pace = ForwardPace(bytesPerSecond: lane.destination.bytesPerSecond)
    }

    mutating func open(for instance: StoredInstance) throws(ForwardFault) {
        guard scu == nil || !kinds.contains(instance.kind) else { return }
        end()
        let all: Set<InstanceKind>
        do throws(ArchiveError) { all = try lane.index.kindsToForward(forward) } catch { throw .index(error) }
        let plan = SendingContexts(for: all.union([instance.kind])).associations
        guard let part = plan.first(where: { $0.kinds.contains(instance.kind) }) else {
            preconditionFailure("every kind is in the plan")
        }
        var request = request
        request.contexts = part.contexts
        if let rate = lane.destination.bytesPerSecond {
            // We are slow on purpose, which is no reason to give up.
            request.limits.minimumBytesPerSecond = min(request.limits.minimumBytesPerSecond, Int(clamping: rate / 2))
        }
        do throws(AssociationError) {
            let opened = try request.open()
            association = opened
            scu = StoreSCU(over: opened, limits: request.limits)
            kinds = part.kinds
            lane.use { opened.interrupt() }
        } catch {
            throw .unavailable("\(error)")
        }
    }

    mutating func prepare(_ instance: StoredInstance) {
        guard let scu, kinds.contains(instance.kind) else { return }
        prepared[instance.sopInstanceUID] = lane.sender.prepare(instance, for: scu)
    }

    mutating func carry(_ instance: StoredInstance) throws(ForwardFault) -> ForwardAnswer {
        guard var scu else { throw .unavailable("no association") }
        var pace = pace
        let answer: InstanceSender.Answer
        do throws(AssociationError) {
            answer = try lane.sender.answer(
                to: instance, prepared.removeValue(forKey: instance.sopInstanceUID), with: &scu
            ) { pace.wait(before: $0) }
        } catch {
            throw .broken("\(error)")
        }
        self.scu = scu
        self.pace = pace
        switch answer {
        case .unsendable(let error): return .refused("\(error)")
        case .answered(let status, let byteCount): return try ForwardAnswer(status, byteCount: byteCount)
        }
    }

    mutating func end() {
        lane.use(nil)
        association?.end()
        (association, scu, prepared) = (nil, nil, [:])
    }

    mutating func abort() {
        lane.use(nil)
        association?.abort()
        (association, scu, prepared) = (nil, nil, [:])
    }
}
