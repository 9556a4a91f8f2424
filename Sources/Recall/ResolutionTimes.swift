/// How long each of the last studies took to be given to its person, from its header to the commit. Studies that
/// shared a transaction have what was common in full, and not the work on one another.
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
