import DICOMCore

extension ConfiguredInstitution {
    private enum Key: String, CaseIterable {
        case id, name, names
        case aeTitles = "ae-titles"
        case grade
        case assessed = "quality-assessed"
        case alliances, issuer, own
    }

    /// - Returns: nil after a fault that leaves no institution.
    init?(_ node: ConfigNode, _ faults: inout FaultCollector) {
        guard let members = node.object(Key.allCases.map(\.rawValue), &faults) else { return nil }
        func member(_ key: Key) -> ConfigNode? { members[key.rawValue] }
        let id = node.required(Key.id.rawValue, of: members, .listID, &faults)
        let name = node.required(Key.name.rawValue, of: members, .longString, &faults)
        let names = member(.names)?.values(.longString, &faults) ?? []
        let titles = member(.aeTitles)?.values(.aeTitle, &faults) ?? []
        let standing = member(.grade)?.value(.standing, &faults)
        let assessed = member(.assessed)?.items("a list of periods, each " + DayPeriod.allowed, &faults) ?? []
        let periods = assessed.compactMap { DayPeriod($0, &faults) }
        let alliances = member(.alliances)?.items("a list of alliances, each " + Membership.allowed, &faults) ?? []
        let memberships = alliances.compactMap { Membership($0, &faults) }
        let issuer = member(.issuer)?.value(.longString, &faults)
        let isOwn = member(.own)?.value(.toggle, &faults) ?? false
        guard let id, let name else { return nil }
        self.init(id: id, name: name)
        self.names = names
        aeTitles = titles
        self.standing = standing
        self.assessed = periods
        self.memberships = memberships
        self.issuer = issuer
        self.isOwn = isOwn
    }

    /// Reads the list. What two institutions claim, and an alliance that looks like another's slip, are faults: a study would be
    /// judged as another hospital's.
    static func list(_ node: ConfigNode, _ faults: inout FaultCollector) -> [ConfiguredInstitution] {
        var found: [ConfiguredInstitution] = []
        var claims = Claims()
        for item in node.items("a list of institutions", &faults) ?? [] {
            guard let institution = ConfiguredInstitution(item, &faults) else { continue }
            claims.add(institution, at: item, &faults)
            found.append(institution)
        }
        claims.checkAlliances(&faults)
        return found
    }

    /// What belongs to one institution alone, and to whom.
    private struct Claims {
        private var ids: Set<String> = []
        private var names: [InstitutionName: String] = [:]
        private var titles: [AETitle: String] = [:]
        private var own: String?
        private var members: [(alliance: String, node: ConfigNode)] = []

        mutating func add(_ institution: ConfiguredInstitution, at item: ConfigNode, _ faults: inout FaultCollector) {
            var unused = FaultCollector()
            let parts = item.members(Key.allCases.map(\.rawValue), &unused) ?? [:]
            func contradict(_ node: ConfigNode, _ value: String, _ reason: String) {
                faults.add(node.key, node.source, .contradiction(value: value, reason: reason))
            }
            func written(_ key: Key) -> [ConfigNode] { parts[key.rawValue]?.items("", &unused) ?? [] }

            if let id = parts[Key.id.rawValue], !ids.insert(institution.id).inserted {
                contradict(id, institution.id, "an earlier institution has this id")
            }
            for node in written(.name) + written(.names) {
                guard let name = node.text else { continue }
                if let holder = names[InstitutionName(name)], holder != institution.id {
                    contradict(node, name, "it means institution \(holder) already")
                } else {
                    names[InstitutionName(name)] = institution.id
                }
            }
            for node in written(.aeTitles) {
                guard let title = node.text.flatMap({ try? AETitle($0) }) else { continue }
                if let holder = titles[title], holder != institution.id {
                    contradict(node, title.value, "it means institution \(holder) already")
                } else {
                    titles[title] = institution.id
                }
            }
            if institution.isOwn, let node = parts[Key.own.rawValue] {
                if let own { contradict(node, "on", "priord stands in institution \(own) already") }
                own = own ?? institution.id
            }
            for node in written(.alliances) {
                let name = node.isObject ? node.members(Membership.keys, &unused)?["name"]?.text : node.text
                if let name { members.append((name, node)) }
            }
        }

