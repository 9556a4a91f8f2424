internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import NIOCore

/// STOW-RS (PS3.18 10.5): objects come by the same door as with C-STORE, one after another, with the same promise: what is
/// answered as stored is durable.
struct DICOMwebStore {
    let daemon: Daemon

    /// Objects taken in one request; the answer names each of them.
    static let instanceLimit = 50_000

    /// Whether a request is one of these, whose body has no limit.
    static func takes(_ request: Request) -> Bool {
        let path = request.uri.path.split(separator: "/")
        return request.method == .post && path.starts(with: ["dicomweb", "studies"]) && path.count <= 3
    }

    func receive(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["accept"])
        _ = try request.accepted(
            of: DICOMwebRoutes.jsonTypes, query, else: "a store is answered as application/dicom+json")
        let study = try context.parameters.get("study").map { text throws(Problem) in
            try StudyInstanceUID(parameter: text)
        }
        var reader = try reader(request)
        let origin = InstanceOrigin(
            callingAETitle: nil, calledAETitle: nil, host: context.remoteHost, receivedAt: Date())
        var result = StoreResult()
        var current: UploadedInstance?
        let settings = daemon.settings
        // For the client alone: what the disk takes is not its fault.
        var waited = Duration.zero
        var byteCount = 0
        do {
            var body = request.body.makeAsyncIterator()
            var asked = ContinuousClock.now
            while let chunk = try await StoreResult.BrokenBody.orNext(of: &body) {
                waited += .now - asked
                defer { asked = .now }
                byteCount += chunk.readableBytes
                let late = waited - settings.idleTimeout
                if late > .zero, Double(byteCount) < late / .seconds(1) * Double(settings.minimumReceiveRate) {
                    throw Problem(
                        type: "urn:priord:problem:slow", title: "The request takes too long", status: 408,
                        detail: "it comes with less than \(settings.minimumReceiveRate) bytes a second")
                }
                let (events, fault) = reader.read(chunk.readableBytesView)
                for event in events {
                    switch event {
                    case .began(let fields):
                        guard result.count < Self.instanceLimit else { throw StoreResult.TooMany() }
                        let type = fields["content-type"].flatMap { MediaRange($0) }?.type ?? "application/dicom"
                        current = UploadedInstance(
                            type == "application/dicom"
                                ? daemon.ingestor.fileArrival(from: origin, within: study) : nil)
                    case .bytes(let bytes):
                        if let current { await daemon.imports.write(bytes, to: current) }
                    case .ended:
                        if let uploaded = current { result.add(try await finish(uploaded)) }
                        current = nil
                    }
                }
                if let fault { throw fault }
            }
            guard byteCount > 0 else { throw Problem.badRequest("the body has no part") }
            try reader.finish()
        } catch is MultipartReader.Fault {
            // What came whole is stored and answered so; the rest is not.
            result.add(.failed(nil, .cannotUnderstand))
            leave(context)
        } catch is StoreResult.BrokenBody {
            guard result.count > 0 else {
                throw Problem.badRequest("the body breaks off, or is not encoded as HTTP has it")
            }
            result.add(.failed(nil, .cannotUnderstand))
            leave(context)
        } catch is StoreResult.TooMany {
            result.add(.failed(nil, .resourceLimitation))
            leave(context)
        }
        return try result.response(base: daemon.baseURI(of: request), study: study)
    }

    /// Does not wait for the rest of a body that nobody reads.
    private func leave(_ context: WebContext) {
        let channel = context.channel
        channel.eventLoop.scheduleTask(in: TimeAmount(daemon.settings.idleTimeout)) { channel.close(promise: nil) }
    }

    private func reader(_ request: Request) throws(Problem) -> MultipartReader {
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
            throw Problem(
                type: "urn:priord:problem:media-type", title: "The content cannot be taken", status: 415,
                detail: "objects are taken without a content coding")
        }
        guard let type = request.headers[.contentType].flatMap({ MediaRange($0) }), type.type == "multipart/related",
            ["application/dicom", nil].contains(type.parameters["type"]?.lowercased())
        else {
            throw Problem(
                type: "urn:priord:problem:media-type", title: "The content cannot be taken", status: 415,
                detail: "objects are taken as multipart/related; type=\"application/dicom\"")
        }
        guard let reader = type.parameters["boundary"].flatMap({ MultipartReader(boundary: $0) }) else {
            throw .badRequest("the boundary is missing, or may be none")
        }
        return reader
    }

    private func finish(_ uploaded: UploadedInstance) async throws -> StoreResult.Instance {
        let index = daemon.archive.index
        return try await daemon.imports.run {
            guard let arrival = uploaded.arrival else { return .failed(nil, .cannotUnderstand) }
            do throws(IngestError) {
                switch try arrival.finish() {
                case .stored, .duplicate: break
                // Other bytes are stored under its UID; these are in quarantine, and nothing answers to them.
                case .conflict: return .failed(arrival.announced, .duplicateSOPInstance)
                }
            } catch {
                return .failed(arrival.announced, DIMSEStatus(error))
            }
            guard let announced = arrival.announced, let uid = try? SOPInstanceUID(announced.sopInstanceUID) else {
                return .failed(nil, .processingFailure)
            }
            guard let stored = try index.instance(uid) else { return .failed(announced, .processingFailure) }
            return .stored(DICOMwebTarget(stored), sopClassUID: stored.sopClassUID)
        }
    }
}

