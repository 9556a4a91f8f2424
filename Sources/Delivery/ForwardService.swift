public import Archive
internal import DICOMNetwork
internal import Foundation
public import Logging
public import ServiceLifecycle

/// Forwards studies to destinations from the queue in the index: at least once, in order within a Series, until each Instance
/// is answered and, where that is asked for, committed. Each destination has a lane of its own, with a thread that sleeps
/// until something is due; a restart goes on where the last stop left it.
public final class ForwardService: Service {
    private let lanes: [ForwardLane]
    /// For the Instance under way when the daemon stops.
    private static let grace: TimeInterval = 10

    public init(
        index: StudyIndex, sender: InstanceSender, destinations: [ForwardDestination], logger: Logger
    ) {
        lanes = destinations.map { ForwardLane($0, index: index, sender: sender, logger: logger) }
        index.onForwardWork { [lanes] in for lane in lanes { lane.wake() } }
    }

    /// Of every destination, in the order of the configuration.
    public var activity: [ForwardActivity] { lanes.map(\.activity) }

    /// What a destination says over an Association of its own goes in here.
    public var reports: ForwardReports { ForwardReports(lanes: lanes) }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    for lane in self.lanes { group.addTask { await onOwnThread(named: "forwarding") { lane.serve() } } }
                    // Without destinations there is nothing to do but to be there.
                    while !Task.isCancelled { try? await Task.sleep(for: .seconds(86_400)) }
                }
            } onCancel: {
                for lane in self.lanes { lane.stop(grace: ForwardService.grace) }
            }
        }
    }
}
