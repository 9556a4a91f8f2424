/// A rule of the assessment as the configuration sees it. The room that owns the rules lists them; the room that reads
/// the configuration checks against the list, and neither imports the other.
public struct RuleSchema: Sendable, Equatable {
    /// As in reports, e.g. `exposure-index`.
    public let name: String
    /// What may be set of it, in the order of the documentation.
    public let thresholds: [Threshold]

    /// One number a rule judges by.
    public struct Threshold: Sendable, Equatable {
        /// Lower case, words joined by hyphens.
        public let name: String
        /// Of the value, such as `HU`, `mm`, `fraction`.
        public let unit: String
        /// What makes sense.
        public let range: ClosedRange<Double>
        public let defaultValue: Double

        public init(name: String, unit: String, range: ClosedRange<Double>, defaultValue: Double) {
            self.name = name
            self.unit = unit
            self.range = range
            self.defaultValue = defaultValue
        }
    }

    public init(name: String, thresholds: [Threshold]) {
        self.name = name
        self.thresholds = thresholds
    }
}

/// What was chosen of the rules; what is not mentioned stays as it is.
public struct RuleChoices: Sendable, Equatable {
    /// By the rule's name.
    public var isOn: [String: Bool] = [:]
    /// By the rule's name, then the threshold's.
    public var thresholds: [String: [String: Double]] = [:]

    public init() {}

    public var isEmpty: Bool { isOn.isEmpty && thresholds.isEmpty }
}

/// The rules as chosen for everything, and for what single stations send.
public struct RuleConfiguration: Sendable, Equatable {
    public var rules = RuleChoices()
    /// The first that fits a series holds, on top of `rules`.
    public var stations: [Station] = []

    /// What differs for some stations.
    public struct Station: Sendable, Equatable {
        /// Station Names (0008,1010), in any case; empty for every name.
        public var names: [String]
        /// AE Titles the objects were sent by; empty for every sender.
        public var aeTitles: [AETitle]
        public var rules: RuleChoices

        public init(names: [String], aeTitles: [AETitle], rules: RuleChoices) {
            self.names = names
            self.aeTitles = aeTitles
            self.rules = rules
        }

        /// Whether this holds for what a station of this name sends, by this AE Title.
        public func fits(name: String?, aeTitle: AETitle?) -> Bool {
            let isNamed = names.isEmpty || names.contains { $0.lowercased() == name?.lowercased() }
            return isNamed && (aeTitles.isEmpty || aeTitle.map(aeTitles.contains) == true)
        }
    }

    public init() {}
}
