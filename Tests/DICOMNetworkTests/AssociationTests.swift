import DICOMCore
import Foundation
import Logging
import Synchronization
import Testing

@testable import DICOMNetwork

@Suite struct AssociationTests {
    private static let capture = "1.2.840.10008.5.1.4.1.1.7"
    private static let explicit = "1.2.840.10008.1.2.1"

    /// A listener on a free port of the loopback, served by `serve` until `body` has returned.
    private func serving(
        _ serve: @escaping @Sendable (Association) -> Void,
        _ body: (AssociationRequest, AssociationListener) throws -> Void
    ) throws {
        try DICOMLibrary.prepare()
        let listener = try AssociationListener(
            address: "127.0.0.1", port: 0, limits: AssociationLimits(), associationLimit: 4,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = DispatchGroup()
        DispatchQueue(label: "listener").async(group: running) { listener.run(serving: serve) }
        defer {
            listener.stop()
            running.wait()
        }
        let request = try AssociationRequest(
            host: "127.0.0.1", port: listener.port, callingAETitle: AETitle("TEST"), calledAETitle: AETitle("PRIORD"),
            contexts: [(AssociationTests.capture, [AssociationTests.explicit])])
        try body(request, listener)
    }

    @Test func `a data set of any size arrives byte for byte`() throws {
        let content = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let received = Mutex<[UInt8]>([])
        let titles = Mutex<[String]>([])
        try serving { association in
            titles.withLock { $0 = [association.callingAETitle, association.calledAETitle, association.host] }
            do throws(AssociationError) {
                try association.accept(as: "PRIORD") { .accepted(transferSyntax: $0.transferSyntaxes[0]) }
                while true {
                    let command = try association.receive()
                    try association.receiveDataSet(of: command) { bytes in
                        received.withLock { $0 += bytes }
                        return true
                    }
                    try association.send(command.response(.storeResponse, status: .duplicateSOPInstance))
                }
            } catch {
                association.confirmRelease()
            }
        } _: { request, listener in
            let association = try request.open()
            #expect(association.acceptedContexts[1]?.transferSyntax == AssociationTests.explicit)
            var offset = 0
            try association.send(
                Command(
                    field: .storeRequest, presentationContextID: 1, messageID: 7,
                    affectedSOPClassUID: AssociationTests.capture, affectedSOPInstanceUID: "1.2.3")
            ) { buffer in
                let count = min(buffer.count, content.count - offset)
                buffer.copyBytes(from: content[offset..<offset + count])
                offset += count
                return count
            }
            let answer = try association.receive()
            #expect(answer.field == .storeResponse)
            #expect(answer.status == .duplicateSOPInstance)
            #expect(answer.messageID == 7)
            #expect(answer.affectedSOPInstanceUID == "1.2.3")
            #expect(listener.associationCount == 1)
            try association.release()
        }
        #expect(received.withLock { $0 } == content)
        #expect(titles.withLock { $0 } == ["TEST", "PRIORD", "127.0.0.1"])
    }

    @Test func `a rejection tells its result, source and reason`() throws {
        try serving {
            $0.reject(.calledAETitleNotRecognized)
        } _: { request, _ in
            #expect(throws: AssociationError.rejected("A-ASSOCIATE-RJ 1/1/7")) { _ = try request.open() }
        }
    }

    @Test func `a stop ends an association without a message under way and returns`() throws {
        let ends = Mutex<[AssociationError]>([])
        try serving { association in
            do throws(AssociationError) {
                try association.accept(as: "PRIORD") { .accepted(transferSyntax: $0.transferSyntaxes[0]) }
                _ = try association.receive()
            } catch {
                ends.withLock { $0.append(error) }
            }
        } _: { request, listener in
            let association = try request.open()
            listener.stop()
            #expect(throws: AssociationError.self) { _ = try association.receive() }
        }
        #expect(ends.withLock { $0 } == [.stopped])
    }
}
