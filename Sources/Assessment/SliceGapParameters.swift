/// Thresholds of `slice-gap`: how far a stack may stray from regular before a gap in it is one. No standard sets any; they
/// follow from what a lost slice does, which is to double a distance, and from how even stacks of scanners are.
public struct SliceGapParameters: RuleParameters {
    /// A gap narrower than this many local distances is none.
    public var least = 1.5
    /// How near a gap lies to a whole multiple of the local distance, as a fraction of that distance.
    public var wholeTolerance = 0.25
    /// How near a distance lies to its neighbours', to count as regular.
    public var regularTolerance = 0.35
    /// Without numbers that agree, a gap is believed only where at least this share of the distances is regular.
    public var regularShare = 0.7
    /// Distances looked at on either side of a gap.
    var window = 5
    /// Distances a stack must have for a gap to be believed on positions alone, and against the numbers.
    var leastDistances = 3
    var leastDistancesAgainstNumbers = 6
    /// Slices lost in a row that are believed on positions alone, and against the numbers; more is the space between stacks.
    var mostLost = 40
    var mostLostAgainstNumbers = 6

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("least", \.least, unit: "local distances", range: 1.2...3),
            RuleSetting("whole-tolerance", \.wholeTolerance, unit: "local distances", range: 0.05...0.5),
            RuleSetting("regular-tolerance", \.regularTolerance, unit: "local distances", range: 0.05...1),
            RuleSetting("regular-share", \.regularShare, unit: "fraction", range: 0.3...1),
        ]
    }

    public init() {}
}
