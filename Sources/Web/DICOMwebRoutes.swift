internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
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
        router.resource(RouterPath(Self.root + "/studies"), [.post: store])
        for level in [study, series, instance] {
            var handlers: [HTTPRequest.Method: Router<WebContext>.Handler] = [
                .get: { try await objects($0, DICOMwebTarget($1)) }
            ]
            if level == study { handlers[.post] = store }
            router.resource(RouterPath(level), handlers)
            router.resource(RouterPath(level + "/metadata"), [.get: { try await metadata($0, DICOMwebTarget($1)) }])
            router.resource(RouterPath(level + "/thumbnail"), [.get: { try await thumbnail($0, DICOMwebTarget($1)) }])
        }
        let pixels = DICOMwebPixelRoutes(routes: self)
        router.resource(RouterPath(instance + "/bulkdata/**"), [.get: { try await pixels.bulkData($0, $1) }])
        router.resource(RouterPath(instance + "/frames/:frames"), [.get: { try await pixels.frames($0, $1) }])
        router.resource(RouterPath(instance + "/rendered"), [.get: { try await pixels.rendered($0, $1) }])
        router.resource(
            RouterPath(instance + "/frames/:frames/rendered"), [.get: { try await pixels.rendered($0, $1) }])
        router.resource(
            RouterPath(instance + "/frames/:frames/thumbnail"), [.get: { try await pixels.rendered($0, $1) }])
    }

    /// The objects themselves (PS3.18 10.4.1.1.1).
    private func objects(_ request: Request, _ target: DICOMwebTarget) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["accept"])
        let form = try ObjectForm(request.mediaRanges(query), isOneInstance: target.instance != nil)
        let (first, rest) = try await selected(target)
        if target.instance != nil, let unchanged = request.unchanged(first.entityTag(form.name)) { return unchanged }
        let views = daemon.views
        let open: @Sendable (StoredInstance) throws -> DICOMwebPart = { instance in
            let file = try views.file(of: instance, accepted: form.accepts)
            return DICOMwebPart(
                contentType: "application/dicom; transfer-syntax=\(file.transferSyntaxUID)", bytes: file.bytes)
        }
        // Opened before the answer begins, so that what cannot be had at all is told by a status.
        let part = try await daemon.pictures.run { try open(first) }
        var headers = HTTPFields()
        if target.instance != nil { headers[.eTag] = first.entityTag(form.name) }
        guard form.isMultipart else { return single(part, headers: headers) }
        return multipart(of: "application/dicom", part, headers: headers, then: rest) { [pictures = daemon.pictures] in
            try await pictures.run(following: $0, open)
        }
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
        let base = request.baseURI
        let describe: @Sendable (StoredInstance) throws -> ByteBuffer = { instance in
            let path = DICOMwebTarget(instance).path
            return ByteBuffer(bytes: try views.metadata(of: instance, baseURI: base + path + "/bulkdata"))
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
            })
    }

    /// A small picture that stands for Study, Series or Instance (PS3.18 10.4.1.1.4): that in the middle of its images.
    private func thumbnail(_ request: Request, _ target: DICOMwebTarget) async throws -> Response {
        let index = daemon.archive.index
        let instance = try await daemon.retrievals.run {
            var instances = try index.instances(of: target.selection)
            let middle = instances.count / 2
            var number = 0
            var chosen: StoredInstance?
            while number <= middle || chosen?.image.rows == nil, let next = try instances.next() {
                if chosen == nil || next.image.rows != nil { chosen = next }
                number += 1
            }
            guard let chosen else { throw target.absence }
            return chosen
        }
        return try await DICOMwebPixelRoutes(routes: self).picture(request, of: instance, frame: nil, isThumbnail: true)
    }

    /// The first Instance and those after it.
    func selected(_ target: DICOMwebTarget) async throws -> (first: StoredInstance, rest: SelectedInstances) {
        let index = daemon.archive.index
        return try await daemon.retrievals.run {
            var instances = try index.instances(of: target.selection)
            guard let first = try instances.next() else { throw target.absence }
            return (first, instances)
        }
    }

    /// One part as the whole body.
    func single(_ part: DICOMwebPart, headers: HTTPFields) -> Response {
        var headers = HTTPFields.dicomweb(headers)
        headers[.contentType] = part.contentType
        let length = Int(clamping: part.bytes.byteCount)
        return Response(
            status: .ok, headers: headers,
            body: body(contentLength: length) { [lane = daemon.retrievals] in try await $0.write(part.bytes, lane) })
    }

    /// `multipart/related` (RFC 2387): the first part, then one after another what `next` makes of `state`.
    func multipart<State: Sendable>(
        of type: String, _ first: DICOMwebPart, headers: HTTPFields, then state: State,
        next: @escaping @Sendable (State) async throws -> (value: DICOMwebPart, rest: State)?
    ) -> Response {
        let boundary = TraceID.make() + TraceID.make()
        var headers = HTTPFields.dicomweb(headers)
        headers[.contentType] = "multipart/related; type=\"\(type)\"; boundary=\(boundary)"
        return Response(
            status: .ok, headers: headers,
            body: body { [lane = daemon.retrievals] writer in
                var part = first
                var state = state
                while true {
                    let head = "--\(boundary)\r\nContent-Type: \(part.contentType)\r\n\r\n"
                    try await writer.write(ByteBuffer(string: head))
                    try await writer.write(part.bytes, lane)
                    try await writer.write(ByteBuffer(string: "\r\n"))
                    guard let following = try await next(state) else { break }
                    part = following.value
                    state = following.rest
                }
                try await writer.write(ByteBuffer(string: "--\(boundary)--\r\n"))
            })
    }

    /// A body that is written bit by bit. What fails on the way breaks the connection off, since the status has gone out:
    /// nobody takes a part for the whole.
    private func body(
        contentLength: Int? = nil, _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> ResponseBody {
        ResponseBody(contentLength: contentLength) { [logger] writer in
            do {
                try await write(&writer)
            } catch let error as ViewError {
                logger.warning("answer broken off", metadata: ["why": "\(error)"])
                throw error
            }
            try await writer.finish(nil)
        }
    }
}

/// One part of an answer on its way out.
struct DICOMwebPart: Sendable {
    let contentType: String
    let bytes: OutgoingBytes
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
            transferSyntax = range.transferSyntax ?? "1.2.840.10008.1.2.1"
            return
        }
        throw .notAcceptable(
            isOneInstance
                ? "an instance is answered as application/dicom, or as multipart/related of it"
                : "instances are answered as multipart/related; type=\"application/dicom\"")
    }

    func accepts(_ transferSyntax: TransferSyntaxUID) -> Bool {
        self.transferSyntax == "*" || self.transferSyntax == transferSyntax.value
    }
}
