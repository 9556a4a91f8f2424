public import DICOMCore

/// Which studies go to which destination. A condition that is empty holds for every study.
public struct ForwardRule: Sendable, Equatable {
    public var name: String
    public var destination: String
    /// Modality (0008,0060); a study fits with one of its own.
    public var modalities: Set<String> = []
    /// Items of the catalogue.
    public var codes: Set<String> = []
    /// AE Titles whose Instances opened the study.
    public var sources: Set<String> = []
    /// Verdicts as assessments write them: `complete`, …
    public var completeness: Set<String> = []
    /// `pass`, …
    public var quality: Set<String> = []
    /// Days since the Study Date at most; a study without a date does not fit then.
    public var maximumAge: Int?

    public init(name: String, destination: String) {
        self.name = name
        self.destination = destination
    }

    /// Whether it asks for what only an assessment tells; else it holds as soon as a study has settled.
    public var needsAssessment: Bool { !codes.isEmpty || !completeness.isEmpty || !quality.isEmpty }

    func fits(_ study: ForwardSubject) -> Bool {
        func allows(_ wanted: Set<String>, _ value: String) -> Bool { wanted.isEmpty || wanted.contains(value) }
        guard modalities.isEmpty || !modalities.isDisjoint(with: study.modalities),
            allows(sources, study.source), allows(codes, study.code), allows(completeness, study.completeness),
            allows(quality, study.quality)
        else { return false }
        guard let maximumAge else { return true }
        return study.age.map { $0 <= maximumAge } ?? false
    }
}

/// What rules ask of a study.
struct ForwardSubject: Equatable {
    var modalities: Set<String> = []
    var source = ""
    var code = ""
    var completeness = ""
    var quality = ""
    /// Days since the Study Date; nil without one.
    var age: Int?
}

/// What a destination calls itself when it sends: Instances that came so are not sent back to it.
public struct ForwardOrigin: Sendable, Equatable {
    /// Calling AE Title.
    public var aeTitle: AETitle
    /// Address it calls from; nil for any.
    public var host: String?

    public init(aeTitle: AETitle, host: String? = nil) {
        self.aeTitle = aeTitle
        self.host = host
    }
}

/// What the index is told of forwarding.
struct ForwardSettings {
    var rules: [ForwardRule] = []
    var origins: [String: ForwardOrigin] = [:]
    var ring: @Sendable () -> Void = {}
}
