internal import Archive
public import Catalogue
public import Foundation
internal import Logging
internal import Matching
internal import Synchronization

extension CataloguesInForce {
    /// What a change of words came to.
    public struct WordsAddition: Sendable {
        public let file: SiteWords.File
        /// The file of that name that it replaced.
        public let before: SiteWords.File?
    }

    /// Checks a file of words, keeps it durably and puts it in force, in the place of one with its name. Blocks for the disk.
    ///
    /// - Parameter person: who adds it, for the event log.
    /// - Throws: ``CatalogueFaults`` or ``ArchiveError``; what was in force stays.
    public func addWords(
        _ bytes: [UInt8], file name: String, by person: String, at date: Date = Date()
    ) throws -> WordsAddition {
        try changes.withLock { _ in
            let namer = self.namer
            var words = namer.words
            let before = words[name]
            let file = try words.member(from: bytes, file: name)
            words.put(file)
            let next = try namer.naming(with: words)
            try wordFiles.keep(bytes, as: name)
            current.withLock { state in
                state.namer = next
                state.refusedWords.removeAll { $0.file == name }
            }
            logger.notice("lexicon added", metadata: ["file": "\(name)", "words": "\(file.terms.count)"])
            let change = WordsAddition(file: file, before: before)
            try index.record(
                .lexiconAdded, at: date,
                detail:
                    "\(words.summary(of: file)) by \(person): \(change.added.count) added, \(change.removed.count) removed"
            )
            return change
        }
    }

    /// Takes a file of words out of force, or one that was refused, and removes it. Blocks for the disk.
    ///
    /// - Throws: ``UnknownWords`` or ``ArchiveError``; everything stays then.
    public func removeWords(_ name: String, by person: String, at date: Date = Date()) throws {
        try changes.withLock { _ in
            let state = self.state
            var words = state.namer.words
            guard words[name] != nil || state.refusedWords.contains(where: { $0.file == name }) else {
                throw UnknownWords(file: name)
            }
            words.remove(name)
            let next = try state.namer.naming(with: words)
            try wordFiles.remove(name)
            current.withLock { state in
                state.namer = next
                state.refusedWords.removeAll { $0.file == name }
            }
            logger.notice("lexicon removed", metadata: ["file": "\(name)"])
            try index.record(.lexiconRemoved, at: date, detail: "\(name) by \(person)")
        }
    }
}

extension CataloguesInForce.WordsAddition {
    public var added: [Lexicon.Term] { file.terms(notIn: before) }
    public var removed: [Lexicon.Term] { before?.terms(notIn: file) ?? [] }
}

/// There is no such file of words.
public struct UnknownWords: Error, Equatable, CustomStringConvertible {
    public let file: String
    public var description: String { "there is no file of words \(file)" }
}
