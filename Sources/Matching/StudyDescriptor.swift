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
    /// Code Values (0008,0100) of the Procedure Code Sequences.
    public var procedureCodes: [String]
    /// Series Description (0008,103E), one a series.
    public var seriesDescriptions: [String]
    /// Body Part Examined (0018,0015).
    public var bodyPart: String
    /// Laterality (0020,0060) or Image Laterality (0020,0062): `R`, `L`, `B` or empty.
    public var laterality: String
    /// View Position (0018,5101) of the instances.
    public var viewPositions: [String]
    /// Protocol Name (0018,1030).
    public var protocolName: String
    /// Contrast/Bolus Agent (0018,0010).
    public var contrastAgent: String

    public init(
        id: String = "", modality: String = "", modalitiesInStudy: [String] = [], studyDescription: String = "",
        procedureDescription: String = "", procedureCodes: [String] = [], seriesDescriptions: [String] = [],
        bodyPart: String = "", laterality: String = "", viewPositions: [String] = [], protocolName: String = "",
        contrastAgent: String = ""
    ) {
        self.id = id
        self.modality = modality
        self.modalitiesInStudy = modalitiesInStudy
        self.studyDescription = studyDescription
        self.procedureDescription = procedureDescription
        self.procedureCodes = procedureCodes
        self.seriesDescriptions = seriesDescriptions
        self.bodyPart = bodyPart
        self.laterality = laterality
        self.viewPositions = viewPositions
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
        case seriesDescriptions = "series_descriptions"
        case bodyPart = "body_part"
        case viewPositions = "view_positions"
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
            procedureCodes: texts(.procedureCodes), seriesDescriptions: texts(.seriesDescriptions),
            bodyPart: text(.bodyPart), laterality: text(.laterality), viewPositions: texts(.viewPositions),
            protocolName: text(.protocolName), contrastAgent: text(.contrastAgent))
    }
}
