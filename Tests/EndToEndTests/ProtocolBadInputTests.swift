import Foundation
import Testing

extension ProtocolTests {
    @Suite struct BadInput {
        /// What each connection may be told; what is not listed is aborted.
        private static let answers: [String: Set<String>] = [
            "http_get": ["closed"], "tls_hello": ["closed"], "ssh_banner": ["closed"], "random_bytes": ["closed"],
            "request_of_four_gigabytes": ["closed"], "data_before_association": ["closed"],
            "request_of_random_bytes": ["closed", "aborted"], "request_of_nothing": ["closed", "aborted"],
            "request_with_items_beyond_its_end": ["closed", "aborted"],
            "request_with_a_long_uid": ["closed", "aborted"],
            "request_with_another_application_context": ["rejected 1/1/2"],
            // Odd, and no harm: a decision is made for each.
            "request_with_an_even_context_id": ["accepted"], "request_with_one_context_id_twice": ["accepted"],
            "request_with_everything": ["accepted"],
            "operation_not_offered": ["status 0211"], "store_of_another_class": ["status 0122"],
            "store_in_a_verification_context": ["status 0122"], "find_in_a_storage_context": ["status 0122"],
            "echo_in_a_storage_context": ["status 0000"], "store_without_data": ["status C000"],
            "store_of_nothing": ["status A900"],
        ]

        @Test func `a broken protocol ends its connection and leaves no row, file, thread or descriptor`() throws {
            try PriordProcess.serving { daemon in
                // The first round starts whatever is started once; the second has to give all of it back.
                _ = try ClientReport.of("protocol_bad_input.py", ["\(daemon.dicomPort)"])
                #expect(holds(within: .seconds(4)) { daemon.socketCount == 0 })
                let (threads, descriptors) = (daemon.threadCount, daemon.descriptorCount)

                let said = try ClientReport.of("protocol_bad_input.py", ["\(daemon.dicomPort)"])
                #expect(said.cases.count > 60)
                for (name, facts) in said.cases where facts["got"] != "left" {
                    let allowed = BadInput.answers[name] ?? ["aborted"]
                    #expect(allowed.contains(facts["got"] ?? ""), "\(name): \(facts)")
                    #expect(Double(facts["seconds"] ?? "") ?? 99 < 5, "\(name) took \(facts["seconds"] ?? "")")
                }
                #expect(
                    holds(within: .seconds(20)) {
                        daemon.threadCount <= threads && daemon.descriptorCount <= descriptors
                    }, "\(daemon.threadCount) of \(threads) threads, \(daemon.descriptorCount) of \(descriptors)")
                #expect(try daemon.indexRows("SELECT uid FROM instance UNION SELECT uid FROM study").isEmpty)
                // The empty Data Sets of "store_of_nothing" are kept, as any that is refused with A900.
                #expect(try daemon.indexRows("SELECT DISTINCT byteCount FROM quarantine") == [["0"]])
                #expect(daemon.objectFiles.allSatisfy { $0.contains("/quarantine/") })
            }
        }

        @Test func `sessions with bytes changed at random all end, and the daemon serves on`() throws {
            try PriordProcess.serving { daemon in
                let said = try ClientReport.of("protocol_fuzz.py", ["\(daemon.dicomPort)", "800", "20261121"])
                let endings = said.cases["endings"] ?? [:]
                #expect(endings.values.compactMap { Int($0) }.reduce(0, +) == 800)
                #expect(endings.keys.allSatisfy { $0.hasSuffix("closed") }, "\(endings)")
                #expect(holds(within: .seconds(4)) { daemon.socketCount == 0 })
                #expect(daemon.waitForExit(within: .zero) == nil)
                #expect(daemon.objectFiles.allSatisfy { !$0.contains("/incoming/") })
            }
        }

        /// By kind; what is not listed breaks a mandatory UID.
        private static let statuses: [String: String] = [
            "sound": "0000", "two-studies": "0000", "leading-zero-study": "0000", "instance-twice": "0000",
            "garbage": "C000", "cut-in-element": "C000", "cut-in-header": "C000", "cut-in-pixels": "C000",
            "nested": "C000", "nested-unclosed": "C000", "nested-defined": "C000", "huge-text": "C000",
            "huge-pixels": "C000",
            "huge-private": "C000",
        ]

        @Test func `every hostile data set gets its status and is kept, and memory stays flat`() throws {
            try PriordProcess.serving { daemon in
                func send() throws -> ClientReport {
                    try ClientReport.of(
                        "protocol_hostile.py",
                        ["\(daemon.dicomPort)", daemon.dataDirectory.path, Tool.root.appending(path: "Fixtures").path])
                }
                let said = try send()
                #expect(said.cases.count == 72)
                for (name, facts) in said.cases {
                    let kind = name.split(separator: " ").first.map(String.init) ?? ""
                    let status = BadInput.statuses[kind] ?? "A900"
                    #expect(facts["status"] == status, "\(name)")
                    // The Implicit VR copy of a sound one meets the Explicit VR copy under its UID.
                    let isFirst = status == "0000" && name.hasSuffix("explicit")
                    #expect(facts["kept"] == (isFirst ? "stored" : "quarantine"), "\(name)")
                }
                // The first studies named and judged bring words and a worker into memory once.
                let studies = try daemon.indexRows("SELECT count(*) FROM study").first?.first.flatMap(Int.init) ?? 0
                try Operator(daemon: daemon).waitForAssessments(studies)
                let before = daemon.residentByteCount
                _ = try send()
                #expect(daemon.residentByteCount < before + 20_000_000)
                #expect(before < 200_000_000)

                let names = try FileManager.default.contentsOfDirectory(atPath: daemon.directory.path)
                #expect(Set(names).isSubset(of: ["data"]), "something was written outside the data directory")
                #expect(daemon.waitForExit(within: .zero) == nil)
            }
        }
    }
}

extension PriordProcess {
    /// TCP connections it holds; sockets that listen do not count.
    var socketCount: Int {
        let directory = "/proc/\(pid)/fd/"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let held = Set(
            descriptors.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: directory + $0) })
        let listening = "0A"
        return ["/proc/net/tcp", "/proc/net/tcp6"].reduce(0) { count, path in
            let table = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return table.split(separator: "\n").dropFirst().reduce(count) { count, line in
                let columns = line.split(separator: " ")
                guard columns.count > 9, columns[3] != listening else { return count }
                return held.contains("socket:[\(columns[9])]") ? count + 1 : count
            }
        }
    }
}
