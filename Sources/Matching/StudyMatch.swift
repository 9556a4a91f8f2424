public import Catalogue

/// The item a study was found to be: the `match` object of `priorctl study --json`.
public struct StudyMatch: Sendable, Equatable, Codable {
    public enum Grade: String, Sendable, Codable {
        /// The study, as described, is the item.
        case exact
        /// The list has nothing closer and the item covers the study, or a value was left to convention.
        case nearest
    }

    /// Another item and how likely it is instead.
    public struct Alternative: Sendable, Equatable, Codable {
        public let code: ItemCode
        /// In 0...1.
        public let confidence: Double

        public init(code: ItemCode, confidence: Double) {
            self.code = code
            self.confidence = confidence
        }
    }

    /// The id of the catalogue, e.g. `zhejiang-imaging-2021`.
    public let catalogue: String
    public let code: ItemCode
    /// In 0...1.
    public let confidence: Double
    public let grade: Grade
    /// Best first.
    public let alternatives: [Alternative]
    public let evidence: [Evidence]
    /// Why ``confidence`` is not higher.
    public let doubts: Doubts

    public init(
        catalogue: String, code: ItemCode, confidence: Double, grade: Grade, alternatives: [Alternative] = [],
        evidence: [Evidence] = [], doubts: Doubts = []
    ) {
        self.catalogue = catalogue
        self.code = code
        self.confidence = confidence
        self.grade = grade
        self.alternatives = alternatives
        self.evidence = evidence
        self.doubts = doubts
    }
}

extension StudyMatch {
    /// The same answer, less sure since the study's own words say something else.
    func doubted(byText contrary: [Evidence]) -> StudyMatch {
        let known = Set(evidence)
        let doubts = doubts.union(.textDiffers)
        return StudyMatch(
            catalogue: catalogue, code: code, confidence: Confidence.value(doubts), grade: grade,
            alternatives: alternatives, evidence: evidence + contrary.filter { !known.contains($0) }, doubts: doubts)
    }
}

/// One thing that was found out about a study, and from what.
public struct Evidence: Sendable, Equatable, Hashable, Codable {
    public enum Axis: String, Sendable, Codable, CaseIterable {
        case modality, region, laterality, views, position, contrast, technique
        /// The item as a whole.
        case item
    }

    /// The Attribute it stands in, by its keyword in PS3.6.
    public enum Source: String, Sendable, Codable {
        case modality = "Modality"
        case studyDescription = "StudyDescription"
        case procedureDescription = "RequestedProcedureDescription"
        case procedureCode = "ProcedureCodeSequence"
        case anatomicRegion = "AnatomicRegionSequence"
        case viewCode = "ViewCodeSequence"
        case patientPosition = "PatientPosition"
        case patientOrientation = "PatientOrientation"
        case seriesDescription = "SeriesDescription"
        case protocolName = "ProtocolName"
        case bodyPart = "BodyPartExamined"
        case laterality = "Laterality"
        case viewPosition = "ViewPosition"
        case contrastAgent = "ContrastBolusAgent"
        /// A person taught it; the text is the number of the ``Alias``.
        case alias = "Alias"
        /// Nothing says so; it is what departments mean when they say nothing.
        case convention
    }

    public let axis: Axis
    /// The lexicon's name of what was found, e.g. `chest`, `AP_LAT`.
    public let value: String
    public let source: Source
    /// The words or the value as they stand there.
    public let text: String

    public init(axis: Axis, value: String, source: Source, text: String) {
        self.axis = axis
        self.value = value
        self.source = source
        self.text = text
    }
}
