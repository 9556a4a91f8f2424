import Foundation
import Testing

@testable import Delivery

@Suite struct ForwardTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000)
    private static func after(_ seconds: TimeInterval) -> Date { start.addingTimeInterval(seconds) }

    @Test func `pauses double up to the longest`() {
        let pauses = ForwardPauses(first: 30, longest: 300)
        #expect([1, 2, 3, 4, 5, 500].map(pauses.pause) == [30, 60, 120, 240, 300, 300])
        #expect(pauses.pause(after: 0) == 30)
    }

    @Test func `the breaker opens after so many failures in a row and lets one attempt decide`() {
        var breaker = ForwardBreaker(limit: 3, pauses: ForwardPauses(first: 10, longest: 100))
        for _ in 0..<2 { breaker.noteFailure(at: Self.start) }
        #expect(breaker.state(at: Self.start) == .closed)
        breaker.noteFailure(at: Self.start)
        #expect(breaker.state(at: Self.after(9)) == .open(until: Self.after(10)))
        #expect(!breaker.admits(at: Self.after(9)))
        #expect(breaker.state(at: Self.after(10)) == .halfOpen)
        #expect(breaker.admits(at: Self.after(10)))

        breaker.noteFailure(at: Self.after(10))
        #expect(breaker.state(at: Self.after(29)) == .open(until: Self.after(30)))
        let wasOpen = breaker.noteSuccess()
        #expect(wasOpen)
        #expect(breaker.state(at: Self.after(11)) == .closed)
        let isOpen = breaker.noteSuccess()
        #expect(!isOpen)
        #expect(breaker.failures == 0)
    }

    @Test func `a success between failures keeps the breaker closed`() {
        var breaker = ForwardBreaker(limit: 2, pauses: ForwardPauses())
        for _ in 0..<5 {
            breaker.noteFailure(at: Self.start)
            _ = breaker.noteSuccess()
        }
        #expect(breaker.admits(at: Self.start))
    }

    @Test func `a destination that asks for time gets it, and one attempt decides`() {
        var breaker = ForwardBreaker(limit: 3, pauses: ForwardPauses(first: 10, longest: 100))
        breaker.hold(until: Self.after(60))
        breaker.hold(until: Self.after(20))
        #expect(breaker.state(at: Self.after(59)) == .open(until: Self.after(60)))
        #expect(breaker.state(at: Self.after(60)) == .halfOpen)
        #expect(breaker.failures == 0)
        let wasOpen = breaker.noteSuccess()
        #expect(wasOpen)
        #expect(breaker.admits(at: Self.start))
    }

    @Test func `bytes are spread over time, and idle time is not saved up`() {
        let now = ContinuousClock.now
        var pace = ForwardPace(bytesPerSecond: 1000, now: now)
        #expect(pace.delay(before: 500, now: now) == .zero)
        #expect(pace.delay(before: 500, now: now) == .milliseconds(500))
        #expect(pace.delay(before: 100, now: now) == .seconds(1))
        #expect(pace.delay(before: 1000, now: now + .seconds(60)) == .zero)
        #expect(pace.delay(before: 1, now: now + .seconds(60)) == .seconds(1))
        var free = ForwardPace(bytesPerSecond: nil, now: now)
        #expect(free.delay(before: 1 << 30, now: now) == .zero)
        #expect(free.delay(before: 1, now: now) == .zero)
    }
}
