internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore

/// `POST /admin/v1/reassess`: settled studies are judged again, by the rules and thresholds in force now.
struct ReassessRoutes {
    let daemon: Daemon
    let problems: ProblemAnswers

    private static let requestLimit = 64 << 10

    func add(to router: Router<WebContext>) {
        router.resource("/admin/v1/reassess", [.post: { request, _ in try await reassess(request) }])
    }

    private func reassess(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.requestLimit)
        let order: ReassessRequest
        do {
            order = try AdminJSON.decoder().decode(ReassessRequest.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem.badRequest("a reassessment says of which studies")
        }
        let scope = try Self.scope(order)
        let daemon = daemon
        return OperationStream<ReassessAnswer>(lane: daemon.operations, problem: { problems.problem($0) }) {
            progress, _ in
            let count = try daemon.archive.index.askForAssessment(of: scope, progress: progress)
            if count > 0 { daemon.wakeAssessment() }
            return ReassessAnswer(studies: count)
        }.response()
    }

    /// Study Dates of a request.
    static func range(from: String?, to: String?) throws(Problem) -> ReportRange {
        func day(_ name: String, _ text: String?) throws(Problem) -> String? {
            guard let text else { return nil }
            guard let day = CalendarDay(dicom: text) else { throw .badRequest("\(name) is a day, YYYYMMDD") }
            return day.description
        }
        let range = ReportRange(firstDate: try day("from", from), lastDate: try day("to", to))
        if let first = range.firstDate, let last = range.lastDate, first > last {
            throw .badRequest("from is after to")
        }
        return range
    }

    private static func scope(_ order: ReassessRequest) throws(Problem) -> ReassessmentScope {
        var scope = ReassessmentScope(range: try range(from: order.from, to: order.to), rule: order.rule)
        if let study = order.study {
            do {
                scope.study = try StudyInstanceUID(study)
            } catch {
                throw .badRequest("study is a Study Instance UID")
            }
        }
        return scope
    }
}
