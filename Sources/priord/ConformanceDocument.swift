/// A conformance statement, whose tables stand between `<!-- table NAME -->` and `<!-- end -->`, each on a line of its own.
struct ConformanceDocument {
    private enum Part {
        case text(String)
        case table(name: String, text: String)
    }

    private static let end = "<!-- end -->"
    private var parts: [Part] = []

    init(_ text: String) {
        var lines: [Substring] = []
        var open: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let name = open, line == Self.end {
                parts.append(.table(name: name, text: lines.joined(separator: "\n")))
                (open, lines) = (nil, [])
            } else if open == nil, let match = line.wholeMatch(of: /<!-- table ([a-z-]+) -->/) {
                parts.append(.text(lines.joined(separator: "\n")))
                (open, lines) = (String(match.1), [])
            } else {
                lines.append(line)
            }
        }
        // A table without an end is told as one that differs.
        parts.append(
            open.map { .table(name: $0, text: lines.joined(separator: "\n")) } ?? .text(lines.joined(separator: "\n")))
    }

    /// The statement with the tables as they are now; one of an unknown name is left as it is.
    func written(with tables: [ConformanceTable]) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .table(let name, let text):
                "<!-- table \(name) -->\n\(tables.first { $0.name == name }?.text ?? text)\n\(Self.end)"
            }
        }.joined(separator: "\n")
    }

    /// What is wrong with it, one table a line; nothing when every table is there and true.
    func faults(against tables: [ConformanceTable]) -> [String] {
        let found = parts.compactMap { part in
            if case .table(let name, let text) = part { (name: name, text: text) } else { nil }
        }
        let wrong = found.compactMap { name, text -> String? in
            guard let table = tables.first(where: { $0.name == name }) else { return "\(name): no such table" }
            return text == table.text ? nil : "\(name): the program says otherwise"
        }
        let missing = tables.filter { table in !found.contains { $0.name == table.name } }
        return wrong + missing.map { "\($0.name): missing" }
    }
}
