public import DICOMCore

/// Thresholds of one rule: a plain struct with its defaults, each of which can be set by name in the configuration.
public protocol RuleParameters: Sendable, Equatable {
    init()
    static var settings: [RuleSetting<Self>] { get }
}

/// One threshold as the configuration names it.
public struct RuleSetting<Parameters>: Sendable {
    /// As written in `priord.yaml`: lower case, words joined by hyphens.
    public let name: String
    /// Of the value, such as `HU`, `mm`, `fraction`.
    public let unit: String
    /// What makes sense.
    public let range: ClosedRange<Double>
    public let value: any WritableKeyPath<Parameters, Double> & Sendable

    public init(
        _ name: String, _ value: any WritableKeyPath<Parameters, Double> & Sendable, unit: String,
        range: ClosedRange<Double>
    ) {
        self.name = name
        self.unit = unit
        self.range = range
        self.value = value
    }
}

/// The thresholds of one rule, whatever their struct is called.
struct RuleThresholds: Sendable {
    let rule: String
    let schema: [RuleSchema.Threshold]
    /// Sets the threshold of a name; a name of another rule changes nothing.
    let set: @Sendable (_ name: String, _ value: Double, _ parameters: inout AssessmentParameters) -> Void

    init<Parameters: RuleParameters>(
        _ rule: QualityRuleName, _ path: any WritableKeyPath<AssessmentParameters, Parameters> & Sendable
    ) {
        self.init(rule.rawValue, path)
    }

    init<Parameters: RuleParameters>(
        _ rule: CompletenessRuleName, _ path: any WritableKeyPath<AssessmentParameters, Parameters> & Sendable
    ) {
        self.init(rule.rawValue, path)
    }

    private init<Parameters: RuleParameters>(
        _ rule: String, _ path: any WritableKeyPath<AssessmentParameters, Parameters> & Sendable
    ) {
        self.rule = rule
        schema = Parameters.settings.map { setting in
            RuleSchema.Threshold(
                name: setting.name, unit: setting.unit, range: setting.range,
                defaultValue: Parameters()[keyPath: setting.value])
        }
        set = { name, value, parameters in
            guard let setting = Parameters.settings.first(where: { $0.name == name }) else { return }
            parameters[keyPath: path][keyPath: setting.value] = value
        }
    }
}

extension AssessmentParameters {
    /// Every rule with what can be set of it, as the configuration and its documentation list them.
    public static var schema: [RuleSchema] {
        let names = CompletenessRuleName.allCases.map(\.rawValue) + QualityRuleName.allCases.map(\.rawValue)
        return names.map { name in
            RuleSchema(name: name, thresholds: thresholds.filter { $0.rule == name }.flatMap(\.schema))
        }
    }

    /// These parameters with what was chosen of the rules. Names nobody has are no choice.
    public func with(_ choices: RuleChoices) -> AssessmentParameters {
        var changed = self
        for (name, isOn) in choices.isOn {
            if let rule = CompletenessRuleName(rawValue: name) {
                if isOn { changed.completenessRules.insert(rule) } else { changed.completenessRules.remove(rule) }
            }
            if let rule = QualityRuleName(rawValue: name) {
                if isOn { changed.qualityRules.insert(rule) } else { changed.qualityRules.remove(rule) }
            }
        }
        for entry in AssessmentParameters.thresholds {
            for (name, value) in choices.thresholds[entry.rule] ?? [:] { entry.set(name, value, &changed) }
        }
        return changed
    }
}
