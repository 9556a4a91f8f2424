import AdminAPI
import ArgumentParser
import Catalogue
import Foundation
import Testing

@testable import priorctl

@Suite struct ForwardsCommandTests {
    private static func page(_ failures: [ForwardRow.Failure]) -> ForwardPage {
        ForwardPage(
            destinations: [
                DestinationRow(
                    name: "pacs", breaker: "closed", pausedAt: nil, waiting: 0, stuck: 0, partlyRefused: 0, failed: 1,
                    committing: 0, uncommitted: 2, oldestQueuedAt: nil, lastFailure: "no route", instanceCount: 7,
                    byteCount: 1_000_000)
            ],
            forwards: [
                ForwardRow(
                    id: 4, studyInstanceUID: "1.2.3", destination: "pacs", rule: "all", state: "failed",
                    queuedAt: Date(timeIntervalSince1970: 0), attempts: 0, nextAttemptAt: nil, lastFailure: "",
                    endedAt: nil, sentCount: 7, failedCount: 1, uncommittedCount: 0, failures: failures)
            ])
    }

    private static let failure = ForwardRow.Failure(
        sopInstanceUID: "1.2.3.9", state: "givenUp", reason: "given up after 5 attempts: the peer aborted")

    @Test(arguments: Language.allCases)
    func `what was given up stands instance by instance with its reason`(language: Language) {
        let text = ForwardsCommand.List.failures(Self.page([Self.failure]), Presentation(language))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        for part in ["1.2.3.9", "pacs", "the peer aborted", Word.givenUp(language)] {
            #expect(lines[1].contains(part), "\(part)")
        }
        #expect(ForwardsCommand.List.failures(Self.page([]), Presentation(language)) == Word.noFailures(language))
    }

    @Test(arguments: Language.allCases)
    func `a destination stands with what it does not have and why`(language: Language) {
        let text = ForwardsCommand.List.text(Self.page([Self.failure]), Presentation(language))
        #expect(text.contains("no route"))
        #expect(text.contains(Word.givenUp(language)))
    }

    @Test func `retry takes a number or a destination, add the studies or all of them`() throws {
        #expect(throws: (any Error).self) { try ForwardsCommand.parseAsRoot(["retry"]) }
        #expect(throws: (any Error).self) { try ForwardsCommand.parseAsRoot(["retry", "1", "--destination", "pacs"]) }
        #expect(throws: (any Error).self) { try ForwardsCommand.parseAsRoot(["add", "--rule", "all"]) }
        #expect(throws: (any Error).self) {
            try ForwardsCommand.parseAsRoot(["add", "--rule", "all", "--all", "--from", "20260101"])
        }
        #expect(throws: (any Error).self) { try ForwardsCommand.parseAsRoot(["list", "--all", "--failed"]) }
        _ = try ForwardsCommand.parseAsRoot(["retry", "--destination", "pacs"])
        _ = try ForwardsCommand.parseAsRoot(["add", "--rule", "all", "--from", "20260101", "--again"])
    }
}
