internal import AdminAPI
internal import Archive
internal import Catalogue
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Logging
internal import Matching
internal import Recall

/// Turns whatever a route throws into problem+json (RFC 9457); what is our own fault is logged under a trace id.
struct ProblemAnswers: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return try Response(problem(error))
        }
    }

    func problem(_ error: any Error) -> Problem {
        let traceID = TraceID.make()
        let problem: Problem =
            switch error {
            case let error as Problem: error
            case let error as ArchiveError: Problem(error, traceID: traceID)
            case let error as IngestError: Problem(error, traceID: traceID)
            case let error as ViewError: Problem(error, traceID: traceID)
            case let error as QueryError: Problem(error, traceID: traceID)
            case let error as RecallError: Problem(error, traceID: traceID)
            case let error as PersonError: Problem(error, traceID: traceID)
            case let error as DeskError: Problem(error, traceID: traceID)
            case let error as CatalogueFaults: Problem(error)
            case let error as CatalogueRemovalError: Problem(error)
            case let error as UnknownWords: .notFound("\(error)")
            case let error as AliasTeachingError: Problem(error)
            case let error as AliasFault: .badRequest("\(error)")
            case let error as AliasTable.Faults: Problem(error)
            case let error as HTTPError: Problem(error)
            default: .internalFault(traceID: traceID)
            }
        if problem.status >= 500, problem.traceID == traceID {
            logger.error("request failed", metadata: ["trace-id": "\(traceID)", "why": "\(error)"])
        }
        return problem
    }
}

/// A number by which an operator finds a failure in the log.
enum TraceID {
    static func make() -> String { String(UInt64.random(in: 0 ... .max), radix: 16) }
}

extension Problem {
    /// What Hummingbird itself refuses: unknown paths and bodies beyond a limit.
    fileprivate init(_ error: HTTPError) {
        self =
            switch error.status {
            case .notFound: .notFound("no such path")
            default: Problem(title: error.status.reasonPhrase, status: error.status.code, detail: error.body)
            }
    }
}

extension Response {
    init(_ problem: Problem, headers: HTTPFields = [:]) throws {
        var fields = headers
        fields[.contentType] = Problem.mediaType
        if problem.status == 401 { fields[.wwwAuthenticate] = "Bearer" }
        self.init(
            status: HTTPResponse.Status(code: problem.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try AdminJSON.encoder().encode(problem))))
    }

    /// An answer of the API. Nothing keeps patient data on the way.
    init(json value: some Encodable) throws {
        self.init(jsonText: ByteBuffer(bytes: try AdminJSON.encoder().encode(value)))
    }

    /// One that is written already.
    init(jsonText text: ByteBuffer) {
        self.init(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: text))
    }

    init(text: String, contentType: String = "text/plain; charset=utf-8") {
        self.init(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
