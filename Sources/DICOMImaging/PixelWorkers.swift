public import DICOMCore
internal import Dispatch
public import Logging
internal import Synchronization

/// Decodes objects in other processes, which hostile pixels may take down: that costs one image and never the daemon.
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
        guard case .figures(let figures) = try outcome(of: .figures(request), descriptor, byteCount) else {
            throw .crashed(detail: "the decoder answered something else")
        }
        return figures
    }

    /// Writes the Part-10 file that is open for reading at `descriptor` as one in another Transfer Syntax: Explicit VR Little
    /// Endian, Implicit VR Little Endian or Explicit VR Big Endian. Blocks as ``figures(of:byteCount:_:)``.
    ///
    /// Pixels are decoded frame by frame; what PS3.5 8.2 lets a decoder change is changed, everything else stays, SOP
    /// Instance UID included. Objects without pixels are written too.
    ///
    /// - Parameter output: open for writing, an empty file of its own; it is written from its start.
    /// - Returns: how many bytes were written.
    /// - Throws: ``PixelError``: `unsupported` for what is not decoded here, such as video, and for another Transfer Syntax;
    ///   `tooLarge` where the uncompressed value would be longer than a value can be. What `output` holds then means nothing.
    @discardableResult
    public func convert(
        _ descriptor: Int32, byteCount: UInt64, to transferSyntax: TransferSyntaxUID, into output: Int32
    ) throws(PixelError) -> UInt64 {
        let task = PixelWorkerTask.conversion(ObjectConversion(transferSyntax: transferSyntax))
        guard case .written(let written) = try outcome(of: task, descriptor, byteCount, into: output) else {
            throw .crashed(detail: "the decoder answered something else")
        }
        return written
    }

    /// Writes frames (from 0) of the Part-10 file that is open for reading at `descriptor`, one after another in the order
    /// given. Blocks as ``figures(of:byteCount:_:)``.
    ///
    /// - Parameter output: as of ``convert(_:byteCount:to:into:)``.
    /// - Returns: bytes of each frame.
    /// - Throws: ``PixelError``: `noSuchFrame`, and `unsupported` for what is to be decoded and cannot be.
    public func frames(
        _ frames: [Int], of descriptor: Int32, byteCount: UInt64, _ encoding: FrameEncoding, into output: Int32
    ) throws(PixelError) -> [UInt64] {
        guard frames.count <= FrameExport.frameLimit else { throw .tooLarge(detail: "\(frames.count) frames at once") }
        let task = PixelWorkerTask.frames(FrameExport(frames: frames, encoding: encoding))
        guard case .frames(let counts) = try outcome(of: task, descriptor, byteCount, into: output),
            counts.count == frames.count
        else { throw .crashed(detail: "the decoder answered something else") }
        return counts
    }

    /// Writes a picture of one frame of the Part-10 file that is open for reading at `descriptor`. Blocks as
    /// ``figures(of:byteCount:_:)``.
    ///
    /// - Parameter output: as of ``convert(_:byteCount:to:into:)``.
    /// - Throws: ``PixelError``.
    public func picture(
        of descriptor: Int32, byteCount: UInt64, _ request: PictureRequest, into output: Int32
    ) throws(PixelError) -> WrittenPicture {
        guard case .picture(let picture) = try outcome(of: .picture(request), descriptor, byteCount, into: output)
        else { throw .crashed(detail: "the decoder answered something else") }
        return picture
    }

    /// - Parameter output: where the task writes.
    private func outcome(
        of task: PixelWorkerTask, _ descriptor: Int32, _ byteCount: UInt64, into output: Int32? = nil
    ) throws(PixelError) -> PixelWorkerOutcome {
        guard descriptor >= 0 else { throw .unreadable(detail: "the file is not open") }
        if let output, output < 0 { throw .unwritable(detail: "the file is not open") }
        room.wait()
        defer { room.signal() }
        let lane = idle.withLock { $0.popLast() } ?? PixelWorkerLane(self)
        defer { idle.withLock { $0.append(lane) } }
        return try lane.outcome(of: task, descriptor, byteCount: byteCount, output: output).get()
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
