public import DICOMCore

/// A system that studies are forwarded to by C-STORE.
public struct Destination: Sendable, Equatable {
    /// What rules, commands and logs call it.
    public var name: String
    public var host: IPAddress
    public var port: UInt16
    public var aeTitle: AETitle
    /// What priord calls itself there.
    public var callingAETitle: AETitle
    /// Bytes a second at most; nil for as fast as it goes.
    public var byteRateLimit: Int64?
    /// When it is sent to, in local time; nil for always.
    public var window: DailyWindow?
    /// After an attempt that failed; twice as long after every further one.
    public var retryPause: Duration = .seconds(30)
    /// The pause does not grow beyond.
    public var longestPause: Duration = .seconds(900)
    /// Failures in a row after which it gets one attempt at a time, after a pause.
    public var breakerFailureCount = 3

    public init(name: String, host: IPAddress, port: UInt16, aeTitle: AETitle, callingAETitle: AETitle) {
        self.name = name
        self.host = host
        self.port = port
        self.aeTitle = aeTitle
        self.callingAETitle = callingAETitle
    }
}

/// A part of every day, to the minute; over midnight where it ends before it begins.
public struct DailyWindow: Sendable, Equatable {
    /// Minutes since midnight.
    public let start: Int
    /// Minutes since midnight, the first outside; never ``start``.
    public let end: Int

    /// - Returns: nil unless `text` is such as `22:00-06:00`.
    public init?(_ text: String) {
        guard let match = text.wholeMatch(of: /([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})/) else { return nil }
        func minutes(_ hour: Substring, _ minute: Substring) -> Int? {
            guard let hour = Int(hour), let minute = Int(minute), hour < 24, minute < 60 else { return nil }
            return hour * 60 + minute
        }
        guard let start = minutes(match.1, match.2), let end = minutes(match.3, match.4), start != end else {
            return nil
        }
        self.start = start
        self.end = end
    }

    public func contains(minute: Int) -> Bool {
        start < end ? (start..<end).contains(minute) : minute >= start || minute < end
    }
}

extension DailyWindow: CustomStringConvertible {
    public var description: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        func time(_ minutes: Int) -> String { "\(two(minutes / 60)):\(two(minutes % 60))" }
        return "\(time(start))-\(time(end))"
    }
}

/// Which studies are forwarded where. A condition that is empty holds for every study.
public struct Forwarding: Sendable, Equatable {
    public var name: String
    /// Names of ``Destination``s, never empty.
    public var destinations: [String]
    public var modalities: [String] = []
    public var codes: [String] = []
    public var sources: [AETitle] = []
    public var completeness: [Completeness] = []
    public var quality: [Quality] = []
    /// Days since the Study Date at most.
    public var maximumAge: Int?

    public init(name: String, destinations: [String]) {
        self.name = name
        self.destinations = destinations
    }

    public enum Completeness: String, CaseIterable, Sendable {
        case complete, incomplete, unknown
    }

    public enum Quality: String, CaseIterable, Sendable {
        case pass, review, fail, notAssessed
    }
}
