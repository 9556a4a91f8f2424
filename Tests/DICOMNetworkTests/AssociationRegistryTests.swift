import Testing

@testable import DICOMNetwork

@Suite struct AssociationRegistryTests {
    private static let pacs = CallingPeer(name: "PACS", limit: 4)
    private static let room = CallingPeer(name: "DR1", limit: 4, reserve: 2)
    private static let other = CallingPeer(name: "CT1", limit: 6)

    private static func taken(
        _ count: Int, by peer: CallingPeer, in registry: AssociationRegistry
    ) -> [AssociationRegistry.Seat] {
        (0..<count).compactMap { _ in try? registry.takeSeat(for: peer).get() }
    }

    private static func shortage(
        of peer: CallingPeer, in registry: AssociationRegistry
    ) -> AssociationRegistry.Shortage? {
        if case .failure(let shortage) = registry.takeSeat(for: peer) { shortage } else { nil }
    }

    @Test func `a peer gets no more than its limit, whatever is free`() {
        let registry = AssociationRegistry(limit: 8, reserves: [:])
        #expect(Self.taken(10, by: Self.pacs, in: registry).count == 4)
        #expect(Self.shortage(of: Self.pacs, in: registry) == .ofPeer)
        #expect(Self.taken(10, by: Self.other, in: registry).count == 4)
        #expect(Self.shortage(of: Self.other, in: registry) == .ofAll)
    }

    @Test func `what is kept for a peer is left free by all others together, and given to it`() {
        let registry = AssociationRegistry(limit: 6, reserves: ["DR1": 2])
        #expect(Self.taken(10, by: Self.pacs, in: registry).count == 4)
        #expect(Self.shortage(of: Self.other, in: registry) == .ofAll)
        #expect(Self.taken(10, by: Self.room, in: registry).count == 2)
        #expect(registry.count == 6)
    }

    @Test func `beyond its reserve a peer takes of what all share`() {
        let registry = AssociationRegistry(limit: 6, reserves: ["DR1": 2])
        let seats = Self.taken(3, by: Self.room, in: registry)
        #expect(seats.count == 3)
        #expect(Self.taken(10, by: Self.other, in: registry).count == 3)
        // One of its own is free again: that is not of its reserve.
        registry.leave(seats[0])
        #expect(Self.taken(10, by: Self.other, in: registry).count == 1)
        registry.leave(seats[1])
        #expect(Self.shortage(of: Self.other, in: registry) == .ofAll)
        #expect(Self.taken(1, by: Self.room, in: registry).count == 1)
    }

    @Test func `open and refused associations are told by name`() {
        let registry = AssociationRegistry(limit: 6, reserves: [:])
        let seats = Self.taken(3, by: Self.pacs, in: registry)
        registry.noteRefusal(of: Self.other)
        registry.noteRefusal(of: Self.other)
        registry.leave(seats[0])
        #expect(
            registry.peers == [
                PeerAssociations(name: "CT1", open: 0, refused: 2), PeerAssociations(name: "PACS", open: 2, refused: 0),
            ])
        for seat in seats.dropFirst() { registry.leave(seat) }
        #expect(registry.peers.map(\.name) == ["CT1"])
    }

    @Test func `refusals are counted for so many names only`() {
        let registry = AssociationRegistry(limit: 1, reserves: [:])
        for number in 0..<3000 { registry.noteRefusal(of: CallingPeer(name: "\(number)", limit: 1)) }
        #expect(registry.peers.count == 1024)
    }
}
