internal import Archive
internal import Catalogue

/// Rules that files of a site are put beside, each file one member.
protocol SiteRules {
    associatedtype Member

    /// - Throws: every fault of the file, judged beside the members there are.
    func member(from bytes: [UInt8], file: String) throws(CatalogueFaults) -> Member
    /// Puts a member beside the others, in the place of one with its name.
    mutating func put(_ member: Member)
    /// Takes a member out that nothing rests on; another one stays.
    mutating func withdraw(_ name: String)
    /// What people call a member.
    func name(of member: Member) -> String
    /// What a member is, for the event log.
    func summary(of member: Member) -> String
}

/// What of the files of a site is put in force at start.
struct SiteStart<Rules: SiteRules> {
    private(set) var rules: Rules
    private(set) var refused: [CataloguesInForce.Refused] = []
    /// Files that are in force and differ from their accepted copy.
    private(set) var accepted: [(file: SiteFiles.File, member: Rules.Member)] = []

    /// Files may refer to one another, so those that fail are tried again as long as others come in force.
    init(dropped: [SiteFiles.File], accepted copies: [SiteFiles.File], rules: Rules) {
        self.rules = rules
        let copies = Dictionary(copies.map { ($0.name, $0) }) { first, _ in first }
        var waiting = dropped
        var standingIn: [String: String] = [:]
        repeat {
            let count = waiting.count
            waiting.removeAll { file in
                guard let member = try? read(file) else { return false }
                self.rules.put(member)
                if let standIn = standingIn.removeValue(forKey: file.name), standIn != self.rules.name(of: member) {
                    self.rules.withdraw(standIn)
                }
                if copies[file.name]?.bytes != file.bytes { accepted.append((file, member)) }
                return true
            }
            if waiting.count < count { continue }
            guard let stuck = waiting.first(where: { standingIn[$0.name] == nil && copy(of: $0, in: copies) != nil }),
                let member = copy(of: stuck, in: copies)
            else { break }
            self.rules.put(member)
            standingIn[stuck.name] = self.rules.name(of: member)
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

    private func copy(of file: SiteFiles.File, in copies: [String: SiteFiles.File]) -> Rules.Member? {
        copies[file.name].flatMap { try? read($0) }
    }

    private func read(_ file: SiteFiles.File) throws(CatalogueFaults) -> Rules.Member {
        guard let bytes = file.bytes else {
            throw CatalogueFaults([
                CatalogueFault(file: file.name, line: 1, column: "#1", reason: file.obstacle ?? "cannot be read")
            ])
        }
        return try rules.member(from: bytes, file: file.name)
    }
}

extension CatalogueLibrary: SiteRules {
    func member(from bytes: [UInt8], file: String) throws(CatalogueFaults) -> CatalogueEdition {
        try edition(from: bytes, file: file)
    }

    mutating func withdraw(_ name: String) {
        if let id = CatalogueID(name) { try? remove(id) }
    }

    func name(of edition: CatalogueEdition) -> String { edition.id.value }

    func summary(of edition: CatalogueEdition) -> String {
        "\(edition.id) \(edition.header.kind.rawValue), \(edition.entries.count) items, "
            + "from \(edition.header.effective.from.iso)"
    }
}

extension SiteWords: SiteRules {
    func member(from bytes: [UInt8], file: String) throws(CatalogueFaults) -> SiteWords.File {
        guard Self.isFileName(file) else {
            throw CatalogueFaults([
                CatalogueFault(
                    file: file, line: 1, column: "#1",
                    reason:
                        "a file of words is named by at most 64 letters, digits, \".\", \"_\" and \"-\", and ends in .tsv"
                )
            ])
        }
        return try self.file(from: bytes, named: file)
    }

    mutating func withdraw(_ name: String) { remove(name) }

    func name(of file: SiteWords.File) -> String { file.name }

    func summary(of file: SiteWords.File) -> String { "\(file.name), \(file.terms.count) words" }
}
