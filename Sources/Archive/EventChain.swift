internal import Crypto
public import Foundation
internal import Synchronization

/// An append-only log whose lines each carry the hash of all before them, in a file of its own: nothing in it changes
/// or goes missing unseen, and it outlives the index.
///
/// A line is 64 hexadecimal digits, a space, and a record as JSON without line breaks. The digits are
/// SHA-256(digits of the line before + " " + record); before the first line stand 64 zeros. A record is an object whose
/// member `record` names its kind; those of kinds nobody knows are kept and passed over.
///
/// A chain alone does not tell that its end was cut off. So the index keeps how far it had got (``DecisionMark``), beside
/// where to find what; the file is always written first, so a crash between the two leaves a mark that lies inside.
public final class EventChain: Sendable {
    /// Where the log stands.
    public struct Head: Equatable, Sendable, Codable {
        /// Lines so far.
        public var count: Int
        /// Of the last line; 64 zeros for an empty log.
        public var hash: String

        public static let empty = Head(count: 0, hash: String(repeating: "0", count: 64))
    }

    /// The first thing wrong with a log.
    public struct Break: Error, Equatable, Sendable {
        /// Counted from 1.
        public let line: Int
        public let reason: String

        public init(line: Int, reason: String) {
            self.line = line
            self.reason = reason
        }
    }

    /// Longer records are refused.
    public static let recordByteLimit = 64 << 10

    private struct State {
        var head: Head
        var byteCount: Int64
        /// What the last look at it found; nil for nothing wrong.
        var known: Break?
        /// Ends that went missing since the log was opened: the index may not have taken them down.
        var losses: [DecisionLoss] = []
        var isClosed = false
    }

    private let path: String
    private let descriptor: Int32
    private let sync: SyncCalls
    private let index: StudyIndex?
    private let state: Mutex<State>
    /// How far the index has got. Held while it is brought up to date.
    private let indexed: Mutex<DecisionMark>

