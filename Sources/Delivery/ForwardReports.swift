internal import Archive
public import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

/// What destinations say of the Instances they were asked to commit to, over whatever Association (PS3.4 J.3.3).
public struct ForwardReports: Sendable {
    let lanes: [ForwardLane]

    /// Keeps one report, durably. Blocks.
    ///
    /// - Parameter eventType: Event Type ID (0000,1002).
    /// - Returns: the Status to answer with; success for a report that came before.
    public func take(_ report: AttributeSet, eventType: UInt16) -> DIMSEStatus {
        guard StorageCommitment.EventType(rawValue: eventType) != nil else { return .noSuchEventType }
        guard let transaction = report[.transactionUID], !transaction.isEmpty else { return .invalidArgumentValue }
        // Whose it is only the index knows, and one that waits for nothing hears of nothing.
        guard let any = lanes.first else { return .invalidArgumentValue }
        let committed = report.items(.referencedSOPSequence).compactMap { ForwardReports.instance($0) }
        var failed: [SOPInstanceUID: DIMSEStatus] = [:]
        for item in report.items(.failedSOPSequence) {
            guard let instance = ForwardReports.instance(item) else { continue }
            let reason = item[.failureReason].flatMap { UInt16($0) } ?? DIMSEStatus.processingFailure.code
            failed[instance] = DIMSEStatus(code: reason)
        }
        let content = ForwardCommitmentReport(transactionUID: transaction, committed: committed, failed: failed)
        do throws(ArchiveError) {
            return try take(content, by: any)
        } catch {
            any.logger.error("a commitment cannot be noted", metadata: ["why": "\(error)"])
            return .processingFailure
        }
    }

    private func take(_ content: ForwardCommitmentReport, by any: ForwardLane) throws(ArchiveError) -> DIMSEStatus {
        let now = Date()
        let lane = try any.index.destination(ofTransaction: content.transactionUID).flatMap { name in
            lanes.first { $0.destination.name == name }
        }
        guard let lane else { return .invalidArgumentValue }
        let outcome = try lane.index.take(
            content, limit: lane.destination.instanceAttemptLimit,
            resendingAt: now.addingTimeInterval(lane.destination.pauses.pause(after: 1)), at: now)
        switch outcome {
        case .unknown: return .invalidArgumentValue
        case .repeated: return .success
        case .kept(let study, let destination, let state):
            lane.logger.log(
                level: content.failed.isEmpty ? .info : .warning, "destination committed",
                metadata: [
                    "destination": "\(destination)", "study-instance-uid": "\(study)",
                    "instances": "\(content.committed.count)", "failed-instances": "\(content.failed.count)",
                    "outcome": "\(state.map { "\($0)" } ?? "ended before")",
                ])
            return .success
        }
    }

    private static func instance(_ item: AttributeSet) -> SOPInstanceUID? {
        item[.referencedSOPInstanceUID].flatMap { try? SOPInstanceUID($0) }
    }
}
