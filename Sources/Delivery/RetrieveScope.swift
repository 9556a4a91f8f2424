public import Archive
public import DICOMCore

/// What an Identifier of C-GET or C-MOVE asks for (PS3.4 C.4.2.1.4, C.4.3.1.3).
public struct RetrieveScope: Sendable, Equatable {
    /// Why an Identifier asks for nothing. None of its values is told, since a Patient ID is among them.
    public enum Fault: Error, Sendable, Equatable {
        /// Query/Retrieve Level (0008,0052) is none that the Information Model has.
        case level
        /// A Unique Key has no value, that of the level itself or of one above it.
        case missingKey(QueryLevel)
        /// A Unique Key above the level has several values, or the Patient ID has.
        case severalValues(QueryLevel)
        case malformedUID(QueryLevel)
        /// A Unique Key below the level has a value.
        case keyBelowLevel(QueryLevel)
        /// A retrieve means what it names, and matches nothing.
        case wildcard(QueryLevel)
    }

    public let level: QueryLevel
    public let selection: InstanceSelection

    /// - Parameter isRelational: whether keys above the level may be left out, which has to have been negotiated
    ///   (PS3.4 C.4.2.2.2, C.5.2.1).
    public init(
        _ identifier: AttributeSet, in model: InformationModel, isRelational: Bool = false
    ) throws(Fault) {
        guard let level = QueryLevel(of: identifier), model.levels.contains(level) else { throw .level }
        for key in model.levels {
            let values = RetrieveScope.values(of: key, in: identifier)
            if key > level, !values.isEmpty { throw .keyBelowLevel(key) }
            if key == level || (key < level && !isRelational), values.isEmpty { throw .missingKey(key) }
            // A list of UIDs is for the level that is retrieved (PS3.4 C.4.2.1.4.1); Patient IDs are no UIDs.
            if values.count > 1, key < level || key == .patient { throw .severalValues(key) }
            if key == .patient, values.contains(where: { $0.contains("*") || $0.contains("?") }) {
                throw .wildcard(key)
            }
        }
        var selection = InstanceSelection()
        if model.levels.contains(.patient) {
            selection.patientID = RetrieveScope.values(of: .patient, in: identifier).first
            if selection.patientID != nil { selection.issuer = identifier[.issuerOfPatientID] }
        }
        selection.studies = try RetrieveScope.uids(of: .study, in: identifier)
        selection.series = try RetrieveScope.uids(of: .series, in: identifier)
        selection.instances = try RetrieveScope.uids(of: .image, in: identifier)
        self.level = level
        self.selection = selection
    }

    private static func values(of level: QueryLevel, in identifier: AttributeSet) -> [String] {
        identifier.strings(level.uniqueKey).filter { !$0.isEmpty }
    }

    private static func uids<Kind: UID>(of level: QueryLevel, in identifier: AttributeSet) throws(Fault) -> [Kind] {
        var uids: [Kind] = []
        for value in values(of: level, in: identifier) {
            guard let uid = try? Kind(value) else { throw .malformedUID(level) }
            uids.append(uid)
        }
        return uids
    }
}

extension QueryLevel {
    /// That of an Identifier; nil when it names none, or several.
    init?(of identifier: AttributeSet) {
        let values = identifier.strings(.queryRetrieveLevel)
        guard values.count == 1 else { return nil }
        self.init(rawValue: values[0])
    }

    /// The Unique Key of the level (PS3.4 C.6.1.1).
    public var uniqueKey: Tag {
        switch self {
        case .patient: .patientID
        case .study: .studyInstanceUID
        case .series: .seriesInstanceUID
        case .image: .sopInstanceUID
        }
    }
}

extension RetrieveScope.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .level: "the Query/Retrieve Level is none of this Information Model"
        case .missingKey(let level): "the Unique Key of level \(level.rawValue) has no value"
        case .severalValues(let level): "the Unique Key of level \(level.rawValue) has several values"
        case .malformedUID(let level): "the Unique Key of level \(level.rawValue) is no UID"
        case .keyBelowLevel(let level): "the Unique Key of level \(level.rawValue), below that retrieved, has a value"
        case .wildcard(let level): "the Unique Key of level \(level.rawValue) is a wildcard"
        }
    }
}
