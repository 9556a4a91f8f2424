public import DICOMCore

extension RuleConfiguration {
    private enum Key: String, CaseIterable {
        case rules, stations
    }

    /// Reads the section `assessment`, which may name the rules of `schema`.
    init(_ node: ConfigNode, _ schema: [RuleSchema], _ faults: inout FaultCollector) {
        self.init()
        guard let members = node.members(Key.allCases.map(\.rawValue), &faults) else { return }
        if let node = members[Key.rules.rawValue] { rules = RuleChoices(node, schema, &faults) }
        for item in members[Key.stations.rawValue]?.items("a list of stations", &faults) ?? [] {
            guard let station = Station(item, schema, &faults) else { continue }
            if stations.contains(where: { $0.names == station.names && $0.aeTitles == station.aeTitles }) {
                faults.add(
                    item.key, item.source,
                    .contradiction(value: station.label, reason: "an earlier entry is about the same stations"))
            }
            stations.append(station)
        }
    }
}

extension RuleConfiguration.Station {
    private enum Key: String, CaseIterable {
        case names = "station"
        case aeTitles = "ae-title"
        case rules
    }

    /// - Returns: nil after a fault that leaves no station.
    fileprivate init?(_ node: ConfigNode, _ schema: [RuleSchema], _ faults: inout FaultCollector) {
        let keys = Key.allCases.map(\.rawValue)
        guard !node.isEmpty, let members = node.members(keys, &faults) else {
            if node.isEmpty { node.wrongShape("an object with the keys " + keys.joined(separator: ", "), &faults) }
            return nil
        }
        func member(_ key: Key) -> ConfigNode? { members[key.rawValue].flatMap { $0.isEmpty ? nil : $0 } }
        let names = member(.names)?.values(.longString, &faults) ?? []
        let aeTitles = member(.aeTitles)?.values(.aeTitle, &faults) ?? []
        if member(.names) == nil, member(.aeTitles) == nil {
            faults.add("\(node.key).station", node.source, .missing(allowed: "station or ae-title, or both"))
        }
        if member(.rules) == nil {
            faults.add("\(node.key).rules", node.source, .missing(allowed: "the rules that differ for it"))
        }
        let rules = member(.rules).map { RuleChoices($0, schema, &faults) }
        guard let rules, !names.isEmpty || !aeTitles.isEmpty else { return nil }
        self.init(names: names, aeTitles: aeTitles, rules: rules)
    }

    /// In the words of the file.
    var label: String {
        let station = names.isEmpty ? [] : ["station " + names.joined(separator: ", ")]
        let sender = aeTitles.isEmpty ? [] : ["ae-title " + aeTitles.map(\.value).joined(separator: ", ")]
        return (station + sender).joined(separator: "; ")
    }
}

extension RuleChoices {
    /// Reads an object with a rule's name before `on`, `off`, or an object of thresholds, which is `on` as well.
    fileprivate init(_ node: ConfigNode, _ schema: [RuleSchema], _ faults: inout FaultCollector) {
        self.init()
        let members = node.members(schema.map(\.name), &faults) ?? [:]
        for rule in schema {
            guard let node = members[rule.name] else { continue }
            if node.isObject {
                isOn[rule.name] = true
                let written = node.members(rule.thresholds.map(\.name), &faults) ?? [:]
                for threshold in rule.thresholds {
                    guard let value = written[threshold.name]?.value(.number(threshold), &faults) else { continue }
                    thresholds[rule.name, default: [:]][threshold.name] = value
                }
            } else if let text = node.text, let value = SettingFormat.toggle.parse(text) {
                isOn[rule.name] = value
            } else {
                let names = rule.thresholds.map(\.name).joined(separator: ", ")
                node.wrongShape("on, off" + (names.isEmpty ? "" : ", or an object with the keys \(names)"), &faults)
            }
        }
    }
}

extension SettingFormat where Value == Double {
    static func number(_ threshold: RuleSchema.Threshold) -> Self {
        let range = threshold.range
        let (lowest, highest) = (written(range.lowerBound), written(range.upperBound))
        return Self(
            allowed: "a number from \(lowest) to \(highest) (\(threshold.unit)), the default is "
                + written(threshold.defaultValue),
            parse: { text in
                // No hexadecimal, no "inf", no "nan".
                let isPlain = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
                return isPlain ? Double(text).flatMap { range.contains($0) ? $0 : nil } : nil
            }, text: written)
    }

    @Sendable static func written(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}

/// The assessment as `priorctl config` shows it.
extension RuleConfiguration {
    /// Every rule and threshold in force for all stations, then what differs for some, with the keys of the file.
    func settings(_ schema: [RuleSchema]) -> [(key: String, value: String, isGiven: Bool)] {
        let common = schema.flatMap { rule in
            let key = "assessment.rules.\(rule.name)"
            let isOn = rules.isOn[rule.name]
            let thresholds = rule.thresholds.map { threshold in
                let given = rules.thresholds[rule.name]?[threshold.name]
                return (
                    key: "\(key).\(threshold.name)",
                    value: SettingFormat.written(given ?? threshold.defaultValue) + " " + threshold.unit,
                    isGiven: given != nil
                )
            }
            return [(key: key, value: SettingFormat.toggle.text(isOn ?? true), isGiven: isOn != nil)] + thresholds
        }
        let single = stations.enumerated().map { offset, station in
            (
                key: "assessment.stations[\(offset)]", value: "\(station.label): \(station.rules.text(schema))",
                isGiven: true
            )
        }
        return common + single
    }
}

extension RuleChoices {
    /// In one line, in the order of the rules.
    fileprivate func text(_ schema: [RuleSchema]) -> String {
        schema.compactMap { rule -> String? in
            let numbers = rule.thresholds.compactMap { threshold in
                thresholds[rule.name]?[threshold.name].map { "\(threshold.name) \(SettingFormat.written($0))" }
            }
            let words = numbers.isEmpty ? isOn[rule.name].map { [SettingFormat.toggle.text($0)] } : numbers
            return words.map { "\(rule.name) " + $0.joined(separator: ", ") }
        }.joined(separator: "; ")
    }
}
