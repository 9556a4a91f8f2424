public import DICOMCore

/// Every edition of every catalogue, bundled and added, asked by the day a study was made on.
///
/// A value: adding to a copy leaves those who read the old one undisturbed.
public struct CatalogueLibrary: Sendable {
    /// Larger files are refused unread. The largest bundled one has 120 kB.
    public static let fileByteLimit = 4 << 20

    /// By kind, list and first day.
    public private(set) var editions: [CatalogueEdition] = []
    public let grammar: CodeAxes
    let concepts: Set<ConceptID>

    public init(lexicon: Lexicon, grammar: CodeAxes) {
        self.grammar = grammar
        concepts = Set(lexicon.names.keys)
    }

    /// The catalogues that are part of the program, as the rows of catalogues.tsv name them.
    ///
    /// - Throws: ``CatalogueFaults``, or ``CatalogueError`` when a file of the program is not beside it.
    public static func bundled(lexicon: Lexicon) throws -> CatalogueLibrary {
        var library = CatalogueLibrary(lexicon: lexicon, grammar: try .bundled())
        let manifest = try BundledFile.catalogues.table()
        try manifest.require(["file"] + CatalogueHeader.Key.allCases.map(\.rawValue))
        for row in manifest.rows {
            var faults = FaultNotes()
            guard let header = CatalogueHeader(row, &faults) else {
                try faults.throwIfAny()
                continue
            }
            let name = row["file"]
            guard let table = TabSeparatedTable(try BundledFile.bytes(name), file: name, &faults) else {
                try faults.throwIfAny()
                continue
            }
            let edition = CatalogueCheck(table, header: header, library: library, isBundled: true).edition(&faults)
            try faults.throwIfAny()
            if let edition { library.put(edition) }
        }
        return library
    }

    // MARK: Asking

    public subscript(id: CatalogueID) -> CatalogueEdition? { editions.first { $0.id == id } }

    /// The lists there are of a kind, in the order of their names.
    public func lists(of kind: CatalogueKind) -> [ListID] {
        Set(editions.filter { $0.header.kind == kind }.map(\.header.list)).sorted()
    }

    /// The edition that holds on `day`: the newest that has begun, unless it has ended. A day before the first edition
    /// reads as that edition's first, so that older studies stay comparable; without a day the newest edition holds.
    public func edition(of list: ListID, on day: CalendarDay?) -> CatalogueEdition? {
        let all = editions.filter { $0.header.list == list }
        guard let day else { return all.last }
        guard let begun = all.last(where: { $0.header.effective.from <= day }) else { return all.first }
        return begun.header.effective.until.map { $0 < day } ?? false ? nil : begun
    }

    /// What holds on `day`, one edition a list.
    public func editions(of kind: CatalogueKind, on day: CalendarDay?) -> [CatalogueEdition] {
        lists(of: kind).compactMap { edition(of: $0, on: day) }
    }

    public func imaging(on day: CalendarDay?) -> [ImagingCatalogue] {
        editions(of: .imaging, on: day).compactMap(\.imaging)
    }

    public func procedures(on day: CalendarDay?) -> [ProcedureCatalogue] {
        editions(of: .procedures, on: day).compactMap(\.procedures)
    }

    public func techniques(on day: CalendarDay?) -> [ProcedureCatalogue] {
        editions(of: .techniques, on: day).compactMap(\.procedures)
    }

    // MARK: Changing

    /// Reads and checks a file as an edition to be added, or to be put in the place of an added one with its id.
    ///
    /// - Parameter file: its name, for faults.
    /// - Throws: every fault of the file.
    public func edition(from bytes: [UInt8], file: String) throws(CatalogueFaults) -> CatalogueEdition {
        guard bytes.count <= Self.fileByteLimit else {
            throw CatalogueFaults([
                CatalogueFault(
                    file: file, line: 1, column: "#1",
                    reason: "\(bytes.count) bytes, where at most \(Self.fileByteLimit) are read")
            ])
        }
        var faults = FaultNotes()
        var edition: CatalogueEdition?
        if let table = TabSeparatedTable(bytes, file: file, &faults),
            let header = CatalogueHeader(table, &faults)
        {
            edition = CatalogueCheck(table, header: header, library: self, isBundled: false).edition(&faults)
            if let edition, faults.isEmpty {
                for name in broken(byPutting: edition) {
                    faults.add(
                        CatalogueFault(
                            file: file, line: table.headerLine, column: CatalogueColumns(header.kind).key,
                            reason: "\"\(name)\" is missing, which another list refers to"))
                }
            }
        }
        try faults.throwIfAny()
        guard let edition else { preconditionFailure("a file without faults is an edition") }
        return edition
    }

    /// Puts an edition of ``edition(from:file:)`` beside the others, in the place of one with its id.
    public mutating func put(_ edition: CatalogueEdition) {
        editions.removeAll { $0.id == edition.id }
        editions.append(edition)
        editions.sort {
            ($0.header.kind, $0.header.list, $0.header.effective.from)
                < ($1.header.kind, $1.header.list, $1.header.effective.from)
        }
    }

    /// - Throws: ``CatalogueRemovalError``; nothing is changed then.
    public mutating func remove(_ id: CatalogueID) throws(CatalogueRemovalError) {
        guard let edition = self[id] else { throw .unknown(id) }
        if edition.isBundled { throw .bundled(id) }
        var rest = self
        rest.editions.removeAll { $0.id == id }
        if let user = rest.editions.first(where: { !rest.hasAll($0) }) { throw .referredTo(id, by: user.id) }
        self = rest
    }

    /// Whether everything the edition refers to is here.
    private func hasAll(_ edition: CatalogueEdition) -> Bool { missing(for: edition).isEmpty }

    private func missing(for edition: CatalogueEdition) -> Set<String> {
        guard let list = edition.header.refersTo else { return [] }
        return edition.references.subtracting(
            editions.filter { $0.header.list == list }.flatMap { $0.entries.map(\.key) })
    }

    /// What others refer to and would find no more once `edition` stands in the place of that with its id.
    private func broken(byPutting edition: CatalogueEdition) -> [String] {
        guard self[edition.id] != nil else { return [] }
        var changed = self
        changed.put(edition)
        return changed.editions.flatMap(changed.missing).sorted()
    }
}

/// Why an edition stays.
public enum CatalogueRemovalError: Error, Equatable, Sendable {
    case unknown(CatalogueID)
    case bundled(CatalogueID)
    case referredTo(CatalogueID, by: CatalogueID)
    /// No edition of the list that studies are named by would be left.
    case primary(CatalogueID)
}

extension CatalogueRemovalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknown(let id): "there is no catalogue \(id)"
        case .bundled(let id): "\(id) is part of the program"
        case .referredTo(let id, let user): "\(user) refers to \(id)"
        case .primary(let id): "\(id) is the last edition of the list that studies are named by"
        }
    }
}
