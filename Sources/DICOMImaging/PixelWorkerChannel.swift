internal import CDCMTK
internal import Foundation

/// The messages between daemon and worker: four bytes of length, little endian, then JSON; a descriptor may come with it.
struct PixelWorkerChannel {
    /// Why a message did not come through.
    enum Failure: Error, Equatable {
        case timedOut
        /// The other side is gone.
        case closed
        /// What came is no message.
        case nonsense(String)
        /// errno.
        case system(Int32)

        fileprivate init?(_ code: Int32) {
            switch code {
            case 0: return nil
            case ETIMEDOUT: self = .timedOut
            case EPIPE: self = .closed
            default: self = .system(code)
            }
        }
    }

    /// Figures of every frame of a long run fit many times over; a table of 65,536 entries does too.
    static let messageByteLimit = 8 << 20

    let descriptor: Int32

    /// - Parameters:
    ///   - attachments: descriptors that go along.
    ///   - deadline: as of `cdcmtk_monotonic_ms`; nil waits for ever.
    func send(_ message: some Encodable, attachments: [Int32] = [], deadline: Int64? = nil) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let body: Data
        do {
            body = try encoder.encode(message)
        } catch {
            throw .nonsense("\(error)")
        }
        guard body.count <= PixelWorkerChannel.messageByteLimit else { throw .nonsense("a message too long") }
        let bytes = withUnsafeBytes(of: UInt32(body.count).littleEndian) { Data($0) } + body
        let code = bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return EINVAL }
            return cdcmtk_channel_send(
                descriptor, start, bytes.count, attachments, Int32(attachments.count), deadline ?? -1)
        }
        if let failure = Failure(code) { throw failure }
    }

    /// The next message.
    func receive<Message: Decodable>(
        _ type: Message.Type = Message.self, deadline: Int64? = nil
    ) throws(Failure) -> Message {
        var length: UInt32 = 0
        if let failure = Failure(cdcmtk_channel_receive(descriptor, &length, 4, nil, deadline ?? -1)) { throw failure }
        return try body(of: length, deadline: deadline)
    }

    /// The next message and the descriptors that came with it, which the caller closes.
    func receiveWithAttachments<Message: Decodable>(
        _ type: Message.Type = Message.self
    ) throws(Failure) -> (message: Message, attachments: [Int32]) {
        var length: UInt32 = 0
        var taken = [Int32](repeating: -1, count: Int(CDCMTK_CHANNEL_DESCRIPTORS))
        let code = cdcmtk_channel_receive(descriptor, &length, 4, &taken, -1)
        let attachments = taken.filter { $0 >= 0 }
        do throws(Failure) {
            if let failure = Failure(code) { throw failure }
            return (try body(of: length, deadline: nil), attachments)
        } catch {
            for attachment in attachments { close(attachment) }
            throw error
        }
    }

    private func body<Message: Decodable>(of length: UInt32, deadline: Int64?) throws(Failure) -> Message {
        let count = Int(UInt32(littleEndian: length))
        guard (1...PixelWorkerChannel.messageByteLimit).contains(count) else {
            throw .nonsense("a message of \(count) bytes")
        }
        var bytes = Data(count: count)
        let code = bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return EINVAL }
            return cdcmtk_channel_receive(descriptor, start, bytes.count, nil, deadline ?? -1)
        }
        if let failure = Failure(code) { throw failure }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(Message.self, from: bytes)
        } catch {
            throw .nonsense("not what was asked for")
        }
    }
}
