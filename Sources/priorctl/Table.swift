internal import Foundation

/// Rows in aligned columns, for people.
struct Table {
    struct Column {
        let title: String
        var isNumber = false
        /// Longer cells are cut, in terminal cells.
        var limit = 40
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// Heading and rows, one a line, without a newline at the end.
    var text: String {
        let lines = ([columns.map(\.title)] + rows).map { cells in
            zip(cells, columns).map { Self.cut(Output.printable($0), to: $1.limit) }
        }
        let widths = columns.indices.map { column in lines.map { $0[column].cellCount }.max() ?? 0 }
        return lines.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.cellCount)
                if column > 0 { line += "  " }
                line += columns[column].isNumber ? padding + cell : cell + padding
            }
            return line.trimmingSuffix { $0 == " " }
        }.joined(separator: "\n")
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.cellCount > limit else { return text }
        var kept = ""
        var count = 0
        for character in text {
            let width = String(character).cellCount
            guard count + width <= limit - 1 else { break }
            kept.append(character)
            count += width
        }
        return kept + "…"
    }
}

extension String {
    /// Terminal cells the text takes: two for East Asian wide and full-width characters, none for marks that combine
    /// with the character before (UAX #11).
    var cellCount: Int {
        unicodeScalars.reduce(0) { count, scalar in
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: count
            default: count + (Self.isWide(scalar) ? 2 : 1)
            }
        }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x1100 else { return false }
        return wideRanges.contains { $0.contains(scalar.value) }
    }

    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var rest = self[...]
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }
}
