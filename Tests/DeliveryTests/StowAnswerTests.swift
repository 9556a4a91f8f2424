import Foundation
import Testing

@testable import Delivery

/// What servers say of one Instance, and what it is taken for.
@Suite struct StowAnswerTests {
    private static let now = Date(timeIntervalSince1970: 784_111_777)

    private static func answer(_ status: Int, _ body: String = "", retryAfter: String? = nil) throws(ForwardFault)
        -> ForwardAnswer
    {
        try StowAnswer(status: status, retryAfter: retryAfter, body: Array(body.utf8)).answer(byteCount: 7, at: now)
    }

    private static func failed(_ reason: String, in sequence: String = "00081198") -> String {
        "{\"\(sequence)\": {\"vr\": \"SQ\", \"Value\": [{\"00081197\": {\"vr\": \"US\", \"Value\": [\(reason)]}}]}}"
    }

    private static let stored = "{\"00081199\": {\"vr\": \"SQ\", \"Value\": [{\"00081155\": {\"vr\": \"UI\"}}]}}"
    private static let warned =
        "{\"00081199\": {\"vr\": \"SQ\", \"Value\": [{\"00081196\": {\"vr\": \"US\", \"Value\": [45056]}}]}}"

    @Test(arguments: [(200, stored), (200, ""), (200, "<html>"), (202, stored), (204, ""), (201, "{}")])
    func `what is answered as stored is taken`(status: Int, body: String) throws {
        #expect(try Self.answer(status, body) == .taken(byteCount: 7))
    }

    @Test func `a warning is a success that is told`() throws {
        #expect(try Self.answer(202, Self.warned) == .taken(byteCount: 7, warning: "B000"))
    }

    @Test(arguments: [
        (409, failed("49152"), "C000: cannot be understood"), (202, failed("\"43264\""), "A900: the Data Set does not"),
        (200, failed("272"), "0110: processing failure"), (409, failed("49442", in: "0008119A"), "C122"),
        (409, "", "HTTP 409, without a reason"), (409, failed("\"x\""), "HTTP 409, without a reason"),
        (400, "", "HTTP 400"), (413, "", "HTTP 413"), (415, "", "HTTP 415"), (409, failed("45062"), "B006"),
    ])
    func `what fails for good is refused with its reason`(status: Int, body: String, reason: String) throws {
        guard case .refused(let found) = try Self.answer(status, body) else {
            Issue.record("\(status) is no refusal")
            return
        }
        #expect(found.hasPrefix(reason))
    }

    @Test func `what passes is waited for`() {
        #expect(throws: ForwardFault.noRoom("A700: out of resources")) { try Self.answer(409, Self.failed("42752")) }
        #expect(throws: ForwardFault.noRoom("HTTP 507, the destination has no room")) { try Self.answer(507) }
        for status in [301, 401, 403, 404] {
            #expect(throws: ForwardFault.unavailable("HTTP \(status)")) { try Self.answer(status) }
        }
        for status in [408, 500, 502, 504, 99, 999] {
            #expect(throws: ForwardFault.broken("HTTP \(status)")) { try Self.answer(status) }
        }
        #expect(throws: ForwardFault.self) { try Self.answer(202) }
    }

    @Test(arguments: [
        ("120", 120), ("Sun, 06 Nov 1994 08:51:17 GMT", 100), (nil, 30), ("soon", 30), ("-5", 0),
        ("99999999", 86_400),
    ])
    func `Retry-After is seconds or a date, within a day`(text: String?, seconds: TimeInterval) {
        for status in [429, 503] {
            let fault = ForwardFault.busy(
                until: Self.now.addingTimeInterval(seconds), "HTTP \(status), the destination is busy")
            #expect(throws: fault) { try Self.answer(status, retryAfter: text) }
        }
    }

    @Test func `only the Transfer Syntax is to blame where the answer says so`() {
        #expect(StowAnswer(status: 415).refusesTransferSyntax)
        #expect(StowAnswer(status: 409, body: Array(Self.failed("49442").utf8)).refusesTransferSyntax)
        #expect(!StowAnswer(status: 409, body: Array(Self.failed("49152").utf8)).refusesTransferSyntax)
        #expect(!StowAnswer(status: 200).refusesTransferSyntax)
    }
}
