import DICOMCore
import Foundation
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
        try withListener(serve) { listener in
            let request = try AssociationRequest(
                host: "127.0.0.1", port: listener.port, callingAETitle: AETitle("TEST"),
                calledAETitle: AETitle("PRIORD"), contexts: [(AssociationTests.capture, [AssociationTests.explicit])])
            try body(request, listener)
        }
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
                    affectedSOPClassUID: AssociationTests.capture, affectedSOPInstanceUID: "1.2.3"),
                byteCount: Int64(content.count)
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

    @Test(arguments: [
        (Command.Field.createRequest, Command.Field.createResponse, UInt16(0)),
        (.setRequest, .setResponse, 0), (.actionRequest, .actionResponse, 1),
        (.eventReportRequest, .eventReportResponse, 2),
    ])
    func `DIMSE-N commands carry their UIDs, type and reason of failure`(
        request field: Command.Field, response: Command.Field, type: UInt16
    ) throws {
        let asked = Mutex<Command?>(nil)
        try serving { association in
            do throws(AssociationError) {
                try association.accept(as: "PRIORD") { .accepted(transferSyntax: $0.transferSyntaxes[0]) }
                #expect(association.waitForInput(atMost: .seconds(20)))
                let command = try association.receive()
                asked.withLock { $0 = command }
                try association.receiveDataSet(of: command) { _ in true }
                try association.send(
                    command.response(
                        response, status: .processingFailure, failure: .init(comment: "no more", id: 0xA710)))
                _ = try association.receive()
            } catch {
                association.confirmRelease()
            }
        } _: { request, _ in
            let association = try request.open()
            var command = Command(
                field: field, presentationContextID: 1, messageID: 9, affectedSOPClassUID: AssociationTests.capture,
                affectedSOPInstanceUID: "1.2.3.4")
            command.typeID = type
            try association.send(command, dataSet: [8, 0, 0x50, 0, 0, 0, 0, 0])
            let answer = try association.receive()
            command.hasDataSet = true
            #expect(asked.withLock { $0 } == command)
            #expect(answer.field == response)
            #expect(answer.typeID == type)
            #expect(answer.affectedSOPInstanceUID == "1.2.3.4")
            #expect(answer.failure == Command.Failure(comment: "no more", id: 0xA710))
            try association.release()
        }
    }

    @Test func `waiting for input ends with the time allowed`() throws {
        try serving { association in
            do throws(AssociationError) {
                try association.accept(as: "PRIORD") { .accepted(transferSyntax: $0.transferSyntaxes[0]) }
                #expect(!association.waitForInput(atMost: .milliseconds(20)))
                try association.send(
                    Command(
                        field: .echoRequest, presentationContextID: 1, messageID: 1,
                        affectedSOPClassUID: "1.2.840.10008.1.1"))
                _ = try association.receive()
            } catch {
                association.confirmRelease()
            }
        } _: { request, _ in
            let association = try request.open()
            #expect(try association.receive().field == .echoRequest)
            try association.release()
        }
    }

    @Test(arguments: ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
    func `a data set with sequences reads back as it was written`(transferSyntax: String) throws {
        try DICOMLibrary.prepare()
        var inner = AttributeSet(values: [.codeValue: ["T-1"], .codeMeaning: ["胸部"]])
        inner.set(.requestAttributesSequence, to: [AttributeSet(values: [.accessionNumber: ["7"]])])
        var message = AttributeSet(values: [.studyInstanceUID: ["1.2.3"], .patientID: [""]])
        message.set(.procedureCodeSequence, to: [inner, AttributeSet(values: [.codeValue: ["T-2"]])])
        let read = try AttributeSet(
            encoded: message.encoded(transferSyntax: transferSyntax), transferSyntax: transferSyntax)
        message[.specificCharacterSet] = "ISO_IR 192"
        #expect(read == message)
    }

    @Test func `messages that wait for each other leave in their order, with or without a data set`() throws {
        try serving { association in
            do throws(AssociationError) {
                try association.accept(as: "PRIORD") { .accepted(transferSyntax: $0.transferSyntaxes[0]) }
                let command = try association.receive()
                for number in 0..<3000 {
                    try association.queue(
                        command.response(.findResponse, status: .pending),
                        dataSet: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number))
                }
                try association.queue(command.response(.findResponse, status: .success))
                try association.flush()
                try association.flush()
                _ = try association.receive()
            } catch {
                association.confirmRelease()
            }
        } _: { request, _ in
            let association = try request.open()
            try association.send(
                Command(
                    field: .findRequest, presentationContextID: 1, messageID: 7,
                    affectedSOPClassUID: AssociationTests.capture))
            for number in 0..<3000 {
                let response = try association.receive()
                #expect(response.status == .pending && response.hasDataSet == (number > 0))
                guard response.hasDataSet else { continue }
                var received: [UInt8] = []
                try association.receiveDataSet(of: response) { bytes in
                    received += bytes
                    return true
                }
                #expect(received == [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number))
            }
            #expect(try association.receive().status == .success)
            try association.release()
        }
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
