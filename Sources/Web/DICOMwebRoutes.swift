internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Logging

/// DICOMweb's retrieve and store transactions (PS3.18 10.4, 10.5) under `/dicomweb`. Whatever is large is streamed, so that memory stays flat.
struct DICOMwebRoutes {
    let daemon: Daemon
    let logger: Logger

    static let root = "/dicomweb"
    static let jsonTypes = ["application/dicom+json", "application/json"]

    func add(to router: Router<WebContext>) {
        let study = Self.root + "/studies/:study"
        let series = study + "/series/:series"
        let instance = series + "/instances/:instance"
        let store: Router<WebContext>.Handler = { try await DICOMwebStore(daemon: daemon).receive($0, $1) }
        DICOMwebSearch(routes: self).add(to: router, storing: store)
        for level in [study, series, instance] {
            var handlers: [HTTPRequest.Method: Router<WebContext>.Handler] = [
                .get: { try await objects($0, DICOMwebTarget($1)) }
            ]
            if level == study { handlers[.post] = store }
            router.resource(RouterPath(level), handlers)
            router.resource(RouterPath(level + "/metadata"), [.get: { try await metadata($0, DICOMwebTarget($1)) }])
        }
        DICOMwebPictureRoutes(routes: self).add(to: router, [study, series, instance])
        let pixels = DICOMwebPixelRoutes(routes: self)
        router.resource(RouterPath(instance + "/bulkdata/**"), [.get: { try await pixels.bulkData($0, $1) }])
        router.resource(RouterPath(instance + "/frames/:frames"), [.get: { try await pixels.frames($0, $1) }])
    }

