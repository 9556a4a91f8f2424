/// One setting with a single value: the source of its flag, environment variable, key in the file and documentation.
public struct Setting: Sendable {
    /// Name in priord.yaml, lower case with hyphens, e.g. `quiet-period`.
    public let key: String
    /// Default as it would be written in the file; empty when there is none.
    public let defaultText: String
    /// What may be written, with unit and range, e.g. "a duration from 10ms to 24h, such as 250ms, 60s, 5m or 1h".
    public let allowed: String
    /// What the setting does, one sentence without full stop.
    public let help: String
    /// Where it may be given beside the environment, which holds for all.
    public let places: Places

    /// Sets the value in a configuration; false when the text is not what `allowed` says.
    let apply: @Sendable (_ text: String, _ config: inout PriordConfig) -> Bool
    /// The value of a configuration, written so that `apply` reads it back.
    let text: @Sendable (PriordConfig) -> String

    public enum Places: Sendable {
        /// Flag of `priord serve` and key in the file.
        case flagAndFile
        /// Key in the file, no flag.
        case file
        /// Flag only: the file cannot name itself.
        case flag
    }

    init<Value>(
        _ key: String, _ path: any WritableKeyPath<PriordConfig, Value> & Sendable, _ format: SettingFormat<Value>,
        in places: Places = .file, _ help: String
    ) {
        self.key = key
        self.places = places
        self.help = help
        allowed = format.allowed
        defaultText = format.text(PriordConfig()[keyPath: path])
        apply = { text, config in
            guard let value = format.parse(text) else { return false }
            config[keyPath: path] = value
            return true
        }
        text = { format.text($0[keyPath: path]) }
    }

    /// Flag of `priord serve`, e.g. `--quiet-period`; nil for a setting of file and environment only.
    public var flag: String? { places == .file ? nil : "--" + key }

    /// E.g. `PRIORD_QUIET_PERIOD`.
    public var environmentVariable: String {
        Self.environmentPrefix + key.uppercased().replacing("-", with: "_")
    }

    public var isFileKey: Bool { places != .flag }

    static let environmentPrefix = "PRIORD_"
}
