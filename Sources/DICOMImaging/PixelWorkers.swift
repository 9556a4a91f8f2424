internal import Dispatch
public import Logging
internal import Synchronization

/// Measures objects in other processes, which hostile pixels may take down: that costs one image and never the daemon.
///
/// Processes start when there is something to measure and end when there has been nothing for a while.
public final class PixelWorkers: Sendable {
    public let settings: PixelWorkerSettings
    let logger: Logger
    private let current = Mutex(PixelWorkerActivity())
    private let idle = Mutex<[PixelWorkerLane]>([])
    /// One for each process that may be.
    private let room: DispatchSemaphore

    public init(settings: PixelWorkerSettings = PixelWorkerSettings(), logger: Logger) {
        self.settings = settings
        self.logger = logger
        room = DispatchSemaphore(value: settings.limit)
    }

    public var activity: PixelWorkerActivity { current.withLock { $0 } }

    /// Measures the Part-10 file that is open for reading at `descriptor`. Blocks: for a free worker, then for at most the
    /// time that the settings give an object of `byteCount` bytes, twice where the first worker died.
    ///
    /// - Throws: ``PixelError``; `crashed`, `timedOut` and `unavailable` besides what the decoders say.
    public func figures(
        of descriptor: Int32, byteCount: UInt64, _ request: ImageRequest
    ) throws(PixelError) -> ImageFigures {
        room.wait()
        defer { room.signal() }
        let lane = idle.withLock { $0.popLast() } ?? PixelWorkerLane(self)
        defer { idle.withLock { $0.append(lane) } }
        return try lane.figures(of: descriptor, byteCount: byteCount, request).get()
    }

    /// Starts a process although there is nothing to measure yet, so that what keeps it from starting, or from standing
    /// within its walls, is known before the first image comes. Returns at once.
    public func prepare() {
        let lane = PixelWorkerLane(self)
        lane.prepare()
        idle.withLock { $0.append(lane) }
    }

    /// Ends the processes that have nothing to do; others follow once they have answered and waited.
    public func endIdle() {
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
