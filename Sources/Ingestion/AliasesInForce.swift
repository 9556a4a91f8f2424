public import Archive
internal import Catalogue
public import Matching
internal import Synchronization

/// What people have taught, as it is known now.
public final class AliasesInForce: Sendable {
    public struct State: Sendable {
        public let book: AliasBook
        /// The newest event that `book` knows.
        public let lastEvent: Int64

        static let none = State(book: .empty, lastEvent: 0)
    }

    private let index: StudyIndex
    private let current: Mutex<State>

    /// Blocks for the disk.
    ///
    /// - Throws: ``ArchiveError``, also for a row that is no alias: no study is named by half a book.
    public init(index: StudyIndex) throws(ArchiveError) {
        self.index = index
        current = Mutex(try Self.read(index))
    }

    public var state: State { current.withLock { $0 } }

    /// Takes over what the index has now.
    func reload() throws(ArchiveError) {
        let state = try Self.read(index)
        current.withLock { if $0.lastEvent <= state.lastEvent { $0 = state } }
    }

    private static func read(_ index: StudyIndex) throws(ArchiveError) -> State {
        // Events only grow: what comes between the two questions is in the book as well, and is read again once more.
        let last = try index.lastAliasEvent()
        let events = try index.aliasesInForce()
        return State(
            book: AliasBook(try events.map { (event) throws(ArchiveError) in try Alias(event) }), lastEvent: last)
    }
}

extension Alias {
    /// - Throws: ``ArchiveError`` when the event is damaged.
    public init(_ event: AliasEvent) throws(ArchiveError) {
        let record = event.record
        guard let meaning = Meaning(code: record.code.isEmpty ? AliasTable.noItem : record.code),
            let grade = StudyMatch.Grade(rawValue: record.grade)
        else { throw .index(resultCode: 11, message: "alias \(event.alias) is damaged") }
        do throws(AliasFault) {
            try self.init(
                id: event.alias, description: record.description,
                scope: Scope(
                    modality: record.modality, site: record.site.isEmpty ? nil : record.site,
                    aeTitle: record.aeTitle.isEmpty ? nil : record.aeTitle),
                meaning: meaning, grade: grade, confidence: record.confidence)
        } catch {
            throw .index(resultCode: 11, message: "alias \(event.alias) is damaged: \(error)")
        }
    }
}

extension AliasRecord {
    init(_ alias: Alias) {
        self.init(
            description: alias.description, foldedDescription: alias.key.value, modality: alias.scope.modality,
            site: alias.scope.site ?? "", aeTitle: alias.scope.aeTitle ?? "", code: alias.meaning.code?.value ?? "",
            grade: alias.grade.rawValue, confidence: alias.confidence)
    }
}
