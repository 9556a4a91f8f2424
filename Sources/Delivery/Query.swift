internal import Archive
public import DICOMCore
internal import DICOMNetwork
public import Foundation

/// What somebody looks for, whatever the protocol: a level, keys to match with, and Attributes to be returned.
///
/// Made of the Identifier of a C-FIND, or of pairs of Attribute and value as QIDO-RS has them. Start reading at
/// ``ValueCondition`` for the rules of matching, and at ``QueryRun`` for how matches are found.
public struct Query: Sendable {
    /// How a query is to be understood, where its keys do not say it.
    public struct Options: Sendable {
        /// Names are matched by the beginnings of their words, in any order (PS3.4 C.2.2.2.1.2).
        public var isFuzzy = false
        /// A date and its time are one moment: a range begins at the first time of its first date (PS3.4 C.2.2.2.5.1).
        public var combinesDateTime = false
        /// Unique Keys above the level may be left out (PS3.4 C.4.1.2.2.2).
        public var isRelational = false
        /// Zone of times that name none.
        public var timeZone = TimeZone.gmt
        /// Matches to pass over, and to return at most.
        public var offset = 0
        public var limit: Int?
        /// Studies newest first; else in whatever order is fastest.
        public var newestFirst = false
        /// Everything known of the level and those above is returned, at IMAGE level every Attribute of the object.
        public var returnsAll = false

        public init() {}
    }

    public let level: QueryLevel
    public let options: Options
    /// Attributes that are asked for and that this level does not have: they match everything and are not returned.
    public let unsupported: [Tag]
    /// Specific Character Set (0008,0005) of the Identifier: what the one who asks can read.
    public let characterSet: [String]
    let keys: [QueryKey]
    /// Date and time that are one.
    let moments: [MomentKey]

    /// A range of moments, 20 digits, of an Attribute for the date and one for the time.
    struct MomentKey: Sendable {
        let date: Tag
        let time: Tag
        let range: ValueInterval<String>
    }

    /// - Parameter identifier: as decoded; Query/Retrieve Level (0008,0052) among it.
    public init(
        identifier: AttributeSet, model: InformationModel, options: Options = Options()
    ) throws(QueryError) {
        guard let level = QueryLevel(of: identifier) else { throw .noLevel }
        guard model.levels.contains(level) else { throw .levelNotInModel(level) }
        try self.init(level: level, attributes: identifier, options)
        // What peers answer differs: dcmqrscp refuses a query without the Unique Keys above its level, Orthanc answers it.
        // It is answered here unless it would list every Series or Instance there is.
        if level > .study, !options.isRelational, moments.isEmpty, keys.allSatisfy(\.condition.isUniversal) {
            throw .nothingAsked(level)
        }
    }

    /// One Attribute of a query, by the Sequences that lead to it: `[.requestAttributesSequence, .codeValue]`.
    public struct Term: Sendable {
        public var path: [Tag]
        /// "" asks for the Attribute to be returned; several values are divided by backslash.
        public var value: String

        public init(_ path: [Tag], _ value: String = "") {
            self.path = path
            self.value = value
        }
    }

    /// - Parameter terms: keys, and with empty values Attributes to be returned.
    public init(level: QueryLevel, terms: [Term], options: Options = Options()) throws(QueryError) {
        var attributes = AttributeSet()
        for term in terms where !term.path.isEmpty { attributes.put(term.value, at: term.path[...]) }
        try self.init(level: level, attributes: attributes, options)
    }

    /// The same for Attributes that are in no Sequence.
    public init(level: QueryLevel, pairs: [(Tag, String)], options: Options = Options()) throws(QueryError) {
        try self.init(level: level, terms: pairs.map { Term([$0.0], $0.1) }, options: options)
    }

    /// Part of every Identifier, and nothing to look for.
    private static let passedOver: Set<Tag> = [
        .queryRetrieveLevel, .specificCharacterSet, .retrieveAETitle, .instanceAvailability,
    ]

