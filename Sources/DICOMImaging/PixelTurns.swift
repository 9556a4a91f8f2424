/// What pixels are decoded for; who comes first goes first.
public enum PixelPurpose: Int, Sendable, CaseIterable {
    /// Somebody looks at a screen.
    case view
    /// A peer has asked for objects.
    case retrieval
    case forwarding
    case assessment
}

/// Who may use a worker process, and who waits: by purpose, then in the order they came.
///
/// Assessments never have all of them, so that nobody who asked for objects waits longer than for one of his kind.
///
/// `Waiting` stands for one that waits.
struct PixelTurns<Waiting> {
    private let limit: Int
    private let assessmentLimit: Int
    private var running = [PixelPurpose: Int]()
    private var waiting = [PixelPurpose: [Waiting]]()

    init(limit: Int, assessmentLimit: Int) {
        self.limit = limit
        self.assessmentLimit = assessmentLimit
    }

    /// - Returns: whether the turn has come; else `waiting` is given back by ``end(_:)`` when it has.
    mutating func begin(_ purpose: PixelPurpose, else waiting: Waiting) -> Bool {
        guard isFree(for: purpose) else {
            self.waiting[purpose, default: []].append(waiting)
            return false
        }
        running[purpose, default: 0] += 1
        return true
    }

    /// - Returns: whose turn it is now.
    mutating func end(_ purpose: PixelPurpose) -> Waiting? {
        running[purpose, default: 0] -= 1
        for purpose in PixelPurpose.allCases where isFree(for: purpose) && !(waiting[purpose] ?? []).isEmpty {
            running[purpose, default: 0] += 1
            return waiting[purpose]?.removeFirst()
        }
        return nil
    }

    private func isFree(for purpose: PixelPurpose) -> Bool {
        guard running.values.reduce(0, +) < limit else { return false }
        return purpose != .assessment || running[.assessment, default: 0] < assessmentLimit
    }
}
