/// How long the last studies took to be given to their persons, each with the transaction it was done in.
public struct ResolutionTimes: Sendable, Equatable {
    public let median: Duration
    public let ninetyNinth: Duration

    /// Studies that are looked at.
    static let count = 1000

    /// - Returns: nil without any.
    init?(_ times: [Duration]) {
        let sorted = times.sorted()
        guard let last = sorted.last else { return nil }
        median = sorted[sorted.count / 2]
        ninetyNinth = sorted.dropFirst(sorted.count * 99 / 100).first ?? last
    }
}