    /// The objects themselves (PS3.18 10.4.1.1.1).
    ///
    /// One that cannot be had as it is asked for leaves the others be: what is known not to be had beforehand is left out, with
    /// status 206; what proves damaged on the way goes out as it is stored, and its part says so.
    private func objects(_ request: Request, _ target: DICOMwebTarget) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["accept"])
        let form = try ObjectForm(request.mediaRanges(query), isOneInstance: target.instance != nil)
        let isOne = target.instance != nil
        let selected = try await selection(target)
        let leftOut = selected.kinds.reduce(0) { $0 + (form.canHave($1.key) ? 0 : $1.value) }
        guard leftOut < selected.count else {
            throw Problem.notAcceptable("nothing of it can be had in a Transfer Syntax that is accepted")
        }
        let views = daemon.views
        let convert: @Sendable (StoredInstance) throws -> DICOMwebPart? = { instance in
            guard form.canHave(instance.kind) else { return nil }
            return try DICOMwebPart(views.file(of: instance, accepted: form.accepts))
        }
        let open: @Sendable (StoredInstance) throws -> DICOMwebPart? = { [logger] instance in
            do {
                return try convert(instance)
            } catch let error as ViewError where !isOne && error.isOfPixels {
                logger.warning(
                    "instance not converted for retrieval",
                    metadata: ["sop-instance-uid": "\(instance.sopInstanceUID)", "why": "\(error)"])
                return try DICOMwebPart(views.file(of: instance) { _ in true })
            }
        }
        // Opened before the answer begins, so that what cannot be had at all is told by a status.
        let first = try await daemon.pictures.run {
            var rest = selected
            while let instance = try rest.next() {
                if isOne, let unchanged = request.unchanged(instance.entityTag(form.name)) {
                    return FirstPart.unchanged(unchanged)
                }
                if let part = try open(instance) { return .part(part, rest, instance) }
            }
            throw target.absence
        }
        guard case .part(let part, let rest, let instance) = first else {
            if case .unchanged(let response) = first { return response }
            throw target.absence
        }
        var headers = HTTPFields()
        if isOne { headers[.eTag] = instance.entityTag(form.name) }
        guard form.isMultipart else { return single(part, headers: headers) }
        if leftOut > 0 { headers.warn([Self.partial(leftOut)], daemon.baseURI(of: request)) }
        return multipart(
            of: "application/dicom", part, status: leftOut > 0 ? .partialContent : .ok, headers: headers, then: rest
        ) { [pictures = daemon.pictures] in
            try await pictures.run(following: $0, open)
        }
    }

    /// What PS3.18 Table 10.4.3-1 has status 206 for.
    static func partial(_ count: Int) -> String {
        "\(count) of the instances cannot be had in a form that is accepted, and \(count == 1 ? "is" : "are") left out"
    }

    /// Every Attribute as JSON (PS3.18 10.4.1.1.2), bulk data by URI.
    private func metadata(_ request: Request, _ target: DICOMwebTarget) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["accept"])
        let type = try request.accepted(
            of: Self.jsonTypes, query, else: "metadata is answered as application/dicom+json")
        let index = daemon.archive.index
        // What text reads as depends on the configuration, which a start may change.
        let variant = "\(daemon.facts.version)-\(Int(daemon.facts.startedAt.timeIntervalSince1970))"
        let (tag, selected) = try await daemon.retrievals.run {
            let selected = try index.instances(of: target.selection)
            var counted = selected
            // The same in one run of the daemon, as the tag is anyway.
            var state = Hasher()
            while let instance = try counted.next() { state.combine(instance.digest) }
            return ("\"\(String(UInt(bitPattern: state.finalize()), radix: 16))-\(variant)\"", selected)
        }
        if let unchanged = request.unchanged(tag) { return unchanged }
        let views = daemon.views
        let base = daemon.baseURI(of: request)
        let describe: @Sendable (StoredInstance) throws -> ByteBuffer? = { [logger] instance in
            let path = DICOMwebTarget(instance).path
            do {
                return ByteBuffer(bytes: try views.metadata(of: instance, baseURI: base + path + "/bulkdata"))
            } catch let error as ViewError where target.instance == nil && error.isOfPixels {
                logger.warning(
                    "instance not readable for metadata",
                    metadata: ["sop-instance-uid": "\(instance.sopInstanceUID)", "why": "\(error)"])
                var json = AttributeJSON()
                return ByteBuffer(bytes: json.encoded(instance.indexed))
            }
        }
        let lane = daemon.pictures
        guard let first = try await lane.run(following: selected, describe) else { throw target.absence }
        return Response(
            status: .ok, headers: .dicomweb([.contentType: type, .eTag: tag]),
            body: body { writer in
                try await writer.write(ByteBuffer(string: "["))
                try await writer.write(first.value)
                var rest = first.rest
                while let next = try await lane.run(following: rest, describe) {
                    try await writer.write(ByteBuffer(string: ","))
                    try await writer.write(next.value)
                    rest = next.rest
                }
                try await writer.write(ByteBuffer(string: "]"))
                return nil
            })
    }

    /// What is meant; at least one Instance.
    func selection(_ target: DICOMwebTarget) async throws -> SelectedInstances {
        let index = daemon.archive.index
        return try await daemon.retrievals.run {
            let instances = try index.instances(of: target.selection)
            guard instances.count > 0 else { throw target.absence }
            return instances
        }
    }

    /// The one Instance that is meant.
    func selected(_ target: DICOMwebTarget) async throws -> StoredInstance {
        let index = daemon.archive.index
        return try await daemon.retrievals.run {
            var instances = try index.instances(of: target.selection)
            guard let first = try instances.next() else { throw target.absence }
            return first
        }
    }

    /// One part as the whole body.
    func single(_ part: DICOMwebPart, headers: HTTPFields) -> Response {
        var headers = HTTPFields.dicomweb(headers)
        headers[.contentType] = part.contentType
        let length = Int(clamping: part.bytes.byteCount)
        return Response(
            status: .ok, headers: headers,
            body: body(contentLength: length) { [lane = daemon.retrievals] writer in
                try await writer.write(part.bytes, lane)
                return nil
            })
    }

    /// `multipart/related` (RFC 2387): the first part, then one after another what `next` makes of `state`.
    func multipart<State: Sendable>(
        of type: String, _ first: DICOMwebPart, status: HTTPResponse.Status = .ok, headers: HTTPFields,
        then state: State,
        next: @escaping @Sendable (State) async throws -> (value: DICOMwebPart, rest: State)?
    ) -> Response {
        let boundary = TraceID.make() + TraceID.make()
        var headers = HTTPFields.dicomweb(headers)
        headers[.contentType] = "multipart/related; type=\"\(type)\"; boundary=\(boundary)"
        return Response(
            status: status, headers: headers,
            body: body { [lane = daemon.retrievals] writer in
                var part = first
                var state = state
                while true {
                    // The next one is opened, and converted where it has to be, while this one is on its way.
                    let here = state
                    async let following = next(here)
                    try await writer.write(
                        part.bytes, after: "--\(boundary)\r\n\(part.head)\r\n",
                        before: "\r\n", lane)
                    guard let following = try await following else { break }
                    part = following.value
                    state = following.rest
                }
                try await writer.write(ByteBuffer(string: "--\(boundary)--\r\n"))
                return nil
            })
    }

    /// A body that is written bit by bit, and the fields that follow it. What fails on the way breaks the connection off, since
    /// the status has gone out: nobody takes a part for the whole.
    func body(
        contentLength: Int? = nil,
        _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> HTTPFields?
    ) -> ResponseBody {
        ResponseBody(contentLength: contentLength) { [logger] writer in
            let trailers: HTTPFields?
            do {
                trailers = try await write(&writer)
            } catch {
                if error is ViewError || error is QueryError {
                    logger.warning("answer broken off", metadata: ["why": "\(error)"])
                }
                throw error
            }
            try await writer.finish(trailers)
        }
    }
}