/// Carries an arrival between threads; nil for a part that is no object.
// @unchecked: each call is awaited before the next, so one thread uses it at a time.
private final class UploadedInstance: @unchecked Sendable {
    let arrival: FileArrival?
    init(_ arrival: FileArrival?) { self.arrival = arrival }
}

extension BlockingLane {
    /// What is refused is read on: the parts after it count.
    fileprivate func write(_ bytes: [UInt8], to uploaded: UploadedInstance) async {
        guard uploaded.arrival != nil else { return }
        // Nothing is thrown in there; whether more is wanted shows at the end.
        _ = try? await run { bytes.withUnsafeBytes { uploaded.arrival?.write($0) } }
    }
}

/// What became of the objects of one request (PS3.18 10.5.3).
struct StoreResult {
    enum Instance {
        case stored(DICOMwebTarget, sopClassUID: SOPClassUID)
        /// Nil where it said nothing of itself that can be read.
        case failed(AnnouncedInstance?, DIMSEStatus)
    }

    struct TooMany: Error {}

    /// The client left, fell silent, or sent what HTTP does not have (RFC 9112 7.1).
    struct BrokenBody: Error {
        static func orNext(of body: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
            do { return try await body.next() } catch { throw BrokenBody() }
        }
    }

    private var stored: [(target: DICOMwebTarget, sopClassUID: SOPClassUID)] = []
    private var failed: [AttributeSet] = []
    private var others: [AttributeSet] = []
    /// Of those stored; nil once there are several.
    private var study: StudyInstanceUID?
    private var isOneStudy = true

    var count: Int { stored.count + failed.count + others.count }

    mutating func add(_ instance: Instance) {
        switch instance {
        case .stored(let target, let sopClassUID):
            isOneStudy = isOneStudy && (study == nil || study == target.study)
            study = target.study
            stored.append((target, sopClassUID))
        case .failed(let announced?, let reason):
            failed.append(
                AttributeSet(values: [
                    .referencedSOPClassUID: [announced.sopClassUID],
                    .referencedSOPInstanceUID: [announced.sopInstanceUID],
                    .failureReason: [String(reason.code)],
                ]))
        case .failed(nil, let reason): others.append(AttributeSet(values: [.failureReason: [String(reason.code)]]))
        }
    }

    /// - Throws: a problem with status 400 when nothing came.
    func response(base: String, study target: StudyInstanceUID?) throws -> Response {
        guard count > 0 else { throw Problem.badRequest("the body has no part") }
        var answer = AttributeSet()
        if let study = target ?? (isOneStudy ? study : nil), !stored.isEmpty {
            answer[.retrieveURL] = "\(base)\(DICOMwebRoutes.root)/studies/\(study)"
        }
        if !stored.isEmpty {
            answer.set(
                .referencedSOPSequence,
                to: stored.map { target, sopClassUID in
                    AttributeSet(values: [
                        .referencedSOPClassUID: [sopClassUID.value],
                        .referencedSOPInstanceUID: [target.instance?.value ?? ""],
                        .retrieveURL: [base + target.path],
                    ])
                })
        }
        if !failed.isEmpty { answer.set(.failedSOPSequence, to: failed) }
        if !others.isEmpty { answer.set(.otherFailuresSequence, to: others) }
        let status: HTTPResponse.Status =
            stored.isEmpty ? .conflict : failed.isEmpty && others.isEmpty ? .ok : .accepted
        var json = AttributeJSON()
        return Response(
            status: status, headers: [.contentType: "application/dicom+json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.encoded(answer))))
    }
}
