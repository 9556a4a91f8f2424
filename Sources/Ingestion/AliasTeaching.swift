public import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
public import Logging
public import Matching
internal import Synchronization

/// The one way by which people teach what studies of a description are, and take it back.
///
/// What is taught is checked first, durable before it counts, and then applied to the studies there are already.
public final class AliasTeaching: Sendable {
    /// What became of a lesson.
    public struct Lesson: Sendable, Equatable {
        public let event: AliasEvent
        /// Studies that were named anew at once.
        public let renamedCount: Int
    }

    let archive: Archive
    private let aliases: AliasesInForce
    private let assessor: StudyAssessor
    private let namer: @Sendable () -> StudyNamer
    private let onChange: @Sendable () -> Void
    private let logger: Logger
    /// One change at a time, from its check to the last study.
    private let changes = Mutex(())

    /// Distinct descriptors looked at for contradictions: the most frequent ones.
    private static let checkedDescriptorLimit = 1000
    private static let stepCount = 200
    static let personLimit = 64
    static let reasonLimit = 1024

    /// - Parameters:
    ///   - namer: by the catalogues in force.
    ///   - onChange: called when studies wait to be assessed anew.
    public init(
        archive: Archive, aliases: AliasesInForce, assessor: StudyAssessor,
        namer: @escaping @Sendable () -> StudyNamer, logger: Logger, onChange: @escaping @Sendable () -> Void
    ) {
        self.archive = archive
        self.aliases = aliases
        self.assessor = assessor
        self.namer = namer
        self.logger = logger
        self.onChange = onChange
    }

    /// The aliases in force.
    public var book: AliasBook { aliases.state.book }

    /// Puts an alias in force and names the studies of its description anew. Blocks for the disk.
    ///
    /// - Parameter isForced: put it in force against the objections, which its history then keeps.
    /// - Throws: ``AliasTeachingError`` or ``ArchiveError``; what was in force stays.
    public func teach(_ alias: Alias, by author: AliasAuthor, isForced: Bool) throws -> Lesson {
        try Self.check(author)
        return try changes.withLock { _ in
            let old = book.alias(for: alias.key, scope: alias.scope)
            if let old, old.saysSame(as: alias) { throw AliasTeachingError.alreadyTaught(old.id) }
            let reach = try reach(of: alias)
            let objections = try objections(to: alias, reach)
            guard objections.isEmpty || isForced else { throw AliasTeachingError.refused(objections) }
            let event = try archive.index.teach(
                AliasRecord(alias), by: author,
                overridden: objections.map(\.description).joined(separator: "\n"), replacing: old?.id, reaching: reach)
            return try apply(event, reach)
        }
    }

    /// Takes an alias out of force and names its studies as if it had never been. Blocks for the disk.
    ///
    /// - Throws: ``AliasTeachingError/notInForce(_:)`` and the like; nothing is changed then.
    public func remove(_ id: Int64, by author: AliasAuthor) throws -> Lesson {
        try Self.check(author)
        return try changes.withLock { _ in
            guard let event = try archive.index.aliasesInForce().first(where: { $0.alias == id }) else {
                throw AliasTeachingError.notInForce(id)
            }
            let reach = try reach(of: Alias(event))
            guard let removal = try archive.index.removeAlias(id, by: author, reaching: reach) else {
                throw AliasTeachingError.notInForce(id)
            }
            return try apply(removal, reach)
        }
    }

    /// What speaks against an alias, as ``teach(_:by:isForced:)`` would refuse it with. Blocks for the disk.
    public func objections(to alias: Alias) throws -> [AliasObjection] {
        try objections(to: alias, reach(of: alias))
    }

    /// Names all studies anew, by the rules in force or by those with the files of `candidates`.
    ///
    /// - Throws: what is wrong with a file.
    public func remapping(by candidates: CandidateRules = CandidateRules()) throws -> Remapping {
        Remapping(
            archive: archive, assessor: assessor, namer: try candidates.namer(from: namer()), aliases: aliases,
            onChange: onChange)
    }

    // MARK: Checking

    static func check(_ author: AliasAuthor) throws(AliasTeachingError) {
        func isText(_ text: String, _ limit: Int) -> Bool {
            text.contains { !$0.isWhitespace } && text.utf8.count <= limit
                && !text.unicodeScalars.contains {
                    $0.properties.generalCategory == .control || (0x202A...0x202E).contains($0.value)
                        || (0x2066...0x2069).contains($0.value)
                }
        }
        guard isText(author.person, personLimit) else { throw .person }
        guard isText(author.reason, reasonLimit) else { throw .reason }
    }

