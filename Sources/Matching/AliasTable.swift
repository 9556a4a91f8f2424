public import Catalogue

/// Aliases as a file that people keep and edit: UTF-8, tab-separated, one header row, one alias a line.
public enum AliasTable {
    /// One line.
    public struct Row: Sendable, Equatable {
        public let line: Int
        public let alias: Alias
        public let person: String
        public let reason: String
    }

    /// What is wrong with a line; the header is line 1.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        public let line: Int
        public let reason: String

        public init(line: Int, reason: String) {
            self.line = line
            self.reason = reason
        }

        public var description: String { "line \(line): \(reason)" }
    }

    /// Every fault of a file; nothing of it is used.
    public struct Faults: Error, Sendable, Equatable {
        public let faults: [Fault]
        public init(faults: [Fault]) { self.faults = faults }
    }

    public static let columns = [
        "description", "modality", "site", "ae", "code", "grade", "confidence", "by", "reason",
    ]
    /// How a code cell says that a description is none of the items.
    public static let noItem = "NONE"
    private static let lineLimit = 100_000

    /// - Parameter rows: each with who taught it and why.
    public static func text(_ rows: [(alias: Alias, person: String, reason: String)]) -> String {
        let lines = rows.map { alias, person, reason in
            [
                alias.description, alias.scope.modality, alias.scope.site ?? "", alias.scope.aeTitle ?? "",
                alias.meaning.code?.value ?? noItem, alias.grade.rawValue, "\(alias.confidence)", person, reason,
            ].map(cell).joined(separator: "\t")
        }
        return ([columns.joined(separator: "\t")] + lines).map { $0 + "\n" }.joined()
    }

    /// A cell holds no separator; descriptions compare alike with a space in its place.
    private static func cell(_ text: String) -> String {
        String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 })
    }

    /// - Throws: ``Faults`` naming every line that is no alias.
    public static func rows(_ text: String) throws(Faults) -> [Row] {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if lines.last?.isEmpty == true { lines.removeLast() }
        if lines.first?.first == "\u{FEFF}" { lines[0].removeFirst() }
        guard let header = lines.first, header.split(separator: "\t").map(String.init) == columns else {
            throw Faults(faults: [
                Fault(line: 1, reason: "the columns are \(columns.joined(separator: ", ")), separated by tabs")
            ])
        }
        guard lines.count <= lineLimit else {
            throw Faults(faults: [Fault(line: lineLimit, reason: "at most \(lineLimit) lines are read")])
        }
        var faults: [Fault] = []
        var rows: [Row] = []
        for (index, line) in lines.enumerated().dropFirst() {
            do throws(Fault) {
                rows.append(try row(line, number: index + 1))
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw Faults(faults: faults) }
        return rows
    }

    private static func row(_ line: Substring, number: Int) throws(Fault) -> Row {
        let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        func fault(_ reason: String) -> Fault { Fault(line: number, reason: reason) }
        guard cells.count == columns.count else {
            throw fault("\(cells.count) cells where \(columns.count) are expected")
        }
        guard let meaning = Alias.Meaning(code: cells[4]) else {
            throw fault("\"\(cells[4])\" is no code and not NONE")
        }
        guard let grade = StudyMatch.Grade(rawValue: cells[5]) else { throw fault("grade is exact or nearest") }
        guard let confidence = Double(cells[6]) else { throw fault("confidence is a number") }
        do throws(AliasFault) {
            let scope = try Alias.Scope(
                modality: cells[1], site: cells[2].isEmpty ? nil : cells[2], aeTitle: cells[3].isEmpty ? nil : cells[3])
            let alias = try Alias(
                description: cells[0], scope: scope, meaning: meaning, grade: grade, confidence: confidence)
            return Row(line: number, alias: alias, person: cells[7], reason: cells[8])
        } catch {
            throw fault(error.description)
        }
    }
}

extension Alias.Meaning {
    /// From a code, or `NONE`; nil for anything else.
    public init?(code text: String) {
        if text == AliasTable.noItem {
            self = .noItem
        } else if let code = try? ItemCode(text) {
            self = .item(code)
        } else {
            return nil
        }
    }

    /// nil for none of the items.
    public var code: ItemCode? {
        switch self {
        case .item(let code): code
        case .noItem: nil
        }
    }
}
