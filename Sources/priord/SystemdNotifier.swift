import Foundation
import Logging
import ServiceLifecycle

/// Tells when the daemon is ready, and tells systemd that it is ready, alive and stopping (sd_notify(3)).
struct SystemdNotifier: Service {
    private let systemd: SystemdSocket
    /// Half of what WATCHDOG_USEC allows, or nil without a watchdog.
    private let heartbeat: Duration?
    /// Yields once, when the last port listens.
    private let ready: AsyncStream<Int>
    private let announce: @Sendable (_ httpPort: Int) -> Void
    /// Whether the daemon still works; a heartbeat is sent only then.
    private let isHealthy: @Sendable () async -> Bool

    init(
        systemd: SystemdSocket, environment: [String: String] = ProcessInfo.processInfo.environment,
        ready: AsyncStream<Int>,
        announcing announce: @escaping @Sendable (_ httpPort: Int) -> Void,
        isHealthy: @escaping @Sendable () async -> Bool
    ) {
        self.ready = ready
        self.announce = announce
        self.systemd = systemd
        heartbeat = environment["WATCHDOG_USEC"].flatMap(Int64.init).map { .microseconds($0 / 2) }
        self.isHealthy = isHealthy
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await httpPort in ready {
                announce(httpPort)
                break
            }
            systemd.notify("READY=1")
            while !Task.isCancelled {
                if await isHealthy() { systemd.notify("WATCHDOG=1") }
                try? await Task.sleep(for: heartbeat ?? .seconds(3600))
            }
        }
        systemd.notify("STOPPING=1")
    }
}
