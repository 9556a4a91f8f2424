internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation

/// Why an attempt ended before everything was answered.
enum ForwardFault: Error, Equatable {
    case index(ArchiveError)
    case association(AssociationError)
    /// The destination has no room; what it has none for now, it may have later.
    case noRoom(DIMSEStatus)
    /// The daemon stops, or the destination's window has closed.
    case stopped
}

extension ForwardFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .index(let error): "\(error)"
        case .association(let error): "\(error)"
        case .noRoom(let status): "\(status): \(status.storeRefusal)"
        case .stopped: "stopped"
        }
    }
}

/// Sends what a destination lacks of one study, Series by Series in order of Instance Number.
///
/// Outcomes are kept as they come, some at a time: a crash sends again what was answered in the last moment, and a fault
/// ends the attempt where it stands, so that nothing overtakes.
struct ForwardAttempt {
    private let forward: DueForward
    private let lane: ForwardLane
    private var association: Association?
    private var scu: StoreSCU?
    /// What the Association has contexts for.
    private var kinds: Set<InstanceKind> = []
    private var outcomes: [ForwardOutcome] = []
    private var notedAt = ContinuousClock.now
    private var pace: ForwardPace
    /// Instances that the destination answered.
    private(set) var answeredCount = 0

    private static let pageLimit = 200
    private static let noteInterval = Duration.milliseconds(500)

    init(_ forward: DueForward, on lane: ForwardLane) {
        self.forward = forward
        self.lane = lane
        pace = ForwardPace(bytesPerSecond: lane.destination.bytesPerSecond)
    }

    /// Blocks until everything is answered or something is wrong. What was answered is kept in either case.
    mutating func run() throws(ForwardFault) {
        do throws(ForwardFault) {
            while true {
                let page = try nextPage()
                guard !page.isEmpty else { break }
                for (place, instance) in page.enumerated() {
                    guard lane.mayGoOn else { throw .stopped }
                    try open(for: instance.kind)
                    if place + 1 < page.count { lane.sender.prepare(page[place + 1]) }
                    try send(instance)
                }
                try note()
            }
        } catch {
            if error == .stopped { release() } else { abort() }
            try note()
            throw error
        }
        release()
    }

    private func nextPage() throws(ForwardFault) -> [StoredInstance] {
        do throws(ArchiveError) {
            return try lane.index.instancesToForward(forward, limit: ForwardAttempt.pageLimit)
        } catch {
            throw .index(error)
        }
    }

    private mutating func send(_ instance: StoredInstance) throws(ForwardFault) {
        guard var scu else { return }
        let answer: InstanceSender.Answer
        var pace = pace
        do throws(AssociationError) {
            answer = try lane.sender.answer(to: instance, with: &scu) { byteCount in
                let delay = pace.delay(before: byteCount, now: .now)
                if delay > .zero { Thread.sleep(forTimeInterval: delay / .seconds(1)) }
            }
        } catch {
            throw .association(error)
        }
        self.scu = scu
        self.pace = pace
        switch answer {
        case .unsendable(let error):
            outcomes.append(ForwardOutcome(instance, failure: "\(error)"))
        case .answered(let status, let byteCount):
            if status.storeOutcome == .refused, (0xA700...0xA7FF).contains(status.code) { throw .noRoom(status) }
            answeredCount += 1
            let isTaken = status.storeOutcome != .refused
            lane.noteAnswer(byteCount: isTaken ? byteCount : 0)
            outcomes.append(
                ForwardOutcome(instance, failure: isTaken ? nil : "\(status): \(status.storeRefusal)"))
        }
        if .now - notedAt > ForwardAttempt.noteInterval { try note() }
    }

    private mutating func note() throws(ForwardFault) {
        do throws(ArchiveError) { try lane.index.note(outcomes, of: forward) } catch { throw .index(error) }
        outcomes = []
        notedAt = .now
    }

    /// Sees to it that the Association has contexts for a kind.
    private mutating func open(for kind: InstanceKind) throws(ForwardFault) {
        guard scu == nil || !kinds.contains(kind) else { return }
        release()
        let all: Set<InstanceKind>
        do throws(ArchiveError) { all = try lane.index.kindsToForward(forward) } catch { throw .index(error) }
        let plan = SendingContexts(for: all.union([kind])).associations
        guard let part = plan.first(where: { $0.kinds.contains(kind) }) else {
            preconditionFailure("every kind is in the plan")
        }
        var request = lane.destination.request
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
            lane.use(opened)
        } catch {
            throw .association(error)
        }
    }

    private mutating func abort() {
        lane.use(nil)
        association?.abort()
        (association, scu) = (nil, nil)
    }

    private mutating func release() {
        lane.use(nil)
        association?.end()
        (association, scu) = (nil, nil)
    }
}