    private func objections(to alias: Alias, _ reach: StudyReach) throws(ArchiveError) -> [AliasObjection] {
        let namer = namer()
        guard let catalogue = namer.imaging(on: nil), let matcher = namer.matcher(on: nil) else {
            return alias.meaning.code.map { [.notListed($0)] } ?? []
        }
        let check = AliasCheck(catalogue: catalogue) { matcher.explain($0) }
        var objections = check.objections(to: alias, in: book)
        for (code, count) in try archive.index.matches(within: reach) where code != alias.meaning.code?.value {
            objections.append(.safeMatches(code: code, studyCount: count))
        }
        if let code = alias.meaning.code {
            objections += try contradictions(to: code, check, reach).filter { found in
                !objections.contains { found.isSame(as: $0) }
            }
        }
        return objections
    }

    private func contradictions(
        to code: ItemCode, _ check: AliasCheck, _ reach: StudyReach
    ) throws(ArchiveError) -> [AliasObjection] {
        var counts: [Explanation.Objection: Int] = [:]
        for (json, count) in try archive.index.descriptors(within: reach, limit: Self.checkedDescriptorLimit) {
            guard let study = StudyDescriptor(json: json) else { continue }
            for objection in check.contradictions(of: study, to: code) { counts[objection, default: 0] += count }
        }
        return counts.sorted { ($1.value, $0.key.axis.rawValue) < ($0.value, $1.key.axis.rawValue) }.map {
            .contradiction(axis: $0.key.axis, reason: $0.key.reason, studyCount: $0.value)
        }
    }

    private func reach(of alias: Alias) throws(ArchiveError) -> StudyReach {
        var reach = StudyReach(foldedDescription: alias.key.value, modality: alias.scope.modality)
        reach.sourceAETitle = alias.scope.aeTitle
        if alias.scope.site != nil {
            reach.institutions = try archive.index.institutions(
                ofDescription: reach.foldedDescription, modality: reach.modality
            ).filter { alias.scope.includes(site: $0) }
        }
        return reach
    }

    // MARK: Applying

    private func apply(_ event: AliasEvent, _ reach: StudyReach) throws(ArchiveError) -> Lesson {
        try aliases.reload()
        logger.notice(
            "alias \(event.kind.rawValue)", metadata: ["alias": "\(event.alias)", "by": "\(event.author.person)"])
        // Whatever stops this, the studies wait in the index to be assessed anew.
        defer { onChange() }
        let renaming = Renaming(archive: archive, assessor: assessor, namer: namer(), aliases: aliases.state)
        var renamed = 0
        var last: Int64 = 0
        while true {
            let ids = try archive.index.studies(within: reach, after: last, limit: Self.stepCount)
            guard let next = ids.last else { break }
            last = next
            renamed += try archive.index.publish(
                renamed: renaming.changes(of: ids).map(\.draft), note: "alias \(event.alias) \(event.kind.rawValue)",
                at: event.author.at)
        }
        return Lesson(event: event, renamedCount: renamed)
    }
}

/// Why something was not taught or taken back.
public enum AliasTeachingError: Error, Equatable, Sendable {
    /// Who does it is not said, or not in plain text.
    case person
    case reason
    /// Never empty.
    case refused([AliasObjection])
    case alreadyTaught(Int64)
    case notInForce(Int64)
}

extension AliasTeachingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .person: "say who does this, in at most \(AliasTeaching.personLimit) bytes without control characters"
        case .reason: "say why, in at most \(AliasTeaching.reasonLimit) bytes without control characters"
        case .refused(let objections): objections.map(\.description).joined(separator: "; ")
        case .alreadyTaught(let id): "alias \(id) says this already"
        case .notInForce(let id): "alias \(id) is not in force"
        }
    }
}

extension AliasObjection {
    /// Whether both say the same, be it the description or the studies that say it.
    fileprivate func isSame(as other: AliasObjection) -> Bool {
        guard case .contradiction(let axis, let reason, _) = self,
            case .contradiction(let otherAxis, let otherReason, _) = other
        else { return self == other }
        return axis == otherAxis && reason == otherReason
    }
}
