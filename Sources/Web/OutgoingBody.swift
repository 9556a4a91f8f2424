internal import Delivery
internal import HummingbirdCore
internal import NIOCore

/// A part of a body that was read, and what follows it.
private struct BodyPiece: Sendable {
    /// Bytes read at a time: enough that going to another thread for them costs little.
    private static let byteCount = 512 << 10

    let buffer: ByteBuffer
    /// nil at the end.
    let rest: OutgoingBytes?

    /// Blocks for the disk.
    init(_ head: String, _ bytes: OutgoingBytes, _ tail: String) throws {
        var bytes = bytes
        let count = Int(clamping: min(bytes.remainingByteCount, Int64(BodyPiece.byteCount)))
        var buffer = ByteBuffer()
        buffer.reserveCapacity(head.utf8.count + count + tail.utf8.count)
        buffer.writeString(head)
        try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            try bytes.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]))
            return count
        }
        rest = bytes.remainingByteCount > 0 ? bytes : nil
        if rest == nil { buffer.writeString(tail) }
        self.buffer = buffer
    }
}

extension ResponseBodyWriter {
    /// Writes the bytes between `head` and `tail`. A piece is read while the one before is on its way, so that there are two
    /// of them in memory.
    mutating func write(
        _ bytes: OutgoingBytes, after head: String = "", before tail: String = "", _ lane: BlockingLane
    ) async throws {
        var piece = try await lane.run { try BodyPiece(head, bytes, tail) }
        while let rest = piece.rest {
            async let next = lane.run { try BodyPiece("", rest, tail) }
            try await write(piece.buffer)
            piece = try await next
        }
        try await write(piece.buffer)
    }
}
