import Synchronization
import Testing

@testable import Archive

@Suite struct IndexFileTests {
    @Test func `a commit rings as well after many commits as after the first`() throws {
        let test = try TestArchive()
        let count = Atomic<Int>(0)
        test.index.onCommit { count.add(1, ordering: .relaxed) }
        for _ in 1...100_000 { test.index.ringCommitted() }
        #expect(count.load(ordering: .relaxed) == 100_000)
    }
}