/// What an answer begins with.
private enum FirstPart: Sendable {
    case unchanged(Response)
    case part(DICOMwebPart, SelectedInstances, StoredInstance)
}

/// One part of an answer on its way out.
struct DICOMwebPart: Sendable {
    let contentType: String
    /// The resource it is, where parts are of several.
    var location: String?
    let bytes: OutgoingBytes

    /// Its header fields, each with the end of its line.
    var head: String {
        "Content-Type: \(contentType)\r\n" + (location.map { "Content-Location: \($0)\r\n" } ?? "")
    }
}

extension DICOMwebPart {
    fileprivate init(_ file: (bytes: OutgoingBytes, transferSyntaxUID: TransferSyntaxUID)) {
        self.init(contentType: "application/dicom; transfer-syntax=\(file.transferSyntaxUID)", bytes: file.bytes)
    }
}

extension ViewError {
    /// Whether it comes of the object's content, so that others of its Study are not concerned.
    var isOfPixels: Bool {
        switch self {
        case .absent, .unsupported, .unreadable: true
        case .archive, .unavailable: false
        }
    }
}

/// How objects are wanted.
struct ObjectForm: Sendable {
    let isMultipart: Bool
    /// A UID, or `*` for that in which the object is stored. Explicit VR Little Endian where nothing is said (PS3.18 8.7.3.5.2).
    let transferSyntax: String

    var name: String { "\(isMultipart ? "multipart" : "single")-\(transferSyntax == "*" ? "stored" : transferSyntax)" }

    /// - Throws: a problem with status 406 when the client takes no form of them.
    init(_ ranges: [MediaRange], isOneInstance: Bool) throws(Problem) {
        for range in ranges {
            let isSingle = isOneInstance && range.type == "application/dicom"
            guard isSingle || range.takesParts(of: "application/dicom") else { continue }
            isMultipart = !isSingle
            transferSyntax = range.transferSyntax ?? TransferSyntaxUID.explicitVRLittleEndian.value
            return
        }
        throw .notAcceptable(
            isOneInstance
                ? "an instance is answered as application/dicom, or as multipart/related of it"
                : "instances are answered as multipart/related; type=\"application/dicom\"")
    }

    /// Whether Instances of that kind can be had so, as far as can be told without reading them.
    func canHave(_ kind: InstanceKind) -> Bool {
        guard let chosen = OutgoingInstance.choice(stored: kind.transferSyntaxUID, accepted: accepts) else {
            return false
        }
        return chosen == kind.transferSyntaxUID || !OutgoingInstance.isOpaque(kind.transferSyntaxUID)
    }

    func accepts(_ transferSyntax: TransferSyntaxUID) -> Bool {
        self.transferSyntax == "*" || self.transferSyntax == transferSyntax.value
    }
}
