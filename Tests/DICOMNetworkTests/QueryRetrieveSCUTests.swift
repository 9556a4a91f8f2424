import DICOMCore
import Foundation
import Synchronization
import Testing

@testable import DICOMNetwork

@Suite struct QueryRetrieveSCUTests {
    private typealias Operation = QueryRetrieveSCU.Operation
    private static let implicit = "1.2.840.10008.1.2"

    /// A peer on a free port of the loopback that answers one Association by `script`, after it has taken the first
    /// command with its Identifier.
    private func asking(
        _ operations: [Operation] = [.find], limits: QueryRetrieveSCU.Limits = .init(), idle: Duration = .seconds(20),
        textEncoding: TextEncoding? = nil,
        peer script: @escaping @Sendable (Association, Command, AttributeSet) throws -> Void,
        _ body: (QueryRetrieveSCU) throws -> Void
    ) throws {
        try withListener { association in
            do {
                try association.accept(as: "PACS") { context in
                    operations.contains { $0.rawValue == context.abstractSyntax }
                        ? .accepted(transferSyntax: context.transferSyntaxes[0]) : .abstractSyntaxNotSupported
                }
                while true {
                    let command = try association.receive()
                    try script(association, command, try identifier(of: command, over: association))
                }
            } catch {
                association.confirmRelease()
            }
        } _: { listener in
            var request = try AssociationRequest(
                host: "127.0.0.1", port: listener.port, callingAETitle: AETitle("PRIORD"),
                calledAETitle: AETitle("PACS"), contexts: [])
            request.limits.idle = idle
            let scu = try QueryRetrieveSCU(request, for: [.find, .move], limits: limits, textEncoding: textEncoding)
            try body(scu)
            scu.close()
        }
    }

    private func identifier(of command: Command, over association: Association) throws -> AttributeSet {
        var bytes: [UInt8] = []
        if command.hasDataSet {
            try association.receiveDataSet(of: command) {
                bytes += $0
                return true
            }
        }
        return try AttributeSet(encoded: bytes, transferSyntax: Self.implicit)
    }

    private static func match(_ number: Int) throws -> [UInt8] {
        var match = AttributeSet()
        match.set(.sopInstanceUID, to: ["1.2.\(number)"])
        return try match.encoded(transferSyntax: implicit)
    }

    @Test func `a query returns every match and the last status`() throws {
        let asked = Mutex<AttributeSet?>(nil)
        try asking { association, command, keys in
            asked.withLock { $0 = keys }
            for number in 1...3 {
                try association.send(
                    command.response(.findResponse, status: number == 2 ? .pendingWithUnsupportedKeys : .pending),
                    dataSet: Self.match(number))
            }
            try association.send(command.response(.findResponse, status: .success))
        } _: { scu in
            var keys = AttributeSet()
            keys.set(.studyInstanceUID, to: ["1.2.3"])
            keys.set(.sopInstanceUID, to: [""])
            let answer = try scu.find(.image, keys)
            #expect(answer.matches.map { $0[.sopInstanceUID] } == ["1.2.1", "1.2.2", "1.2.3"])
            #expect(answer.isWhole)
            #expect(try scu.find(.image, keys) == answer, "an Association serves further queries")
        }
        let keys = asked.withLock { $0 }
        #expect(keys?[.queryRetrieveLevel] == "IMAGE")
        #expect(keys?[.studyInstanceUID] == "1.2.3")
        #expect(keys?.contains(.sopInstanceUID) == true)
    }

    @Test(arguments: [(TextEncoding.big5, "陳文"), (.gb18030, "朝ゅ")])
    func `text that declares nothing is read as a person says that the peer writes it`(
        encoding: TextEncoding, name: String
    ) throws {
        try asking(textEncoding: encoding) { association, command, _ in
            // Patient's Name in Implicit VR Little Endian.
            let match: [UInt8] = [0x10, 0, 0x10, 0, 4, 0, 0, 0, 0xB3, 0xAF, 0xA4, 0xE5]
            try association.send(command.response(.findResponse, status: .pending), dataSet: match)
            try association.send(command.response(.findResponse, status: .success))
        } _: { scu in
            let answer = try scu.find(.study, AttributeSet())
            #expect(answer.matches.map { $0[.patientName] } == [name])
        }
    }

