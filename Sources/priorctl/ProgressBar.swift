internal import Foundation
internal import Synchronization

/// A line on standard error that shows how far a command is; silent unless that is a terminal.
final class ProgressBar: Sendable {
    private struct State {
        var done = 0
        var total = 0
        var byteCount: Int64 = 0
        var nextDrawing = ContinuousClock.now
        var isDrawn = false
    }

    private let label: String
    private let isShown: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())
    private static let pause = Duration.milliseconds(100)
    private static let width = 30

    init(_ label: String, total: Int = 0, isShown: Bool = isatty(STDERR_FILENO) == 1) {
        self.label = label
        self.isShown = isShown
        state.withLock { $0.total = total }
    }

    func advance(by count: Int = 1, byteCount: Int64 = 0) {
        update { state in
            state.done += count
            state.byteCount += byteCount
        }
    }

    func set(done: Int, total: Int) {
        update { state in
            state.done = done
            state.total = total
        }
    }

    /// Removes the line, so that what follows stands alone.
    func finish() {
        let wasDrawn = state.withLock { $0.isDrawn }
        if wasDrawn { Output.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    private func update(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            guard isShown, ContinuousClock.now >= state.nextDrawing || state.done == state.total else { return }
            state.nextDrawing = .now + Self.pause
            state.isDrawn = true
            let line = Self.line(
                label, done: state.done, total: state.total, byteCount: state.byteCount, after: .now - start)
            Output.write("\r\u{1B}[K" + line, to: STDERR_FILENO)
        }
    }

    static func line(_ label: String, done: Int, total: Int, byteCount: Int64, after elapsed: Duration) -> String {
        let fraction = total > 0 ? min(1, Double(done) / Double(total)) : 0
        let filled = Int(fraction * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let seconds = max(0.001, elapsed / .seconds(1))
        var line = "\(label) \(bar) \(done)/\(total)"
        line += "  \((Double(done) / seconds).formatted(.number.precision(.fractionLength(0))))/s"
        if byteCount > 0 {
            line +=
                "  \((Double(byteCount) / seconds / 1_000_000).formatted(.number.precision(.fractionLength(1)))) MB/s"
        }
        return line
    }
}
