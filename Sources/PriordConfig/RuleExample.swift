public import DICOMCore

extension PriordConfig {
    /// The section `assessment` of priord.yaml with every rule and threshold at its default, each with unit and range.
    public static func assessmentExample(_ rules: [RuleSchema]) -> String {
        let lines = rules.flatMap { rule in
            guard !rule.thresholds.isEmpty else { return ["    \(rule.name): on"] }
            return ["    \(rule.name):"]
                + rule.thresholds.map { threshold in
                    let range = threshold.range
                    let (lowest, highest) = (range.lowerBound, range.upperBound)
                    return "      \(threshold.name): \(SettingFormat.written(threshold.defaultValue))"
                        + "  # \(threshold.unit), \(SettingFormat.written(lowest)) to \(SettingFormat.written(highest))"
                }
        }
        return (["assessment:", "  rules:"] + lines).joined(separator: "\n")
    }
}
