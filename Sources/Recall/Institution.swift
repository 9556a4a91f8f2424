public import DICOMCore

/// A hospital or laboratory, as the site's configuration names it. What holds of it holds on days, not for ever.
public struct Institution: Equatable, Sendable, Identifiable {
    /// Where it stands among others.
    public enum Standing: Equatable, Sendable {
        case graded(HospitalGrade)
        case ungraded
        /// An independent laboratory or imaging centre (独立第三方).
        case thirdParty
    }

    /// Days, both included; open where nil.
    public struct Period: Equatable, Sendable {
        public let from: CalendarDay?
        public let until: CalendarDay?

        public init(from: CalendarDay? = nil, until: CalendarDay? = nil) {
            self.from = from
            self.until = until
        }

        public func contains(_ day: CalendarDay) -> Bool {
            (from.map { $0 <= day } ?? true) && (until.map { day <= $0 } ?? true)
        }
    }

    /// Membership in a medical alliance or county medical community (医联体, 医共体).
    public struct Membership: Equatable, Sendable {
        public let alliance: String
        public let period: Period

        public init(alliance: String, period: Period = Period()) {
            self.alliance = alliance
            self.period = period
        }
    }

    public let id: String
    public let name: String
    /// Nil when the configuration does not say.
    public let standing: Standing?
    /// When its external quality assessment (室间质评), national or provincial, was valid.
    public let assessed: [Period]
    public let memberships: [Membership]
    /// Stands in for Issuer of Patient ID (0010,0021) where its studies name none; nil when nobody said.
    public let issuer: String?

    public init(
        id: String, name: String, standing: Standing? = nil, assessed: [Period] = [], memberships: [Membership] = [],
        issuer: String? = nil
    ) {
        self.id = id
        self.name = name
        self.standing = standing
        self.assessed = assessed
        self.memberships = memberships
        self.issuer = issuer
    }

    func isAssessed(on day: CalendarDay) -> Bool { assessed.contains { $0.contains(day) } }

    func alliances(on day: CalendarDay) -> Set<String> {
        Set(memberships.filter { $0.period.contains(day) }.map(\.alliance))
    }

    /// Nil when its standing is not known. Independent ones count among those above.
    func isAtLeast(_ grade: HospitalGrade) -> Bool? {
        switch standing {
        case nil: nil
        case .thirdParty: true
        case .ungraded: false
        case .graded(let own): own >= grade
        }
    }
}

/// Finds an institution by what a study says of where it was made.
public struct InstitutionRegister: Sendable {
    private let byID: [String: Institution]
    private let byName: [InstitutionName: String]
    private let byTitle: [AETitle: String]
    /// Where this priord stands: the institution of an order that names none. Nil when nobody said.
    public let own: Institution?

    /// One line of the configuration: the institution and what stands for it in studies.
    public struct Entry: Sendable {
        public let institution: Institution
        /// Values of Institution Name (0008,0080); compared without case, width and spaces.
        public let names: [String]
        /// AE Titles its studies come from.
        public let aeTitles: [AETitle]

        public init(_ institution: Institution, names: [String] = [], aeTitles: [AETitle] = []) {
            self.institution = institution
            self.names = names
            self.aeTitles = aeTitles
        }
    }

    /// - Parameters:
    ///   - entries: of two that claim one name or title the first has it; the configuration is checked before.
    ///   - own: id of the institution this priord stands in.
    public init(_ entries: [Entry] = [], own: Institution.ID? = nil) {
        byID = Dictionary(entries.map { ($0.institution.id, $0.institution) }, uniquingKeysWith: { first, _ in first })
        byName = Dictionary(
            entries.flatMap { entry in
                ([entry.institution.name] + entry.names).map { (InstitutionName($0), entry.institution.id) }
            }, uniquingKeysWith: { first, _ in first })
        byTitle = Dictionary(
            entries.flatMap { entry in entry.aeTitles.map { ($0, entry.institution.id) } },
            uniquingKeysWith: { first, _ in first })
        self.own = own.flatMap { id in entries.first { $0.institution.id == id }?.institution }
    }

    public subscript(id: String) -> Institution? { byID[id] }

    /// What the study itself says outranks where it came from: a PACS forwards for many.
    ///
    /// - Returns: nil for an institution that is not in the configuration.
    public func institution(named name: String, from title: AETitle?) -> Institution? {
        if !name.isEmpty { return byName[InstitutionName(name)].flatMap { byID[$0] } }
        return title.flatMap { byTitle[$0] }.flatMap { byID[$0] }
    }

    /// One that people or other systems call by its name, any of them, or its id.
    public func institution(called text: String) -> Institution? { institution(named: text, from: nil) ?? byID[text] }

    /// What answers and logs call it: the id, or the name as it is written where the register does not know it.
    func label(of name: String, from title: AETitle? = nil) -> String {
        (institution(named: name, from: title) ?? byID[name])?.id ?? name
    }

    /// The issuer of a Patient ID that came without one.
    ///
    /// - Parameters:
    ///   - name: Institution Name of the study, "" when it has none.
    ///   - title: the sender's.
    /// - Returns: nil when the register does not say; such a Patient ID means nothing beyond its institution.
    public func issuer(for name: String, from title: AETitle?) -> String? {
        institution(named: name, from: title)?.issuer
    }
}
