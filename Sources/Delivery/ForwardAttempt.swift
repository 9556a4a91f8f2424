internal import Archive
internal import Foundation
internal import Logging

/// Sends what a destination lacks of one study, Series by Series in order of Instance Number.
///
/// Outcomes are kept as they come, some at a time: a crash sends again what was answered in the last moment, and a fault
/// ends the attempt where it stands, so that nothing overtakes.
struct ForwardAttempt {
    private let forward: DueForward
    private let lane: ForwardLane
    private var carrier: any ForwardCarrier
    private var outcomes: [ForwardOutcome] = []
    private var notedAt = ContinuousClock.now
    /// Instances that the destination answered.
    private(set) var answeredCount = 0
    /// Whether the attempt ended because of one Instance, and not of the destination.
    private(set) var isInstancesFault = false

    private static let pageLimit = 1000
    private static let noteInterval = Duration.milliseconds(500)

    init(_ forward: DueForward, on lane: ForwardLane) {
        self.forward = forward
        self.lane = lane
        carrier =
            switch lane.destination.endpoint {
            case .association(let request): StoreCarrier(request, for: forward, on: lane)
            case .web(let endpoint): StowCarrier(endpoint, on: lane)
            }
    }

    /// Blocks until everything is answered or something is wrong. What was answered is kept in either case.
    mutating func run() throws(ForwardFault) {
        do throws(ForwardFault) {
            while true {
                let page = try nextPage()
                guard !page.isEmpty else { break }
                for (place, instance) in page.enumerated() {
                    guard lane.mayGoOn else { throw .stopped }
                    try carrier.open(for: instance)
                    if place + 1 < page.count { carrier.prepare(page[place + 1]) }
                    try send(instance)
                }
                try note()
            }
        } catch {
            if error == .stopped { carrier.end() } else { carrier.abort() }
            try note()
            throw error
        }
        carrier.end()
    }

    private func nextPage() throws(ForwardFault) -> [StoredInstance] {
        do throws(ArchiveError) {
            return try lane.index.instancesToForward(
                forward, limit: ForwardAttempt.pageLimit, suspectLimit: lane.destination.instanceAttemptLimit - 1)
        } catch {
            throw .index(error)
        }
    }

    private mutating func send(_ instance: StoredInstance) throws(ForwardFault) {
        do throws(ForwardFault) {
            switch try carrier.carry(instance) {
            case .taken(let byteCount, let warning):
                lane.noteTaken(instance, byteCount: byteCount, warning: warning)
                outcomes.append(ForwardOutcome(instance))
            case .refused(let reason):
                outcomes.append(ForwardOutcome(instance, failure: reason))
            }
            answeredCount += 1
        } catch .broken(let why) {
            try note()
            try blame(instance, because: why)
            throw .broken(why)
        }
        if .now - notedAt > ForwardAttempt.noteInterval { try note() }
    }

    /// The connection ended with this one on its way.
    private mutating func blame(_ instance: StoredInstance, because why: String) throws(ForwardFault) {
        // An orderly stop that ended what was under way is nobody's fault.
        guard lane.mayGoOn else { return }
        let evidence = lane.noteBreak(of: instance)
        isInstancesFault = evidence.speaksForDestination
        do throws(ArchiveError) {
            let isGivenUp = try lane.index.noteBreak(
                sending: instance, of: forward, because: why, limit: lane.destination.instanceAttemptLimit,
                isProven: evidence.provesGuilt)
            guard isGivenUp else { return }
            lane.logger.error(
                "instance given up",
                metadata: [
                    "destination": "\(forward.destination)", "sop-instance-uid": "\(instance.sopInstanceUID)",
                    "why": "\(why)",
                ])
        } catch {
            throw .index(error)
        }
    }

    private mutating func note() throws(ForwardFault) {
        do throws(ArchiveError) {
            try lane.index.note(outcomes, of: forward, isCommitted: lane.destination.commitment == nil)
        } catch {
            throw .index(error)
        }
        outcomes = []
        notedAt = .now
    }
}
