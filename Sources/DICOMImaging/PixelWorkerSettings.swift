/// What the pixel workers may use.
public struct PixelWorkerSettings: Sendable, Equatable {
    /// The program that runs ``PixelWorkerMain`` when its first argument is `pixel-worker`: by default the one that runs
    /// now, even if its file has been replaced since.
    public var executable = "/proc/self/exe"
    /// Processes that assess at once; more callers wait.
    public var limit = 1
    /// Processes beside them that only write objects, frames and pictures for others.
    public var deliveryLimit = 1
    /// Address space of a process, and so more than it can ever hold in memory.
    public var memoryByteLimit: UInt64 = 512 << 20
    /// CPU time that one image may take to decode and measure.
    public var timeLimit: Duration = .seconds(20)
    /// Large objects get one second more for every so many bytes.
    public var bytesPerSecond: UInt64 = 4 << 20
    /// A busy machine may take so many times the CPU time before a worker counts as hanging.
    public var patienceFactor: Int64 = 10
    /// Whether images stay unmeasured where the sandbox does not hold.
    public var requiresSandbox = true
    /// A process that had nothing to do for so long ends.
    public var idlePeriod: Duration = .seconds(30)
    /// A process is replaced after so many images, whatever its decoders may leak.
    public var imageLimit = 5000
    /// A process that holds more than this after an answer is replaced.
    public var residentByteLimit: UInt64 = 256 << 20

    public init() {}

    /// CPU seconds for an object of `byteCount` bytes.
    func seconds(for byteCount: UInt64) -> UInt32 {
        UInt32(clamping: max(1, timeLimit.components.seconds) + Int64(clamping: byteCount / max(1, bytesPerSecond)))
    }
}

/// What the pixel workers have done since the start of the daemon, and how they stand.
public struct PixelWorkerActivity: Sendable, Equatable {
    /// Processes there are now, by their process identifiers.
    public var processIDs: [Int32] = []
    /// Images measured, or found to be what cannot be.
    public var answered = 0
    public var started = 0
    /// Processes that died at work.
    public var crashed = 0
    /// Processes that were ended because they took too long.
    public var timedOut = 0
    /// The most that a process held after an answer.
    public var greatestResidentByteCount: UInt64 = 0
    /// What of the sandbox did not hold in the process started last; nil when all of it did.
    public var missingWalls: String?
    /// Why the last process could not be started; nil when it could.
    public var failure: String?

    public init() {}
}
