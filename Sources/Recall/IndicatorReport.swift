public import Archive
public import Foundation

/// An indicator's value for one group.
public struct IndicatorValue: Sendable, Equatable {
    /// What exams and orders are grouped by: as who decided last says, or where nobody did, the first event that says it.
    public enum Grouping: String, Sendable, CaseIterable {
        case institution, department, doctor, item
        /// Of the first offer: `YYYYMM`.
        case month
    }

    public let indicator: Indicator
    /// "" for all together.
    public let group: String
    public let numerator: Int
    public let denominator: Int

    /// In 0...1; nil where nothing was offered.
    public var rate: Double? { denominator == 0 ? nil : Double(numerator) / Double(denominator) }
}

/// The four indicators of what was first offered in a period, as they stood at a moment, from the log alone.
public struct IndicatorReport: Sendable, Equatable {
    /// By indicator; all together first, then groups ascending.
    public let values: [IndicatorValue]
    /// Events that were counted, and those a later version wrote.
    public let eventCount: Int
    public let unknownCount: Int
    /// Where the log stood when it was read.
    public let head: EventChain.Head

    /// Reads the log once.
    ///
    /// - Parameters:
    ///   - moment: later events do not count, so a past figure comes out as it was.
    ///   - zone: in which months begin.
    public init(
        of log: EventChain, in period: Range<Date>, by grouping: IndicatorValue.Grouping?, asOf moment: Date,
        zone: TimeZone
    ) throws {
        var book = OccasionBook(by: grouping, asOf: moment)
        let head = try log.forEachRecord { record in
            if let fields = EventFields(record) { book.add(fields) }
        }
        self.init(book, in: period, isGrouped: grouping != nil, zone: zone, head: head)
    }

    init(_ book: OccasionBook, in period: Range<Date>, isGrouped: Bool, zone: TimeZone, head: EventChain.Head) {
        self.head = head
        eventCount = book.eventCount
        unknownCount = book.unknownCount
        var tallies: [String: [(counted: Int, ofAll: Int)]] = ["": Self.none]
        for (group, occasion) in book.occasions(in: period, zone: zone) {
            for name in isGrouped ? ["", group] : [""] {
                for (place, indicator) in Indicator.all.enumerated() {
                    let (counted, ofAll) = indicator.counts(occasion)
                    guard ofAll else { continue }
                    tallies[name, default: Self.none][place].ofAll += 1
                    if counted { tallies[name, default: Self.none][place].counted += 1 }
                }
            }
        }
        let groups = tallies.sorted { $0.key < $1.key }
        values = Indicator.all.enumerated().flatMap { place, indicator in
            groups.map { group, tally in
                IndicatorValue(
                    indicator: indicator, group: group, numerator: tally[place].counted,
                    denominator: tally[place].ofAll)
            }
        }
    }

    private static var none: [(counted: Int, ofAll: Int)] { Indicator.all.map { _ in (0, 0) } }
}
