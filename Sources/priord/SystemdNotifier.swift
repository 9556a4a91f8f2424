import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// Tells when the daemon is ready, and tells systemd that it is ready, alive and stopping (sd_notify(3)).
struct SystemdNotifier: Service {
    private let socketPath: String?
    /// Half of what WATCHDOG_USEC allows, or nil without a watchdog.
    private let heartbeat: Duration?
    /// Yields once, when the last port listens.
    private let ready: AsyncStream<Int>
    private let announce: @Sendable (_ httpPort: Int) -> Void
    /// Whether the daemon still works; a heartbeat is sent only then.
    private let isHealthy: @Sendable () async -> Bool

    init(
        environment: [String: String] = ProcessInfo.processInfo.environment, ready: AsyncStream<Int>,
        announcing announce: @escaping @Sendable (_ httpPort: Int) -> Void,
        isHealthy: @escaping @Sendable () async -> Bool
    ) {
        self.ready = ready
        self.announce = announce
        socketPath = environment["NOTIFY_SOCKET"]
        heartbeat = environment["WATCHDOG_USEC"].flatMap(Int64.init).map { .microseconds($0 / 2) }
        self.isHealthy = isHealthy
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await httpPort in ready {
                announce(httpPort)
                break
            }
            notify("READY=1")
            while !Task.isCancelled {
                if await isHealthy() { notify("WATCHDOG=1") }
                try? await Task.sleep(for: heartbeat ?? .seconds(3600))
            }
        }
        notify("STOPPING=1")
    }

    private func notify(_ state: String) {
        guard let socketPath, socketPath.utf8.count < 108 else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: socketPath.utf8)
            // A name that begins with "@" is in the abstract namespace.
            if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + socketPath.utf8.count)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, state, state.utf8.count, Int32(Glibc.MSG_NOSIGNAL), address, length)
            }
        }
    }
}
