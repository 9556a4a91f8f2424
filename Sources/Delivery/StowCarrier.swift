internal import Archive
internal import AsyncHTTPClient
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// By STOW-RS: one request an Instance, one after another over one connection, so that each is answered for by itself and
/// they arrive in order.
///
/// The Data Set goes as it is stored; the File Meta Information is ours, since the stored one tells of priord's own affairs.
/// What the server does not take in its Transfer Syntax is sent once more uncompressed.
struct StowCarrier: ForwardCarrier {
    private let endpoint: HTTPService
    private let lane: ForwardLane
    private var pace: ForwardPace
    private var http: HTTPClient?
    private var authorization: String?

    private static let chunkByteCount = 256 << 10
    private static let answerLimit = 1 << 20

    init(_ endpoint: HTTPService, on lane: ForwardLane) {
        self.endpoint = endpoint
        self.lane = lane
        pace = ForwardPace(bytesPerSecond: lane.destination.bytesPerSecond)
    }

    mutating func open(for instance: StoredInstance) throws(ForwardFault) {
        guard http == nil else { return }
        do throws(HTTPServiceError) {
            authorization = try endpoint.authorization()
            http = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: try endpoint.configuration(connectionLimit: 1))
        } catch {
            throw .unavailable("\(error)")
        }
    }

    mutating func prepare(_ instance: StoredInstance) { lane.sender.prefetch(instance) }

    mutating func carry(_ instance: StoredInstance) throws(ForwardFault) -> ForwardAnswer {
        let stored = instance.transferSyntaxUID
        switch try send(instance, accepting: { $0 == stored }) {
        case .unsendable(let error): return .refused("\(error)")
        case .answered(let answer, let byteCount):
            guard answer.refusesTransferSyntax, stored != .explicitVRLittleEndian,
                case .answered(let other, let count) = try send(
                    instance, accepting: { $0 == .explicitVRLittleEndian })
            else { return try answer.answer(byteCount: byteCount) }
            return try other.answer(byteCount: count)
        }
    }

    mutating func end() {
        lane.use(nil)
        // Everything is answered or lost, so there is nothing that could fail to end.
        try? http?.syncShutdown()
        http = nil
    }

    mutating func abort() { end() }

    private enum Sent {
        case unsendable(OutgoingError)
        case answered(StowAnswer, byteCount: Int64)
    }

    private mutating func send(
        _ instance: StoredInstance, accepting isAccepted: (TransferSyntaxUID) -> Bool
    ) throws(ForwardFault) -> Sent {
        guard let http else { throw .unavailable("no connection") }
        var outgoing: OutgoingInstance
        do throws(OutgoingError) {
            outgoing = try OutgoingInstance(
                instance, from: lane.sender.archive, converting: lane.sender.convert, accepted: isAccepted)
        } catch {
            return .unsendable(error)
        }
        let boundary = "priord-\(UUID().uuidString)"
        let head = try head(of: instance, in: outgoing.transferSyntaxUID, boundary)
        let tail = ByteBuffer(string: "\r\n--\(boundary)--\r\n")
        var request = HTTPClientRequest(url: endpoint.url + "/studies")
        request.method = .POST
        request.headers = [
            "Accept": "application/dicom+json",
            "Content-Type": "multipart/related; type=\"application/dicom\"; boundary=\(boundary)",
            "User-Agent": "priord",
        ]
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        let pipe = ChunkPipe()
        let length = Int64(head.readableBytes + tail.readableBytes) + outgoing.byteCount
        request.body = .stream(pipe, length: .known(length))

        let exchange = StowExchange(request, over: http, from: pipe, answerLimit: StowCarrier.answerLimit)
        lane.use { exchange.cancel() }
        defer { lane.use(nil) }
        if let error = try feed(head, &outgoing, tail, into: pipe) {
            exchange.cancel()
            _ = exchange.result(within: endpoint.connectTimeout)
            return .unsendable(error)
        }
        let patience = pipe.wasRead ? endpoint.answerTimeout : endpoint.connectTimeout + .seconds(1)
        switch exchange.result(within: patience) {
        case .success(let answer): return .answered(answer, byteCount: outgoing.byteCount)
        case .failure(let error): throw pipe.wasRead ? .broken("\(error)") : .unavailable("\(error)")
        case nil: throw .broken("no answer within \(endpoint.answerTimeout)")
        }
    }

    /// Preamble and File Meta Information as a part of the body.
    private func head(
        of instance: StoredInstance, in transferSyntax: TransferSyntaxUID, _ boundary: String
    ) throws(ForwardFault) -> ByteBuffer {
        var meta = FileMeta()
        meta.mediaStorageSOPClassUID = instance.sopClassUID.value
        meta.mediaStorageSOPInstanceUID = instance.sopInstanceUID.value
        meta.transferSyntaxUID = transferSyntax.value
        meta.sourceAETitle = endpoint.aeTitle.value
        let bytes: [UInt8]
        do throws(DataSetError) { bytes = try meta.encoded() } catch { throw .broken("\(error)") }
        var head = ByteBuffer(string: "--\(boundary)\r\nContent-Type: application/dicom\r\n\r\n")
        head.writeBytes(bytes)
        return head
    }

    /// Puts everything in, as fast as it is taken and the destination's rate allows, until nobody reads any more.
    ///
    /// - Returns: what was wrong with the object.
    private mutating func feed(
        _ head: ByteBuffer, _ outgoing: inout OutgoingInstance, _ tail: ByteBuffer, into pipe: ChunkPipe
    ) throws(ForwardFault) -> OutgoingError? {
        // We may be slow on purpose, which is no reason to give up.
        let slowest = min(
            Double(endpoint.minimumBytesPerSecond),
            Double(lane.destination.bytesPerSecond.map { $0 / 2 } ?? .max))
        let deadline =
            DispatchTime.now() + (endpoint.connectTimeout + endpoint.answerTimeout) / .seconds(1)
            + Double(outgoing.byteCount) / max(1, slowest)
        var outcome = pipe.put(head, until: deadline)
        while outcome == .taken {
            var chunk = ByteBuffer()
            var count = 0
            chunk.writeWithUnsafeMutableBytes(minimumWritableBytes: StowCarrier.chunkByteCount) { buffer in
                count = outgoing.read(into: buffer)
                return max(0, count)
            }
            guard count >= 0 else {
                pipe.finish(OutgoingError.truncated)
                return .truncated
            }
            if count == 0 {
                outcome = pipe.put(tail, until: deadline)
                pipe.finish()
                break
            }
            pace.wait(before: count)
            outcome = pipe.put(chunk, until: deadline)
        }
        guard outcome != .timedOut else {
            pipe.finish(CancellationError())
            throw pipe.wasRead ? .broken("it takes too long to take it") : .unavailable("no connection in time")
        }
        return nil
    }
}

