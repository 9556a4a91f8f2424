public import DICOMCore
public import Foundation

/// A system that studies are forwarded to.
public struct Destination: Sendable, Equatable {
    public enum Endpoint: Sendable, Equatable {
        /// By C-STORE.
        case association(host: IPAddress, port: UInt16, aeTitle: AETitle)
        /// By STOW-RS.
        case web(WebEndpoint)
    }

    /// What rules, commands and logs call it.
    public var name: String
    public var endpoint: Endpoint
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
    /// An Instance that ended the connection so often is given up.
    public var instanceAttemptCount = 5
    /// Whether what it took counts as delivered only once it has committed to it.
    public var isCommitting = false
    /// How long it may take to commit, before it is asked again.
    public var commitmentWait: Duration = .seconds(900)
    /// How often it is asked at most.
    public var commitmentAttemptCount = 5
    /// Whether it is sent what it sent itself.
    public var isSentBack = false

    public init(name: String, endpoint: Endpoint, callingAETitle: AETitle) {
        self.name = name
        self.endpoint = endpoint
        self.callingAETitle = callingAETitle
    }
}

/// A STOW-RS service, and how to get in.
public struct WebEndpoint: Sendable, Equatable {
    /// `http:` or `https:`, with a host and without credentials, query and `/` at its end.
    public var url: String
    /// What it calls itself when it sends to priord; nil where it does not, or nobody said.
    public var aeTitle: AETitle?
    /// PEM files; nil for those whom the system trusts, and for showing none.
    public var authorityFile: URL?
    public var certificateFile: URL?
    public var keyFile: URL?
    /// A file with a token, or one with `user:password`.
    public var tokenFile: URL?
    public var passwordFile: URL?

    public init(url: String) { self.url = url }
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
