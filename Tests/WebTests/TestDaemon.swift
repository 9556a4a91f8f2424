import AdminAPI
import Archive
import Assessment
import Catalogue
import DICOMCore
import DICOMImaging
import DICOMNetwork
import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ingestion
import Logging
import Matching
import NIOCore
import Recall
import Sources
import TestCatalogues
import Testing

@testable import Web

/// A daemon's rooms over a data directory of their own, without listeners.
final class TestDaemon: Sendable {
    let directory: String
    let archive: Archive
    let ingestor: Ingestor
    let daemon: Web.Daemon

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let library: Void = {
        do { try DICOMLibrary.prepare() } catch { fatalError("\(error)") }
    }()

    init(
        settings: WebSettings = WebSettings(), diskReserve: Int64 = 0,
        associations: AssociationFacts = AssociationFacts(isListening: true, open: 1, limit: 64, waiting: 0),
        sources: [PriorSource] = []
    ) throws {
        Self.library
        // Short, since a Unix socket in it has a path of at most 107 bytes.
        directory = NSTemporaryDirectory() + "web-" + UUID().uuidString
        var archiveSettings = ArchiveSettings()
        archiveSettings.diskReserveByteCount = diskReserve
        archive = try Ingestor.openArchive(
            directory: directory, settings: archiveSettings, logger: Self.logger, completing: { _, _ in }
        ).archive
        ingestor = Ingestor(archive: archive, logger: Self.logger)
        let catalogues = try CataloguesInForce(archive: archive, namer: Bundled.namer, logger: Self.logger)
        let aliases = try AliasesInForce(index: archive.index)
        let recall = Recall(
            persons: try PersonRegistry(archive: archive, surnames: Surname.bundled()),
            policies: RecognitionPolicies(Bundled.policy), coverage: Bundled.coverage,
            library: { catalogues.namer.library })
        daemon = try Web.Daemon(
            facts: .sample(associations: associations), settings: settings, archive: archive, ingestor: ingestor,
            recall: recall,
            sources: SourceDesk(
                sources: sources, index: archive.index, recall: recall,
                persons: PersonJudge(rarity: NameRarity(Surname.bundled())), namer: { catalogues.namer },
                book: { aliases.state.book }, logger: Self.logger),
            desk: RecognitionDesk(archive: archive, recall: recall),
            requirements: InterventionalRequirement.bundled(),
            catalogues: catalogues,
            teaching: AliasTeaching(
                archive: archive, aliases: aliases,
                assessor: StudyAssessor(
                    archive: archive, catalogues: catalogues, aliases: aliases,
                    assessor: Assessor(lexicon: Bundled.lexicon)),
                namer: { catalogues.namer },
                logger: Self.logger, onChange: {}),
            views: InstanceViews(archive: archive, pixels: PixelWorkers(logger: Self.logger)),
            searches: QueryEngine(archive: archive, logger: Self.logger))
    }

