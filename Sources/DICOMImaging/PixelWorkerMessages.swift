/// The first message of a worker.
struct PixelWorkerGreeting: Codable {
    /// What of the sandbox could not be put up; nil when all of it holds.
    var missing: String?
}

/// What a worker is asked to do with an object.
enum PixelWorkerTask: Codable, Sendable {
    case figures(ImageRequest)
    case conversion(ObjectConversion)
    case frames(FrameExport)
    case picture(PictureRequest)
}

/// What came of a task.
enum PixelWorkerOutcome: Codable, Sendable {
    case figures(ImageFigures)
    /// Bytes that were written.
    case written(UInt64)
    /// Bytes of each frame that was written.
    case frames([UInt64])
    case picture(WrittenPicture)
}

/// What a worker is asked; the object's descriptor comes with it, and the one to write to where the task writes.
struct PixelWorkerRequest: Codable {
    var task: PixelWorkerTask
    /// CPU time the answer may take.
    var seconds: UInt32
}

/// What a worker answers.
struct PixelWorkerAnswer: Codable {
    var outcome: PixelWorkerOutcome?
    /// Nil when and only when there is an outcome.
    var error: PixelError?
    /// What the worker holds in memory once it has answered.
    var residentByteCount: UInt64

    init(_ result: Result<PixelWorkerOutcome, PixelError>, residentByteCount: UInt64) {
        switch result {
        case .success(let outcome): self.outcome = outcome
        case .failure(let error): self.error = error
        }
        self.residentByteCount = residentByteCount
    }

    /// Nil for an answer that says nothing, or both, or what cannot be.
    var result: Result<PixelWorkerOutcome, PixelError>? {
        switch (outcome, error) {
        case (.figures(let figures)?, nil) where !figures.arePossible: nil
        case (let outcome?, nil): .success(outcome)
        case (nil, let error?): .failure(error)
        default: nil
        }
    }
}
