import DICOMCore

/// A multi-frame object that was sent in parts (PS3.3 C.7.6.16.2.2.4).
struct Concatenation {
    let uid: String
    /// In-concatenation Number (0020,9162) of what came.
    let parts: Set<Int>
    /// In-concatenation Total Number (0020,9163); it need not be told.
    let total: Int?

    /// Numbers that lack, ascending; when the total is not told, only those before the last that came.
    var missingParts: [Int] {
        guard let last = total ?? parts.max(), last > parts.count, last < 100_000 else { return [] }
        return (1...last).filter { !parts.contains($0) }
    }

    static func all(in series: SeriesContent) -> [Concatenation] {
        let members = series.instances.filter { $0.attributes[.concatenationUID] != nil }
        let groups = Dictionary(grouping: members) { $0.attributes[.concatenationUID] ?? "" }
        return groups.sorted { $0.key < $1.key }.map { uid, instances in
            let totals = instances.compactMap { $0.attributes.integer(.inConcatenationTotalNumber) }
            return Concatenation(
                uid: uid,
                parts: Set(
                    instances.compactMap { $0.attributes.integer(.inConcatenationNumber) }.filter { $0 > 0 }),
                total: totals.filter { $0 > 0 && $0 < 100_000 }.max())
        }
    }
}
