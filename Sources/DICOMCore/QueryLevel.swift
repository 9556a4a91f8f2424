/// Query/Retrieve Level (0008,0052), highest first (PS3.4 C.6.1.1).
public enum QueryLevel: String, CaseIterable, Comparable, Sendable {
    case patient = "PATIENT"
    case study = "STUDY"
    case series = "SERIES"
    case image = "IMAGE"

    private var depth: Int { QueryLevel.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: QueryLevel, right: QueryLevel) -> Bool { left.depth < right.depth }
}