    private init(level: QueryLevel, attributes: AttributeSet, _ options: Options) throws(QueryError) {
        self.level = level
        self.options = options
        characterSet = attributes.strings(.specificCharacterSet)
        let reading = ValueCondition.Reading(
            isFuzzy: options.isFuzzy,
            dateTimes: DateTimeReading(
                dataSetOffset: attributes[.timezoneOffsetFromUTC], timeZone: options.timeZone))
        var keys: [QueryKey] = []
        var unsupported: [Tag] = []
        for tag in attributes.tags where !Query.passedOver.contains(tag) && tag.element != 0 {
            if level == .study, tag == .modality {
                // Many ask so for what Modalities in Study tells.
                let condition = try Query.condition(.modalitiesInStudy, .codeString, attributes.strings(tag), reading)
                keys.append(QueryKey(tag: .modalitiesInStudy, condition: condition))
                unsupported.append(tag)
            } else if let key = try Query.key(tag, attributes, reading), Query.isSupported(tag, at: level) {
                // Of a zone of its own a query tells only how its date-times are meant.
                keys.append(tag == .timezoneOffsetFromUTC ? QueryKey(tag: tag, condition: .universal) : key)
            } else {
                unsupported.append(tag)
            }
        }
        self.unsupported = unsupported
        (self.keys, moments) = options.combinesDateTime ? Query.combined(keys) : (keys, [])
    }

    private static func condition(
        _ tag: Tag, _ vr: ValueRepresentation, _ values: [String], _ reading: ValueCondition.Reading
    ) throws(QueryError) -> ValueCondition {
        try ValueCondition(tag, vr, values: values, reading: reading)
    }

    /// nil for what no dictionary knows, and for bulk data.
    private static func key(
        _ tag: Tag, _ attributes: AttributeSet, _ reading: ValueCondition.Reading
    ) throws(QueryError) -> QueryKey? {
        guard let vr = DICOMLibrary.valueRepresentation(of: tag), !vr.isBulk else { return nil }
        switch vr {
        case .sequence:
            var children: [QueryKey] = []
            let item = attributes.items(tag).first ?? AttributeSet()
            for child in item.tags {
                if let key = try key(child, item, reading) { children.append(key) }
            }
            return QueryKey(tag: tag, condition: .item(children), children: children)
        default:
            return QueryKey(tag: tag, condition: try condition(tag, vr, attributes.strings(tag), reading))
        }
    }

    /// A level has its own Attributes and those above. Of the others the index knows that they vary below it; what it does
    /// not know is read from an object that speaks for the match.
    private static func isSupported(_ tag: Tag, at level: QueryLevel) -> Bool {
        if let known = IndexedAttribute.byTag[tag] { return known.level <= level }
        if tag == .queryRetrieveView || tag.group <= 0x0002 { return false }
        return level > .patient || IndexedAttribute.isOfPatient(tag) || tag == .timezoneOffsetFromUTC
    }

    private static let pairs: [(date: Tag, time: Tag)] = [
        (.studyDate, .studyTime), (.seriesDate, .seriesTime), (.acquisitionDate, .acquisitionTime),
        (.contentDate, .contentTime), (.performedStepStartDate, .performedStepStartTime),
        (.performedStepEndDate, .performedStepEndTime), (.patientBirthDate, .patientBirthTime),
    ]

    /// Takes ranges of a date and of its time together.
    private static func combined(_ keys: [QueryKey]) -> ([QueryKey], [MomentKey]) {
        var moments: [MomentKey] = []
        for pair in pairs {
            guard case .dates(let dates) = keys.first(where: { $0.tag == pair.date })?.condition, dates.count == 1,
                case .times(let times) = keys.first(where: { $0.tag == pair.time })?.condition, times.count == 1
            else { continue }
            moments.append(
                MomentKey(
                    date: pair.date, time: pair.time,
                    range: ValueInterval(
                        first: dates[0].first.map { $0 + (times[0].first ?? "000000000000") },
                        last: dates[0].last.map { $0 + (times[0].last ?? "235959999999") })))
        }
        let times = Set(moments.map(\.time))
        return (
            keys.map { times.contains($0.tag) ? QueryKey(tag: $0.tag, condition: .universal) : $0 }, moments
        )
    }
}

extension AttributeSet {
    fileprivate mutating func put(_ value: String, at path: ArraySlice<Tag>) {
        guard let tag = path.first else { return }
        guard path.count > 1 else {
            if value.isEmpty, contains(tag) { return }
            set(tag, to: value.split(separator: "\\", omittingEmptySubsequences: false).map(String.init))
            return
        }
        var item = items(tag).first ?? AttributeSet()
        item.put(value, at: path.dropFirst())
        set(tag, to: [item])
    }
}
