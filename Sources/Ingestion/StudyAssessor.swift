public import Archive
public import Assessment
internal import Catalogue
public import DICOMCore
public import DICOMImaging
internal import DICOMNetwork
internal import Foundation
internal import Matching

/// Reads a settled study, says what it is, whether all of it came and whether it is good enough.
public struct StudyAssessor: Sendable {
    private let archive: Archive
    private let catalogues: CataloguesInForce
    private let aliases: AliasesInForce
    private let assessor: Assessor
    private let characterSets: [AETitle: TextEncoding]
    private let senders: Senders
    private let measure: PixelMeasuring

    /// - Parameters:
    ///   - senders: from which what is missing may be fetched.
    ///   - measure: how pixels are measured.
    public init(
        archive: Archive, catalogues: CataloguesInForce, aliases: AliasesInForce, assessor: Assessor,
        characterSets: [AETitle: TextEncoding] = [:], senders: Senders = Senders(),
        measure: @escaping PixelMeasuring = measureInProcess
    ) {
        self.archive = archive
        self.catalogues = catalogues
        self.aliases = aliases
        self.assessor = assessor
        self.characterSets = characterSets
        self.measure = measure
        self.senders = senders
    }

    /// Judges the study as it is stored now. Blocks for the disk and the decoders.
    ///
    /// A study that cannot be read any more is answered too, as unmapped, unknown and notAssessed with the reason:
    /// one damaged object must not hold up the queue.
    func assess(_ study: DueStudy, at now: Date) throws(ArchiveError) -> AssessmentDraft {
        let aliases = aliases.state
        let document: AssessmentDocument
        var descriptor: DescriptorRecord?
        var source: AETitle?
        var operators: [StudyOperator]?
        do {
            let reader = try StudyReader(study, in: archive, characterSets: characterSets, measure: measure)
            descriptor = DescriptorRecord(reader.descriptor)
            operators = reader.content.operators
            let summary = try archive.index.study(study.studyInstanceUID)
            source = summary?.sourceAETitle
            document = judge(reader, of: summary, aliases.book)
        } catch let error as ArchiveError where !error.concernsOneObject {
            throw error
        } catch {
            document = AssessmentDocument(fault: "\(error)")
        }
        return AssessmentDraft(
            instanceCount: study.instanceCount, at: now, match: document.catalogueMatch,
            completeness: document.completeness.verdict.rawValue, quality: document.quality.verdict.rawValue,
            json: document.json, testimonyVersion: study.testimonyVersion,
            basis: descriptor.map {
                AssessmentBasis(
                    descriptor: $0, outcome: document.outcomeText, awaitsReview: document.awaitsReview,
                    aliasEvent: aliases.lastEvent)
            }, retrievesFrom: document.completeness.isLossOnTheWay ? retrievable(source) : nil,
            operators: operators)
    }

    private func retrievable(_ source: AETitle?) -> AETitle? {
        source.flatMap { senders[$0] }.flatMap { $0.retrievesMissing ? $0.aeTitle : nil }
    }

    /// What is published of a study whose assessment ended the daemon `attempts` times: that nobody looked.
    func givenUp(_ study: DueStudy, after attempts: Int, at now: Date) -> AssessmentDraft {
        let document = AssessmentDocument(
            fault: "not assessed: the daemon ended during each of \(attempts) attempts to do so")
        return AssessmentDraft(
            instanceCount: study.instanceCount, at: now, match: nil,
            completeness: document.completeness.verdict.rawValue, quality: document.quality.verdict.rawValue,
            json: document.json, basis: nil)
    }

    /// What a study is matched by, read from its objects. Blocks for the disk.
    func descriptor(of study: DueStudy) throws -> StudyDescriptor {
        try StudyReader(study, in: archive, characterSets: characterSets).descriptor
    }

    /// - Parameter summary: nil for a study that went away meanwhile; nothing is published for it.
    private func judge(_ study: StudyReader, of summary: StudySummary?, _ book: AliasBook) -> AssessmentDocument {
        let (naming, alias) = catalogues.namer.name(
            study.descriptor, on: study.day, site: summary?.study.institution ?? "",
            aeTitle: summary?.sourceAETitle?.value ?? "", by: book)
        var content = study.content
        content.item = naming.item
        content.isItemExact = naming.isItemExact
        content.sourceAETitle = summary?.sourceAETitle
        var document = AssessmentDocument(fault: nil)
        document.set(naming, by: alias)
        (document.completeness, document.quality) = assessor.assess(content)
        return document
    }
}

extension ArchiveError {
    /// Whether it says something of one object only, and not of the archive as a whole.
    var concernsOneObject: Bool {
        switch self {
        case .fileSystem, .headerUnreadable, .unknownInstance: true
        default: false
        }
    }
}

/// What is kept of one assessment: the parts of `priorctl study --json` that it decides.
struct AssessmentDocument: Codable {
    struct Unmapped: Codable {
        var reason: AbstentionReason
        /// Best first.
        var candidates: [ItemCode]
        /// Number of the alias that says so, when a person taught it.
        var alias: Int64?
    }

    var match: StudyMatch?
    var otherMatches: [OtherMatch] = []
    var unmapped: Unmapped?
    var completeness: Completeness
    var quality: Quality
    /// Why the study could not be read, or nil.
    var fault: String?

    init(fault: String?) {
        self.fault = fault
        completeness = Completeness(verdict: .unknown, evidence: [])
        quality = Quality(verdict: .notAssessed, findings: [])
    }

    var catalogueMatch: CatalogueMatch? {
        match.map { CatalogueMatch(catalogue: $0.catalogue, code: $0.code.value, confidence: $0.confidence) }
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only a number that is not finite could fail, and findings and measures keep none.
        guard let data = try? encoder.encode(self) else {
            return AssessmentDocument(fault: "the assessment holds a number that cannot be written").json
        }
        return String(decoding: data, as: UTF8.self)
    }
}
