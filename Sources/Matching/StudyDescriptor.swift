/// What a study says about itself, as far as it helps to tell what was examined. Every field may be missing.
///
/// As JSON its keys are those of the labelled sets and of `priorctl map --jsonl` (snake case); other keys are ignored.
public struct StudyDescriptor: Sendable, Equatable {
    /// The caller's own name for the record, handed back with the answer; never read.
    public var id: String
    /// Modality (0008,0060) of the study's images.
    public var modality: String
    /// Modalities in Study (0008,0061).
    public var modalitiesInStudy: [String]
    /// Study Description (0008,1030).
    public var studyDescription: String
    /// Requested Procedure Description (0032,1060) or Performed Procedure Step Description (0040,0254).
    public var procedureDescription: String
    /// Code Values (0008,0100) of the Procedure Code Sequences (0008,1032) and (0032,1064).
    public var procedureCodes: [String]
    /// Their Code Meanings (0008,0104): what was ordered in the words of a code table, so before any free text.
    public var procedureMeanings: [String]
    /// Series Description (0008,103E), one a series.
    public var seriesDescriptions: [String]
    /// Body Part Examined (0018,0015).
    public var bodyPart: String
    /// Laterality (0020,0060) or Image Laterality (0020,0062): `R`, `L`, `B` or empty.
    public var laterality: String
    /// View Position (0018,5101) of the instances.
    public var viewPositions: [String]
    /// Code Meanings of the Anatomic Region Sequence (0008,2218).
    public var anatomicRegions: [String]
    /// Code Meanings of the View Code Sequence (0054,0220).
    public var viewMeanings: [String]
    /// Patient Position (0018,5100), e.g. `HFS`.
    public var patientPositions: [String]
    /// Patient Orientation (0020,0020) of projections, row and column joined by a backslash, e.g. `L\\F`.
    public var patientOrientations: [String]
    /// Planes of the series after Image Orientation (0020,0037), each once: `AX`, `SAG`, `COR`, `OBL`, and `LOCALIZER`
    /// for series that only plan others.
    public var seriesPlanes: [String]
    /// Protocol Name (0018,1030).
    public var protocolName: String
    /// Contrast/Bolus Agent (0018,0010).
    public var contrastAgent: String

    public init(
        id: String = "", modality: String = "", modalitiesInStudy: [String] = [], studyDescription: String = "",
        procedureDescription: String = "", procedureCodes: [String] = [], procedureMeanings: [String] = [],
        seriesDescriptions: [String] = [], bodyPart: String = "", laterality: String = "",
        viewPositions: [String] = [], anatomicRegions: [String] = [], viewMeanings: [String] = [],
        patientPositions: [String] = [], patientOrientations: [String] = [], seriesPlanes: [String] = [],
        protocolName: String = "", contrastAgent: String = ""
    ) {
        self.id = id
        self.modality = modality
        self.modalitiesInStudy = modalitiesInStudy
        self.studyDescription = studyDescription
        self.procedureDescription = procedureDescription
        self.procedureCodes = procedureCodes
        self.procedureMeanings = procedureMeanings
        self.seriesDescriptions = seriesDescriptions
        self.bodyPart = bodyPart
        self.laterality = laterality
        self.viewPositions = viewPositions
        self.anatomicRegions = anatomicRegions
        self.viewMeanings = viewMeanings
        self.patientPositions = patientPositions
        self.patientOrientations = patientOrientations
        self.seriesPlanes = seriesPlanes
        self.protocolName = protocolName
        self.contrastAgent = contrastAgent
    }
}

extension StudyDescriptor: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, modality, laterality
        case modalitiesInStudy = "modalities_in_study"
        case studyDescription = "study_description"
        case procedureDescription = "procedure_description"
        case procedureCodes = "procedure_codes"
        case procedureMeanings = "procedure_meanings"
        case seriesDescriptions = "series_descriptions"
        case bodyPart = "body_part"
        case viewPositions = "view_positions"
        case anatomicRegions = "anatomic_regions"
        case viewMeanings = "view_meanings"
        case patientPositions = "patient_positions"
        case patientOrientations = "patient_orientations"
        case seriesPlanes = "series_planes"
        case protocolName = "protocol_name"
        case contrastAgent = "contrast_agent"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) throws -> String { try container.decodeIfPresent(String.self, forKey: key) ?? "" }
        func texts(_ key: CodingKeys) throws -> [String] {
            try container.decodeIfPresent([String].self, forKey: key) ?? []
        }
        try self.init(
            id: text(.id), modality: text(.modality), modalitiesInStudy: texts(.modalitiesInStudy),
            studyDescription: text(.studyDescription), procedureDescription: text(.procedureDescription),
            procedureCodes: texts(.procedureCodes), procedureMeanings: texts(.procedureMeanings),
            seriesDescriptions: texts(.seriesDescriptions), bodyPart: text(.bodyPart), laterality: text(.laterality),
            viewPositions: texts(.viewPositions), anatomicRegions: texts(.anatomicRegions),
            viewMeanings: texts(.viewMeanings), patientPositions: texts(.patientPositions),
            patientOrientations: texts(.patientOrientations), seriesPlanes: texts(.seriesPlanes),
            protocolName: text(.protocolName), contrastAgent: text(.contrastAgent))
    }
}
