internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Synchronization

/// Sends the files of a batch over one Association after another, on a thread of its own.
///
/// Several senders share one ``SendQueue``.
struct StoreSender {
    let request: AssociationRequest
    let queue: SendQueue
    let report: SendReport
    let bar: ProgressBar

    /// Sends every file of the batch over so many Associations at once; every file is reported. Blocks.
    static func send(
        _ batch: SendPlan.Batch, _ request: AssociationRequest, associations: Int, report: SendReport, bar: ProgressBar
    ) {
        let queue = SendQueue(batch.files)
        let sender = StoreSender(request: request, queue: queue, report: report, bar: bar)
        DispatchQueue.concurrentPerform(iterations: min(associations, batch.files.count)) { _ in sender.run() }
        for file in queue.drain() { report.add(.failed(file, status: nil, report.endReason)) }
    }

    /// Blocks until the queue is empty. A failed Association costs the file it was busy with; one that cannot be
    /// opened again ends this sender, and what is then left in the queue is reported by whoever started it.
    func run() {
        while let first = queue.next() {
            let association: Association
            do {
                association = try request.open()
            } catch {
                queue.giveBack(first)
                report.end("\(error)")
                return
            }
            if send(first, over: association) { try? association.release() }
        }
    }

    /// - Returns: whether the Association is still good.
    private func send(_ first: SendPlan.File, over association: Association) -> Bool {
        var scu = StoreSCU(over: association, limits: request.limits)
        var next: SendPlan.File? = first
        while let file = next {
            defer { bar.advance(byteCount: Int64(file.byteCount)) }
            guard scu.takes(file.kind.sopClassUID, in: file.kind.transferSyntaxUID) else {
                let syntax = DICOMLibrary.name(ofUID: file.kind.transferSyntaxUID) ?? file.kind.transferSyntaxUID
                let sopClass = DICOMLibrary.name(ofUID: file.kind.sopClassUID) ?? file.kind.sopClassUID
                report.add(.failed(file, status: nil, "the peer does not take \(sopClass) in \(syntax)"))
                next = queue.next()
                continue
            }
            do {
                report.add(SendReport.Outcome(file, try store(file, with: &scu)))
            } catch {
                report.add(.failed(file, status: nil, "\(error)"))
                association.abort()
                return false
            }
            next = queue.next()
        }
        return true
    }

    private func store(_ file: SendPlan.File, with scu: inout StoreSCU) throws -> DIMSEStatus {
        guard let handle = FileHandle(forReadingAtPath: file.path) else {
            throw CommandFailure.file(path: file.path, reason: "cannot be read")
        }
        defer { try? handle.close() }
        let descriptor = handle.fileDescriptor
        var offset = off_t(file.dataSetOffset)
        let instance = StoreSCU.Instance(
            sopClassUID: file.kind.sopClassUID, sopInstanceUID: file.sopInstanceUID, byteCount: Int64(file.byteCount))
        return try scu.store(instance, in: file.kind.transferSyntaxUID) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            offset += off_t(max(0, count))
            return count
        }
    }
}

/// Files that wait to be sent, shared by the senders of a batch.
final class SendQueue: Sendable {
    private let files: Mutex<[SendPlan.File]>

    init(_ files: [SendPlan.File]) { self.files = Mutex(files.reversed()) }

    func next() -> SendPlan.File? { files.withLock { $0.popLast() } }

    func giveBack(_ file: SendPlan.File) { files.withLock { $0.append(file) } }

    func drain() -> [SendPlan.File] {
        files.withLock { files in
            defer { files = [] }
            return files.reversed()
        }
    }
}
