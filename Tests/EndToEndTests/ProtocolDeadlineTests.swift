import Foundation
import Testing

extension ProtocolTests {
    @Suite struct Deadlines {
        private static let short = """
            accept-any-peer: on
            association-request-timeout: 1s
            pdu-timeout: 2s
            idle-timeout: 2s
            minimum-receive-rate: 64KB/s
            """

        /// Seconds within which each client is let go; all of them are at it together.
        private static let ends: [(name: String, seconds: ClosedRange<Double>)] = [
            ("silent connection", 0.9...3), ("half a request", 0.9...3), ("dribbled request", 0.9...3),
            ("dribbled long request", 0.9...4), ("idle association", 1.9...4), ("dribbled PDU", 1.9...4),
            ("dribbled data", 1.9...4), ("silence within data", 1.9...4), ("slow message", 1.9...6),
            ("empty fragments", 1.9...6), ("unread answers", 1.9...12),
            ("flood after an abort", 0...4),
        ]

        @Test func `who is silent, slow or does not listen is let go at the deadline`() throws {
            try PriordProcess.serving(PriordProcess.configured(Deadlines.short)) { daemon in
                let said = try ClientReport.of("protocol_deadlines.py", ["\(daemon.dicomPort)"])
                for end in Deadlines.ends {
                    #expect(["closed", "aborted"].contains(said[end.name, "got"]), "\(end.name)")
                    let seconds = said[end.name, "seconds"].flatMap(Double.init) ?? 0
                    #expect(end.seconds.contains(seconds), "\(end.name) after \(seconds) s")
                }
                #expect(said["idle association", "got"] == "aborted")
                #expect(said["silence within data", "got"] == "aborted")
                #expect(said["rejection", "got"] == "rejected 1/1/7")
                #expect(said["within the rate", "got"] == "status 0000")
                #expect(try daemon.indexRows("SELECT uid FROM instance") == [["2.25.702"]])
                #expect(holds(within: .seconds(10)) { daemon.socketCount == 0 })
            }
        }
    }

    @Suite struct Crowds {
        @Test func `600 connections that never finish their request keep nobody out`() throws {
            try PriordProcess.serving { daemon in
                let threads = daemon.threadCount
                let said = try ClientReport.of("protocol_crowd.py", ["lobby", "\(daemon.dicomPort)"])
                for number in 0..<5 {
                    #expect(said["newcomer \(number)", "got"] == "accepted, status 0000, status 0000, released")
                    #expect(said["newcomer \(number)", "seconds"].flatMap(Double.init) ?? 99 < 3)
                }
                #expect(holds(within: .seconds(4)) { daemon.threadCount <= threads + 8 && daemon.socketCount == 0 })
            }
        }

        @Test func `beyond the limit a newcomer is told 2/3/2, until an idle association gives way`() throws {
            let settings = PriordProcess.configured(
                "accept-any-peer: on\nassociation-limit: 8\npeer-association-share: 100")
            try PriordProcess.serving(settings) { daemon in
                let said = try ClientReport.of("protocol_crowd.py", ["seats", "\(daemon.dicomPort)", "8"])
                #expect(said["seated", "got"] == "accepted")
                #expect(said["one too many", "got"] == "rejected 2/3/2")
                #expect(said["after a while", "got"] == "accepted, status 0000, status 0000, released")
                let seconds = said["after a while", "seconds"].flatMap(Double.init) ?? 0
                #expect((8...16).contains(seconds), "let in after \(seconds) s")
                #expect(said["gave way", "count"] == "1")
            }
        }
    }

    @Suite struct Size {
        @Test func `an instance of 300 MB takes no more memory than a small one`() throws {
            // Nothing is judged meanwhile, and whose the study is was found out before: both take memory once.
            try PriordProcess.serving(.init(quietPeriod: "10m")) { daemon in
                _ = try ClientReport.of("protocol_large.py", ["\(daemon.dicomPort)", "1000"])
                let pending = "SELECT count(*) FROM study WHERE identity IS NULL AND patientID <> ''"
                #expect(holds(within: .seconds(10)) { (try? daemon.indexRows(pending)) == [["0"]] })
                let before = daemon.peakResidentByteCount
                let said = try ClientReport.of("protocol_large.py", ["\(daemon.dicomPort)", "300000000"])
                // The small one came first: other bytes under the same UID.
                #expect(said["large", "got"] == "status 0000")
                #expect(try daemon.indexRows("SELECT byteCount > 300000000 FROM quarantine") == [["1"]])
                #expect(daemon.peakResidentByteCount < before + 20_000_000)
            }
        }
    }
}

extension PriordProcess {
    /// The most memory it ever had resident, bytes.
    var peakResidentByteCount: Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        return (LineLog.number(after: "VmHWM:", in: status) ?? 0) * 1024
    }
}
