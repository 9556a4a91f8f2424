internal import AdminAPI

/// Why a command could not do what it was asked; printed to standard error, exit code 1.
enum CommandFailure: Error, Equatable {
    /// Nobody answers on the daemon's socket.
    case daemonUnreachable(socket: String, reason: String)
    case refused(Problem)
    /// The answer is not what this version understands.
    case answerNotUnderstood(String)
    case file(path: String, reason: String)
    case peer(String)
}

extension CommandFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .daemonUnreachable(let socket, let reason): "no daemon answers on \(socket): \(reason)"
        case .refused(let problem):
            [
                problem.title, problem.detail, problem.dimseStatus.map { "status \($0)" },
                problem.traceID.map { "trace id \($0)" },
            ].compactMap { $0 }.joined(separator: "; ")
        case .answerNotUnderstood(let what): "the daemon's answer is not understood: \(what)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .peer(let reason): reason
        }
    }
}
