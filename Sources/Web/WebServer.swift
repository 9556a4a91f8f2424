internal import AdminAPI
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle

/// One HTTP listener: the port for everybody, or the admin socket for operators.
public struct WebServer: Service {
    /// Where to listen, and what for.
    public enum Endpoint: Sendable, Equatable {
        /// Numeric address and TCP port; 0 takes any free one.
        case port(host: String, port: Int)
        /// A Unix socket in the data directory, for its owner and group. One left behind is replaced.
        case adminSocket(path: String)

        fileprivate var place: String {
            switch self {
            case .port(let host, let port): "\(host) port \(port)"
            case .adminSocket(let path): path
            }
        }
    }

    let daemon: Daemon
    let endpoint: Endpoint
    let logger: Logger
    let onListening: @Sendable (_ port: Int?) async -> Void

    /// Longest path of a Unix socket on Linux (`sun_path`), without its NUL.
    private static let socketPathLimit = 107

    /// - Parameter onListening: called once connections are accepted, with the TCP port that was taken.
    public init(
        daemon: Daemon, endpoint: Endpoint, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) {
        self.daemon = daemon
        self.endpoint = endpoint
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until graceful shutdown; requests in progress are finished.
    ///
    /// - Throws: ``WebServerError`` when it cannot listen.
    public func run() async throws {
        if case .adminSocket(let path) = endpoint, path.utf8.count > Self.socketPathLimit {
            throw WebServerError.socketPathTooLong(path: path, limit: Self.socketPathLimit)
        }
        defer { if case .adminSocket(let path) = endpoint { unlink(path) } }
        do {
            try await application().run()
        } catch let error as IOError {
            throw WebServerError.cannotListen(endpoint.place, reason: String(cString: strerror(error.errnoCode)))
        }
    }

    func application() -> some ApplicationProtocol {
        let idle = TimeAmount(daemon.settings.idleTimeout)
        var hummingbirdLogger = logger
        // Hummingbird tells of each connection; what priord has to say it says itself.
        hummingbirdLogger.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: router(),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [SlowReaderGuard(patience: idle)], idleTimeout: idle,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: address, serverName: "priord",
                availableConnectionsDelegate: MaximumAvailableConnections(
                    daemon.settings.connectionLimit, logger: hummingbirdLogger)),
            onServerRunning: { await listening(on: $0) }, logger: hummingbirdLogger)
    }

    func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        let problems = ProblemAnswers(logger: logger)
        if case .port = endpoint {
            // Outside of all others: a page may read why it was refused, too.
            router.add(
                middleware: CrossOriginGuard(origins: daemon.settings.origins) { [daemon] in daemon.baseURI(of: $0) })
        }
        router.add(middleware: problems)
        router.add(middleware: BodyPace())
        if case .port = endpoint {
            router.add(middleware: BodyGuard(patience: TimeAmount(daemon.settings.idleTimeout)))
            router.add(middleware: AccessGuard(admits: daemon.settings.admits, names: daemon.settings.hostNames))
        } else {
            AdminRoutes(daemon: daemon, problems: problems).add(to: router)
        }
        PublicRoutes(daemon: daemon).add(to: router)
        if case .port = endpoint {
            DICOMwebRoutes(daemon: daemon, logger: logger).add(to: router)
            PageRoutes(daemon: daemon, problems: problems).add(to: router)
        }
        return router
    }

    private var address: BindAddress {
        switch endpoint {
        case .port(let host, let port): .hostname(host, port: port)
        case .adminSocket(let path): .unixDomainSocket(path: path)
        }
    }

    private func listening(on channel: any Channel) async {
        switch endpoint {
        case .port:
            let port = channel.localAddress?.port
            logger.info("http port listens", metadata: ["port": "\(port ?? 0)"])
            await onListening(port)
        case .adminSocket(let path):
            // Under the usual umask nobody else could connect before this either: connecting needs write permission.
            if chmod(path, 0o660) != 0 {
                logger.error("admin socket keeps its mode", metadata: ["errno": "\(errno)"])
            }
            logger.info("admin socket listens", metadata: ["path": "\(path)"])
            await onListening(nil)
        }
    }
}

/// Why an HTTP listener did not start.
public enum WebServerError: Error, Equatable, Sendable {
    case socketPathTooLong(path: String, limit: Int)
    case cannotListen(String, reason: String)
}

extension WebServerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .socketPathTooLong(let path, let limit):
            "the admin socket's path \(path) is longer than \(limit) bytes; choose a shorter data directory"
        case .cannotListen(let place, let reason): "cannot listen on \(place): \(reason)"
        }
    }
}
