public import Archive
public import DICOMCore
internal import DICOMNetwork
public import Foundation
public import Logging

/// Answers queries from the index and, for what that does not have, from stored objects.
public struct QueryEngine: Sendable {
    let index: StudyIndex
    let archive: Archive
    let characterSets: [AETitle: TextEncoding]
    public let limits: QueryLimits
    /// Zone of times that name none.
    public let timeZone: TimeZone
    let logger: Logger

    /// - Parameter characterSets: what text is in that some senders declare wrongly, by their AE Title.
    public init(
        archive: Archive, characterSets: [AETitle: TextEncoding] = [:], timeZone: TimeZone? = nil,
        limits: QueryLimits = QueryLimits(), logger: Logger
    ) {
        self.archive = archive
        self.characterSets = characterSets
        index = archive.index
        self.timeZone = timeZone ?? .gmt
        self.limits = limits
        self.logger = logger
    }

    /// Starts to answer. Nothing is read before ``QueryRun/step()``.
    public func run(_ query: Query) -> QueryRun { QueryRun(query, self) }

    /// Every Attribute of a stored object but bulk data; empty, and logged, when it cannot be read.
    func attributes(of instance: StoredInstance) -> AttributeSet {
        do {
            let object = try archive.open(instance)
            return try ObjectHeader(
                descriptor: object.fileDescriptor, characterSets: characterSets, keepsAllGroups: true
            ).attributes
        } catch {
            logger.error(
                "object not readable for a query",
                metadata: ["sop-instance-uid": "\(instance.sopInstanceUID)", "why": "\(error)"])
            return AttributeSet()
        }
    }
}

/// One match of a query.
public struct QueryMatch: Sendable {
    /// What was asked for, and the Unique Keys of its level and those above. What it does not have is there and empty.
    public let attributes: AttributeSet
    /// As the index has it: what a response may say beside.
    public let found: IndexMatch

    /// Of ``attributes`` those of the index, which are sound whatever is in the object.
    public var indexed: AttributeSet {
        var indexed = AttributeSet()
        for tag in attributes.tags where IndexedAttribute.byTag[tag] != nil {
            indexed.set(tag, to: attributes.strings(tag))
        }
        return indexed
    }
}

/// A query on its way through the index. Used by one thread; each step blocks for the disk.
public struct QueryRun: Sendable {
    /// What a step came to.
    public enum Step: Sendable {
        case match(QueryMatch)
        /// None of the rows looked at; there are more. A moment to see whether anybody still waits.
        case none
        case end
    }

    public let query: Query
    /// Whether there is a match beyond the limit of the query. Known at the end.
    public private(set) var isCut = false
    private let engine: QueryEngine
    private let indexQuery: IndexQuery
    private let conditions: [QueryKey]
    private let needsObject: Bool
    private let returnsObject: Bool
    private let returned: [QueryKey]
    private var page: ArraySlice<IndexMatch> = []
    private var cursor: IndexCursor?
    private var isAtEnd: Bool
    private var passedOver = 0
    private var matchCount = 0
    private var objectsRead = 0
    private var timeSpent = Duration.zero
    /// Of a page that is asked for at once.
    private static let pageLimit = 1000

    init(_ query: Query, _ engine: QueryEngine) {
        self.query = query
        self.engine = engine
        indexQuery = query.indexQuery
        isAtEnd = query.isImpossible
        let inMoments = Set(query.moments.flatMap { [$0.date, $0.time] })
        conditions = query.keys.filter { !$0.condition.isUniversal && !inMoments.contains($0.tag) }
        needsObject =
            conditions.contains { IndexedAttribute.byTag[$0.tag] == nil }
            || inMoments.contains { IndexedAttribute.byTag[$0] == nil }
        var returned = query.keys
        var tags = Set(returned.map(\.tag))
        var further = QueryLevel.allCases.filter { $0 <= query.level && $0 > .patient }.map(IndexedAttribute.uniqueKey)
        if query.level == .patient { further.append(.patientID) }
        if query.options.returnsAll {
            further += IndexedAttribute.byTag.values.filter { $0.level <= query.level }.map(\.tag)
        }
        for tag in further where tags.insert(tag).inserted {
            returned.append(QueryKey(tag: tag, condition: .universal))
        }
        self.returned = returned
        returnsObject =
            returned.contains { IndexedAttribute.byTag[$0.tag] == nil }
            || query.options.returnsAll && query.level == .image
    }

    /// Whether the next step reads a page of the index, or an object.
    public var isAboutToRead: Bool { page.isEmpty ? !isAtEnd : needsObject || returnsObject }

