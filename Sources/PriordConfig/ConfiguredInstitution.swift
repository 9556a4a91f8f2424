public import DICOMCore

/// A hospital or laboratory, by what studies say of where they were made, and what holds of it on which days.
public struct ConfiguredInstitution: Sendable, Equatable {
    /// What answers and logs call it; never changed once decisions name it.
    public var id: String
    public var name: String
    /// Further values of Institution Name (0008,0080) that mean it.
    public var names: [String] = []
    /// AE Titles its studies come from; for those that name no institution.
    public var aeTitles: [AETitle] = []
    /// Nil when the file does not say.
    public var standing: Standing?
    /// When its external quality assessment was valid.
    public var assessed: [DayPeriod] = []
    public var memberships: [Membership] = []
    /// Stands in for Issuer of Patient ID (0010,0021) where its studies name none.
    public var issuer: String?
    /// Whether this priord stands in it; one at most.
    public var isOwn = false

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    public enum Standing: Equatable, Sendable {
        case graded(HospitalGrade)
        case ungraded
        /// An independent laboratory or imaging centre.
        case thirdParty
    }

    /// Membership in a medical alliance.
    public struct Membership: Equatable, Sendable {
        public var alliance: String
        public var period: DayPeriod
    }
}

/// Days, both included; open where nil. Never ends before it begins.
public struct DayPeriod: Equatable, Sendable, CustomStringConvertible {
    public var from: CalendarDay?
    public var until: CalendarDay?

    public var description: String {
        let day = SettingFormat<CalendarDay>.day
        return [from.map { "from \(day.text($0))" }, until.map { "until \(day.text($0))" }].compactMap(\.self)
            .joined(separator: " ")
    }
}