    /// Opens the log and counts what the index does not know yet; drops a last line that a crash cut short, for nobody was
    /// told that it was kept.
    ///
    /// - Parameter index: nil for a log that stands alone.
    /// - Throws: ``ArchiveError`` of disk or index. A broken log does not keep anyone from adding to it: ``verify()`` and
    ///   ``knownBreak`` tell.
    init(path: String, sync: SyncCalls = SyncCalls(), index: StudyIndex? = nil) throws(ArchiveError) {
        let descriptor = DurableFiles.uninterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o600) }
        guard descriptor >= 0 else { throw .lastCall("open decision log") }
        do throws(ArchiveError) {
            let file = DecisionFile(descriptor: descriptor)
            let mark = try index?.decisionMark() ?? .start
            let holds = try file.holds(mark)
            var end = holds ? mark : .start
            let whole = try file.forEachLine(from: end.byteCount) { line, byteCount in
                end.add(line, byteCount)
                return true
            }
            if whole < (try file.byteCount()) {
                if holds {
                    guard ftruncate(descriptor, off_t(whole)) == 0 else { throw .lastCall("truncate decision log") }
                } else {
                    // A piece of a line that was once whole: it stays, as what is left of it.
                    try file.append([UInt8(ascii: "\n")])
                    end = .start
                    _ = try file.forEachLine(from: 0) { line, byteCount in
                        end.add(line, byteCount)
                        return true
                    }
                }
            }
            if !holds { try index?.noteLoss(of: mark, keptCount: min(end.count, mark.count)) }
            let loss = try index?.decisionLosses().first
            state = Mutex(State(head: end.head, byteCount: end.byteCount, known: loss?.asBreak))
            indexed = Mutex(holds ? mark : .start)
        } catch {
            Foundation.close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        self.sync = sync
        self.index = index
        try bringIndexUpToDate()
    }

    deinit { Foundation.close(descriptor) }

    /// Refuses everything that comes later: another process may have the log then.
    func close() { state.withLock { $0.isClosed = true } }

    public var head: Head { state.withLock { $0.head } }

    /// What the last look at the log found wrong: at the start that its end is missing, later what ``verify()`` found.
    public var knownBreak: Break? { state.withLock { $0.known } }

    /// Lines that the index has not been told of: more than none for long means that it cannot be written.
    public var unindexedCount: Int {
        let count = head.count
        return index == nil ? 0 : count - indexed.withLock { $0.count }
    }

    /// Adds one record and returns when it is on the disk.
    ///
    /// - Parameter record: a JSON object without line breaks.
    /// - Throws: ``ArchiveError``; nothing is added then.
    @discardableResult
    public func append(_ record: some DataProtocol) throws(ArchiveError) -> Head {
        let record = Array(record)
        precondition(!record.contains(UInt8(ascii: "\n")) && record.count <= Self.recordByteLimit)
        let file = DecisionFile(descriptor: descriptor)
        var lost: DecisionMark?
        let result: Result<Head, ArchiveError> = state.withLock { state in
            Result { () throws(ArchiveError) in
                if state.isClosed { throw .closed }
                let before = try file.byteCount()
                if before != state.byteCount {
                    // Somebody cut or wrote the log while it is open. The chain goes on from what it was, so that it shows.
                    lost = DecisionMark(head: state.head, byteCount: state.byteCount)
                    if try !file.endsLine(at: before) { try file.append([UInt8(ascii: "\n")]) }
                    var count = 0
                    try file.forEachLine(from: 0) { _, _ in
                        count += 1
                        return true
                    }
                    state.head.count = count
                }
                let start = try file.byteCount()
                let hash = record.withUnsafeBytes { ChainHash.of($0, after: Array(state.head.hash.utf8)) }
                let line = hash + [UInt8(ascii: " ")] + record + [UInt8(ascii: "\n")]
                do throws(ArchiveError) {
                    try file.append(line)
                    guard DurableFiles.uninterrupted({ sync.data(descriptor) }) == 0 else {
                        throw .lastCall("fdatasync decision log")
                    }
                } catch {
                    // What stands there in part was never promised.
                    _ = ftruncate(descriptor, off_t(start))
                    throw error
                }
                state.byteCount = start + Int64(line.count)
                state.head = Head(count: state.head.count + 1, hash: String(decoding: hash, as: UTF8.self))
                return state.head
            }
        }
        let head = try result.get()
        if let lost { try? begin(anew: lost, keptCount: head.count - 1) }
        // The record is kept whatever the index says; who looks something up brings the index up to date first.
        try? bringIndexUpToDate()
        return head
    }

    /// Every record in its order, one at a time.
    ///
    /// - Parameter body: gets the record's bytes, which are gone when it returns.
    /// - Returns: where the log stood; what was added later was not read.
    @discardableResult
    public func forEachRecord(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Head {
        let (head, end) = state.withLock { ($0.head, $0.byteCount) }
        var failure: (any Error)?
        _ = try DecisionFile(descriptor: descriptor).forEachLine(from: 0, to: end) { line, _ in
            guard line.count > ChainHash.width else { return true }
            do {
                try body(UnsafeRawBufferPointer(rebasing: line[(ChainHash.width + 1)...]))
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return head
    }

    /// Every record in its order. For logs of any size ``forEachRecord(_:)`` is the better one.
    public func records() throws(ArchiveError) -> [Data] {
        var records: [Data] = []
        do { try forEachRecord { records.append(Data($0)) } } catch { throw ArchiveError(error) }
        return records
    }

    /// Reads the log again from the disk and checks every line, and that it still reaches as far as it did. Behind a line
    /// that does not fit it goes on from what that line says, so that an old break hides no new one.
    ///
    /// - Throws: ``ArchiveError`` of disk or index.
    /// - Returns: the first break, which tells of the others too; nil when the chain holds.
    public func verify() throws(ArchiveError) -> Break? {
        var losses = try index?.decisionLosses() ?? []
        // What is added meanwhile is not looked at.
        let (head, end, seen) = state.withLock { ($0.head, $0.byteCount, $0.losses) }
        losses += seen.filter { !losses.contains($0) }
        let found = try breaks(upTo: end, head, losses)
        state.withLock { state in
            // What went missing during the look was not seen by it.
            if state.losses == seen { state.known = found }
        }
        return found
    }

    private func breaks(upTo end: Int64, _ head: Head, _ losses: [DecisionLoss]) throws(ArchiveError) -> Break? {
        let file = DecisionFile(descriptor: descriptor)
        guard file.is(at: path) else { return Break(line: 1, reason: "the file was taken away or replaced") }
        var hash = Array(Head.empty.hash.utf8)
        var number = 0
        var breaks = BreakList()
        var open = losses
        // What followed from a line that is none is not known.
        var isBehindNone = false
        _ = try file.forEachLine(from: 0, to: end) { line, _ in
            number += 1
            guard let record = ChainHash.record(of: line) else {
                breaks.add(Break(line: number, reason: "is no line of the log"))
                isBehindNone = true
                return true
            }
            hash = ChainHash.of(record, after: hash)
            if !line.prefix(ChainHash.width).elementsEqual(hash) {
                if !isBehindNone {
                    breaks.add(
                        Break(line: number, reason: "this line or one before it was changed, added or taken out"))
                }
                hash = Array(line.prefix(ChainHash.width))
            }
            isBehindNone = false
            // Whoever put back what was missing has healed the log.
            if breaks.isEmpty {
                open.removeAll { $0.mark.count == number && $0.mark.head.hash.utf8.elementsEqual(hash) }
            }
            return true
        }
        if breaks.isEmpty && number != head.count || !head.hash.utf8.elementsEqual(hash) {
            breaks.add(Break(line: min(number + 1, head.count), reason: "lines at the end are missing"))
        }
        for loss in open { breaks.add(loss.asBreak) }
        return breaks.summary
    }

    /// The first break and how many there are, each line counted once.
    private struct BreakList {
        private var first: Break?
        private var lines: Set<Int> = []
        /// Lines that are told apart; a log with more breaks than that has been replaced.
        private static let limit = 10_000

        var isEmpty: Bool { first == nil }

        mutating func add(_ found: Break) {
            if lines.count < Self.limit { lines.insert(found.line) }
            if first.map({ found.line < $0.line }) ?? true { first = found }
        }

        var summary: Break? {
            guard let first, let last = lines.max(), lines.count > 1 else { return first }
            let others = lines.count - 1
            return Break(
                line: first.line,
                reason: "\(first.reason); \(others) more \(others == 1 ? "break" : "breaks"), the last at line \(last)")
        }
    }

    // MARK: Looking up

    /// Records by what they are about, in their order.
    public func records(
        matching filter: DecisionFilter
    ) throws(ArchiveError) -> [(line: Int, record: Data)] {
        guard let index else { return [] }
        try bringIndexUpToDate()
        let file = DecisionFile(descriptor: descriptor)
        var found: [(line: Int, record: Data)] = []
        for row in try index.decisions(matching: filter) {
            let bytes = try file.read(row.byteCount, at: row.offset)
            let record = bytes.withUnsafeBytes { ChainHash.record(of: $0).map { Data($0) } }
            if let record { found.append((row.line, record)) }
        }
        return found
    }

    /// Tells the index of lines it does not know, a batch at a time.
    func bringIndexUpToDate() throws(ArchiveError) {
        guard let index else { return }
        let end = state.withLock { $0.byteCount }
        let file = DecisionFile(descriptor: descriptor)
        let result: Result<Void, ArchiveError> = indexed.withLock { mark in
            Result { () throws(ArchiveError) in
                while mark.byteCount < end {
                    var next = mark
                    var rows: [DecisionRow] = []
                    _ = try file.forEachLine(from: mark.byteCount, to: end) { line, byteCount in
                        rows.append(DecisionRow(line, number: next.count + 1, at: next.byteCount, byteCount: byteCount))
                        next.add(line, byteCount)
                        return rows.count < Self.batchLimit
                    }
                    // Somebody cut the log while it is open; what is left is in the index.
                    guard !rows.isEmpty else { return }
                    if try index.add(rows, from: mark, to: next) {
                        mark = next
                    } else {
                        // Another index has taken its place: built again, perhaps without what this one knew.
                        mark = try index.decisionMark() ?? .start
                    }
                }
            }
        }
        try result.get()
    }

    /// Another index has taken the place of the one that was: it may know less.
    func indexWasReplaced() throws(ArchiveError) {
        guard let index else { return }
        try setIndexed(index.decisionMark() ?? .start)
        try bringIndexUpToDate()
    }

    /// Keeps that lines are missing that the index knew, and has it read the log anew.
    private func begin(anew lost: DecisionMark, keptCount: Int) throws(ArchiveError) {
        let loss = DecisionLoss(mark: lost, keptCount: min(keptCount, lost.count))
        state.withLock { state in
            state.known = state.known ?? loss.asBreak
            state.losses.append(loss)
        }
        try index?.noteLoss(of: lost, keptCount: loss.keptCount)
        setIndexed(.start)
    }

    private func setIndexed(_ mark: DecisionMark) { indexed.withLock { $0 = mark } }

    private static let batchLimit = 1000
}
