internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// Keeps the body of an answer from being made much faster than its reader takes it.
///
/// A writer is told that the connection is full only after its event loop has taken what was written before. Where that
/// lags behind, as on a busy machine, a whole study would pile up in memory.
struct BodyPace: RouterMiddleware {
    /// Bytes written after which the event loop is waited for; less may pile up.
    static let byteCount = 256 << 10

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let body = response.body
        if let length = body.contentLength, length <= BodyPace.byteCount { return response }
        response.body = ResponseBody(contentLength: body.contentLength) { [loop = context.channel.eventLoop] writer in
            try await body.write(PacedBodyWriter(writer: writer, loop: loop))
        }
        return response
    }
}

private struct PacedBodyWriter: ResponseBodyWriter {
    private var writer: any ResponseBodyWriter
    private let loop: any EventLoop
    private var byteCount = 0

    init(writer: any ResponseBodyWriter, loop: any EventLoop) {
        self.writer = writer
        self.loop = loop
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        try await writer.write(buffer)
        byteCount += buffer.readableBytes
        guard byteCount >= BodyPace.byteCount else { return }
        byteCount = 0
        try await loop.submit {}.get()
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await writer.finish(trailingHeaders) }
}
