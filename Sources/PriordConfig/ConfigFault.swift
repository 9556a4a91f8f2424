/// Where a value came from.
public enum ConfigSource: Hashable, Sendable, CustomStringConvertible {
    case defaultValue
    /// `line` counts from 1; 0 when the whole file is meant.
    case file(path: String, line: Int)
    case environment(variable: String)
    case flag(String)

    public var description: String {
        switch self {
        case .defaultValue: "default"
        case .file(let path, let line): line > 0 ? "\(path):\(line)" : path
        case .environment(let variable): "environment \(variable)"
        case .flag(let flag): "flag \(flag)"
        }
    }
}

/// One thing wrong with the configuration, with what is needed to correct it.
public struct ConfigFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Setting or place in the file, e.g. `quiet-period` or `peers[2].hosts[0]`; of an unknown one, what was written.
    public var key: String
    public var source: ConfigSource
    public var problem: Problem

    public enum Problem: Equatable, Sendable {
        /// `value` as written, `allowed` as a phrase.
        case notAllowed(value: String, allowed: String)
        /// Required, and not there.
        case missing(allowed: String)
        /// No setting has this name; `nearest` is the one probably meant.
        case unknown(nearest: String?)
        /// Each value is allowed, but not together; the text says which and why.
        case contradiction(value: String, reason: String)
        /// The file could not be read, or is larger than allowed.
        case unreadable(reason: String)
        /// Not YAML; line and column count from 1, `column` 0 when unknown.
        case notYAML(column: Int, reason: String)
    }

    public var description: String {
        let place = "\(key.quotable) (\(source))"
        return switch problem {
        case .notAllowed(let value, let allowed): "\(place): \"\(value.quotable)\" is not allowed; write \(allowed)"
        case .missing(let allowed): "\(place): missing; write \(allowed)"
        case .unknown(.some(let nearest)): "\(place): unknown; did you mean \(nearest)?"
        case .unknown(nil): "\(place): unknown"
        case .contradiction(let value, let reason): "\(place): \"\(value.quotable)\" cannot stand: \(reason)"
        case .unreadable(let reason): "\(place): \(reason)"
        case .notYAML(let column, let reason) where column > 0: "\(place), column \(column): \(reason)"
        case .notYAML(_, let reason): "\(place): \(reason)"
        }
    }
}

/// Everything wrong with the configuration, at once: flags, environment, the file (unknown keys, settings, sections),
/// then what contradicts. Never empty.
public struct ConfigFaults: Error, Equatable, Sendable, CustomStringConvertible {
    /// At most ``shownLimit``.
    public let faults: [ConfigFault]
    /// Faults beyond the limit, counted only.
    public let furtherCount: Int

    /// Enough for any file a person wrote; the bound is for files nobody wrote.
    public static let shownLimit = 200

    /// One fault a line.
    public var description: String {
        let lines = faults.map(\.description)
        return (furtherCount > 0 ? lines + ["and \(furtherCount) more"] : lines).joined(separator: "\n")
    }
}

/// Gathers faults while everything else is read on.
struct FaultCollector {
    private var faults: [ConfigFault] = []
    private var furtherCount = 0

    var count: Int { faults.count + furtherCount }

    /// The problem is worked out only while it will be shown.
    mutating func add(_ key: String, _ source: ConfigSource, _ problem: @autoclosure () -> ConfigFault.Problem) {
        if faults.count < ConfigFaults.shownLimit {
            faults.append(ConfigFault(key: key, source: source, problem: problem()))
        } else {
            furtherCount += 1
        }
    }

    func throwIfAny() throws(ConfigFaults) {
        guard !faults.isEmpty else { return }
        throw ConfigFaults(faults: faults, furtherCount: furtherCount)
    }
}

extension String {
    /// At most 80 characters, control characters escaped, so that a hostile value cannot forge a log line.
    fileprivate var quotable: String {
        let shown = unicodeScalars.prefix(80).map { scalar in
            scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return shown.joined() + (unicodeScalars.count > 80 ? "…" : "")
    }
}
