public import Archive
public import Catalogue
public import DICOMCore
public import Foundation
public import Logging
public import Matching
internal import Synchronization

/// The catalogues studies are named by now, those of the program and those of the site, and the way they change.
///
/// A change is checked whole, made durable, and then put in force for every assessment that begins after it.
public final class CataloguesInForce: Sendable {
    /// A file of the site that is not in force.
    public struct Refused: Sendable, Equatable {
        public let file: String
        /// Never empty.
        public let faults: [CatalogueFault]
        public let furtherFaultCount: Int
        /// What stays in force in its place: the edition of the last copy that was accepted.
        public let kept: CatalogueID?
    }

    public struct State: Sendable {
        public fileprivate(set) var namer: StudyNamer
        public fileprivate(set) var refused: [Refused] = []
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

    private let files: CatalogueFiles
    private let index: StudyIndex
    private let logger: Logger
    private let current: Mutex<State>
    /// One change at a time, from its check to its event.
    private let changes = Mutex(())

    /// Reads the files of the site and puts in force what is right. Blocks for the disk.
    ///
    /// - Parameter namer: by the catalogues of the program alone.
    public init(archive: Archive, namer: StudyNamer, logger: Logger, at date: Date = Date()) throws(ArchiveError) {
        files = archive.catalogueFiles
        index = archive.index
        self.logger = logger
        current = Mutex(State(namer: namer))
        try load(at: date)
    }

    public var state: State { current.withLock { $0 } }
    public var namer: StudyNamer { current.withLock { $0.namer } }

    // MARK: At start

    private func load(at date: Date) throws(ArchiveError) {
        let dropped = try files.files(byteLimit: Self.fileByteLimit)
        let accepted = try files.accepted(byteLimit: Self.fileByteLimit)
        let start = CatalogueStart(dropped: dropped, accepted: accepted, library: namer.library)
        current.withLock { state in
            if !dropped.isEmpty { state.namer = state.namer.naming(by: start.library) }
            state.refused = start.refused
        }
        for (file, edition) in start.accepted {
            try files.accept(file.bytes ?? [], as: file.name)
            try index.record(.catalogueAdded, at: date, detail: "\(Self.summary(edition)) found in \(file.name)")
        }
        for file in accepted where !dropped.contains(where: { $0.name == file.name }) {
            try files.remove(file.name)
            try index.record(.catalogueRemoved, at: date, detail: "\(file.name) is there no more")
            logger.notice("catalogue removed", metadata: ["file": "\(file.name)"])
        }
        for refused in start.refused {
            try index.record(.catalogueRefused, at: date, detail: "\(refused.faults[0])")
            logger.warning(
                "catalogue refused",
                metadata: [
                    "file": "\(refused.file)", "faults": "\(refused.faults.count + refused.furtherFaultCount)",
                    "first": "\(refused.faults[0])", "in-force": "\(refused.kept.map(\.value) ?? "none")",
                ])
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

    private static func summary(_ edition: CatalogueEdition) -> String {
        "\(edition.id) \(edition.header.kind.rawValue), \(edition.entries.count) items, "
            + "from \(edition.header.effective.from.iso)"
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
                state.refused.removeAll { $0.file == name || $0.kept == edition.id }
            }
            let change = edition.change(from: predecessor)
            logger.notice("catalogue added", metadata: ["id": "\(edition.id)", "items": "\(edition.entries.count)"])
            try index.record(
                .catalogueAdded, at: date,
                detail: "\(Self.summary(edition)) by \(person): \(change.added.count) added, "
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
            try index.record(.catalogueRemoved, at: date, detail: "\(Self.summary(edition)) by \(person)")
        }
    }

    /// The file an edition lies in already, or one named after it.
    private func fileName(of id: CatalogueID, in library: CatalogueLibrary) -> String {
        library[id]?.file ?? "\(id).tsv"
    }
}
