public import DICOMCore

/// Which studies are asked for. Every condition that is set must hold; the default asks for all.
public struct StudyFilter: Sendable, Equatable {
    /// Any of these; empty for no condition.
    public var studyInstanceUIDs: [StudyInstanceUID] = []
    /// First and last Study Date, `YYYYMMDD`, both inside. Studies without a date are in no range.
    public var firstDate: String?
    public var lastDate: String?
    /// Studies with a Series of any of these; empty for no condition.
    public var modalities: [String] = []
    /// Exactly this Institution Name.
    public var institution: String?
    public var sourceAETitle: AETitle?
    /// What the newest assessment matched the Study by: its description in the form in which descriptions are compared,
    /// and the modality of that descriptor.
    public var foldedDescription: String?
    public var describedModality: String?
    /// Code of the newest assessment's item.
    public var code: String?
    /// Only studies that were assessed without a safe match and that no person has settled.
    public var isUnmapped = false
    public var state: StudyState?
    /// Verdicts of the newest assessment.
    public var completeness: String?
    public var quality: String?
    /// Words that must all be found in patient name or ID, descriptions, institution or Accession Number;
    /// width, case and diacritics do not matter.
    public var text: String = ""
    /// Exact, or with the wildcards `*` and `?` (PS3.4 C.2.2.2.4).
    public var patientID: String?
    public var issuer: String?
    /// Exactly this Patient ID or this Accession Number.
    public var number: String?
    /// Exact, or with the wildcards `*` and `?`.
    public var accessionNumber: String?
    /// A pattern with the wildcards `*` and `?` that a component group of the name must match as a whole;
    /// case and diacritics do not matter.
    public var patientName: String?
    public var limit: Int = 100
    public var offset: Int = 0

    public init() {}
}
