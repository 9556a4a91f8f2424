internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Synchronization

/// What became of every file that was sent.
final class SendReport: Sendable {
    enum Outcome: Sendable, Equatable {
        case stored(SendPlan.File)
        /// Stored, with a remark (PS3.7 C.4).
        case warned(SendPlan.File, DIMSEStatus)
        /// `status` is nil when none came.
        case failed(SendPlan.File, status: DIMSEStatus?, String)

        /// Reads the Status of a C-STORE-RSP.
        init(_ file: SendPlan.File, _ status: DIMSEStatus) {
            self =
                switch status.storeOutcome {
                case .stored: .stored(file)
                case .storedWithWarning: .warned(file, status)
                case .refused: .failed(file, status: status, status.storeRefusal)
                }
        }
    }

    struct Summary: Encodable, Equatable {
        struct Remark: Encodable, Equatable {
            let file: String
            let sopInstanceUID: String
            /// Four hexadecimal digits; nil when no response came.
            let status: String?
            let detail: String
        }

        var stored = 0
        var byteCount = 0
        var warnings: [Remark] = []
        var failures: [Remark] = []
        /// Files that are none of DICOM.
        var otherFiles = 0
        var seconds = 0.0

        var text: String {
            let rate = seconds > 0 ? Double(byteCount) / seconds / 1_000_000 : 0
            let elapsed = seconds.formatted(.number.precision(.fractionLength(1)))
            return "\(stored) stored (\(warnings.count) with a remark), \(failures.count) failed, \(otherFiles) other "
                + "files; \(Presentation.size(Int64(byteCount))) in \(elapsed) s, "
                + "\(rate.formatted(.number.precision(.fractionLength(1)))) MB/s"
        }
    }

    private struct State {
        var summary = Summary()
        /// Why a sender gave up.
        var end: String?
    }

    private let state = Mutex(State())

    func add(_ outcome: Outcome) {
        state.withLock { state in
            switch outcome {
            case .stored(let file):
                state.summary.stored += 1
                state.summary.byteCount += file.byteCount
            case .warned(let file, let status):
                state.summary.stored += 1
                state.summary.byteCount += file.byteCount
                state.summary.warnings.append(Self.remark(file, status, "stored with a remark"))
            case .failed(let file, let status, let detail):
                state.summary.failures.append(Self.remark(file, status, detail))
            }
        }
    }

    /// A file that could not even be tried.
    func addUnsendable(_ path: String, _ reason: String) {
        state.withLock {
            $0.summary.failures.append(.init(file: path, sopInstanceUID: "", status: nil, detail: reason))
        }
    }

    func end(_ reason: String) { state.withLock { $0.end = reason } }

    var endReason: String { state.withLock { $0.end } ?? "not sent" }

    func summary(otherFiles: Int, after elapsed: Duration) -> Summary {
        var summary = state.withLock { $0.summary }
        summary.otherFiles = otherFiles
        summary.seconds = elapsed / .seconds(1)
        summary.failures.sort { $0.file < $1.file }
        return summary
    }

    private static func remark(_ file: SendPlan.File, _ status: DIMSEStatus?, _ detail: String) -> Summary.Remark {
        .init(file: file.path, sopInstanceUID: file.sopInstanceUID, status: status?.description, detail: detail)
    }
}
