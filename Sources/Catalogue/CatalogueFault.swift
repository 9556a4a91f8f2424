/// One thing wrong with a catalogue file, and where.
public struct CatalogueFault: Sendable, Hashable {
    public let file: String
    /// Counted from 1, every line of the file included.
    public let line: Int
    /// The header's name, the key of a leading comment line, or `#n` for the n-th cell.
    public let column: String
    public let reason: String

    public init(file: String, line: Int, column: String, reason: String) {
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
    }
}

extension CatalogueFault: CustomStringConvertible {
    public var description: String { "\(file):\(line): \(column): \(reason)" }
}

/// Everything wrong with a file; never empty, in the order of its lines. Nothing of such a file is used.
public struct CatalogueFaults: Error, Equatable, Sendable {
    public let faults: [CatalogueFault]
    /// Faults beyond ``FaultNotes/limit``, which are counted and not listed.
    public let furtherCount: Int

    public init(_ faults: [CatalogueFault], furtherCount: Int = 0) {
        precondition(!faults.isEmpty, "a file without faults is not refused")
        self.faults = faults
        self.furtherCount = furtherCount
    }
}

extension CatalogueFaults: CustomStringConvertible {
    public var description: String {
        faults.map(\.description).joined(separator: "\n") + (furtherCount > 0 ? "\nand \(furtherCount) more" : "")
    }
}

/// Faults as they are found, up to a number a person can read.
struct FaultNotes {
    static let limit = 200

    private(set) var faults: [CatalogueFault] = []
    private var furtherCount = 0
    var isEmpty: Bool { faults.isEmpty }

    mutating func add(_ fault: CatalogueFault) {
        if faults.count < Self.limit { faults.append(fault) } else { furtherCount += 1 }
    }

    /// Runs `read` and notes why it failed, so that what follows in the row is read all the same.
    mutating func attempt<Value>(_ read: () throws(CatalogueError) -> Value) -> Value? {
        do throws(CatalogueError) {
            return try read()
        } catch {
            add(error.fault)
            return nil
        }
    }

    func throwIfAny() throws(CatalogueFaults) {
        guard !faults.isEmpty else { return }
        throw CatalogueFaults(
            faults.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element),
            furtherCount: furtherCount)
    }
}

extension CatalogueError {
    init(_ fault: CatalogueFault) {
        self = .malformed(file: fault.file, line: fault.line, column: fault.column, reason: fault.reason)
    }

    var fault: CatalogueFault {
        switch self {
        case .missing(let file): CatalogueFault(file: file, line: 1, column: "#1", reason: "no such catalogue file")
        case .malformed(let file, let line, let column, let reason):
            CatalogueFault(file: file, line: line, column: column, reason: reason)
        }
    }
}
