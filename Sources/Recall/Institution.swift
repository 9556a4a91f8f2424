public import Catalogue
public import DICOMCore
internal import Foundation

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

    public init(
        id: String, name: String, standing: Standing? = nil, assessed: [Period] = [], memberships: [Membership] = []
    ) {
        self.id = id
        self.name = name
        self.standing = standing
        self.assessed = assessed
        self.memberships = memberships
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
    private let byName: [String: String]
    private let byTitle: [AETitle: String]

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

    /// - Parameter entries: of two that claim one name or title the first has it; the configuration is checked before.
    public init(_ entries: [Entry] = []) {
        byID = Dictionary(entries.map { ($0.institution.id, $0.institution) }, uniquingKeysWith: { first, _ in first })
        byName = Dictionary(
            entries.flatMap { entry in
                ([entry.institution.name] + entry.names).map { (Self.key($0), entry.institution.id) }
            }, uniquingKeysWith: { first, _ in first })
        byTitle = Dictionary(
            entries.flatMap { entry in entry.aeTitles.map { ($0, entry.institution.id) } },
            uniquingKeysWith: { first, _ in first })
    }

    public subscript(id: String) -> Institution? { byID[id] }

    /// What the study itself says outranks where it came from: a PACS forwards for many.
    ///
    /// - Returns: nil for an institution that is not in the configuration.
    public func institution(named name: String, from title: AETitle?) -> Institution? {
        if !name.isEmpty { return byName[Self.key(name)].flatMap { byID[$0] } }
        return title.flatMap { byTitle[$0] }.flatMap { byID[$0] }
    }

    private static func key(_ name: String) -> String {
        name.precomposedStringWithCompatibilityMapping.lowercased().filter { !$0.isWhitespace }
    }
}
