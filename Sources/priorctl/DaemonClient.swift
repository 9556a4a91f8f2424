internal import AdminAPI
internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Asks the daemon: HTTP over its Unix socket.
struct DaemonClient {
    let socket: String

    static let questionTimeout = TimeAmount.seconds(60)
    /// Verifying or exporting a large archive takes hours, and a large file its time.
    static let operationTimeout = TimeAmount.hours(7 * 24)
    private static let answerLimit = 64 << 20

    /// Lives as long as the process. A daemon that is not there is said at once, and not after a minute of retries.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// The answer as it came, for `--json`.
    func data(
        _ path: String, query: [URLQueryItem] = [], method: HTTPMethod = .GET, body: HTTPClientRequest.Body? = nil,
        timeout: TimeAmount = questionTimeout
    ) async throws -> Data {
        let response = try await execute(path, query, method, body, timeout: timeout)
        do {
            return Data(try await response.body.collect(upTo: Self.answerLimit).readableBytesView)
        } catch {
            throw unreachable(error)
        }
    }

    /// Runs a long operation and tells of its progress.
    ///
    /// - Parameter part: gets parts of the result as they come, of an operation that has such.
    /// - Returns: its result.
    func operation<Result: Codable & Sendable>(
        _ path: String, query: [URLQueryItem] = [], body: HTTPClientRequest.Body? = nil,
        progress: (_ done: Int, _ total: Int) -> Void, part: (Result) -> Void = { _ in }
    ) async throws -> Result {
        let response = try await execute(path, query, .POST, body, timeout: Self.operationTimeout)
        var line = Data()
        do {
            for try await chunk in response.body {
                for byte in chunk.readableBytesView {
                    guard byte == UInt8(ascii: "\n") else {
                        line.append(byte)
                        continue
                    }
                    let event: OperationEvent<Result> = try Self.decoded(line)
                    line.removeAll(keepingCapacity: true)
                    if let problem = event.problem { throw CommandFailure.refused(problem) }
                    if let result = event.result { return result }
                    if let found = event.part { part(found) } else { progress(event.done ?? 0, event.total ?? 0) }
                }
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw unreachable(error)
        }
        throw CommandFailure.answerNotUnderstood("the operation ended without a result")
    }

    static func decoded<Answer: Decodable>(_ data: Data) throws(CommandFailure) -> Answer {
        do {
            return try AdminJSON.decoder().decode(Answer.self, from: data)
        } catch {
            throw .answerNotUnderstood("\(error)")
        }
    }

    private func execute(
        _ path: String, _ query: [URLQueryItem], _ method: HTTPMethod, _ body: HTTPClientRequest.Body?,
        timeout: TimeAmount
    ) async throws -> HTTPClientResponse {
        var components = URLComponents()
        components.path = path
        if !query.isEmpty { components.queryItems = query }
        // URLComponents leaves "+" as it is, which a server may read as a space.
        let uri = (components.string ?? path).replacing("+", with: "%2B")
        guard let url = URL(httpURLWithSocketPath: socket, uri: uri) else {
            throw CommandFailure.daemonUnreachable(socket: socket, reason: "not a path")
        }
        guard FileManager.default.fileExists(atPath: socket) else {
            throw CommandFailure.daemonUnreachable(socket: socket, reason: "there is no such socket")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = method
        request.body = body
        let response: HTTPClientResponse
        do {
            response = try await Self.http.execute(request, timeout: timeout)
        } catch {
            throw unreachable(error)
        }
        if response.status.code >= 400 {
            let body = Data(try await response.body.collect(upTo: Self.answerLimit).readableBytesView)
            let problem = try? AdminJSON.decoder().decode(Problem.self, from: body)
            throw CommandFailure.refused(
                problem ?? Problem(title: response.status.reasonPhrase, status: Int(response.status.code)))
        }
        return response
    }

    private func unreachable(_ error: any Error) -> CommandFailure {
        let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        return .daemonUnreachable(socket: socket, reason: reason)
    }
}
