/// Reads one catalogue file against a library and notes everything that is wrong with it. Bundled files and those a site
/// adds go this one way.
struct CatalogueCheck {
    let table: TabSeparatedTable
    let header: CatalogueHeader
    let library: CatalogueLibrary
    let isBundled: Bool
    private let columns: CatalogueColumns
    /// What a cell says that names no concept because there is none.
    private static let nothing = "none"

    init(_ table: TabSeparatedTable, header: CatalogueHeader, library: CatalogueLibrary, isBundled: Bool) {
        self.table = table
        self.header = header
        self.library = library
        self.isBundled = isBundled
        columns = CatalogueColumns(header.kind)
    }

    /// - Returns: the edition; only of use when no fault was noted.
    func edition(_ faults: inout FaultNotes) -> CatalogueEdition? {
        checkTiming(&faults)
        guard checkColumns(&faults) else { return nil }
        if table.rows.isEmpty, faults.faults.isEmpty {
            note(table.headerLine, columns.key, "no row stands below the header", &faults)
        }
        checkConcepts(&faults)
        let imaging = header.kind == .imaging ? readImaging(&faults) : nil
        let procedures = header.kind == .imaging ? nil : readProcedures(&faults)
        let references = checkReferences(&faults)
        return CatalogueEdition(
            header: header, file: table.file, isBundled: isBundled, entries: table.rows.map(entry), imaging: imaging,
            procedures: procedures, references: references)
    }

    private func note(_ line: Int, _ column: String, _ reason: String, _ faults: inout FaultNotes) {
        faults.add(CatalogueFault(file: table.file, line: line, column: column, reason: reason))
    }

    private func entry(_ row: TabSeparatedTable.Row) -> CatalogueEdition.Entry {
        var content = Hasher()
        for column in table.columnNames where !row[column].isEmpty {
            content.combine(column)
            content.combine(row[column])
        }
        return CatalogueEdition.Entry(
            key: row[columns.key],
            name: LocalizedName(zh: row["name_zh"], en: row["name_en"], vi: row["name_vi"]), content: content.finalize()
        )
    }

    // MARK: The whole file

    private func checkColumns(_ faults: inout FaultNotes) -> Bool {
        let missing = columns.required.filter { !table.has($0) }
        for name in missing { note(table.headerLine, name, "the header has no such column", &faults) }
        let known = Set(columns.required + columns.optional)
        for (index, name) in table.columnNames.enumerated() where !known.contains(name) {
            note(
                table.headerLine, name.isEmpty ? "#\(index + 1)" : name,
                "is not a column of a catalogue of \(header.kind.rawValue)", &faults)
        }
        return missing.isEmpty
    }

    /// Two editions of one list never hold on the same day by their own words.
    private func checkTiming(_ faults: inout FaultNotes) {
        func fault(_ key: CatalogueHeader.Key, _ reason: String) {
            note(table.line(of: key.rawValue), key.rawValue, reason, &faults)
        }
        if let known = library[header.id], known.isBundled, !isBundled {
            return fault(.edition, "\(header.id) is part of the program; give another edition")
        }
        for other in library.editions where other.id != header.id && other.header.list == header.list {
            if other.header.kind != header.kind {
                fault(.kind, "\(other.id) of the same list is of kind \(other.header.kind.rawValue)")
            }
            let (mine, theirs) = (header.effective, other.header.effective)
            let (earlier, later) = mine.from < theirs.from ? (mine, theirs) : (theirs, mine)
            if mine.from == theirs.from || earlier.until.map({ $0 >= later.from }) ?? false {
                fault(.from, "overlaps \(other.id), which holds from \(theirs.from.iso)\(Self.end(theirs))")
            }
        }
    }

    private static func end(_ period: EffectivePeriod) -> String { period.until.map { " until \($0.iso)" } ?? "" }

    // MARK: Rows

    private func readImaging(_ faults: inout FaultNotes) -> ImagingCatalogue {
        if header.usesCodeGrammar {
            for row in table.rows {
                guard let code = try? ItemCode(row["code"]) else { continue }
                if let wrong = library.grammar.explain(code).first(where: { $0.meaning == nil }) {
                    faults.add(
                        row.fault(
                            "code",
                            "\(code) is not well formed: \(wrong.character) is not allowed at position \(wrong.index)"
                        ).fault)
                }
            }
        }
        return ImagingCatalogue(id: header.id, version: header.edition, table: table, &faults)
    }

    /// A fault of one row does not hide those of the next, so the rows are read one by one once the whole was refused.
    private func readProcedures(_ faults: inout FaultNotes) -> ProcedureCatalogue? {
        var keys: Set<String> = []
        for row in table.rows {
            for column in ["name_zh", "name_en", "name_vi", columns.key] {
                _ = faults.attempt { () throws(CatalogueError) in try row.nonEmpty(column) }
            }
            if !row[columns.key].isEmpty, !keys.insert(row[columns.key]).inserted {
                faults.add(row.fault(columns.key, "\(row[columns.key]) stands twice").fault)
            }
        }
        if let whole = try? ProcedureCatalogue(id: header.id, table: table) { return whole }
        for row in table.rows {
            _ = faults.attempt { () throws(CatalogueError) in
                try ProcedureCatalogue(id: header.id, table: table.only(row))
            }
        }
        return nil
    }

    private func checkConcepts(_ faults: inout FaultNotes) {
        for row in table.rows {
            for (column, kinds) in columns.concepts {
                for name in row.list(column) where name != Self.nothing {
                    let concepts = kinds.compactMap { ConceptID(kind: $0, name: name) }
                    // A name that cannot be one is noted by what reads the row.
                    if header.kind == .imaging, concepts.isEmpty { continue }
                    if !concepts.contains(where: { library.concepts.contains($0) }) {
                        let kinds = kinds.map(\.rawValue).joined(separator: " or ")
                        faults.add(row.fault(column, "\"\(name)\" is not a name of the lexicon of kind \(kinds)").fault)
                    }
                }
            }
        }
    }

    private func checkReferences(_ faults: inout FaultNotes) -> Set<String> {
        var references: Set<String> = []
        let targets = header.refersTo.map { list in library.editions.filter { $0.header.list == list } } ?? []
        if let list = header.refersTo, targets.isEmpty {
            let key = CatalogueHeader.Key.refersTo.rawValue
            note(table.line(of: key), key, "no list \(list) is loaded", &faults)
            return []
        }
        let keys = Set(targets.flatMap { $0.entries.map(\.key) })
        for row in table.rows {
            for column in columns.references {
                for name in row.list(column) where references.insert(name).inserted || !keys.contains(name) {
                    guard let list = header.refersTo else {
                        faults.add(row.fault(column, "names items of another list, which refers-to does not say").fault)
                        continue
                    }
                    if !keys.contains(name) {
                        faults.add(row.fault(column, "\"\(name)\" is no item of \(list)").fault)
                    }
                }
            }
        }
        return references
    }
}

extension TabSeparatedTable {
    /// The line above the header that says `key`, or the header's own.
    func line(of key: String) -> Int { notes.first { $0.key == key }?.line ?? headerLine }
}