    /// The next match, if one of the next rows is one.
    public mutating func step() throws(QueryError) -> Step {
        let start = ContinuousClock.now
        defer { timeSpent += .now - start }
        guard timeSpent < engine.limits.time else { throw .tookTooLong(limit: engine.limits.time) }
        if let limit = query.options.limit, matchCount >= limit, isCut { return .end }
        if page.isEmpty {
            guard !isAtEnd else { return .end }
            try readPage()
        }
        while let found = page.popFirst() {
            guard let match = try match(found) else { continue }
            if passedOver < query.options.offset {
                passedOver += 1
                continue
            }
            if let limit = query.options.limit, matchCount >= limit {
                isCut = true
                return .end
            }
            matchCount += 1
            return .match(try finished(match))
        }
        return isAtEnd ? .end : .none
    }

    private mutating func readPage() throws(QueryError) {
        var count = engine.limits.page
        if let limit = query.options.limit {
            let wanted = limit - matchCount + query.options.offset - passedOver + 1
            count = min(max(wanted, 1), QueryRun.pageLimit)
        }
        do throws(ArchiveError) {
            let read = try engine.index.matches(indexQuery, after: cursor, limit: count)
            page = read.matches[...]
            cursor = read.next
            isAtEnd = read.next == nil
        } catch {
            throw .index(error)
        }
    }

    /// A candidate that satisfies every key, with its object when that had to be read.
    private struct Candidate {
        let found: IndexMatch
        var object: AttributeSet?
    }

    private mutating func match(_ found: IndexMatch) throws(QueryError) -> Candidate? {
        let local = DateTimeReading(dataSetOffset: nil, timeZone: engine.timeZone)
        for key in conditions {
            guard let known = IndexedAttribute.byTag[key.tag] else { continue }
            guard key.condition.matches(try values(known, of: found), dateTimes: local) else { return nil }
        }
        guard needsObject else { return try momentsMatch(found, nil) ? Candidate(found: found) : nil }
        objectsRead += 1
        guard objectsRead <= engine.limits.objectsRead else {
            throw .tooManyObjects(limit: engine.limits.objectsRead)
        }
        let object = try object(for: found)
        let reading = DateTimeReading(
            dataSetOffset: object[.timezoneOffsetFromUTC], timeZone: engine.timeZone)
        for key in conditions where IndexedAttribute.byTag[key.tag] == nil {
            guard key.matches(object, dateTimes: reading) else { return nil }
        }
        return try momentsMatch(found, object) ? Candidate(found: found, object: object) : nil
    }

    private func momentsMatch(_ found: IndexMatch, _ object: AttributeSet?) throws(QueryError) -> Bool {
        for moment in query.moments {
            guard let date = try value(moment.date, of: found, object).flatMap(ValueInterval.day),
                let time = try value(moment.time, of: found, object).flatMap({ ValueInterval.microseconds($0) }),
                moment.range.contains(date + time)
            else { return false }
        }
        return true
    }

    private func value(_ tag: Tag, of found: IndexMatch, _ object: AttributeSet?) throws(QueryError) -> String? {
        if let known = IndexedAttribute.byTag[tag] { return try values(known, of: found).first }
        return object?[tag]
    }

    private func values(_ attribute: IndexedAttribute, of found: IndexMatch) throws(QueryError) -> [String] {
        do throws(ArchiveError) {
            switch attribute.source {
            case .match(let values): return values(found)
            case .patientCount(let count):
                let patient = found.patient
                guard let counts = try engine.index.counts(ofPatient: patient.patientID, issuer: patient.issuer) else {
                    return []
                }
                return [String(count(counts))]
            case .sopClassesInStudy:
                return try found.study.map { study throws(ArchiveError) in
                    try engine.index.sopClasses(inStudy: study.studyInstanceUID)
                } ?? []
            }
        } catch {
            throw .index(error)
        }
    }

    private func object(for found: IndexMatch) throws(QueryError) -> AttributeSet {
        do throws(ArchiveError) {
            return try engine.index.representative(of: found).map(engine.attributes) ?? AttributeSet()
        } catch {
            throw .index(error)
        }
    }

    private func finished(_ candidate: Candidate) throws(QueryError) -> QueryMatch {
        var answer = AttributeSet()
        var object = candidate.object ?? AttributeSet()
        if returnsObject, candidate.object == nil { object = try self.object(for: candidate.found) }
        if query.options.returnsAll, query.level == .image { answer = object.known }
        for key in returned {
            if let known = IndexedAttribute.byTag[key.tag] {
                answer.set(key.tag, to: try values(known, of: candidate.found))
            } else {
                key.copy(from: object, to: &answer)
            }
        }
        return QueryMatch(attributes: answer, found: candidate.found)
    }
}