        /// An alliance of one is none.
        func checkAlliances(_ faults: inout FaultCollector) {
            let sizes = members.reduce(into: [String: Int]()) { $0[$1.alliance, default: 0] += 1 }
            let shared = sizes.filter { $0.value > 1 }.keys.sorted()
            for member in members where sizes[member.alliance] == 1 {
                guard let nearest = nearestName(to: member.alliance, among: shared) else { continue }
                faults.add(
                    member.node.key, member.node.source,
                    .contradiction(
                        value: member.alliance, reason: "no other institution is in it; did you mean \(nearest)?"))
            }
        }
    }
}

extension DayPeriod {
    static let allowed = "an object with from, until or both, such as {from: 2025-01-01, until: 2026-12-31}"

    private enum Key: String, CaseIterable {
        case from, until
    }

    /// - Returns: nil after a fault.
    fileprivate init?(_ node: ConfigNode, _ faults: inout FaultCollector) {
        guard node.isObject, !node.isEmpty else {
            node.wrongShape(Self.allowed, &faults)
            return nil
        }
        guard let members = node.members(Key.allCases.map(\.rawValue), &faults), !members.isEmpty else { return nil }
        self.init(of: members, &faults)
    }

    /// - Parameter members: of an object that may have more.
    fileprivate init?(of members: [String: ConfigNode], _ faults: inout FaultCollector) {
        let (from, until) = (members[Key.from.rawValue], members[Key.until.rawValue])
        let first = from?.value(.day, &faults)
        let last = until?.value(.day, &faults)
        if (from != nil && first == nil) || (until != nil && last == nil) { return nil }
        if let first, let last, last < first, let until {
            faults.add(
                until.key, until.source, .contradiction(value: until.text ?? "", reason: "the period begins later"))
            return nil
        }
        self.init(from: first, until: last)
    }
}

extension ConfiguredInstitution.Membership {
    static let allowed = "a name, or an object such as {name: 城东医联体, from: 2024-01-01}"
    static let keys = ["name", "from", "until"]

    /// - Returns: nil after a fault.
    fileprivate init?(_ node: ConfigNode, _ faults: inout FaultCollector) {
        guard node.isObject else {
            guard let alliance = node.value(.longString, &faults) else { return nil }
            self.init(alliance: alliance, period: DayPeriod())
            return
        }
        guard let members = node.object(Self.keys, &faults) else { return nil }
        let alliance = node.required("name", of: members, .longString, &faults)
        guard let period = DayPeriod(of: members, &faults), let alliance else { return nil }
        self.init(alliance: alliance, period: period)
    }
}

extension SettingFormat where Value == CalendarDay {
    static var day: Self {
        Self(
            allowed: "a day of the calendar such as 2025-01-31",
            parse: { text in
                text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) == nil
                    ? nil : CalendarDay(dicom: text.filter { $0 != "-" })
            },
            text: { day in
                let digits = day.description
                return "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))"
            })
    }
}

extension SettingFormat where Value == ConfiguredInstitution.Standing {
    private static var written: [String] {
        ["3A", "3B", "3C", "2A", "2B", "2C", "1A", "1B", "1C", "ungraded", "third-party"]
    }

    static var standing: Self {
        Self(
            allowed: "one of \(written.joined(separator: ", ")), or a grade as it is said, such as 三级甲等",
            parse: { text in
                switch text {
                case "ungraded": .ungraded
                case "third-party": .thirdParty
                default: HospitalGrade(text).map { .graded($0) }
                }
            },
            text: { standing in
                switch standing {
                case .ungraded: "ungraded"
                case .thirdParty: "third-party"
                case .graded(let grade): "\(grade)"
                }
            },
            nearest: { nearestName(to: $0, among: written) })
    }
}

extension ConfiguredInstitution: CustomStringConvertible {
    /// One line, in the words of the file.
    public var description: String {
        var parts = ["\(id): \(name)"]
        func add(_ key: Key, _ values: [String]) {
            if !values.isEmpty { parts.append("\(key.rawValue) \(values.joined(separator: ", "))") }
        }
        add(.names, names)
        add(.aeTitles, aeTitles.map(\.value))
        add(.grade, standing.map { [SettingFormat<Standing>.standing.text($0)] } ?? [])
        add(.assessed, assessed.map(\.description))
        add(
            .alliances,
            memberships.map { [$0.alliance, $0.period.description].filter { !$0.isEmpty }.joined(separator: " ") })
        add(.issuer, issuer.map { [$0] } ?? [])
        if isOwn { parts.append("\(Key.own.rawValue) on") }
        return parts.joined(separator: "; ")
    }
}
