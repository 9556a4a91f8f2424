import DICOMCore
import DICOMNetwork
import Dispatch
import Foundation
import Logging
import Synchronization
import Testing

@testable import priorctl

@Suite(.timeLimit(.minutes(10))) struct StoreSenderTests {
    @Test func `Data Sets arrive as they are in the files, over every Association`() throws {
        let folder = try Folder(instanceCount: 20)
        let peer = try Peer()
        let summary = try send(folder, to: peer, associations: 3)
        #expect(summary.stored == 20)
        #expect(summary.failures.isEmpty)
        #expect(peer.received == folder.dataSets)
    }

    @Test func `a refused instance is named with its Status, the others are stored`() throws {
        let folder = try Folder(instanceCount: 3)
        let summary = try send(folder, to: Peer(answers: ["1.2.1": 0xA700, "1.2.2": 0xB000]), associations: 1)
        #expect(summary.stored == 2)
        #expect(summary.failures.map(\.sopInstanceUID) == ["1.2.1"])
        #expect(summary.failures.map(\.status) == ["A700"])
        #expect(summary.warnings.map(\.status) == ["B000"])
    }

    @Test func `what the peer does not take is a failure without a Status`() throws {
        let summary = try send(Folder(instanceCount: 2), to: Peer(takesStorage: false), associations: 1)
        #expect(summary.stored == 0)
        #expect(summary.failures.count == 2)
        #expect(summary.failures.allSatisfy { $0.status == nil && $0.detail.contains("does not take") })
    }

    @Test func `every file is reported when nobody listens`() throws {
        let peer = try Peer()
        peer.stop()
        let summary = try send(Folder(instanceCount: 5), to: peer, associations: 2)
        #expect(summary.failures.count == 5)
    }

    private func send(_ folder: Folder, to peer: Peer, associations: Int) throws -> SendReport.Summary {
        defer { peer.stop() }
        let plan = SendPlan(paths: try DICOMFiles(below: folder.path).paths)
        let report = SendReport()
        for batch in plan.batches {
            let request = AssociationRequest(
                host: "127.0.0.1", port: peer.port, callingAETitle: .priorctl, calledAETitle: .priord,
                contexts: batch.kinds.map { ($0.sopClassUID, [$0.transferSyntaxUID]) })
            let bar = ProgressBar("send", isShown: false)
            StoreSender.send(batch, request, associations: associations, report: report, bar: bar)
        }
        return report.summary(otherFiles: 0, after: .seconds(1))
    }
}

/// A directory of small Part-10 files, removed at the end.
private final class Folder {
    let path = NSTemporaryDirectory() + "send-" + UUID().uuidString
    /// By SOP Instance UID.
    private(set) var dataSets: [String: [UInt8]] = [:]

    init(instanceCount: Int) throws {
        try DICOMLibrary.prepare()
        try FileManager.default.createDirectory(atPath: path + "/below", withIntermediateDirectories: true)
        for number in 1...instanceCount {
            var meta = FileMeta()
            meta.mediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
            meta.mediaStorageSOPInstanceUID = "1.2.\(number)"
            meta.transferSyntaxUID = "1.2.840.10008.1.2.1"
            let attributes = AttributeSet(values: [
                .sopClassUID: [meta.mediaStorageSOPClassUID], .sopInstanceUID: [meta.mediaStorageSOPInstanceUID],
                .studyDescription: [String(repeating: "胸", count: 20)], .patientID: ["P\(number)"],
            ])
            let dataSet = try attributes.encoded(transferSyntax: meta.transferSyntaxUID)
            dataSets[meta.mediaStorageSOPInstanceUID] = dataSet
            try Data(meta.encoded() + dataSet).write(to: URL(filePath: path + "/below/\(number)"))
        }
        try Data("no DICOM".utf8).write(to: URL(filePath: path + "/README"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Receives what is sent and answers as it is told.
private final class Peer: Sendable {
    private let listener: AssociationListener
    private let objects = Mutex<[String: [UInt8]]>([:])
    private let ended = DispatchSemaphore(value: 0)
    var port: Int { listener.port }
    var received: [String: [UInt8]] { objects.withLock { $0 } }

    init(answers: [String: UInt16] = [:], takesStorage: Bool = true) throws {
        try DICOMLibrary.prepare()
        listener = try AssociationListener(
            address: "127.0.0.1", port: 0, limits: AssociationLimits(), shares: AssociationShares(limit: 8),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        DispatchQueue(label: "peer").async { [self] in
            listener.run { self.serve($0, answers, takesStorage) }
            ended.signal()
        }
    }

    /// Returns once nothing is listening any more.
    func stop() {
        listener.stop()
        ended.wait()
        ended.signal()
    }

    private func serve(_ association: Association, _ answers: [String: UInt16], _ takesStorage: Bool) {
        do throws(AssociationError) {
            try association.accept(as: "PRIORD") { context in
                takesStorage ? .accepted(transferSyntax: context.transferSyntaxes[0]) : .abstractSyntaxNotSupported
            }
            while true {
                let command = try association.receive()
                var bytes: [UInt8] = []
                try association.receiveDataSet(of: command) { fragment in
                    bytes += fragment
                    return true
                }
                objects.withLock { $0[command.affectedSOPInstanceUID] = bytes }
                let status = DIMSEStatus(code: answers[command.affectedSOPInstanceUID] ?? 0)
                try association.send(command.response(.storeResponse, status: status))
            }
        } catch {
            if error == .released { association.confirmRelease() }
        }
    }
}
