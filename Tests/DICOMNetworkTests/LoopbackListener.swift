import Dispatch
import Logging

@testable import DICOMNetwork

/// A listener on a free port of the loopback that hands each Association to `serve`, until `body` has returned.
func withListener(
    _ serve: @escaping @Sendable (Association) -> Void, _ body: (AssociationListener) throws -> Void
) throws {
    try DICOMLibrary.prepare()
    let listener = try AssociationListener(
        address: "127.0.0.1", port: 0, limits: AssociationLimits(), shares: AssociationShares(limit: 4),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let running = DispatchGroup()
    DispatchQueue(label: "listener").async(group: running) { listener.run(serving: serve) }
    defer {
        listener.stop()
        running.wait()
    }
    try body(listener)
}