    @Test func `a query that is refused gives its status and no match`() throws {
        try asking { association, command, _ in
            try association.send(command.response(.findResponse, status: .dataSetDoesNotMatchSOPClass))
        } _: { scu in
            let answer = try scu.find(.series, AttributeSet())
            #expect(
                answer == .init(matches: [], status: .dataSetDoesNotMatchSOPClass, isWhole: false))
        }
    }

    @Test func `a peer with more matches than wanted is told to stop, and its answer is not whole`() throws {
        let cancelled = Mutex<UInt16?>(nil)
        var limits = QueryRetrieveSCU.Limits()
        limits.matches = 5
        try asking(limits: limits) { association, command, _ in
            for number in 1...100 where !association.hasInput {
                try association.send(command.response(.findResponse, status: .pending), dataSet: Self.match(number))
                if number > 5 { while !association.hasInput { usleep(1_000) } }
            }
            let cancel = try association.receive()
            if cancel.field == .cancelRequest { cancelled.withLock { $0 = cancel.messageID } }
            try association.send(command.response(.findResponse, status: .cancelled))
        } _: { scu in
            let answer = try scu.find(.image, AttributeSet())
            #expect(answer.matches.count == 5)
            #expect(answer.status == .cancelled)
            #expect(!answer.isWhole)
        }
        #expect(cancelled.withLock { $0 } == 1)
    }

    @Test func `a peer that answers without end is given up`() throws {
        var limits = QueryRetrieveSCU.Limits()
        limits.matches = 5
        try asking(limits: limits) { association, command, _ in
            while true {
                try association.send(command.response(.findResponse, status: .pending), dataSet: Self.match(1))
            }
        } _: { scu in
            #expect(throws: AssociationError.protocolViolation("a query goes on after it was cancelled")) {
                _ = try scu.find(.image, AttributeSet())
            }
            scu.abort()
        }
    }

    @Test func `a silent peer costs no more than the idle time`() throws {
        let isDone = DispatchSemaphore(value: 0)
        try asking(idle: .milliseconds(200)) { _, _, _ in
            isDone.wait()
        } _: { scu in
            #expect(throws: AssociationError.timedOut) { _ = try scu.find(.image, AttributeSet()) }
            isDone.signal()
            scu.abort()
        }
    }

    @Test func `a peer that keeps every deadline but the last is ended by that`() throws {
        var limits = QueryRetrieveSCU.Limits()
        limits.total = .milliseconds(400)
        try asking(limits: limits) { association, command, _ in
            while true {
                usleep(20_000)
                try association.send(command.response(.findResponse, status: .pending), dataSet: Self.match(1))
            }
        } _: { scu in
            #expect(throws: AssociationError.timedOut) { _ = try scu.find(.image, AttributeSet()) }
            scu.abort()
        }
    }

    @Test(arguments: ["not a data set at all", "\u{08}"])
    func `a match that cannot be read is an error`(garbage: String) throws {
        try asking { association, command, _ in
            try association.send(
                command.response(.findResponse, status: .pending), dataSet: Array(garbage.utf8))
            try association.send(command.response(.findResponse, status: .success))
        } _: { scu in
            #expect {
                _ = try scu.find(.image, AttributeSet())
            } throws: { error in
                if case AssociationError.dataSet = error { true } else { false }
            }
            scu.abort()
        }
    }

    @Test func `an answer to another message is an error`() throws {
        try asking { association, command, _ in
            var other = command.response(.findResponse, status: .success)
            other.messageID = 77
            try association.send(other)
        } _: { scu in
            #expect(throws: AssociationError.protocolViolation("something else than a response to the request")) {
                _ = try scu.find(.image, AttributeSet())
            }
            scu.abort()
        }
    }

    @Test func `a retrieve names its destination and returns the counts of its sub-operations`() throws {
        let destination = Mutex("")
        try asking([.find, .move]) { association, command, _ in
            destination.withLock { $0 = command.moveDestination }
            var pending = command.response(.moveResponse, status: .pending)
            pending.subOperations = SubOperations(remaining: 3, completed: 1)
            try association.send(pending)
            var last = command.response(.moveResponse, status: .subOperationsIncomplete)
            last.subOperations = SubOperations(completed: 2, failed: 1, warning: 1)
            try association.send(last)
        } _: { scu in
            let answer = try scu.move(.image, AttributeSet(), to: AETitle("PRIORD"))
            #expect(answer.status == .subOperationsIncomplete)
            #expect(answer.subOperations == SubOperations(completed: 2, failed: 1, warning: 1))
        }
        #expect(destination.withLock { $0 } == "PRIORD")
    }

    @Test func `what a peer does not offer is known and not asked`() throws {
        try asking([.find]) { _, _, _ in
        } _: { scu in
            #expect(scu.offers(.find))
            #expect(!scu.offers(.move))
            #expect(throws: AssociationError.self) {
                _ = try scu.move(.study, AttributeSet(), to: AETitle("PRIORD"))
            }
        }
    }

    @Test func `a peer that offers neither is an error at once`() throws {
        #expect(
            throws: AssociationError.protocolViolation("the peer accepts no Presentation Context of Query/Retrieve")
        ) {
            try asking([]) { _, _, _ in
            } _: { _ in
            }
        }
    }
}
