/// A catalogue file as rows of cells: UTF-8, tab-separated, one header row, no quoting, no empty line.
///
/// A byte order mark and CRLF line ends, which editors add, are accepted.
struct TabSeparatedTable {
    let file: String
    let rows: [Row]

    /// One line below the header, with the means to say where a fault lies.
    struct Row {
        let file: String
        /// Counted from 1, header included.
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

    private let columns: [String: Int]

    init(_ bytes: [UInt8], file: String) throws(CatalogueError) {
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var parsed: [[String]] = []
        parsed.reserveCapacity(lines.count)
        for (index, line) in lines.enumerated() {
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard !content.isEmpty else {
                throw .malformed(file: file, line: index + 1, column: "#1", reason: "the line is empty")
            }
            var cells: [String] = []
            for cell in content.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false) {
                guard let text = String(validating: cell, as: UTF8.self) else {
                    throw .malformed(
                        file: file, line: index + 1, column: "#\(cells.count + 1)", reason: "is not valid UTF-8")
                }
                cells.append(text)
            }
            parsed.append(cells)
        }
        guard let header = parsed.first else {
            throw .malformed(file: file, line: 1, column: "#1", reason: "the file is empty")
        }
        var columns: [String: Int] = [:]
        for (index, name) in header.enumerated() where columns.updateValue(index, forKey: name) != nil {
            throw .malformed(file: file, line: 1, column: "#\(index + 1)", reason: "column \"\(name)\" stands twice")
        }
        for (index, cells) in parsed.enumerated() where cells.count != header.count {
            throw .malformed(
                file: file, line: index + 1, column: "#\(min(cells.count, header.count))",
                reason: "\(cells.count) cells where the header has \(header.count)")
        }
        self.file = file
        self.columns = columns
        rows = parsed.indices.dropFirst().map { Row(file: file, line: $0 + 1, columns: columns, cells: parsed[$0]) }
    }

    /// - Throws: ``CatalogueError`` naming the first of `names` that the header lacks.
    func require(_ names: [String]) throws(CatalogueError) {
        for name in names where columns[name] == nil {
            throw .malformed(file: file, line: 1, column: name, reason: "the header has no such column")
        }
    }
}
