internal import Archive
internal import DICOMCore
internal import Matching
internal import Recall

/// Which studies a source is asked for: those of a person that concern an item.
struct SourceQuestion: Hashable, Sendable {
    /// Every identity by which the person is asked for, never empty.
    let identities: [PersonTraits.Identity]
    /// Code of the item; only another priord can choose by it.
    let code: String

    /// Identities beyond so many are not asked for: every one is a question of its own.
    private static let identityLimit = 8

    /// Nil when nobody can be asked for.
    ///
    /// Patient IDs with wildcards would match other people's (PS3.4 C.2.2.2.4), and nothing escapes them.
    init?(_ errand: PriorErrand) {
        let named = errand.person.identities.filter { identity in
            !identity.patientID.isEmpty && identity.patientID.allSatisfy { !"*?\\".contains($0) }
        }
        let identities = (named.filter { $0.link == .same } + named.filter { $0.link != .same })
            .prefix(Self.identityLimit).map {
                PersonTraits.Identity(issuer: $0.issuer, patientID: $0.patientID)
            }
        guard !identities.isEmpty else { return nil }
        self.init(identities: Array(identities), code: errand.code)
    }

    init(identities: [PersonTraits.Identity], code: String) {
        self.identities = identities
        self.code = code
    }

    /// Each once: whoever answers by C-FIND or QIDO-RS is asked by Patient ID, and what it says of the issuer is looked at.
    var patientIDs: [String] {
        var seen: Set<String> = []
        return identities.map(\.patientID).filter { seen.insert($0).inserted }
    }
}

/// One study as one source tells of it. "" stands for what it does not tell.
struct SourceStudy: Equatable, Sendable {
    /// What a source that assesses studies says of one.
    struct Assessed: Equatable, Sendable {
        /// Nil for one without a safe match.
        var match: CatalogueMatch?
        var completeness: String
        var quality: String
    }

    let studyInstanceUID: StudyInstanceUID
    var patient: PatientRecord
    var study: StudyRecord
    var modalities: [String]
    var series: [SeriesRecord] = []
    var instanceCount: Int?
    var byteCount: Int64?
    /// Nil from sources that assess nothing.
    var assessed: Assessed?
    /// Whether the source is not sure that it is the person's.
    var isPossible = false
    /// Whether different patients' instances are in it at the source.
    var isMixed = false

    init(
        _ studyInstanceUID: StudyInstanceUID, patient: PatientRecord = PatientRecord(),
        study: StudyRecord = StudyRecord(), modalities: [String] = []
    ) {
        self.studyInstanceUID = studyInstanceUID
        self.patient = patient
        self.study = study
        self.modalities = modalities
    }

    /// Whether somebody has read it, as far as its modalities tell: only the images' own system knows if it is verified.
    var report: RecognitionFacts.Report { modalities.contains("SR") ? .unverified : .absent }
}

/// What a source answered.
struct SourceAnswer: Equatable, Sendable {
    var studies: [SourceStudy]
    /// Why these are not all, or nil.
    var cut: String?
}

extension SourceAnswer {
    /// Code points of one text, many times what the standard allows any (PS3.5 6.2), and series of one study.
    private static let (textLimit, seriesLimit) = (1024, 2000)

    /// As much of it as is kept, however much there is.
    var bounded: SourceAnswer {
        var answer = self
        for place in answer.studies.indices { answer.studies[place].bound(Self.textLimit, Self.seriesLimit) }
        return answer
    }
}

extension SourceStudy {
    fileprivate mutating func bound(_ textLimit: Int, _ seriesLimit: Int) {
        func bound(_ text: inout String) {
            guard text.utf8.count > textLimit else { return }
            text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(textLimit)))
        }
        for path in [\PatientRecord.patientID, \.issuer, \.name, \.birthDate, \.sex] { bound(&patient[keyPath: path]) }
        for path in [\StudyRecord.date, \.time, \.accessionNumber, \.description, \.institution] {
            bound(&study[keyPath: path])
        }
        modalities = Array(modalities.prefix(seriesLimit))
        for place in modalities.indices { bound(&modalities[place]) }
        series = Array(series.prefix(seriesLimit))
        let paths = [\SeriesRecord.modality, \.description, \.bodyPart, \.laterality, \.protocolName]
        for place in series.indices {
            for path in paths { bound(&series[place][keyPath: path]) }
        }
    }
}

/// Asks one source by its own protocol.
protocol SourceAsker: Sendable {
    /// - Parameters:
    ///   - end: when whoever asked goes on without it.
    ///   - tell: is given what is known so far, which counts when the rest does not come.
    /// - Throws: ``SourceFault/ended`` soon after the task was cancelled.
    func answer(
        to question: SourceQuestion, by end: ContinuousClock.Instant,
        telling tell: @escaping @Sendable (SourceAnswer) -> Void
    ) async throws(SourceFault) -> SourceAnswer

    /// Whether it is there, by the cheapest question it understands.
    func probe() async throws(SourceFault)

    /// Gives back connections once nobody uses them; whoever asks afterwards opens new ones.
    func close() async
}

extension StudyDescriptor {
    /// Series that accompany the images and do not say what was examined.
    private static let accompanying: Set = ["SR", "PR", "KO", "DOC", "SEG", "REG", "AU", "ECG"]

    /// As far as an answer about studies and series tells.
    init(_ description: String, modalities: [String], series: [SeriesRecord]) {
        let images = series.filter { !Self.accompanying.contains($0.modality) }
        func each(_ value: (SeriesRecord) -> String) -> [String] {
            var seen: Set<String> = []
            return images.map(value).filter { !$0.isEmpty && seen.insert($0).inserted }
        }
        let shown = modalities.filter { !Self.accompanying.contains($0) }
        let sides = Set(each(\.laterality))
        self.init(
            modality: shown.first ?? "", modalitiesInStudy: shown, studyDescription: description,
            seriesDescriptions: each(\.description), bodyPart: each(\.bodyPart).first ?? "",
            laterality: sides.count > 1 ? "B" : sides.first ?? "", protocolName: each(\.protocolName).first ?? "")
    }
}
