internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Synchronization

/// QIDO-RS (PS3.18 10.6). An answer is made and sent piece by piece, so that neither memory nor a thread is held by its length.
struct DICOMwebSearch {
    let routes: DICOMwebRoutes
    private var daemon: Daemon { routes.daemon }

    /// Matches answered where the client sets no limit, and at most, unless the path names a Study: that is answered whole.
    static let defaultLimit = 1000
    static let limitBound = 10_000
    /// An answer up to this long is known to its end before it begins, bytes.
    private static let wholeByteCount = 2 << 20
    fileprivate static let pieceByteCount = 256 << 10

    func add(to router: Router<WebContext>, storing store: @escaping Router<WebContext>.Handler) {
        let root = DICOMwebRoutes.root
        router.resource(
            RouterPath(root + "/studies"), [.get: { try await respond($0, $1, .study) }, .post: store])
        router.resource(RouterPath(root + "/series"), [.get: { try await respond($0, $1, .series) }])
        router.resource(RouterPath(root + "/instances"), [.get: { try await respond($0, $1, .image) }])
        let study = root + "/studies/:study"
        router.resource(RouterPath(study + "/series"), [.get: { try await respond($0, $1, .series) }])
        router.resource(RouterPath(study + "/instances"), [.get: { try await respond($0, $1, .image) }])
        router.resource(RouterPath(study + "/series/:series/instances"), [.get: { try await respond($0, $1, .image) }])
    }

    private func respond(_ request: Request, _ context: WebContext, _ level: QueryLevel) async throws -> Response {
        let parameters = try SearchParameters(request.uri)
        let type = try request.accepted(
            of: DICOMwebRoutes.jsonTypes, preferring: parameters.accept,
            else: "a search is answered as application/dicom+json")
        var target = SearchTarget(level: level)
        target.study = try context.parameters.get("study").map { text throws(Problem) in
            try StudyInstanceUID(parameter: text)
        }
        target.series = try context.parameters.get("series").map { text throws(Problem) in
            try SeriesInstanceUID(parameter: text)
        }
        let base = daemon.baseURI(of: request)
        var headers = HTTPFields.dicomweb([.contentType: type])
        var warnings = parameters.warnings
        guard let query = try query(parameters, target, &warnings) else {
            return answer(Array("[]".utf8), headers, warnings, base)
        }
        let asked = Set((parameters.matched + parameters.included).compactMap(\.path.first))
        var results = SearchResults(
            daemon.searches.run(query), base: base,
            asked: parameters.includesAll ? SearchTarget.conditional : asked)
        var bytes: [UInt8] = []
        var client: ClientPresence?
        while bytes.count < Self.wholeByteCount, !results.isAtEnd {
            // Looking for what is not there may take long, and nothing is written meanwhile that would show it.
            guard client?.hasGone != true else { throw CancellationError() }
            let (piece, rest) = try await daemon.searching.piece(of: results)
            bytes += piece
            results = rest
            if !results.isAtEnd, client == nil { client = ClientPresence(context.channel) }
        }
        if results.isAtEnd {
            if results.isCut { warnings.append(Self.more) }
            return answer(bytes, headers, warnings, base)
        }
        if query.options.limit != nil { headers[.trailer] = "Warning" }
        headers.warn(warnings, base)
        return streamed(ByteBuffer(bytes: bytes), results, headers, base)
    }

    /// PS3.18 8.3.4.4.1; how many they are is not counted.
    private static let more = "There are additional results that can be requested"

    private func answer(_ bytes: [UInt8], _ headers: HTTPFields, _ warnings: [String], _ base: String) -> Response {
        var headers = headers
        headers.warn(warnings, base)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func streamed(
        _ first: ByteBuffer, _ results: SearchResults, _ headers: HTTPFields, _ base: String
    ) -> Response {
        let lane = daemon.searching
        return Response(
            status: .ok, headers: headers,
            body: routes.body { writer in
                try await writer.write(first)
                var results = results
                while !results.isAtEnd {
                    let (piece, rest) = try await lane.piece(of: results)
                    if !piece.isEmpty { try await writer.write(ByteBuffer(bytes: piece)) }
                    results = rest
                }
                guard results.isCut else { return nil }
                var trailers = HTTPFields()
                trailers.warn([Self.more], base)
                return trailers
            })
    }

    /// Nil when nothing can match: the query names another Study or Series than the path.
    private func query(
        _ parameters: SearchParameters, _ target: SearchTarget, _ warnings: inout [String]
    ) throws -> Query? {
        var terms = target.answered + parameters.included
        for term in parameters.matched {
            if let key = target.keys.first(where: { [$0.tag] == term.path }) {
                guard term.value.split(separator: "\\").contains(Substring(key.value)) else { return nil }
            } else {
                terms.append(term)
            }
        }
        terms += target.keys.map { Query.Term([$0.tag], $0.value) }
        var options = Query.Options()
        options.isFuzzy = parameters.isFuzzy
        options.isRelational = true
        options.combinesDateTime = true
        options.timeZone = daemon.searches.timeZone
        options.newestFirst = target.level == .study
        options.returnsAll = parameters.includesAll
        options.offset = parameters.offset
        options.limit =
            target.study != nil
            ? parameters.limit : min(parameters.limit ?? Self.defaultLimit, Self.limitBound)
        let query = try Query(level: target.level, terms: terms, options: options)
        let passedOver = Set(query.unsupported)
        if parameters.matched.contains(where: { term in
            term.path.first.map { passedOver.contains($0) && !($0 == .modality && target.level == .study) } ?? false
        }) {
            warnings.append("An Attribute of the query is not known at this level. It has not been matched.")
        }
        return query
    }
}

/// Whether somebody still waits for an answer.
private final class ClientPresence: Sendable {
    private let flag = Atomic(false)
    var hasGone: Bool { flag.load(ordering: .relaxed) }

    init(_ channel: any Channel) {
        channel.closeFuture.whenComplete { [self] _ in flag.store(true, ordering: .relaxed) }
    }
}

extension BlockingLane {
    fileprivate func piece(of results: SearchResults) async throws -> ([UInt8], SearchResults) {
        try await run {
            var results = results
            return (try results.piece(upTo: DICOMwebSearch.pieceByteCount), results)
        }
    }
}

extension HTTPFields {
    /// - Parameter base: names the service that warns (PS3.18 8.3.4).
    mutating func warn(_ texts: [String], _ base: String) {
        // Obsolete for caches (RFC 9111 5.5), and what DICOMweb warns with.
        guard let name = HTTPField.Name("Warning") else { return }
        let service = base.isEmpty ? "priord" : base + DICOMwebRoutes.root
        for text in texts { append(HTTPField(name: name, value: "299 \(service): \(text)")) }
    }
}
