internal import DICOMCore
internal import DICOMNetwork
internal import Foundation

/// What a key asks of the values of an Attribute (PS3.4 C.2.2.2).
enum ValueCondition: Sendable {
    /// Matches everything, absence included (C.2.2.2.3).
    case universal
    /// One of these (C.2.2.2.2).
    case uids(Set<String>)
    /// One of these; the first kind of text without wildcards, so that the index may look for it.
    case texts([WildcardPattern])
    case literals(Set<String>)
    case numbers([Double])
    case names([NamePattern])
    case nameWords([String])
    case dates([ValueInterval<String>])
    case times([ValueInterval<String>])
    case dateTimes([ValueInterval<Int>])
    /// An Item that satisfies every one of these keys (C.2.2.2.6).
    case item([QueryKey])

    /// Longest value with wildcards, and most values that are no plain list: what is more makes every comparison slow.
    static let patternLimit = (length: 1024, count: 256)

    /// How a key's values are to be read.
    struct Reading {
        var isFuzzy = false
        /// Of date-times without offset in the query.
        var dateTimes: DateTimeReading
    }

    /// - Parameter values: of the key, decoded; a backslash divides them.
    /// - Throws: ``QueryError/unusableKey(_:_:)``.
    init(_ tag: Tag, _ vr: ValueRepresentation, values: [String], reading: Reading) throws(QueryError) {
        // A lone asterisk asks for everything, whatever the VR: many clients fill their forms with it.
        let values = values.filter { !$0.isEmpty && $0 != "*" }
        guard !values.isEmpty else {
            self = .universal
            return
        }
        func each<Value>(_ why: String, _ read: (String) -> Value?) throws(QueryError) -> [Value] {
            let read = values.map(read)
            let found = read.compactMap { $0 }
            guard found.count == read.count else { throw .unusableKey(tag, why) }
            return found
        }
        let isList = vr == .uniqueIdentifier || !values.contains(where: WildcardPattern.isNeeded) && vr != .personName
        guard isList || values.allSatisfy({ $0.utf8.count <= ValueCondition.patternLimit.length }) else {
            throw .unusableKey(tag, "is too long")
        }
        guard vr == .uniqueIdentifier || values.count <= ValueCondition.patternLimit.count else {
            throw .unusableKey(tag, "has too many values")
        }
        switch vr {
        case .uniqueIdentifier: self = .uids(Set(values))
        case .date: self = .dates(try each("is neither a date nor a range") { ValueInterval(dates: $0) })
        case .time: self = .times(try each("is neither a time nor a range") { ValueInterval(times: $0) })
        case .dateTime:
            self = .dateTimes(try each("is neither a date and time nor a range", reading.dateTimes.interval))
        case .personName where reading.isFuzzy: self = .nameWords(values.flatMap(NamePattern.words))
        case .personName: self = .names(values.map { NamePattern($0) })
        case .integerString, .decimalString, .unsignedShort, .signedShort, .unsignedLong, .signedLong,
            .unsignedVeryLong, .signedVeryLong, .floatingPointSingle, .floatingPointDouble:
            self = .numbers(try each("is not a number", ValueCondition.number))
        case .applicationEntity, .codeString, .longString, .longText, .shortString, .shortText, .unlimitedCharacters,
            .universalResource, .unlimitedText:
            let needsPattern = values.contains(where: WildcardPattern.isNeeded)
            self = needsPattern ? .texts(values.map { WildcardPattern($0) }) : .literals(Set(values))
        case .ageString, .attributeTag: self = .literals(Set(values))
        case .otherByte, .otherWord, .otherFloat, .otherDouble, .otherLong, .otherVeryLong, .unknown, .sequence:
            throw .unusableKey(tag, "cannot be matched")
        }
    }