    deinit {
        try? archive.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The port's routes, called without a network.
    func onPort<Value>(_ body: @Sendable (any TestClientProtocol) async throws -> Value) async throws -> Value {
        try await WebServer(daemon: daemon, endpoint: .port(host: "127.0.0.1", port: 0), logger: Self.logger)
            .application().test(.router, body)
    }

    /// The admin socket's routes, called without a network.
    func onSocket<Value>(_ body: @Sendable (any TestClientProtocol) async throws -> Value) async throws -> Value {
        try await WebServer(
            daemon: daemon, endpoint: .adminSocket(path: directory + "/admin.sock"), logger: Self.logger
        ).application().test(.router, body)
    }

    /// Takes in one instance.
    @discardableResult
    func store(_ object: SampleObject) throws -> IngestOutcome {
        let arrival = ingestor.fileArrival(
            from: InstanceOrigin(
                callingAETitle: try AETitle("MODALITY"), calledAETitle: .priord, host: "10.0.0.5", receivedAt: Date()))
        _ = try object.bytes().withUnsafeBytes { arrival.write($0) }
        return try arrival.finish()
    }

    /// Settles everything and publishes an assessment of study `number`.
    func assess(_ number: Int, code: String?) throws {
        let index = archive.index
        try index.settle(
            index.studiesDueToSettle(lastInstanceBefore: .distantFuture), reason: "quiet period", at: Date())
        let uid = try StudyInstanceUID("1.2.\(number)")
        let count = try index.study(uid)?.instanceCount ?? 0
        let match = code.map { CatalogueMatch(catalogue: "zhejiang-imaging-2021", code: $0, confidence: 0.98) }
        _ = try index.publish(
            AssessmentDraft(
                instanceCount: count, at: Date(), match: match, completeness: "complete", quality: "pass",
                json: code == nil ? Self.unmapped : Self.mapped), of: uid)
    }

    /// The same with a figure of the study's first series.
    func assess(_ number: Int, noise: Double) throws {
        let index = archive.index
        try index.settle(
            index.studiesDueToSettle(lastInstanceBefore: .distantFuture), reason: "quiet period", at: Date())
        let uid = try StudyInstanceUID("1.2.\(number)")
        let series = try index.instances(inStudy: uid).first?.seriesInstanceUID.value ?? ""
        let json = """
            {"completeness":{"verdict":"unknown","evidence":[]},"quality":{"verdict":"pass","findings":[],"measures":[\
            {"rule":"noise","seriesInstanceUID":"\(series)","unit":"HU","value":\(noise)}]}}
            """
        _ = try index.publish(
            AssessmentDraft(
                instanceCount: 1, at: Date(), match: nil, completeness: "unknown", quality: "pass", json: json),
            of: uid)
    }

    private static let mapped = """
        {"match":{"catalogue":"zhejiang-imaging-2021","code":"BW03ZZZ8B","confidence":0.98,"grade":"exact",\
        "alternatives":[],"evidence":[{"axis":"views","value":"PA+LAT","source":"StudyDescription","text":"正侧位"}]},\
        "otherMatches":[{"catalogue":"vietnam-25qd-byt-2014","no":43}],\
        "completeness":{"verdict":"complete","evidence":[]},"quality":{"verdict":"pass","findings":[]}}
        """
    private static let unmapped = """
        {"otherMatches":[],"unmapped":{"reason":"views_not_stated","candidates":["BW03ZZZ8B"]},\
        "completeness":{"verdict":"unknown","evidence":[]},"quality":{"verdict":"notAssessed","findings":[]}}
        """
}

/// A small Part-10 file.
struct SampleObject {
    var study = 1
    var series = 1
    var number = 1
    var modality = "DX"
    var patientID = "P1"
    var description = "胸部正侧位"
    var date = "20261101"
    var comment = ""
    /// Said in the File Meta Information; the Data Set is in Explicit VR Little Endian, as that of all compressed ones.
    var transferSyntaxUID = "1.2.840.10008.1.2.1"

    func bytes() throws -> [UInt8] {
        var meta = FileMeta()
        meta.mediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
        meta.mediaStorageSOPInstanceUID = "1.2.\(study).\(series).\(number)"
        meta.transferSyntaxUID = transferSyntaxUID
        let attributes = AttributeSet(values: [
            .sopClassUID: [meta.mediaStorageSOPClassUID], .sopInstanceUID: [meta.mediaStorageSOPInstanceUID],
            .studyInstanceUID: ["1.2.\(study)"], .seriesInstanceUID: ["1.2.\(study).\(series)"],
            .patientID: [patientID],
            .issuerOfPatientID: ["H1"], .patientName: ["Wang^Xiaodong=王^小东"], .studyDate: [date],
            .studyDescription: [description], .modality: [modality], .institutionName: ["First Hospital"],
            .seriesDescription: [comment],
        ])
        return try meta.encoded() + attributes.encoded(transferSyntax: "1.2.840.10008.1.2.1")
    }
}

extension DaemonFacts {
    static func sample(
        associations: AssociationFacts = AssociationFacts(isListening: true, open: 1, limit: 64, waiting: 0),
        peers: [AETitle] = []
    ) -> DaemonFacts {
        DaemonFacts(
            version: "0.1.0", startedAt: Date(timeIntervalSince1970: 1_790_000_000), aeTitle: .priord,
            dicomPort: 11112, acceptsAnyPeer: true, peers: peers,
            settings: [SettingRow(key: "quiet-period", value: "60s", source: "default")],
            associations: { associations }, assessments: { AssessmentActivity() })
    }
}

extension TestResponse {
    func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try AdminJSON.decoder().decode(type, from: Data(body.readableBytesView))
    }

    var text: String { String(buffer: body) }
}

extension TestClientProtocol {
    func expect(
        _ status: HTTPResponse.Status, uri: String, method: HTTPRequest.Method,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let response = try await execute(uri: uri, method: method)
        #expect(response.status == status, sourceLocation: sourceLocation)
    }
}
