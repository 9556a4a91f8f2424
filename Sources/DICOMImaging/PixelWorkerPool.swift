internal import Dispatch
internal import Logging
internal import Synchronization

/// The worker processes of the daemon, each with a lane of its own, and who is next when all of them are at work.
final class PixelWorkerPool: Sendable {
    let settings: PixelWorkerSettings
    let logger: Logger
    private let current = Mutex(PixelWorkerActivity())
    private let idle = Mutex<[PixelWorkerLane]>([])
    private let turns: Mutex<PixelTurns<DispatchSemaphore>>

    init(settings: PixelWorkerSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        turns = Mutex(PixelTurns(limit: settings.limit + settings.deliveryLimit, assessmentLimit: settings.limit))
    }

    var activity: PixelWorkerActivity { current.withLock { $0 } }

    /// Waits for a turn, then for the answer.
    func outcome(
        of task: PixelWorkerTask, _ descriptor: Int32, _ byteCount: UInt64, into output: Int32?,
        for purpose: PixelPurpose
    ) throws(PixelError) -> PixelWorkerOutcome {
        let turn = DispatchSemaphore(value: 0)
        if !turns.withLock({ $0.begin(purpose, else: turn) }) { turn.wait() }
        defer { turns.withLock { $0.end(purpose) }?.signal() }
        let lane = idle.withLock { $0.popLast() } ?? PixelWorkerLane(self)
        defer { idle.withLock { $0.append(lane) } }
        return try lane.outcome(of: task, descriptor, byteCount: byteCount, output: output).get()
    }

    func prepare() {
        let lane = PixelWorkerLane(self)
        lane.prepare()
        idle.withLock { $0.append(lane) }
    }

    func endIdle() {
        let lanes = idle.withLock { lanes in
            defer { lanes = [] }
            return lanes
        }
        for lane in lanes { lane.end() }
    }

    /// Takes `lane` out of those that may be asked.
    ///
    /// - Returns: false when it is being asked.
    func retire(_ lane: PixelWorkerLane) -> Bool {
        idle.withLock { lanes in
            guard let index = lanes.firstIndex(where: { $0 === lane }) else { return false }
            lanes.remove(at: index)
            return true
        }
    }

    func note(_ change: (inout PixelWorkerActivity) -> Void) { current.withLock { change(&$0) } }
}