    /// A decimal number (PS3.5 6.2, VR DS); Swift reads hexadecimal ones too.
    private static func number(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ isDigit($0) || "+-.eE".utf8.contains($0) }) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Whether no value at all can satisfy it.
    var isImpossible: Bool {
        switch self {
        case .dates(let ranges), .times(let ranges): ranges.allSatisfy(\.isEmpty)
        case .dateTimes(let ranges): ranges.allSatisfy(\.isEmpty)
        case .uids(let uids): uids.allSatisfy { (try? SOPInstanceUID($0)) == nil }
        case .item(let keys): keys.contains { $0.condition.isImpossible }
        case .universal, .texts, .literals, .numbers, .names, .nameWords: false
        }
    }

    var isUniversal: Bool {
        switch self {
        case .universal: true
        case .item(let keys): keys.allSatisfy(\.condition.isUniversal)
        default: false
        }
    }

    /// Whether one of `values` satisfies it (PS3.4 C.2.2.2.1, Attributes of several values).
    ///
    /// - Parameter dateTimes: how date-times of the Data Set are read.
    func matches(_ values: [String], dateTimes: DateTimeReading) -> Bool {
        switch self {
        case .universal: true
        case .uids(let uids): values.contains(where: uids.contains)
        case .texts(let patterns):
            values.contains { value in patterns.contains { $0.matches(value) } && !value.isEmpty }
        case .literals(let literals): values.contains(where: literals.contains)
        case .numbers(let numbers): values.contains { ValueCondition.number($0).map(numbers.contains) ?? false }
        case .names(let patterns):
            values.contains { value in !value.isEmpty && patterns.contains { $0.matches(value) } }
        case .nameWords(let words):
            values.contains { value in
                let own = NamePattern.words(of: value)
                return words.allSatisfy { word in own.contains { $0.hasPrefix(word) } }
            }
        case .dates(let ranges):
            values.contains { ValueInterval.day($0).map { day in ranges.contains { $0.contains(day) } } ?? false }
        case .times(let ranges):
            values.contains {
                ValueInterval.microseconds($0).map { time in ranges.contains { $0.contains(time) } } ?? false
            }
        case .dateTimes(let ranges):
            values.contains { value in
                dateTimes.moment(value)?.first.map { moment in ranges.contains { $0.contains(moment) } } ?? false
            }
        case .item: false
        }
    }
}

/// An Attribute that a query names: to match with, to be returned, or both.
struct QueryKey: Sendable {
    let tag: Tag
    let condition: ValueCondition
    /// Of a Sequence: the keys of its Item; empty for all of it.
    var children: [QueryKey] = []

    /// Whether a Data Set, or an Item of one, satisfies the key.
    func matches(_ attributes: AttributeSet, dateTimes: DateTimeReading) -> Bool {
        guard case .item(let keys) = condition else {
            return condition.matches(attributes.strings(tag), dateTimes: dateTimes)
        }
        return condition.isUniversal
            || attributes.items(tag).contains { item in keys.allSatisfy { $0.matches(item, dateTimes: dateTimes) } }
    }

    /// What of `attributes` it asks to be returned; empty when there is nothing.
    func copy(from attributes: AttributeSet, to answer: inout AttributeSet) {
        let items = attributes.items(tag)
        guard !items.isEmpty else {
            answer.set(tag, to: attributes.strings(tag))
            return
        }
        answer.set(
            tag,
            to: items.map { item in
                guard !children.isEmpty else { return item.known }
                var copy = AttributeSet()
                for child in children { child.copy(from: item, to: &copy) }
                return copy
            })
    }
}

extension AttributeSet {
    /// Without what no dictionary knows, and so nobody could be told in a message.
    var known: AttributeSet {
        var known = AttributeSet()
        for tag in tags where DICOMLibrary.valueRepresentation(of: tag).map({ !$0.isBulk }) ?? false {
            let items = items(tag)
            if items.isEmpty { known.set(tag, to: strings(tag)) } else { known.set(tag, to: items.map(\.known)) }
        }
        return known
    }
}

extension ValueRepresentation {
    /// Bytes rather than values.
    var isBulk: Bool {
        switch self {
        case .otherByte, .otherWord, .otherFloat, .otherDouble, .otherLong, .otherVeryLong, .unknown: true
        default: false
        }
    }
}
