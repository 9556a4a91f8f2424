import Foundation
import Testing

@testable import PriordConfig

@Suite struct RecognitionSectionTests {
    @Test func `one notice or several are read, none is the program's own`() throws {
        let directory = try TemporaryDirectory()
        let (one, two) = (try directory.file("one.tsv", "1"), try directory.file("two.tsv", "2"))
        #expect(try load("ae-title: A").config.notices.isEmpty)
        let single = try load("recognition: {policy: \(one)}")
        #expect(single.config.notices.map(\.path) == [one] && single.config.notices.map(\.bytes) == [[0x31]])
        #expect(single.effective.first { $0.key == "recognition" }?.value == "policy \(one)")
        let both = try load("recognition:\n  policy: [\(one), \(two)]").config.notices
        #expect(both.map(\.path) == [one, two])
    }

    @Test(arguments: [
        ("recognition: {policy: /nowhere/notice.tsv}", "recognition.policy", "cannot be opened"),
        ("recognition:\n  policy:\n    - /nowhere/notice.tsv", "recognition.policy[0]", "cannot be opened"),
        ("recognition: {policies: x}", "recognition.policies", "unknown"),
        ("recognition: {policy: {file: x}}", "recognition.policy", "not allowed"),
        ("recognition: /etc/notice.tsv", "recognition", "not allowed"),
        ("recognition: {policy: ''}", "recognition.policy", "path of a file"),
        ("recognition: {policy: /dev/zero}", "recognition.policy", "is larger than"),
    ]) func `a file that is not there or not named is a fault`(yaml: String, key: String, reason: String) throws {
        let found = try faults(yaml)
        #expect(found.contains { $0.key == key && $0.description.contains(reason) }, "\(found)")
    }

    @Test func `what the catalogue says against a notice is a fault with the line of the section`() throws {
        let directory = try TemporaryDirectory()
        let notice = try directory.file("notice.tsv", "x")
        let file = try directory.file("priord.yaml", "ae-title: A\nrecognition:\n  policy: \(notice)\n")
        let error = #expect(throws: ConfigFaults.self) {
            try PriordConfig.load(defaultFile: file, notices: { files in "\(files.count) is no notice" })
        }
        let fault = try #require(error?.faults.first)
        #expect(fault.key == "recognition.policy" && fault.source.line != nil)
        #expect(fault.description.hasSuffix("1 is no notice"))
    }
}
