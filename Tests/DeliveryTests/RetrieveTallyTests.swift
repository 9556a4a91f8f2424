import Archive
import DICOMCore
import DICOMNetwork
import Testing

@testable import Delivery

@Suite struct RetrieveTallyTests {
    private static func tally(completed: Int = 0, failed: Int = 0, warning: Int = 0, left: Int = 0) throws
        -> RetrieveTally
    {
        var tally = RetrieveTally(count: completed + failed + warning + left)
        let uid = try SOPInstanceUID("1.2.3")
        for _ in 0..<completed { tally.note(.completed(byteCount: 10), of: uid) }
        for _ in 0..<failed { tally.note(.failed(reason: "refused"), of: uid) }
        for _ in 0..<warning { tally.note(.warning(.subOperationsIncomplete, byteCount: 1), of: uid) }
        return tally
    }

    @Test func `counts add up to all at every moment`() throws {
        let tally = try Self.tally(completed: 3, failed: 2, warning: 1, left: 4)
        #expect(tally.subOperations == SubOperations(remaining: 4, completed: 3, failed: 2, warning: 1))
        #expect(tally.failedUIDs.count == 2)
        #expect(tally.byteCount == 31)
    }

    @Test func `the last status follows what succeeded`() throws {
        #expect(try Self.tally().status(isCancelled: false) == .success)
        #expect(try Self.tally(completed: 2).status(isCancelled: false) == .success)
        #expect(try Self.tally(completed: 2, failed: 1).status(isCancelled: false) == .subOperationsIncomplete)
        #expect(try Self.tally(warning: 1).status(isCancelled: false) == .subOperationsIncomplete)
        #expect(try Self.tally(failed: 3).status(isCancelled: false) == .subOperationsImpossible)
        #expect(try Self.tally(completed: 1, left: 1).status(isCancelled: true) == .cancelled)
        // A cancellation that comes after the last sub-operation cancels nothing.
        #expect(try Self.tally(completed: 2).status(isCancelled: true) == .success)
    }

    @Test func `what is left over fails, and the list of failures is bounded`() throws {
        var tally = try Self.tally(completed: 1, left: 2)
        tally.failRemaining("gone")
        #expect(tally.subOperations == SubOperations(completed: 1, failed: 2))
        #expect(tally.lastFailure == "gone")
        let many = try Self.tally(failed: RetrieveTally.failedUIDLimit + 5)
        #expect(many.failedUIDs.count == RetrieveTally.failedUIDLimit)
        #expect(many.subOperations.failed == RetrieveTally.failedUIDLimit + 5)
    }
}

@Suite struct SendingContextsTests {
    private static let explicit = "1.2.840.10008.1.2.1", implicit = "1.2.840.10008.1.2"
    private static let big = "1.2.840.10008.1.2.2", lossless = "1.2.840.10008.1.2.4.70"

    private static func kind(_ sopClass: String, _ syntax: String) throws -> InstanceKind {
        InstanceKind(sopClassUID: try SOPClassUID(sopClass), transferSyntaxUID: try TransferSyntaxUID(syntax))
    }

    @Test func `each stored syntax has a context of its own, and conversion one`() throws {
        let plan = SendingContexts(for: [try Self.kind("1.5", Self.lossless), try Self.kind("1.5", Self.explicit)])
        #expect(plan.associations.count == 1)
        #expect(
            plan.associations.first?.contexts.map(\.transferSyntaxes)
                == [[Self.explicit], [Self.lossless], [Self.implicit, Self.big]])
        #expect(plan.associations.first?.contexts.allSatisfy { $0.abstractSyntax == "1.5" } == true)
    }

    @Test func `more than 128 contexts are divided among associations that cover every kind once`() throws {
        let kinds = try Set((1...100).map { try Self.kind("1.\($0)", Self.lossless) })
        let plan = SendingContexts(for: kinds)
        #expect(plan.associations.count == 2)
        #expect(plan.associations.allSatisfy { $0.contexts.count <= 128 })
        #expect(plan.associations.reduce(0) { $0 + $1.kinds.count } == 100)
        #expect(plan.associations.reduce(into: Set()) { $0.formUnion($1.kinds) } == kinds)
        let many = try Set((1...300).map { try Self.kind("1.5", "1.2.3.\($0)") })
        let divided = SendingContexts(for: many)
        #expect(divided.associations.allSatisfy { $0.contexts.count <= 128 })
        #expect(divided.associations.reduce(0) { $0 + $1.kinds.count } == 300)
        #expect(SendingContexts(for: []).associations.isEmpty)
    }

    @Test func `an instance goes as stored where that is taken, else uncompressed, else not`() throws {
        let stored = try TransferSyntaxUID(Self.lossless)
        func choice(_ accepted: String...) -> String? {
            OutgoingInstance.choice(stored: stored) { accepted.contains($0.value) }?.value
        }
        #expect(choice(Self.explicit, Self.lossless) == Self.lossless)
        #expect(choice(Self.big, Self.implicit, Self.explicit) == Self.explicit)
        #expect(choice(Self.big, Self.implicit) == Self.implicit)
        #expect(choice("1.2.840.10008.1.2.4.90") == nil)
    }
}
