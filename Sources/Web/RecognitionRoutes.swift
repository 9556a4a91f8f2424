internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Recall

/// `/api/v1/recognition/…`: what became of proposals, and why they may be declined.
struct RecognitionRoutes {
    let daemon: Daemon

    private static let requestLimit = 16 << 10
    private static let pageLimit = 1000

    func add(to router: Router<WebContext>) {
        router.resource(
            "/api/v1/recognition/events",
            [.get: { request, _ in try await events(request) }, .post: { request, _ in try await take(request) }])
        router.resource("/api/v1/recognition/reasons", [.get: { request, _ in try reasons(request) }])
    }

    private func take(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["lang"])
        let language = try query.language()
        let body = try await request.body.collect(upTo: Self.requestLimit)
        let order: DeskOrder
        do {
            order = try DeskOrder(
                AdminJSON.decoder().decode(RecognitionEventRequest.self, from: Data(body.readableBytesView)))
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem.badRequest("an event is a JSON object with kind, study or patient and item, and prior")
        }
        let desk = daemon.desk
        let outcome = try await daemon.queries.run { try desk.take(order, in: language) }
        return try Response(
            json: RecognitionEventAnswer(
                isNew: outcome.isNew, event: outcome.entry.map { RecognitionEventRow($0) }))
    }

    private func events(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let query = try QueryParameters(
            request.uri, allowed: ["study", "person", "from", "to", "kind", "after", "limit"])
        var filter = DecisionFilter()
        filter.study = try query["study"].map { try StudyInstanceUID(parameter: $0).value }
        filter.persons = query["person"].map { [$0] } ?? []
        filter.kinds = try query.choice("kind", of: RecognitionEvent.Kind.allCases.map(\.rawValue)).map { [$0] } ?? []
        let (first, last) = (try query.day("from"), try query.day("to"))
        if first != nil || last != nil { filter.times = try DayRange(first, last).times(in: daemon.desk.zone) }
        filter.after = try query.integer("after", in: 0...Int.max, default: 0)
        filter.limit = try query.integer("limit", in: 1...Self.pageLimit, default: Self.pageLimit)
        let desk = daemon.desk
        let page = try await daemon.queries.run { [filter] in
            RecognitionEventsPage(events: try desk.events(filter).map { RecognitionEventRow($0) })
        }
        return try Response(json: page)
    }

    private func reasons(_ request: Request) throws -> Response {
        try request.requireAcceptance()
        let language = try QueryParameters(request.uri, allowed: ["lang"]).language()
        let policy = daemon.desk.policy
        return try Response(
            json: RecognitionReasonsAnswer(
                policy: policy.id.value,
                reasons: policy.exceptions.map {
                    .init(id: $0.id, text: $0.text[language], needsNote: policy.needsNote($0))
                }))
    }
}

/// Days, both included; open where nil.
struct DayRange {
    let first: CalendarDay?
    let last: CalendarDay?

    /// - Parameters: `YYYYMMDD`, as ``QueryParameters/day(_:)`` answers them.
    /// - Throws: a problem with status 400 when the first comes after the last.
    init(_ first: String?, _ last: String?) throws(Problem) {
        self.first = first.flatMap(CalendarDay.init(dicom:))
        self.last = last.flatMap(CalendarDay.init(dicom:))
        if let start = self.first, let end = self.last, end < start { throw .badRequest("from is after to") }
    }

    func times(in zone: TimeZone) -> Range<Date> {
        let start = first.map { Self.start(of: $0, in: zone) } ?? .distantPast
        return start..<(last.map { Self.start(of: CalendarDay(number: $0.number + 1), in: zone) } ?? .distantFuture)
    }

    /// The first moment of a day.
    static func start(of day: CalendarDay, in zone: TimeZone) -> Date {
        let guess = Date(timeIntervalSince1970: Double(day.number) * 86_400)
        // Twice, as the offset may change in between.
        let near = guess.addingTimeInterval(-Double(zone.secondsFromGMT(for: guess)))
        return guess.addingTimeInterval(-Double(zone.secondsFromGMT(for: near)))
    }
}

extension QueryParameters {
    /// The language that texts are asked for in; English when the request does not say.
    func language() throws(Problem) -> Language {
        try choice("lang", of: Language.allCases.map(\.rawValue)).flatMap(Language.init(rawValue:)) ?? .english
    }
}

extension DeskOrder {
    /// - Throws: a problem with status 400 naming what is wrong.
    init(_ request: RecognitionEventRequest) throws(Problem) {
        guard let kind = RecognitionEvent.Kind(rawValue: request.kind) else {
            let known = RecognitionEvent.Kind.allCases.filter { $0 != .repeated }.map(\.rawValue)
            throw .badRequest("kind is one of \(known.joined(separator: ", "))")
        }
        let subject: Subject
        if let study = request.study {
            guard request.patient == nil, request.issuer == nil, request.item == nil, request.order == nil else {
                throw .badRequest("study stands alone, or patient with item and perhaps issuer and order")
            }
            subject = .study(try StudyInstanceUID(parameter: study))
        } else {
            guard let patient = request.patient, let item = request.item else {
                throw .badRequest("either study, or patient and item, with issuer where one is known")
            }
            subject = .order(patientID: patient, issuer: request.issuer, item: item, number: request.order ?? "")
        }
        var prior: StudyInstanceUID?
        if let text = request.prior { prior = try StudyInstanceUID(parameter: text) }
        self.init(kind, for: subject, prior: prior)
        actor = request.actor ?? ""
        department = request.department ?? ""
        institution = request.institution ?? ""
        (reason, note, isPatientInformed, agrees) = (
            request.reason, request.note, request.patientInformed, request.agrees
        )
    }
}

extension RecognitionEventRow {
    init(_ entry: RecognitionDesk.Entry) {
        let event = entry.event
        self.init(
            line: entry.line, kind: event.kind.rawValue, at: event.at, personID: event.proposal.person,
            item: event.proposal.item, reference: event.proposal.reference,
            prior: event.proposal.priorStudyInstanceUID.value, priorInstitution: event.prior.institution,
            priorDate: event.prior.examDate, priorAccessionNumber: event.prior.accessionNumber, actor: event.actor,
            department: event.department, institution: event.institution, verdict: event.verdict.rawValue,
            reason: event.reason, note: event.note, patientInformed: event.isPatientInformed, agrees: event.agrees,
            study: event.study?.value, catalogue: event.catalogue, policy: event.policy)
    }
}
