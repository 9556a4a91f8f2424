import Foundation
import NIOCore
import Testing

@testable import priorctl

@Suite struct DaemonClientTests {
    @Test func `a socket that is not there is named`() async throws {
        await #expect(
            throws: CommandFailure.daemonUnreachable(socket: "/nowhere/s", reason: "there is no such socket")
        ) { try await DaemonClient(socket: "/nowhere/s").data("/api/v1/status") }
    }

    // With retries it would not end before the hour does.
    @Test(.timeLimit(.minutes(5))) func `a socket nobody listens on is said at once, not after retries`() async throws {
        let path = NSTemporaryDirectory() + "priorctl-\(UUID().uuidString).sock"
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(left)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        await #expect(throws: CommandFailure.daemonUnreachable(socket: path, reason: "Connection refused")) {
            try await DaemonClient(socket: path).data("/api/v1/status", timeout: .hours(1))
        }
    }
}
