public import DICOMCore

/// Names a list through all its editions, e.g. `zhejiang-imaging`: lower-case letters, digits and hyphens.
public struct ListID: Hashable, Sendable, Comparable {
    public let value: String

    /// Nil when `value` is empty, longer than 64 characters, or holds another character.
    public init?(_ value: String) {
        guard CatalogueID(value) != nil else { return nil }
        self.value = value
    }

    private init(known value: String) { self.value = value }

    /// Zhejiang's mutual-recognition items, the list studies are named by when nothing else is set.
    public static let zhejiangImaging = ListID(known: "zhejiang-imaging")

    public static func < (left: ListID, right: ListID) -> Bool { left.value < right.value }
}

extension ListID: CustomStringConvertible {
    public var description: String { value }
}

/// What a catalogue lists.
public enum CatalogueKind: String, Sendable, CaseIterable, Comparable {
    /// Coded examinations, which the matcher answers with.
    case imaging
    /// Numbered procedures, diagnostic and interventional.
    case procedures
    /// Interventional techniques with their level.
    case techniques

    /// Imaging first: the others may refer to it.
    public static func < (left: CatalogueKind, right: CatalogueKind) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The days an edition holds for, both included.
public struct EffectivePeriod: Sendable, Hashable {
    public let from: CalendarDay
    /// Nil while the publisher has named no end; the next edition ends it then.
    public let until: CalendarDay?

    /// Nil when it would end before it begins.
    public init?(from: CalendarDay, until: CalendarDay? = nil) {
        if let until, until < from { return nil }
        self.from = from
        self.until = until
    }
}

/// What an edition of a list says of itself.
public struct CatalogueHeader: Sendable, Equatable {
    public let list: ListID
    /// As its publisher tells it, e.g. the year.
    public let edition: String
    public let kind: CatalogueKind
    public let effective: EffectivePeriod
    public let publisher: String
    public let source: String
    /// Its codes are those that code-axes.tsv explains.
    public let usesCodeGrammar: Bool
    /// The list whose codes or numbers its items name.
    public let refersTo: ListID?
    /// `list-edition`, e.g. `zhejiang-imaging-2021`.
    public let id: CatalogueID
}

extension CatalogueHeader {
    enum Key: String, CaseIterable {
        case id, edition, kind, from, until, publisher, source, grammar
        case refersTo = "refers-to"

        static let mandatory: [Key] = [.id, .edition, .kind, .from, .publisher, .source]
    }

    /// The one value of `grammar`.
    static let codeGrammar = "code-axes"

    /// From the `# key: value` lines of a file.
    init?(_ table: TabSeparatedTable, _ faults: inout FaultNotes) {
        var values: [Key: (line: Int, text: String)] = [:]
        for note in table.notes {
            func fault(_ reason: String) {
                faults.add(CatalogueFault(file: table.file, line: note.line, column: note.key, reason: reason))
            }
            guard let key = Key(rawValue: note.key) else {
                fault("is not a known key; known are \(Key.allCases.map(\.rawValue).joined(separator: ", "))")
                continue
            }
            if values.updateValue((note.line, note.value), forKey: key) != nil { fault("stands twice") }
        }
        self.init(values: values, file: table.file, missingAt: table.headerLine, &faults)
    }

    /// From a row of the list of the bundled catalogues, whose columns have the names of the keys.
    init?(_ row: TabSeparatedTable.Row, _ faults: inout FaultNotes) {
        let texts = Key.allCases.filter { !row[$0.rawValue].isEmpty }.map { ($0, (row.line, row[$0.rawValue])) }
        self.init(
            values: Dictionary(uniqueKeysWithValues: texts), file: row.file, missingAt: row.line, &faults)
    }

    private init?(
        values: [Key: (line: Int, text: String)], file: String, missingAt headerLine: Int, _ faults: inout FaultNotes
    ) {
        var isWhole = true
        func fault(_ key: Key, _ reason: String) {
            isWhole = false
            faults.add(
                CatalogueFault(
                    file: file, line: values[key]?.line ?? headerLine, column: key.rawValue, reason: reason))
        }
        for key in Key.mandatory where values[key]?.text.isEmpty ?? true {
            fault(key, values[key] == nil ? "the file does not say it above its header row" : "is empty")
        }
        func read<Value>(_ key: Key, _ expected: String, _ parse: (String) -> Value?) -> Value? {
            guard let text = values[key]?.text, !text.isEmpty else { return nil }
            let value = parse(text)
            if value == nil { fault(key, "\"\(text)\" is not \(expected)") }
            return value
        }
        let word = "lower-case letters, digits and hyphens, at most 64"
        let list = read(.id, word, ListID.init)
        let edition = read(.edition, word, { CatalogueID($0)?.value })
        let kind = read(
            .kind, "one of \(CatalogueKind.allCases.map(\.rawValue).joined(separator: ", "))",
            CatalogueKind.init(rawValue:))
        let from = read(.from, "a day as YYYY-MM-DD", CalendarDay.init(iso:))
        let until = read(.until, "a day as YYYY-MM-DD", CalendarDay.init(iso:))
        let grammar = read(.grammar, "a known grammar; known is \(Self.codeGrammar)") {
            $0 == Self.codeGrammar ? true : nil
        }
        let refersTo = read(.refersTo, word, ListID.init)
        let effective = from.flatMap { EffectivePeriod(from: $0, until: until) }
        if from != nil, effective == nil { fault(.until, "is before from") }
        guard isWhole, let list, let edition, let kind, let effective else { return nil }
        guard let id = CatalogueID("\(list)-\(edition)") else {
            fault(.edition, "together with id it is longer than \(CatalogueID.lengthLimit) characters")
            return nil
        }
        self.init(
            list: list, edition: edition, kind: kind, effective: effective, publisher: values[.publisher]?.text ?? "",
            source: values[.source]?.text ?? "", usesCodeGrammar: grammar ?? false, refersTo: refersTo, id: id)
    }
}

extension CalendarDay {
    /// From `YYYY-MM-DD`.
    init?(iso text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.count) == [4, 2, 2] else { return nil }
        self.init(dicom: parts.joined())
    }

    /// As `YYYY-MM-DD`.
    public var iso: String {
        let digits = description
        return "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))"
    }
}
