public import DICOMCore
public import Logging

/// Decodes objects in other processes, which hostile pixels may take down: that costs one image and never the daemon.
///
/// Processes start when there is something to do and end when there has been nothing for a while. All purposes share them:
/// ``share(for:)``.
public final class PixelWorkers: Sendable {
    private let pool: PixelWorkerPool
    private let purpose: PixelPurpose

    public convenience init(settings: PixelWorkerSettings = PixelWorkerSettings(), logger: Logger) {
        self.init(PixelWorkerPool(settings: settings, logger: logger), .assessment)
    }

    private init(_ pool: PixelWorkerPool, _ purpose: PixelPurpose) {
        self.pool = pool
        self.purpose = purpose
    }

    /// The same processes for another purpose.
    public func share(for purpose: PixelPurpose) -> PixelWorkers { PixelWorkers(pool, purpose) }

    public var settings: PixelWorkerSettings { pool.settings }

    /// Of all purposes together.
    public var activity: PixelWorkerActivity { pool.activity }

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
        return try pool.outcome(of: task, descriptor, byteCount, into: output, for: purpose)
    }

    /// Starts a process although there is nothing to measure yet, so that what keeps it from starting, or from standing
    /// within its walls, is known before the first image comes. Returns at once.
    public func prepare() { pool.prepare() }

    /// Ends the processes that have nothing to do; others follow once they have answered and waited.
    public func endIdle() { pool.endIdle() }
}
