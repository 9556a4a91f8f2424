internal import Archive
internal import DICOMCore

extension Query {
    /// Whether no study at all can match.
    var isImpossible: Bool {
        keys.contains { $0.condition.isImpossible } || moments.contains { $0.range.isEmpty }
    }

    /// What the index can do for it: everything that matches is found, and little more.
    var indexQuery: IndexQuery {
        var query = IndexQuery(level: level)
        query.order = options.newestFirst ? .newestFirst : .any
        for key in keys {
            guard let field = IndexedAttribute.byTag[key.tag]?.field else { continue }
            query.conditions += key.condition.indexConditions.map { (field, $0) }
        }
        return query
    }
}

extension ValueCondition {
    /// Conditions that whatever satisfies this satisfies too.
    fileprivate var indexConditions: [IndexCondition] {
        switch self {
        case .universal, .times, .dateTimes, .item: []
        case .uids(let values), .literals(let values): [.anyOf(values.sorted())]
        case .texts(let patterns): patterns.count == 1 ? [.pattern(patterns[0].text)] : []
        case .numbers(let numbers):
            [.number(numbers.compactMap { Int(exactly: $0) })]
        case .names(let patterns):
            patterns.count == 1 ? [.nameBeginnings(patterns[0].groups.filter { $0.contains { $0 != "*" } })] : []
        case .nameWords(let words): [.nameWords(words)]
        case .dates(let ranges):
            ranges.count == 1 ? [.range(first: ranges[0].first, last: ranges[0].last)] : []
        }
    }
}
