import Foundation
import Logging

/// Writes log events to stderr, one line each: `event key=value …`.
///
/// Under systemd the line begins with its priority (sd-daemon(3)) and the journal adds the time; elsewhere time and
/// level stand first.
struct JournalLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    private let isJournal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil

    init(label: String) {}

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let fields = facts.sorted { $0.key < $1.key }.map { "\($0.key)=\(JournalLogHandler.quoted("\($0.value)"))" }
        let body = (["\(event.message)"] + fields).joined(separator: " ")
        let line =
            isJournal
            ? "<\(event.level.priority)>\(body)\n"
            : "\(Date().ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))) \(event.level) \(body)\n"
        FileHandle.standardError.write(Data(line.utf8))
    }

    /// As it is when it is one word; otherwise in quotes, with line breaks and quotes escaped.
    private static func quoted(_ value: String) -> String {
        let isWord =
            !value.isEmpty && value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0.value != 0x7F }
        if isWord { return value }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += "?"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }
}

extension Logger.Level {
    /// Priority of syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
