/// One table of the conformance statement.
struct ConformanceTable {
    /// Stable, lower case with hyphens.
    let name: String
    /// As Markdown, without a line break at the end.
    let text: String

    init(_ name: String, _ columns: [String], _ rows: [[String]]) {
        self.name = name
        func line(_ cells: [String]) -> String {
            "| " + cells.map { $0.isEmpty ? " " : $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        let rule = "|" + columns.map { _ in "---|" }.joined()
        text = ([line(columns), rule] + rows.map(line)).joined(separator: "\n")
    }
}
