internal import AsyncHTTPClient
internal import DICOMNetwork
internal import Delivery
internal import Foundation
internal import Ingestion
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Calls one service over HTTP. What it answers is bounded in size and checked before it is believed; in time it is bounded
/// by whoever cancels.
final class SourceClient: Sendable {
    /// The body of an answer that is held in memory.
    struct Answer: Sendable {
        /// Empty for 204.
        var bytes: [UInt8] = []
        /// Whether it says itself that there are further results (PS3.18 8.3.4.4: Warning 299).
        var isCut = false
    }

    let service: HTTPService
    private let connectionLimit: Int
    private let connections = Mutex<Connections?>(nil)

    /// Of one answer that is held in memory.
    private static let answerLimit = 16 << 20
    /// Without a byte of an answer that has begun.
    private static let silence = TimeAmount.seconds(30)

    init(_ service: HTTPService, connectionLimit: Int) {
        self.service = service
        self.connectionLimit = connectionLimit
    }

    /// An answer whose body has to be of one of these types.
    func get(
        _ path: String, query: [(String, String)] = [], accept: String, types: Set<String>
    ) async throws(SourceFault) -> Answer {
        try await open(path, query: query, accept: accept) { (response) async throws(SourceFault) -> Answer in
            if response.status == .noContent { return Answer() }
            let type = response.headers.first(name: "Content-Type").flatMap { MediaRange($0) }?.type
            guard let type, types.contains(type) else {
                throw .unreadable(
                    "the answer is \(Self.quoted(type)) and not \(types.sorted().joined(separator: " or "))")
            }
            do {
                let body = try await response.body.collect(upTo: Self.answerLimit)
                return Answer(bytes: Array(body.readableBytesView), isCut: Self.isCut(response.headers))
            } catch is NIOTooManyBytesError {
                throw .unreadable("the answer is larger than \(Self.answerLimit >> 20) MiB")
            } catch {
                throw Self.fault(error)
            }
        }
    }

    /// - Parameter read: what is done with the answer, whose body is still to come.
    func open<Value>(
        _ path: String, query: [(String, String)] = [], accept: String,
        _ read: (HTTPClientResponse) async throws(SourceFault) -> Value
    ) async throws(SourceFault) -> Value {
        let (connections, authorization) = try await connection()
        let result: Result<Value, SourceFault>
        do throws(SourceFault) {
            var request = HTTPClientRequest(url: service.url + path + Self.encoded(query))
            request.headers = ["Accept": accept, "User-Agent": "priord"]
            if let authorization { request.headers.add(name: "Authorization", value: authorization) }
            result = .success(try await read(try await Self.response(to: request, from: connections.http)))
        } catch {
            result = .failure(error)
        }
        await connections.leave()
        return try result.get()
    }

    private static func response(
        to request: HTTPClientRequest, from http: HTTPClient
    ) async throws(SourceFault) -> HTTPClientResponse {
        let response: HTTPClientResponse
        do {
            // Whoever asks knows how long it may take.
            response = try await http.execute(request, deadline: .distantFuture)
        } catch {
            throw Self.fault(error)
        }
        switch response.status.code {
        case 200..<300: break
        // Of this question alone.
        case 400, 413, 414, 422: throw .declined("HTTP \(response.status.code)")
        case 404, 410: throw .unknownStudy
        case 300..<400: throw .refused("HTTP \(response.status.code); redirections are not followed")
        default: throw .refused("HTTP \(response.status.code)")
        }
        if let coding = response.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
            throw .unreadable("the answer has a content coding that was not asked for")
        }
        return response
    }

    /// Leaves the connections to whoever uses them still; the next request makes new ones and reads certificates anew.
    func close() async {
        let old = connections.withLock { connections in
            defer { connections = nil }
            return connections
        }
        await old?.retire()
    }

    /// Connections that the caller has entered, and has to leave.
    private func connection() async throws(SourceFault) -> (Connections, String?) {
        do throws(HTTPServiceError) {
            let (service, limit) = (service, connectionLimit)
            let authorization =
                service.credentials == nil
                ? nil
                : try await onOwnThread(named: "source") { () throws(HTTPServiceError) in
                    try service.authorization()
                }
            if let known = entered() { return (known, authorization) }
            var configuration = try await onOwnThread(named: "source") { () throws(HTTPServiceError) in
                try service.configuration(connectionLimit: limit)
            }
            configuration.timeout.read = Self.silence
            let new = Connections(HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
            let kept = connections.withLock { connections in
                let kept = connections ?? new
                connections = kept
                kept.enter()
                return kept
            }
            if kept !== new { await new.retire() }
            return (kept, authorization)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func entered() -> Connections? {
        connections.withLock { connections in
            connections?.enter()
            return connections
        }
    }

    /// Warnings are of many things; of results only where some are left out.
    private static func isCut(_ headers: HTTPHeaders) -> Bool {
        headers["Warning"].contains { $0.contains("299") && $0.lowercased().contains("results") }
    }

    private static func fault(_ error: any Error) -> SourceFault {
        if error is CancellationError || Task.isCancelled { return .ended }
        guard let error = error as? HTTPClientError else {
            if let error = error as? IOError { return .unreachable(String(cString: strerror(error.errnoCode))) }
            return .unreachable(String(describing: type(of: error)))
        }
        return error == .cancelled ? .ended : .unreachable(error.shortDescription)
    }

    /// Everything but unreserved characters is encoded (RFC 3986 2.3).
    private static func encoded(_ query: [(String, String)]) -> String {
        let pairs = query.map { name, value in "\(name)=\(escaped(value))" }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isUnreserved = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isUnreserved || "-._~".unicodeScalars.contains(scalar)
                ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// Names of types are the source's own text.
    private static func quoted(_ type: String?) -> String {
        guard let type else { return "of no type" }
        return String(type.unicodeScalars.filter { $0.isASCII && $0.value > 0x20 }.prefix(60).map(Character.init))
    }
}

/// Connections to one service, which end once they are given up and nobody uses them.
private final class Connections: Sendable {
    let http: HTTPClient
    private let state = Mutex<(userCount: Int, isRetired: Bool)>((0, false))

    init(_ http: HTTPClient) { self.http = http }

    func enter() { state.withLock { $0.userCount += 1 } }

    func leave() async {
        let isLast = state.withLock { state in
            state.userCount -= 1
            return state.userCount == 0 && state.isRetired
        }
        if isLast { await end() }
    }

    func retire() async {
        let isUnused = state.withLock { state in
            defer { state.isRetired = true }
            return state.userCount == 0 && !state.isRetired
        }
        if isUnused { await end() }
    }

    private func end() async {
        // Nothing is waited for that could fail to end.
        try? await http.shutdown()
    }
}
