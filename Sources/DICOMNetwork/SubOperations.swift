/// How many C-STORE sub-operations of a retrieve are at which point (PS3.7 9.3.4.2). 0 where a peer does not say.
public struct SubOperations: Sendable, Equatable {
    public var remaining: Int
    public var completed: Int
    public var failed: Int
    /// Stored, with a Status of warning.
    public var warning: Int

    public init(remaining: Int = 0, completed: Int = 0, failed: Int = 0, warning: Int = 0) {
        self.remaining = remaining
        self.completed = completed
        self.failed = failed
        self.warning = warning
    }

    public static func + (left: SubOperations, right: SubOperations) -> SubOperations {
        SubOperations(
            remaining: left.remaining + right.remaining, completed: left.completed + right.completed,
            failed: left.failed + right.failed, warning: left.warning + right.warning)
    }
}
