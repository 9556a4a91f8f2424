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
        var contexts: [SendPlan.Kind: UInt8] = [:]
        for (id, context) in association.acceptedContexts {
            contexts[SendPlan.Kind(sopClassUID: context.abstractSyntax, transferSyntaxUID: context.transferSyntax)] = id
        }
        var messageID: UInt16 = 0
        var next: SendPlan.File? = first
        while let file = next {
            defer { bar.advance(byteCount: Int64(file.byteCount)) }
            guard let context = contexts[file.kind] else {
                let syntax = DICOMLibrary.name(ofUID: file.kind.transferSyntaxUID) ?? file.kind.transferSyntaxUID
                let sopClass = DICOMLibrary.name(ofUID: file.kind.sopClassUID) ?? file.kind.sopClassUID
                report.add(.failed(file, status: nil, "the peer does not take \(sopClass) in \(syntax)"))
                next = queue.next()
                continue
            }
            messageID = messageID == .max ? 1 : messageID + 1
            do {
                report.add(SendReport.Outcome(file, try store(file, context, messageID, over: association)))
            } catch {
                report.add(.failed(file, status: nil, "\(error)"))
                association.abort()
                return false
            }
            next = queue.next()
        }
        return true
    }

    private func store(
        _ file: SendPlan.File, _ context: UInt8, _ messageID: UInt16, over association: Association
    ) throws -> DIMSEStatus {
        guard let handle = FileHandle(forReadingAtPath: file.path) else {
            throw CommandFailure.file(path: file.path, reason: "cannot be read")
        }
        defer { try? handle.close() }
        let command = Command(
            field: .storeRequest, presentationContextID: context, messageID: messageID,
            affectedSOPClassUID: file.kind.sopClassUID, affectedSOPInstanceUID: file.sopInstanceUID, hasDataSet: true)
        let descriptor = handle.fileDescriptor
        var offset = off_t(file.dataSetOffset)
        try association.send(command) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            offset += off_t(max(0, count))
            return count
        }
        let response = try association.receive()
        guard response.field == .storeResponse, response.messageID == messageID else {
            throw CommandFailure.peer("the peer answered something else than a C-STORE-RSP to this message")
        }
        return response.status
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
