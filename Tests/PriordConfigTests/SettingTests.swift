import DICOMCore
import Foundation
import Testing

@testable import PriordConfig

@Suite struct SettingTests {
    @Test func `the flags of priord serve have the names and defaults of the design`() {
        let flags = PriordConfig.settings.compactMap { setting in setting.flag.map { [$0, setting.defaultText] } }
        #expect(
            flags == [
                ["--config", ""], ["--data-dir", "/var/lib/priord"], ["--ae-title", "PRIORD"],
                ["--dicom-port", "11112"], ["--http-port", "8104"], ["--bind", "127.0.0.1"],
                ["--quiet-period", "60s"], ["--accept-any-peer", "off"],
                ["--http-base-url", "host"], ["--cors-origins", "none"],
            ])
    }

    @Test func `the limits have the defaults of the design`() {
        let values = Dictionary(uniqueKeysWithValues: PriordConfig.settings.map { ($0.key, $0.defaultText) })
        #expect(values["association-request-timeout"] == "10s")
        #expect(values["pdu-timeout"] == "30s")
        #expect(values["idle-timeout"] == "60s")
        #expect(values["minimum-receive-rate"] == "64KB/s")
        #expect(values["http-idle-timeout"] == "30s")
        #expect(values["association-limit"] == "64")
        #expect(values["max-pdu"] == "128KiB")
        #expect(values["accept-unknown-sop-classes"] == "off")
    }

    @Test func `names are derived from one key and are unique`() {
        let settings = PriordConfig.settings
        #expect(Set(settings.map(\.key)).count == settings.count)
        #expect(settings.map(\.environmentVariable).contains("PRIORD_QUIET_PERIOD"))
        #expect(settings.allSatisfy { $0.help.last != "." && !$0.allowed.isEmpty })
    }

    @Test(arguments: PriordConfig.settings.filter(\.isFileKey))
    func `a default as printed reads back as itself, from file and environment`(setting: Setting) throws {
        #expect(try load("\(setting.key): \(setting.defaultText)").config.settled == PriordConfig())
        let environment = [setting.environmentVariable: setting.defaultText]
        #expect(try load(environment: environment).config == PriordConfig())
    }

    @Test(arguments: PriordConfig.settings.filter { $0.key != "config" })
    func `nonsense is a fault that names the setting and what is allowed`(setting: Setting) throws {
        // A path and an AE Title take almost any text; NUL and nothing are in neither.
        let found = try faults(environment: [setting.environmentVariable: "\u{0}"])
        let source = ConfigSource.environment(variable: setting.environmentVariable)
        #expect(
            found == [
                ConfigFault(
                    key: setting.key, source: source, problem: .notAllowed(value: "\u{0}", allowed: setting.allowed))
            ])
    }

    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("60s", .seconds(60)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
        ("10 s", .seconds(10)),
    ])
    func `a duration has a unit`(text: String, duration: Duration) throws {
        #expect(try load("quiet-period: \(text)").config.quietPeriod == duration)
    }

    @Test(arguments: [
        "60", "0s", "1ms", "25h", "-1s", "1.5h", "1d", "s", "99999999999999999999h", "9223372036854775h", "６０s",
    ])
    func `a duration without unit or out of range is refused`(text: String) throws {
        #expect(try faults("quiet-period: \"\(text)\"").map(\.key) == ["quiet-period"])
    }

    @Test(arguments: [
        ("2GB", Int64(2_000_000_000)), ("2GiB", 2 << 30), ("1500000", 1_500_000), ("5 MB", 5_000_000),
        ("1TB", 1_000_000_000_000),
    ])
    func `a size counts in bytes, thousands or 1024s`(text: String, byteCount: Int64) throws {
        #expect(try load("disk-reserve: \(text)").config.diskReserveByteCount == byteCount)
    }

    @Test(arguments: ["0", "2gb", "GB", "-1GB", "1.5GB", "9999999TB", "9223372036854775807TiB", "1GB/s"])
    func `a size without bound or sense is refused`(text: String) throws {
        #expect(try faults("disk-reserve: \(text)").map(\.key) == ["disk-reserve"])
    }

    @Test(arguments: [("4095", false), ("4096", true), ("64KiB", true), ("131072", true), ("131073", false)])
    func `the PDU length stays within what DCMTK takes`(text: String, isAllowed: Bool) {
        #expect(((try? load("max-pdu: \(text)")) != nil) == isAllowed)
    }

    @Test(arguments: [("64KB/s", Int64(64_000)), ("1MiB/s", 1 << 20)])
    func `a rate is a size per second`(text: String, rate: Int64) throws {
        #expect(try load("minimum-receive-rate: \(text)").config.minimumReceiveRate == rate)
        #expect(throws: ConfigFaults.self) { try load("minimum-receive-rate: \(text.dropLast(2))") }
    }

    @Test(arguments: ["-1", "65536", "+80", "8e3", "0x50", "1_000", "http"])
    func `what is no port is refused`(text: String) throws {
        #expect(try faults(arguments: ["http-port": text]).map(\.key) == ["http-port"])
    }
}

extension PriordConfig {
    /// Without the place of the file, which differs from run to run.
    fileprivate var settled: PriordConfig {
        var copy = self
        copy.file = nil
        return copy
    }
}

@Suite struct TimeZoneSettingTests {
    @Test func `a zone is written by its name`() throws {
        #expect(try load("time-zone: Asia/Shanghai").config.timeZone?.secondsFromGMT() == 8 * 3600)
        #expect(try load("time-zone: any").config.timeZone == nil)
    }

    @Test(arguments: ["+0800", "CST", "Asia/Atlantis", "8", "local"])
    func `what is no name of a zone is refused`(text: String) throws {
        #expect(try faults("time-zone: \"\(text)\"").map(\.key) == ["time-zone"])
    }
}
