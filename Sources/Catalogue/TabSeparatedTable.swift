/// A catalogue file as rows of cells: UTF-8, tab-separated, one header row, no quoting, no empty line.
///
/// Lines that begin with `#` may stand above the header; those of the form `# key: value` say what the file is. A byte
/// order mark and CRLF line ends, which editors add, are accepted.
struct TabSeparatedTable {
    let file: String
    let rows: [Row]
    /// The `# key: value` lines above the header, in their order.
    let notes: [Note]
    let headerLine: Int
    /// In the order of the header.
    let columnNames: [String]
    private let columns: [String: Int]

    struct Note: Equatable {
        let line: Int
        let key: String
        let value: String
    }

    /// One line below the header, with the means to say where a fault lies.
    struct Row {
        let file: String
        /// Counted from 1, every line of the file included.
        let line: Int
        fileprivate let columns: [String: Int]
        fileprivate let cells: [String]

        /// The cell of `column`; an absent column reads as empty, as ``TabSeparatedTable/require(_:)`` has checked those needed.
        subscript(column: String) -> String {
            columns[column].map { cells[$0] } ?? ""
        }

        func fault(_ column: String, _ reason: String) -> CatalogueError {
            .malformed(file: file, line: line, column: column, reason: reason)
        }

        /// The members of a cell that lists several values separated by `separator`; empty for an empty cell.
        func list(_ column: String, separator: Character = ";") -> [String] {
            self[column].split(separator: separator).map(String.init)
        }

        func nonEmpty(_ column: String) throws(CatalogueError) -> String {
            let value = self[column]
            guard !value.isEmpty else { throw fault(column, "is empty") }
            return value
        }

        func integer(_ column: String) throws(CatalogueError) -> Int {
            guard let value = Int(self[column]) else { throw fault(column, "\"\(self[column])\" is not a number") }
            return value
        }

        func value<Value: RawRepresentable>(
            _ column: String, as type: Value.Type
        ) throws(CatalogueError) -> Value where Value.RawValue == String {
            guard let value = Value(rawValue: self[column]) else {
                throw fault(column, "\"\(self[column])\" is not a known \(column)")
            }
            return value
        }
    }

    /// - Throws: the first fault of the file.
    init(_ bytes: [UInt8], file: String) throws(CatalogueError) {
        var faults = FaultNotes()
        let table = TabSeparatedTable(bytes, file: file, &faults)
        if let first = faults.faults.min(by: { $0.line < $1.line }) { throw CatalogueError(first) }
        guard let table else { throw .missing(file: file) }
        self = table
    }

    /// Reads as far as the file can be read; lines with a fault are noted and left out.
    ///
    /// - Returns: nil when there is no header to read the rest by.
    init?(_ bytes: [UInt8], file: String, _ faults: inout FaultNotes) {
        func note(_ line: Int, _ column: String, _ reason: String) {
            faults.add(CatalogueFault(file: file, line: line, column: column, reason: reason))
        }
        if let reason = Self.otherFormat(bytes) {
            note(1, "#1", reason)
            return nil
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }

        var notes: [Note] = []
        var header: (line: Int, cells: [String])?
        var columns: [String: Int] = [:]
        var rows: [Row] = []
        for (index, line) in lines.enumerated() {
            let number = index + 1
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard !content.isEmpty else {
                note(number, "#1", "the line is empty")
                continue
            }
            var cells: [String] = []
            var isText = true
            for cell in content.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false) {
                let text = String(validating: cell, as: UTF8.self)
                if text == nil {
                    note(number, "#\(cells.count + 1)", "is not valid UTF-8")
                    isText = false
                }
                cells.append(text ?? "")
            }
            if header == nil, content.first == UInt8(ascii: "#") {
                // A spreadsheet fills up short lines with empty cells.
                if let found = Note(cells.joined(separator: " "), line: number) { notes.append(found) }
                continue
            }
            guard let known = header else {
                header = (number, cells)
                for (column, name) in cells.enumerated() where columns.updateValue(column, forKey: name) != nil {
                    note(number, "#\(column + 1)", "column \"\(name)\" stands twice")
                }
                continue
            }
            guard cells.count == known.cells.count else {
                note(
                    number, "#\(min(cells.count, known.cells.count))",
                    "\(cells.count) cells where the header has \(known.cells.count)")
                continue
            }
            if isText { rows.append(Row(file: file, line: number, columns: columns, cells: cells)) }
        }
        guard let header else {
            note(1, "#1", "the file is empty")
            return nil
        }
        self.init(
            file: file, rows: rows, notes: notes, headerLine: header.line, columnNames: header.cells, columns: columns)
    }

    private init(
        file: String, rows: [Row], notes: [Note], headerLine: Int, columnNames: [String], columns: [String: Int]
    ) {
        self.file = file
        self.rows = rows
        self.notes = notes
        self.headerLine = headerLine
        self.columnNames = columnNames
        self.columns = columns
    }

    /// The same header over one row alone.
    func only(_ row: Row) -> TabSeparatedTable {
        TabSeparatedTable(
            file: file, rows: [row], notes: notes, headerLine: headerLine, columnNames: columnNames, columns: columns)
    }

    func has(_ column: String) -> Bool { columns[column] != nil }

    /// - Throws: ``CatalogueError`` naming the first of `names` that the header lacks.
    func require(_ names: [String]) throws(CatalogueError) {
        for name in names where columns[name] == nil {
            throw .malformed(
                file: file, line: headerLine, column: name, reason: "the header has no such column")
        }
    }

    /// What the bytes are when they are plainly no text of one byte after the other, or nil.
    private static func otherFormat(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: Array("PK".utf8) + [0x03, 0x04]) || bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            return "is a spreadsheet; save it as tab-separated text in UTF-8"
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return "is UTF-16; save it as tab-separated text in UTF-8"
        }
        return bytes.contains(0) ? "holds NUL bytes and is no text" : nil
    }
}

extension TabSeparatedTable.Note {
    /// Nil for a remark: a key is lower-case letters and hyphens, followed by a colon.
    init?(_ text: String, line: Int) {
        let body = text.drop { $0 == "#" || $0 == " " }
        guard let colon = body.firstIndex(of: ":") else { return nil }
        let key = body[..<colon]
        guard !key.isEmpty, key.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == 0x2D })
        else { return nil }
        let value = body[body.index(after: colon)...].drop { $0 == " " }
        self.line = line
        self.key = String(key)
        self.value = String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
