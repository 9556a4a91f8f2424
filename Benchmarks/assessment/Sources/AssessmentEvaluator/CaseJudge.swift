import Assessment
import Catalogue
import DICOMCore
import DICOMImaging
import DICOMNetwork
import Foundation
import Logging
import Matching

/// The way from files to an assessment, as `Ingestion` goes it, but from a folder in place of the archive.
struct CaseJudge {
    /// What was said of one folder.
    struct Judgement: Encodable {
        var folder: String
        var code: String?
        var completeness: Completeness
        var quality: Quality?
        /// Files whose header could not be read; the daemon would have them in quarantine.
        var unreadable: [String]
        var seconds: Double
    }

    /// How long it took to decode every image of a folder once.
    struct Decoding: Encodable {
        var folder: String
        var frames: Int
        var seconds: Double
    }

    private let namer: StudyNamer
    private let assessor: Assessor
    private let workers = PixelWorkers(logger: Logger(label: "evaluator"))

    /// The most that a worker held after an answer.
    var workerByteCount: UInt64 { workers.activity.greatestResidentByteCount }

    init() throws {
        let lexicon = try Lexicon.bundled()
        namer = StudyNamer(library: try .bundled(lexicon: lexicon), lexicon: lexicon)
        assessor = Assessor(lexicon: lexicon)
    }

    /// The study that the files of a folder make, and the names of those that cannot be read; nil without any that can.
    private func study(in folder: String) throws -> (content: StudyContent?, unreadable: [String]) {
        var unreadable: [String] = []
        var order: [SeriesInstanceUID] = []
        var grouped: [SeriesInstanceUID: [InstanceContent]] = [:]
        var studyUID: StudyInstanceUID?
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let path = folder + "/" + name
            guard let header = try? ObjectHeader(path: path, characterSets: [:]),
                let series = header.attributes[.seriesInstanceUID].flatMap({ try? SeriesInstanceUID($0) }),
                let study = header.attributes[.studyInstanceUID].flatMap({ try? StudyInstanceUID($0) }),
                let instance = header.attributes[.sopInstanceUID].flatMap({ try? SOPInstanceUID($0) }),
                let sopClass = header.attributes[.sopClassUID].flatMap({ try? SOPClassUID($0) }),
                let syntax = try? TransferSyntaxUID(header.meta.transferSyntaxUID)
            else {
                unreadable.append(name)
                continue
            }
            studyUID = studyUID ?? study
            if grouped[series] == nil { order.append(series) }
            var content = InstanceContent(
                sopInstanceUID: instance, sopClassUID: sopClass, transferSyntaxUID: syntax,
                attributes: header.attributes, receivedAt: .now
            ) { [workers] (request) throws(PixelError) in
                try CaseJudge.figures(of: path, request, workers)
            }
            content.functionalGroups = { CaseJudge.functionalGroups(of: path) }
            grouped[series, default: []].append(content)
        }
        let content = studyUID.map { studyUID in
            StudyContent(
                studyInstanceUID: studyUID, receivedAt: .now,
                series: order.map { uid in
                    let instances = grouped[uid] ?? []
                    return SeriesContent(
                        seriesInstanceUID: uid, modality: instances.first?.attributes[.modality], instances: instances)
                })
        }
        return (content, unreadable)
    }

    func judgement(of folder: String, headersOnly: Bool) throws -> Judgement {
        let start = ContinuousClock.now
        let (read, unreadable) = try study(in: folder)
        guard var content = read else {
            return Judgement(
                folder: folder, completeness: Completeness(verdict: .unknown, evidence: []), unreadable: unreadable,
                seconds: 0)
        }
        let attributes = content.series.flatMap { $0.instances.map(\.attributes) }
        let day = attributes.lazy.compactMap { $0[.studyDate].flatMap(CalendarDay.init(dicom:)) }.first
        let naming = namer.name(StudyDescriptor(content), on: day)
        content.item = naming.item
        content.isItemExact = naming.isItemExact
        let (completeness, quality) =
            headersOnly ? (assessor.completeness(of: content), nil) : assessor.assess(content)
        return Judgement(
            folder: folder, code: naming.item?.code.value, completeness: completeness, quality: quality,
            unreadable: unreadable, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// What is said when slices are taken out of the folder's stacks; nil when it holds nothing that can be read.
    func removals(from folder: String) throws -> RemovalTrial? {
        try study(in: folder).content.map { RemovalTrial($0, assessor) }
    }

    /// As the daemon measures a stored object.
    private static func figures(
        of path: String, _ request: ImageRequest, _ workers: PixelWorkers
    ) throws(PixelError) -> ImageFigures {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(detail: "cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        fstat(descriptor, &status)
        return try workers.figures(of: descriptor, byteCount: UInt64(status.st_size), request)
    }

    private static func functionalGroups(of path: String) -> FunctionalGroups? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return FunctionalGroups(descriptor: descriptor)
    }

    /// Decodes the frames that an assessment would look at, and does nothing with them.
    func decoding(of folder: String) throws -> Decoding {
        let start = ContinuousClock.now
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            var reader = try PixelReader(file: folder + "/" + name)
            for frame in ImageRequest().frames(of: reader.description.framesAnnounced) {
                _ = try reader.frame(frame)
                count += 1
            }
        }
        return Decoding(folder: folder, frames: count, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
}
