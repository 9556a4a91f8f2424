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
    let service: HTTPService
    private let connectionLimit: Int
    private let client = Mutex<HTTPClient?>(nil)

    /// Of one answer that is held in memory.
    private static let answerLimit = 16 << 20
    /// Without a byte of an answer that has begun.
    private static let silence = TimeAmount.seconds(30)

    init(_ service: HTTPService, connectionLimit: Int) {
        self.service = service
        self.connectionLimit = connectionLimit
    }

    /// The body of an answer, which has to be of one of these types; empty for 204.
    func get(
        _ path: String, query: [(String, String)] = [], accept: String, types: Set<String>
    ) async throws(SourceFault) -> [UInt8] {
        let response = try await open(path, query: query, accept: accept)
        if response.status == .noContent { return [] }
        let type = response.headers.first(name: "Content-Type").flatMap { MediaRange($0) }?.type
        guard let type, types.contains(type) else {
            throw .unreadable("the answer is \(Self.quoted(type)) and not \(types.sorted().joined(separator: " or "))")
        }
        do {
            return Array(try await response.body.collect(upTo: Self.answerLimit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw .unreadable("the answer is larger than \(Self.answerLimit >> 20) MiB")
        } catch {
            throw Self.fault(error)
        }
    }

    /// An answer whose body is still to be read.
    func open(
        _ path: String, query: [(String, String)] = [], accept: String
    ) async throws(SourceFault) -> HTTPClientResponse {
        var request = HTTPClientRequest(url: service.url + path + Self.encoded(query))
        request.headers = ["Accept": accept, "User-Agent": "priord"]
        let response: HTTPClientResponse
        let (http, authorization) = try await connection()
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        do {
            // Whoever asks knows how long it may take.
            response = try await http.execute(request, deadline: .distantFuture)
        } catch {
            throw Self.fault(error)
        }
        switch response.status.code {
        case 200..<300: break
        case 404, 410: throw .unknownStudy
        case 300..<400: throw .refused("HTTP \(response.status.code); redirections are not followed")
        default: throw .refused("HTTP \(response.status.code)")
        }
        if let coding = response.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
            throw .unreadable("the answer has a content coding that was not asked for")
        }
        return response
    }

    /// Ends every connection; the next request reads certificates anew.
    func close() async {
        let http = client.withLock { client in
            defer { client = nil }
            return client
        }
        // Nothing is waited for that could fail to end.
        try? await http?.shutdown()
    }

    private func connection() async throws(SourceFault) -> (HTTPClient, String?) {
        do throws(HTTPServiceError) {
            let (service, limit) = (service, connectionLimit)
            let authorization =
                service.credentials == nil
                ? nil
                : try await onOwnThread(named: "source") { () throws(HTTPServiceError) in
                    try service.authorization()
                }
            if let http = client.withLock({ $0 }) { return (http, authorization) }
            var configuration = try await onOwnThread(named: "source") { () throws(HTTPServiceError) in
                try service.configuration(connectionLimit: limit)
            }
            configuration.timeout.read = Self.silence
            let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let kept = client.withLock { client in
                client = client ?? http
                return client ?? http
            }
            if kept !== http { try? await http.shutdown() }
            return (kept, authorization)
        } catch {
            throw .unreachable("\(error)")
        }
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