/// One request under way, and a thread that waits for its answer.
final class StowExchange: Sendable {
    private final class Outcome: Sendable {
        let result = Mutex<Result<StowAnswer, any Error>?>(nil)
        let isKnown = DispatchSemaphore(value: 0)
    }

    private let outcome = Outcome()
    private let task: Task<Void, Never>

    init(_ request: HTTPClientRequest, over http: HTTPClient, from pipe: ChunkPipe, answerLimit: Int) {
        task = Task { [outcome] in
            let result: Result<StowAnswer, any Error>
            do {
                // Whoever waits knows how long it may take.
                let response = try await http.execute(request, deadline: .distantFuture)
                let body = try await response.body.collect(upTo: answerLimit)
                result = .success(
                    StowAnswer(
                        status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"),
                        body: Array(body.readableBytesView)))
            } catch {
                result = .failure(error)
            }
            pipe.close()
            outcome.result.withLock { $0 = result }
            outcome.isKnown.signal()
        }
    }

    func cancel() { task.cancel() }

    /// The answer, or why there is none; nil, and no more request, when it takes longer. Blocks.
    func result(within patience: Duration) -> Result<StowAnswer, any Error>? {
        if outcome.isKnown.wait(timeout: .now() + patience / .seconds(1)) == .timedOut {
            cancel()
            return nil
        }
        return outcome.result.withLock { $0 }
    }
}

extension TimeAmount {
    init(_ duration: Duration) { self = .nanoseconds(Int64(duration / .nanoseconds(1))) }
}
