public import Archive
public import Catalogue
internal import DICOMCore
public import Foundation
public import Logging
public import Matching
internal import Synchronization

/// The catalogues and the words studies are named by now, those of the program and those of the site, and the way they
/// change (``SiteWords`` in CataloguesInForce+Words.swift).
///
/// A change is checked whole, made durable, and then put in force for every assessment that begins after it.
public final class CataloguesInForce: Sendable {
    /// A file of the site that is not in force.
    public struct Refused: Sendable, Equatable {
        public let file: String
        /// Never empty.
        public let faults: [CatalogueFault]
        public let furtherFaultCount: Int
        /// What stays in force in its place, read from the last copy that was accepted: an edition, or a file of words.
        public let kept: String?
    }

    public struct State: Sendable {
        public internal(set) var namer: StudyNamer
        public internal(set) var refused: [Refused] = []
        public internal(set) var refusedWords: [Refused] = []
    }

    /// What a change came to.
    public struct Addition: Sendable {
        public let edition: CatalogueEdition
        /// What `change` compares with: the edition it replaced, else the one before it, else none.
        public let predecessor: CatalogueID?
        public let change: CatalogueEdition.Change
    }

    /// Larger files are refused unread.
    public static let fileByteLimit = CatalogueLibrary.fileByteLimit

    private let files: SiteFiles
    let wordFiles: SiteFiles
    let index: StudyIndex
    let logger: Logger
    let current: Mutex<State>
    /// One change at a time, from its check to its event.
    let changes = Mutex(())

    /// Reads the files of the site and puts in force what is right. Blocks for the disk.
    ///
    /// - Parameter namer: by the catalogues of the program alone.
    public init(archive: Archive, namer: StudyNamer, logger: Logger, at date: Date = Date()) throws {
        files = archive.catalogueFiles
        wordFiles = archive.lexiconFiles
        index = archive.index
        self.logger = logger
        current = Mutex(State(namer: namer))
        try load(at: date)
    }

    public var state: State { current.withLock { $0 } }
    public var namer: StudyNamer { current.withLock { $0.namer } }

    // MARK: At start

    private func load(at date: Date) throws {
        let words = try load(wordFiles, beside: namer.words, .lexicon, limit: SiteWords.fileByteLimit, at: date)
        let catalogues = try load(files, beside: namer.library, .catalogue, limit: Self.fileByteLimit, at: date)
        var next = namer
        if !words.rules.files.isEmpty { next = try next.naming(with: words.rules) }
        if catalogues.rules.editions.contains(where: { !$0.isBundled }) { next = next.naming(by: catalogues.rules) }
        current.withLock { [next] state in
            state.namer = next
            state.refused = catalogues.refused
            state.refusedWords = words.refused
        }
        for file in next.words.files {
            logger.notice("lexicon in force", metadata: ["file": "\(file.name)", "words": "\(file.terms.count)"])
        }
        for edition in namer.library.editions {
            logger.notice(
                "catalogue in force",
                metadata: [
                    "id": "\(edition.id)", "kind": "\(edition.header.kind.rawValue)",
                    "items": "\(edition.entries.count)", "from": "\(edition.header.effective.from.iso)",
                    "source": edition.isBundled ? "program" : "\(edition.file)",
                ])
        }
        if namer.library.edition(of: namer.primary, on: nil)?.imaging == nil {
            logger.error(
                "no study can be named: the primary catalogue is no imaging list that is loaded",
                metadata: ["catalogue": "\(namer.primary)"])
        }
    }

