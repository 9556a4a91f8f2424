public import DICOMCore
internal import Foundation

/// What queries go by, for the conformance statement.
public enum QueryFacts {
    /// Keys of a level that the index has, by tag.
    public static func indexedKeys(of level: QueryLevel) -> [Tag] {
        IndexedAttribute.byTag.values.filter { $0.level == level }.map(\.tag)
            .sorted { ($0.group, $0.element) < ($1.group, $1.element) }
    }

    public static func uniqueKey(of level: QueryLevel) -> Tag { IndexedAttribute.uniqueKey(level) }

    /// How values of a VR are matched beside universal matching, as the matching itself takes them; nil where they are not.
    public static func matching(of representation: ValueRepresentation) -> String? {
        if representation == .sequence { return "sequence" }
        // Some value that it may have, and the same with a wildcard.
        guard let plain = condition(of: representation, ["1.2", "20260101", "10"]) else { return nil }
        return switch plain {
        case .universal: nil
        case .uids: "single value, list"
        case .numbers: "single value, by number"
        case .names, .nameWords: "single value, wildcard; by component group, without case, width and diacritics"
        case .dates, .times, .dateTimes: "single value, range"
        case .item: "sequence"
        case .texts: "single value, wildcard"
        case .literals:
            if case .texts = condition(of: representation, ["1*"]) { "single value, wildcard" } else { "single value" }
        }
    }

    private static func condition(of vr: ValueRepresentation, _ samples: [String]) -> ValueCondition? {
        let reading = ValueCondition.Reading(dateTimes: DateTimeReading(dataSetOffset: nil, timeZone: .gmt))
        return samples.lazy.compactMap {
            try? ValueCondition(Tag(0x0008, 0x0000), vr, values: [$0], reading: reading)
        }.first
    }
}
