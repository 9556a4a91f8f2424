import DICOMCore

extension Forwarding {
    private enum Key: String, CaseIterable {
        case name, to, modalities, codes, sources, completeness, quality
        case maximumAge = "max-age-days"
    }

    /// - Parameter known: names of destinations.
    /// - Returns: nil after a fault that leaves no rule.
    init?(_ node: ConfigNode, destinations known: [String], _ faults: inout FaultCollector) {
        guard let members = node.object(Key.allCases.map(\.rawValue), &faults) else { return nil }
        func member(_ key: Key) -> ConfigNode? { members[key.rawValue] }
        let name = node.required(Key.name.rawValue, of: members, .listID, &faults)
        let to: [ConfigNode]?
        if let node = member(.to), !node.isEmpty {
            to = node.items("a list of names of destinations", &faults)
        } else {
            faults.add(
                "\(node.key).\(Key.to.rawValue)", node.source, .missing(allowed: "names of destinations"))
            to = nil
        }
        var names: [String] = []
        for item in to ?? [] {
            guard let name = item.value(.listID, &faults) else { continue }
            if known.contains(name) {
                names.append(name)
            } else {
                let nearest = nearestName(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
                faults.add(
                    item.key, item.source,
                    .contradiction(value: name, reason: "no destination has this name" + nearest))
            }
        }
        let modalities = member(.modalities)?.values(.codeString, &faults) ?? []
        let codes = member(.codes)?.values(.longString, &faults) ?? []
        let sources = member(.sources)?.values(.aeTitle, &faults) ?? []
        let completeness = member(.completeness)?.values(SettingFormat<Completeness>.oneOf(), &faults) ?? []
        let quality = member(.quality)?.values(SettingFormat<Quality>.oneOf(), &faults) ?? []
        let age = member(.maximumAge)?.value(.integer(0...36_500), &faults)
        guard let name, !names.isEmpty else { return nil }
        self.init(name: name, destinations: names)
        self.modalities = modalities
        self.codes = codes
        self.sources = sources
        self.completeness = completeness
        self.quality = quality
        maximumAge = age
    }

    /// - Parameter destinations: their names.
    static func list(
        _ node: ConfigNode, destinations: [String], _ faults: inout FaultCollector
    ) -> [Forwarding] {
        var found: [Forwarding] = []
        for item in node.items("a list of rules", &faults) ?? [] {
            guard let rule = Forwarding(item, destinations: destinations, &faults) else { continue }
            if found.contains(where: { $0.name == rule.name }) {
                faults.add(
                    item.key + ".name", item.source,
                    .contradiction(value: rule.name, reason: "an earlier rule has this name"))
            }
            found.append(rule)
        }
        return found
    }
}

extension ConfigNode {
    /// The members of an object in a list, which may not be empty.
    func object(_ names: [String], _ faults: inout FaultCollector) -> [String: ConfigNode]? {
        guard !isEmpty else {
            wrongShape("an object with the keys " + names.joined(separator: ", "), &faults)
            return nil
        }
        return members(names, &faults)
    }

    /// A member that must be there.
    func required<Value>(
        _ name: String, of members: [String: ConfigNode], _ format: SettingFormat<Value>,
        _ faults: inout FaultCollector
    ) -> Value? {
        if let found = members[name], !found.isEmpty { return found.value(format, &faults) }
        faults.add("\(key).\(name)", source, .missing(allowed: format.allowed))
        return nil
    }
}

extension SettingFormat where Value == DailyWindow {
    static var dailyWindow: Self {
        Self(
            allowed: "a part of the day in local time, such as 22:00-06:00", parse: { DailyWindow($0) },
            text: \.description)
    }
}

extension SettingFormat where Value == String {
    /// VR CS, one value (PS3.5 6.2).
    static var codeString: Self {
        Self(
            allowed: "1 to 16 upper-case letters, digits, spaces and underscores",
            parse: { text in text.wholeMatch(of: /[A-Z0-9_ ]{1,16}/) == nil ? nil : text }, text: \.self)
    }
}

extension Forwarding: CustomStringConvertible {
    /// One line, in the words of the file.
    public var description: String {
        var parts = ["\(name): to \(destinations.joined(separator: ", "))"]
        func add(_ key: Key, _ values: [String]) {
            if !values.isEmpty { parts.append("\(key.rawValue) \(values.joined(separator: ", "))") }
        }
        add(.modalities, modalities)
        add(.codes, codes)
        add(.sources, sources.map(\.value))
        add(.completeness, completeness.map(\.rawValue))
        add(.quality, quality.map(\.rawValue))
        add(.maximumAge, maximumAge.map { ["\($0)"] } ?? [])
        return parts.joined(separator: "; ")
    }
}
