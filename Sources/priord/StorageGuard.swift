import Archive
import ServiceLifecycle

/// Ends the daemon when its storage can take nothing in until a restart has recovered it, so that systemd restarts it.
struct StorageGuard: Service {
    let archive: Archive
    private static let interval = Duration.seconds(1)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let failure = archive.failure { throw failure }
                try? await Task.sleep(for: StorageGuard.interval)
            }
        }
    }
}
