internal import AdminAPI
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// Who may use the port. Health is open to all, so that a monitor needs no secret.
struct AccessGuard: RouterMiddleware {
    static let openPaths: Set<String> = ["/healthz", "/readyz"]
    let admits: (@Sendable (_ host: String, _ bearerToken: String?) -> Bool)?
    /// What the server is called, in lower case, beside its addresses.
    let names: Set<String>

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard !Self.openPaths.contains(request.uri.path) else { return try await next(request, context) }
        if let admits {
            guard admits(context.remoteHost, Self.bearerToken(request)) else {
                throw Problem(
                    type: "urn:priord:problem:access", title: "Access is needed", status: 401,
                    detail: "this address and bearer token are not admitted")
            }
            // Where an address alone is admitted, so is every page its browsers have open (DNS rebinding, too).
            guard !admits(context.remoteHost, nil) || isServed(request.head.authority ?? "") else {
                throw Problem(
                    type: "urn:priord:problem:host", title: "Not served under this host name", status: 421,
                    detail: "served under the server's addresses, its own name and that of http-base-url")
            }
        } else if !Self.isLoopbackName(request.head.authority ?? "") {
            // Without access rules the port is for loopback. A browser on this machine can be made to call it under
            // another name (DNS rebinding) and hand the answers on; such calls show by their Host.
            throw Problem(
                type: "urn:priord:problem:host", title: "Not served under this host name", status: 421,
                detail: "without http-access configured, only localhost and loopback addresses are served")
        }
        return try await next(request, context)
    }

    private static func bearerToken(_ request: Request) -> String? {
        guard let field = request.headers[.authorization] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// Whether a request of that Host means this server. One without a Host (HTTP/1.0) is no browser's.
    func isServed(_ authority: String) -> Bool {
        let host = Self.host(of: authority)
        return authority.isEmpty || Self.isLoopbackName(authority) || Self.isAddress(host)
            || names.contains(host.lowercased())
    }

    private static func host(of authority: String) -> Substring {
        authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    }

    /// An address is nobody's to point elsewhere.
    private static func isAddress(_ host: Substring) -> Bool {
        (try? SocketAddress(ipAddress: String(host), port: 0)) != nil
    }

    /// - Parameter authority: host with or without port, as in `localhost:8104` or `[::1]:8104`.
    static func isLoopbackName(_ authority: String) -> Bool {
        let host = host(of: authority)
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}

/// Bodies are not asked for on the port, so a large one is refused and none is waited for long.
struct BodyGuard: RouterMiddleware {
    static let byteCountLimit = 64 << 10
    let patience: TimeAmount

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        guard announced != 0, announced != nil || request.headers[.transferEncoding] != nil else {
            return try await next(request, context)
        }
        if DICOMwebStore.takes(request) {
            // It is as long as its objects are, and read with a deadline of its own. What is refused unread is not waited for.
            do {
                return try await next(request, context)
            } catch {
                let channel = context.channel
                channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
                throw error
            }
        }
        // The rest of a body is read and thrown away before the next request; a trickle of it would last forever.
        let channel = context.channel
        let closing = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        if let announced, announced > Self.byteCountLimit { throw Problem.tooLarge(limit: Self.byteCountLimit) }
        var request = request
        request.body = RequestBody(asyncSequence: WatchedBody(body: request.body) { closing.cancel() })
        return try await next(request, context)
    }
}

/// A body that tells when it has been read to its end: its connection is kept for what follows.
private struct WatchedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var parts: RequestBody.AsyncIterator
        let atEnd: @Sendable () -> Void

        mutating func next() async throws -> ByteBuffer? {
            let part = try await parts.next()
            if part == nil { atEnd() }
            return part
        }
    }

    let body: RequestBody
    let atEnd: @Sendable () -> Void

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(parts: body.makeAsyncIterator(), atEnd: atEnd) }
}

/// Closes a connection whose client does not take its answer.
final class SlowReaderGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any
    private let patience: TimeAmount
    private var deadline: Scheduled<Void>?

    init(patience: TimeAmount) { self.patience = patience }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        if !context.channel.isWritable {
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }
}
