internal import AdminAPI
internal import Foundation

/// The figures of a report, for people and as CSV for programs.
struct ReportTable {
    /// Where a column stands.
    enum Place {
        case both
        case table
        case csv
    }

    struct Column {
        /// Stable, as in JSON.
        let name: String
        /// In the language of the reader.
        let title: String
        let place: Place

        init(_ name: String, _ title: String, in place: Place = .both) {
            self.name = name
            self.title = title
            self.place = place
        }
    }

    enum Cell: Equatable {
        case text(String)
        case count(Int)
        /// In 0...1; a percentage for people.
        case rate(Double?)
        /// With so many digits after the point for people.
        case number(Double?, digits: Int)

        var isNumber: Bool {
            if case .text = self { false } else { true }
        }

        fileprivate var forPeople: String {
            switch self {
            case .text(let text): text.isEmpty ? "–" : text
            case .count(let count): String(count)
            case .rate(let rate): rate.map { Cell.decimal($0 * 100, digits: 1) } ?? "–"
            case .number(let number, let digits): number.map { Cell.decimal($0, digits: digits) } ?? "–"
            }
        }

        /// Digits and a point, whatever the language; nothing for what is not known.
        fileprivate var forPrograms: String {
            switch self {
            case .text(let text): text
            case .count(let count): String(count)
            case .rate(let value), .number(let value, _): value.map { String($0) } ?? ""
            }
        }

        private static func decimal(_ value: Double, digits: Int) -> String {
            // Noise is a few thousandths: two digits after the point would show nothing of it.
            let isSmall = value != 0 && abs(value) < 0.1 && digits > 1
            return value.formatted(
                .number.precision(isSmall ? .significantDigits(1...3) : .fractionLength(digits)).grouping(.never)
                    .locale(Locale(identifier: "en_US_POSIX")))
        }
    }

    let columns: [Column]
    /// Each as long as ``columns``.
    private(set) var rows: [[Cell]] = []
    /// Of all rows together; the last line for people, left out of CSV, where it would be taken for a group.
    private(set) var total: [Cell]?

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    mutating func addTotal(_ cells: [Cell]) { total = cells }

    /// Heading and rows for people, without a newline at the end.
    var text: String {
        let shown = columns.indices.filter { columns[$0].place != .csv }
        var table = Table(
            shown.map { index in
                Table.Column(
                    title: columns[index].title, isNumber: rows.first.map { $0[index].isNumber } ?? false, limit: 64)
            })
        for row in rows { table.add(shown.map { row[$0].forPeople }) }
        if let total {
            var cells = shown.map { total[$0].forPeople }
            cells[0] = "Σ"
            table.add(cells)
        }
        return table.text
    }

    /// RFC 4180 with a header line; lines end with CR LF.
    var csv: String {
        let shown = columns.indices.filter { columns[$0].place != .table }
        return CSVText.text(
            [shown.map { columns[$0].name }] + rows.map { row in shown.map { ReportTable.field(row[$0]) } })
    }

    private static func field(_ cell: Cell) -> String {
        if case .text(let text) = cell { CSVText.field(text) } else { cell.forPrograms }
    }
}
