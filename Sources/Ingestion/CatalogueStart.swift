internal import Archive
internal import Catalogue

/// What of the files of a site is put in force at start.
struct CatalogueStart {
    private(set) var library: CatalogueLibrary
    private(set) var refused: [CataloguesInForce.Refused] = []
    /// Files that are in force and differ from their accepted copy.
    private(set) var accepted: [(file: CatalogueFiles.File, edition: CatalogueEdition)] = []

    /// Files may refer to one another, so those that fail are tried again as long as others come in force.
    init(dropped: [CatalogueFiles.File], accepted copies: [CatalogueFiles.File], library: CatalogueLibrary) {
        self.library = library
        let copies = Dictionary(copies.map { ($0.name, $0) }) { first, _ in first }
        var waiting = dropped
        var standingIn: [String: CatalogueID] = [:]
        repeat {
            let count = waiting.count
            waiting.removeAll { file in
                guard let edition = try? read(file) else { return false }
                self.library.put(edition)
                if let standIn = standingIn.removeValue(forKey: file.name), standIn != edition.id {
                    try? self.library.remove(standIn)
                }
                if copies[file.name]?.bytes != file.bytes { accepted.append((file, edition)) }
                return true
            }
            if waiting.count < count { continue }
            guard let stuck = waiting.first(where: { standingIn[$0.name] == nil && copy(of: $0, in: copies) != nil }),
                let edition = copy(of: stuck, in: copies)
            else { break }
            self.library.put(edition)
            standingIn[stuck.name] = edition.id
        } while !waiting.isEmpty
        for file in waiting {
            do throws(CatalogueFaults) {
                _ = try read(file)
            } catch {
                refused.append(
                    .init(
                        file: file.name, faults: error.faults, furtherFaultCount: error.furtherCount,
                        kept: standingIn[file.name]))
            }
        }
    }

    private func copy(
        of file: CatalogueFiles.File, in copies: [String: CatalogueFiles.File]
    ) -> CatalogueEdition? {
        copies[file.name].flatMap { try? read($0) }
    }

    private func read(_ file: CatalogueFiles.File) throws(CatalogueFaults) -> CatalogueEdition {
        guard let bytes = file.bytes else {
            throw CatalogueFaults([
                CatalogueFault(file: file.name, line: 1, column: "#1", reason: file.obstacle ?? "cannot be read")
            ])
        }
        return try library.edition(from: bytes, file: file.name)
    }
}
