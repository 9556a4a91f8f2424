internal import Recall

/// Why a source gave no answer. The texts are for operators, and quote nothing of what was asked or answered.
enum SourceFault: Error, Equatable {
    /// The clock, or whoever asked, ended it.
    case ended
    case refused(String)
    /// It refused this question, and may well answer another.
    case declined(String)
    case unreachable(String)
    case unreadable(String)
    /// It has none of the study that is to be fetched.
    case unknownStudy

    var state: SourceReport.State {
        switch self {
        case .ended: .deadline
        case .refused, .declined, .unknownStudy: .refused
        case .unreachable: .unreachable
        case .unreadable: .unreadable
        }
    }
}

extension SourceFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .ended: "no answer in time"
        case .refused(let why), .declined(let why), .unreachable(let why), .unreadable(let why): why
        case .unknownStudy: "it has no such study"
        }
    }
}

/// Runs `work` for `limit` at most, then cancels it, which it has to heed.
///
/// - Returns: nil when the clock ended it.
func within<Value: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws(SourceFault) -> Value
) async throws(SourceFault) -> Value? {
    let outcome: Result<Value, SourceFault>? = await withTaskGroup(of: Result<Value, SourceFault>?.self) { group in
        group.addTask {
            do throws(SourceFault) { return .success(try await work()) } catch { return .failure(error) }
        }
        group.addTask {
            try? await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
    return try outcome?.get()
}
