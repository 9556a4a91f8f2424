/// The first message of a worker.
struct PixelWorkerGreeting: Codable {
    /// What of the sandbox could not be put up; nil when all of it holds.
    var missing: String?
}

/// What a worker is asked; the object's descriptor comes with it.
struct PixelWorkerRequest: Codable {
    var image: ImageRequest
    /// CPU time the answer may take.
    var seconds: UInt32
}

/// What a worker answers.
struct PixelWorkerAnswer: Codable {
    var figures: ImageFigures?
    /// Nil when and only when there are figures.
    var error: PixelError?
    /// What the worker holds in memory once it has answered.
    var residentByteCount: UInt64

    init(_ result: Result<ImageFigures, PixelError>, residentByteCount: UInt64) {
        switch result {
        case .success(let figures): self.figures = figures
        case .failure(let error): self.error = error
        }
        self.residentByteCount = residentByteCount
    }

    /// Nil for an answer that says nothing, or both.
    var result: Result<ImageFigures, PixelError>? {
        switch (figures, error) {
        case (let figures?, nil): .success(figures)
        case (nil, let error?): .failure(error)
        default: nil
        }
    }
}
