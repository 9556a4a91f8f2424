import DICOMCore
import Foundation

@testable import Archive

extension PeerActivity {
    static func sample(_ aeTitle: AETitle, received: Date?, failed: Date?) -> PeerActivity {
        PeerActivity(
            aeTitle: aeTitle, host: "10.0.0.5", lastReceivedAt: received, instanceCount: received == nil ? 0 : 1,
            byteCount: 100, duplicateCount: 0, lastFailureAt: failed, lastFailure: failed == nil ? "" : "C000")
    }
}