    /// Reads the files of one kind, keeps what is accepted and reports what is not.
    private func load<Rules: SiteRules>(
        _ files: SiteFiles, beside rules: Rules, _ kind: SiteFileKind, limit: Int, at date: Date
    ) throws(ArchiveError) -> SiteStart<Rules> {
        let dropped = try files.files(byteLimit: limit)
        let accepted = try files.accepted(byteLimit: limit)
        let start = SiteStart(dropped: dropped, accepted: accepted, rules: rules)
        for (file, member) in start.accepted {
            try files.accept(file.bytes ?? [], as: file.name)
            try index.record(kind.added, at: date, detail: "\(rules.summary(of: member)) found in \(file.name)")
        }
        for file in accepted where !dropped.contains(where: { $0.name == file.name }) {
            try files.remove(file.name)
            try index.record(kind.removed, at: date, detail: "\(file.name) is there no more")
            logger.notice("\(kind.name) removed", metadata: ["file": "\(file.name)"])
        }
        for refused in start.refused {
            try index.record(kind.refused, at: date, detail: "\(refused.faults[0])")
            logger.warning(
                "\(kind.name) refused",
                metadata: [
                    "file": "\(refused.file)", "faults": "\(refused.faults.count + refused.furtherFaultCount)",
                    "first": "\(refused.faults[0])", "in-force": "\(refused.kept ?? "none")",
                ])
        }
        return start
    }

    // MARK: Changing

    /// Checks a file, keeps it durably and puts it in force. Blocks for the disk.
    ///
    /// - Parameters:
    ///   - file: what the faults call it.
    ///   - person: who adds it, for the event log.
    /// - Throws: ``CatalogueFaults`` or ``ArchiveError``; what was in force stays.
    public func add(_ bytes: [UInt8], file: String, by person: String, at date: Date = Date()) throws -> Addition {
        try changes.withLock { _ in
            let namer = self.namer
            let edition = try namer.library.edition(from: bytes, file: file)
            let predecessor =
                namer.library[edition.id]
                ?? namer.library.edition(
                    of: edition.header.list, on: edition.header.effective.from)
            let name = fileName(of: edition.id, in: namer.library)
            var library = namer.library
            library.put(edition.filed(as: name))
            let next = namer.naming(by: library)
            try files.keep(bytes, as: name)
            current.withLock { state in
                state.namer = next
                state.refused.removeAll { $0.file == name || $0.kept == edition.id.value }
            }
            let change = edition.change(from: predecessor)
            logger.notice("catalogue added", metadata: ["id": "\(edition.id)", "items": "\(edition.entries.count)"])
            try index.record(
                .catalogueAdded, at: date,
                detail: "\(library.summary(of: edition)) by \(person): \(change.added.count) added, "
                    + "\(change.removed.count) removed, \(change.changed.count) changed")
            return Addition(edition: edition, predecessor: predecessor?.id, change: change)
        }
    }

    /// Takes an added edition out of force and removes its file. Blocks for the disk.
    ///
    /// - Throws: ``CatalogueRemovalError`` or ``ArchiveError``; everything stays then.
    public func remove(_ id: CatalogueID, by person: String, at date: Date = Date()) throws {
        try changes.withLock { _ in
            let namer = self.namer
            var library = namer.library
            guard let edition = library[id] else { throw CatalogueRemovalError.unknown(id) }
            try library.remove(id)
            if edition.header.list == namer.primary, library.edition(of: namer.primary, on: nil) == nil {
                throw CatalogueRemovalError.primary(id)
            }
            let next = namer.naming(by: library)
            try files.remove(edition.file)
            current.withLock { state in
                state.namer = next
                state.refused.removeAll { $0.file == edition.file }
            }
            logger.notice("catalogue removed", metadata: ["id": "\(id)"])
            try index.record(.catalogueRemoved, at: date, detail: "\(library.summary(of: edition)) by \(person)")
        }
    }

    /// The file an edition lies in already, or one named after it.
    private func fileName(of id: CatalogueID, in library: CatalogueLibrary) -> String {
        library[id]?.file ?? "\(id).tsv"
    }
}

/// What log and events call the files of a kind.
struct SiteFileKind {
    let name: String
    let added: EventKind
    let removed: EventKind
    let refused: EventKind

    static let catalogue = SiteFileKind(
        name: "catalogue", added: .catalogueAdded, removed: .catalogueRemoved, refused: .catalogueRefused)
    static let lexicon = SiteFileKind(
        name: "lexicon", added: .lexiconAdded, removed: .lexiconRemoved, refused: .lexiconRefused)
}
