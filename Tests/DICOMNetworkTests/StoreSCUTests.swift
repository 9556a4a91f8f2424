import DICOMCore
import Foundation
import Synchronization
import Testing

@testable import DICOMNetwork

@Suite struct StoreSCUTests {
    private static let capture = "1.2.840.10008.5.1.4.1.1.7"
    private static let explicit = "1.2.840.10008.1.2.1"
    private static let instance = StoreSCU.Instance(sopClassUID: capture, sopInstanceUID: "1.2.3", byteCount: 100_000)

    /// A listener that serves one Association at a time by `script`.
    private func calling(
        asSCP: Bool = false, limits: AssociationLimits = AssociationLimits(),
        _ script: @escaping @Sendable (Association) throws -> Void, _ body: (Association) throws -> Void
    ) throws {
        try withListener { association in
            do { try script(association) } catch AssociationError.released {
                association.confirmRelease()
            } catch {
                association.abort()
            }
        } _: { listener in
            var request = try AssociationRequest(
                host: "127.0.0.1", port: listener.port, callingAETitle: AETitle("SENDER"),
                calledAETitle: AETitle("RECEIVER"), contexts: [(Self.capture, [Self.explicit])])
            if asSCP { request.abstractSyntaxesAsSCP = [Self.capture] }
            request.limits = limits
            let association = try request.open()
            try body(association)
        }
    }

    private static func accept(_ association: Association) throws {
        try association.accept(as: "RECEIVER") { .accepted(transferSyntax: $0.transferSyntaxes[0], roles: $0.roles) }
    }

    private static func store(
        over association: Association, limits: AssociationLimits = AssociationLimits(),
        _ source: (UnsafeMutableRawBufferPointer) -> Int = { $0.count }
    ) throws -> DIMSEStatus {
        var scu = StoreSCU(over: association, limits: limits)
        return try scu.store(instance, in: explicit, from: source)
    }

    @Test func `an instance arrives whole, under its name and the move it belongs to`() throws {
        let seen = Mutex<(Command?, Int)>((nil, 0))
        try calling { association in
            try Self.accept(association)
            while true {
                let command = try association.receive()
                try association.receiveDataSet(of: command) { bytes in
                    seen.withLock { $0 = (command, $0.1 + bytes.count) }
                    return true
                }
                try association.send(command.response(.storeResponse, status: DIMSEStatus(code: 0xB007)))
            }
        } _: { association in
            var scu = StoreSCU(over: association, limits: AssociationLimits())
            #expect(scu.takes(Self.capture, in: Self.explicit))
            #expect(!scu.takes(Self.capture, in: "1.2.840.10008.1.2"))
            var instance = Self.instance
            instance.moveOriginator = .init(aeTitle: "VIEWER", messageID: 77)
            let status = try scu.store(instance, in: Self.explicit) { $0.count }
            #expect(status.storeOutcome == .storedWithWarning)
            #expect(throws: AssociationError.self) { _ = try scu.store(instance, in: "1.2.3") { $0.count } }
            try association.release()
        }
        let (command, byteCount) = seen.withLock { $0 }
        #expect(byteCount == 100_000)
        #expect(command?.affectedSOPInstanceUID == "1.2.3")
        #expect(command?.moveOriginator == .init(aeTitle: "VIEWER", messageID: 77))
    }

    @Test(arguments: [1, 99_999]) func `a data set of odd length is sent with a NULL behind it`(byteCount: Int) throws {
        let seen = Mutex<[UInt8]>([])
        try calling { association in
            try Self.accept(association)
            while true {
                let command = try association.receive()
                try association.receiveDataSet(of: command) { bytes in
                    seen.withLock { $0 += bytes }
                    return true
                }
                try association.send(command.response(.storeResponse, status: .success))
            }
        } _: { association in
            var instance = Self.instance
            instance.byteCount = Int64(byteCount)
            var scu = StoreSCU(over: association, limits: AssociationLimits())
            var left = byteCount
            let status = try scu.store(instance, in: Self.explicit) { buffer in
                let count = min(left, buffer.count)
                buffer.prefix(count).initializeMemory(as: UInt8.self, repeating: 7)
                left -= count
                return count
            }
            #expect(status == .success)
            try association.release()
        }
        #expect(seen.withLock { $0 } == [UInt8](repeating: 7, count: byteCount) + [0])
    }

