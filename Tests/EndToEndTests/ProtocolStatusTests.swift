import Foundation
import Testing

extension ProtocolTests {
    /// The status table of the design, row by row.
    @Suite struct Status {
        private static let peers = """
            peers:
              - ae-title: STORES
                hosts: 127.0.0.1
                permissions: store
              - ae-title: QUERIES
                hosts: 127.0.0.1
                permissions: query
              - ae-title: FETCHES
                hosts: 127.0.0.1
                permissions: retrieve
              - ae-title: STRICT
                hosts: 127.0.0.0/8
                called-ae-titles: [PRIORD, SECOND_NAME]
                conflict-answer: 0111
              - ae-title: ELSEWHERE
                hosts: 192.0.2.1
            """

        @Test func `every situation of the status table gets its answer`() throws {
            try PriordProcess.serving(PriordProcess.configured(Status.peers)) { daemon in
                let said = try ClientReport.of(
                    "protocol_status.py",
                    ["\(daemon.dicomPort)", daemon.dataDirectory.path, Tool.root.appending(path: "Fixtures").path])

                #expect(said.cases["stored"] == ["status": "0000", "kept": "True"])
                #expect(said["byte-equal duplicate", "status"] == "0000")
                #expect(said["conflict, default", "status"] == "0000")
                #expect(said["conflict, 0111 set", "status"] == "0111")
                #expect(said.cases["both kept"] == ["first": "True", "others": "True"])
                for kind in ["class-mismatch", "instance-mismatch", "no-study", "no-series", "no-sop-instance"] {
                    #expect(said.cases[kind] == ["status": "A900", "kept": "True"], "\(kind)")
                }
                for kind in ["garbage", "cut-in-element"] {
                    #expect(said.cases[kind] == ["status": "C000", "kept": "True"], "\(kind)")
                }
                #expect(said["calling AE unknown", "got"] == "rejected 1/1/3")
                #expect(said["calling AE from another host", "got"] == "rejected 1/1/3")
                #expect(said["called AE wrong", "got"] == "rejected 1/1/7")
                #expect(said["called AE of its list", "got"] == "accepted")
                #expect(said.cases["contexts of services not allowed"] == ["store": "1", "query": "1", "mpps": "1"])
                #expect(said["store slips through", "status"] == "0124")
                #expect(said["may query", "status"] == "0000")
                #expect(said["echo needs no permission", "status"] == "0000")
                #expect(said.cases["SOP class not supported"] == ["print": "3", "private": "3"])
                #expect(said["SOP class slips through", "status"] == "0122")
                #expect(said.cases["index"] == ["instances": "1", "quarantined": "9"])
                #expect(daemon.waitForExit(within: .zero) == nil)
            }
        }

        @Test func `below the disk reserve an instance is refused with A700 and nothing of it remains`() throws {
            try PriordProcess.serving(.init(yaml: "disk-reserve: 1000TB")) { daemon in
                let file = Tool.root.appending(path: "Fixtures/studies/27-dr-test-object")
                let said = try ClientReport.of(
                    "protocol_files.py", ["\(daemon.dicomPort)", daemon.dataDirectory.path, file.path])
                #expect(said.cases.values.map { $0["status"] } == ["A700"])
                #expect(try daemon.indexRows("SELECT uid FROM instance UNION SELECT uid FROM study").isEmpty)
                #expect(daemon.objectFiles.isEmpty)
            }
        }

        /// No input makes the daemon fail by itself, so its index is broken from outside. A C-STORE is told A700 then, a
        /// C-FIND 0110.
        @Test func `a fault of our own answers a query with 0110 and a trace id, and a store with A700`() throws {
            try PriordProcess.serving { daemon in
                let index = daemon.dataDirectory.appending(path: "index.sqlite").path
                let broken = try Tool.run(
                    Tool.python,
                    ["-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('DROP TABLE study')", index])
                #expect(broken.isSuccess, "\(broken.text)")
                let said = try ClientReport.of("protocol_broken_index.py", ["\(daemon.dicomPort)"])
                #expect(said["find", "status"] == "0110")
                #expect(said["store", "status"] == "A700")
                #expect(said["echo", "status"] == "0000")
                #expect(daemon.waitForLog(containing: "trace-id=") != nil)
                #expect(daemon.objectFiles.isEmpty)
            }
        }
    }
}

extension PriordProcess {
    /// Files of objects, finished or not, stored or in quarantine.
    var objectFiles: [String] {
        ["incoming", "objects", "quarantine"].flatMap { name in
            let directory = dataDirectory.appending(path: name)
            let found = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: [.isRegularFileKey])
            return (found?.allObjects as? [URL] ?? []).filter {
                (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? false
            }.map(\.path)
        }
    }
}
