public import DICOMCore
internal import Foundation
internal import Synchronization

/// Tells how far a long operation is, in Instances, and answers whether to go on.
public typealias ArchiveProgress = (_ done: Int, _ total: Int) -> Bool

/// Something that does not agree between index and objects.
public enum VerificationFault: Sendable, Equatable {
    /// A row whose object is gone.
    case missing(SOPInstanceUID)
    /// Sizes in bytes of the whole file.
    case wrongSize(SOPInstanceUID, expected: Int64, actual: Int64)
    case wrongDigest(SOPInstanceUID)
    /// The disk does not give the bytes back.
    case notReadable(SOPInstanceUID, ArchiveError)
    /// An object that no row knows; `reindex` finds it a row.
    case withoutRow(ordinal: Int64)
    /// A row of the quarantine whose object is gone.
    case missingQuarantined(id: Int64)
}

/// What `verify` found.
public struct VerificationReport: Sendable, Equatable {
    public var instanceCount = 0
    /// Bytes whose digest was compared; 0 unless asked for.
    public var digestedByteCount: Int64 = 0
    public var faultCount = 0
    /// The first thousand.
    public var faults: [VerificationFault] = []
    /// How far the decision log goes. Written down elsewhere it proves what the log held, whoever may write to this machine.
    public var decisions = EventChain.Head.empty
    /// The first thing wrong with the decision log.
    public var decisionBreak: EventChain.Break?

    public init() {}

    public var isClean: Bool { faultCount == 0 && decisionBreak == nil }

    mutating func add(_ fault: VerificationFault) {
        faultCount += 1
        if faults.count < 1000 { faults.append(fault) }
    }
}

extension Archive {
    /// Compares every row with its object and every object with its row, and checks the decision log. Receiving goes on meanwhile; what is
    /// committed after the start is not looked at.
    ///
    /// - Parameters:
    ///   - full: read every byte and compare digests; otherwise sizes only.
    ///   - progress: called every few hundred Instances.
    /// - Throws: ``ArchiveError/stopped`` when `progress` says so.
    public func verify(full: Bool, progress: ArchiveProgress = { _, _ in true }) throws(ArchiveError)
        -> VerificationReport
    {
        var report = VerificationReport()
        report.decisions = decisions.head
        report.decisionBreak = try decisions.verify()
        let total = try index.counts().instances
        // All numbers up to here are settled: their batch is committed, or undone.
        let end = committer.state.withLock { $0.nextOrdinal }
        for leaf in stride(from: Int64(0), to: end, by: ObjectLeaf.capacity).map(store.leaf(holding:)) {
            var unknown = Set(try store.ordinals(in: leaf).filter { $0 < end })
            for instance in try index.instances(in: leaf.ordinals.clamped(to: 0...end - 1)) {
                unknown.remove(instance.ordinal)
                report.instanceCount += 1
                if let fault = check(instance, full: full, &report) { report.add(fault) }
                if full, report.instanceCount % 100 == 0, !progress(report.instanceCount, total) { throw .stopped }
            }
            for ordinal in unknown.sorted() { report.add(.withoutRow(ordinal: ordinal)) }
            guard progress(report.instanceCount, total) else { throw .stopped }
        }
        let files = Set(try store.quarantined().map(\.id))
        for id in try index.quarantineIDs().subtracting(files).sorted() { report.add(.missingQuarantined(id: id)) }
        return report
    }

    /// Reads every byte of a stored Instance and compares them with its row.
    ///
    /// - Returns: what does not agree, or nil.
    public func verify(_ instance: StoredInstance) -> VerificationFault? {
        var report = VerificationReport()
        return check(instance, full: true, &report)
    }

    private func check(
        _ instance: StoredInstance, full: Bool, _ report: inout VerificationReport
    ) -> VerificationFault? {
        do throws(ArchiveError) {
            let expected = instance.dataSetOffset + instance.byteCount
            guard let status = try DurableFiles.status(of: store.path(ofObject: instance.ordinal)) else {
                return .missing(instance.sopInstanceUID)
            }
            if status.byteCount != expected {
                return .wrongSize(instance.sopInstanceUID, expected: expected, actual: status.byteCount)
            }
            guard full else { return nil }
            let object = try open(instance)
            let (digest, byteCount) = try ObjectDigest.read(
                fileDescriptor: object.fileDescriptor, from: instance.dataSetOffset)
            report.digestedByteCount += byteCount
            return digest == instance.digest ? nil : .wrongDigest(instance.sopInstanceUID)
        } catch {
            return .notReadable(instance.sopInstanceUID, error)
        }
    }
}