    @Test func `an acceptor sends to a requestor that is SCP, and hears its cancellation meanwhile`() throws {
        let outcome = Mutex<(DIMSEStatus?, Set<UInt16>)>((nil, []))
        try calling(asSCP: true) { association in
            try Self.accept(association)
            var scu = StoreSCU(over: association, limits: AssociationLimits())
            let status = try scu.store(Self.instance, in: Self.explicit) { $0.count }
            outcome.withLock { $0 = (status, scu.cancelledMessageIDs) }
            _ = try association.receive()
        } _: { association in
            #expect(association.acceptedContexts[1]?.roles == .scp)
            let command = try association.receive()
            try association.receiveDataSet(of: command) { _ in true }
            try association.send(
                Command(field: .cancelRequest, presentationContextID: 1, messageID: 9, affectedSOPClassUID: ""))
            try association.send(command.response(.storeResponse, status: .success))
            try association.release()
        }
        #expect(outcome.withLock { $0.0 } == .success)
        #expect(outcome.withLock { $0.1 } == [9])
    }

    @Test func `an acceptor has nothing to send to a requestor that proposed no role`() throws {
        let takes = Mutex<Bool?>(nil)
        try calling { association in
            try Self.accept(association)
            takes.withLock {
                $0 = StoreSCU(over: association, limits: AssociationLimits()).takes(Self.capture, in: Self.explicit)
            }
            _ = try association.receive()
        } _: { association in
            #expect(association.acceptedContexts[1]?.roles == .scu)
            try association.release()
        }
        #expect(takes.withLock { $0 } == false)
    }

    @Test func `a receiver that never answers costs no more than the limit`() throws {
        var limits = AssociationLimits()
        limits.idle = .milliseconds(200)
        try calling(limits: limits) { association in
            try Self.accept(association)
            let command = try association.receive()
            try association.receiveDataSet(of: command) { _ in true }
            _ = try association.receive()
        } _: { association in
            let start = ContinuousClock.now
            #expect(throws: AssociationError.timedOut) { _ = try Self.store(over: association, limits: limits) }
            #expect(.now - start < .seconds(10))
            association.abort()
        }
    }

    @Test func `an instance that takes too long to send is given up`() throws {
        var limits = AssociationLimits()
        limits.pdu = .zero
        limits.minimumBytesPerSecond = 1 << 30
        try calling { association in
            try Self.accept(association)
            _ = try association.receive()
        } _: { association in
            #expect(throws: AssociationError.timedOut) { _ = try Self.store(over: association, limits: limits) }
            association.abort()
        }
    }

    @Test func `an object that ends early never looks like a whole one`() throws {
        let ends = Mutex<[AssociationError]>([])
        try calling { association in
            try Self.accept(association)
            do throws(AssociationError) {
                try association.receiveDataSet(of: try association.receive()) { _ in true }
            } catch {
                ends.withLock { $0.append(error) }
                throw error
            }
        } _: { association in
            var left = 60_000
            #expect(throws: AssociationError.self) {
                _ = try Self.store(over: association) { buffer in
                    let count = min(left, buffer.count)
                    left -= count
                    return count
                }
            }
            association.abort()
        }
        #expect(ends.withLock { $0.count } == 1)
    }

    @Test func `what was proposed beyond the roles reaches the acceptor and its answer the requestor`() throws {
        let asked = Mutex<[UInt8]>([1])
        try calling { association in
            asked.withLock { $0 = association.requestedExtension(of: Self.capture) }
            try association.accept(as: "RECEIVER", extensions: [Self.capture: [1]]) {
                .accepted(transferSyntax: $0.transferSyntaxes[0])
            }
            _ = try association.receive()
        } _: { association in
            try association.release()
        }
        #expect(asked.withLock { $0 }.isEmpty)
    }
}
