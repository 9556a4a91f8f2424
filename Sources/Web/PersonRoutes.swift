internal import AdminAPI
internal import Archive
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Recall

/// `/api/v1/persons`: who is who, and what people decide of it.
struct PersonRoutes {
    let daemon: Daemon
    private var persons: PersonRegistry { daemon.recall.persons }

    private static let requestLimit = 64 << 10

    func add(to router: Router<WebContext>) {
        router.resource("/api/v1/persons", [.get: { request, _ in try await find(request) }])
        router.resource(
            "/api/v1/persons/reviews",
            [.get: { request, _ in try await reviews(request) }, .post: { request, _ in try await settle(request) }])
        router.resource("/api/v1/persons/link", [.post: { request, _ in try await link(request) }])
        router.resource("/api/v1/persons/unlink", [.post: { request, _ in try await unlink(request) }])
        router.resource("/api/v1/persons/:id", [.get: { request, context in try await show(request, context) }])
        router.resource(
            "/api/v1/persons/:id/studies", [.get: { request, context in try await studies(request, context) }])
    }

    private func find(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let query = try QueryParameters(request.uri, allowed: ["name", "patient", "issuer", "limit"])
        let limit = try query.integer("limit", in: 1...200, default: 50)
        let persons = persons
        let found: [PersonProfile]
        switch (query["name"], query["patient"]) {
        case (let name?, nil):
            guard query["issuer"] == nil else { throw Problem.badRequest("issuer goes with patient") }
            found = try await daemon.find { try persons.find(name: name, limit: limit) }
        case (nil, let patient?):
            let issuer = query["issuer"]
            found = try await daemon.queries.run {
                Array(try persons.persons(patientID: patient, issuer: issuer).prefix(limit))
            }
        default: throw Problem.badRequest("either name, or patient with issuer where one is known")
        }
        return try Response(json: PersonsAnswer(persons: found.map(PersonAnswer.init)))
    }

    private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        try request.requireAcceptance()
        _ = try QueryParameters(request.uri, allowed: [])
        return try await person(context.parameters.get("id") ?? "")
    }

    private func person(_ id: String) async throws -> Response {
        let persons = persons
        let found = try await daemon.queries.run { try persons.person(id: id) }
        guard let found else { throw Problem(PersonError.unknownIdentity(id), traceID: "") }
        return try Response(json: PersonAnswer(found))
    }

    private func studies(_ request: Request, _ context: WebContext) async throws -> Response {
        try request.requireAcceptance()
        let query = try QueryParameters(request.uri, allowed: ["limit", "offset"])
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let offset = try query.integer("offset", in: 0...Int(Int32.max), default: 0)
        let id = context.parameters.get("id") ?? ""
        let persons = persons
        let page = try await daemon.queries.run {
            guard let page = try persons.studies(of: id, limit: limit, offset: offset) else {
                throw PersonError.unknownIdentity(id)
            }
            return StudyPage(
                studies: page.studies.map(StudyRow.init), total: page.total, limit: limit, offset: offset)
        }
        return try Response(json: page)
    }

    private func reviews(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let query = try QueryParameters(request.uri, allowed: ["limit", "offset"])
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let offset = try query.integer("offset", in: 0...Int(Int32.max), default: 0)
        let persons = persons
        let (pairs, total) = try await daemon.queries.run { try persons.reviews(limit: limit, offset: offset) }
        return try Response(
            json: PersonReviewPage(
                reviews: pairs.map(PersonReviewPage.Review.init), total: total, limit: limit, offset: offset))
    }

    // MARK: Decisions

    private func link(_ request: Request) async throws -> Response {
        let order = try await order(request)
        guard let other = order.other, order.decision == nil else {
            throw Problem.badRequest("a link names one and other, two identities")
        }
        let persons = persons
        try await daemon.queries.run { try persons.link(order.one, other, by: order.by, note: order.note ?? "") }
        return try await person(order.one)
    }

    private func unlink(_ request: Request) async throws -> Response {
        let order = try await order(request)
        guard order.other == nil, order.decision == nil else {
            throw Problem.badRequest("an identity, one, is taken out of its person; a pair is settled by a review")
        }
        let persons = persons
        try await daemon.queries.run { try persons.unlink(order.one, by: order.by, note: order.note ?? "") }
        return try await person(order.one)
    }

    private func settle(_ request: Request) async throws -> Response {
        let order = try await order(request)
        guard let other = order.other, let link = order.decision.flatMap(PersonDecision.Link.init(rawValue:)) else {
            throw Problem.badRequest("a review names one and other, and a decision: same, different or undecided")
        }
        let persons = persons
        try await daemon.queries.run {
            try persons.settleReview(order.one, other, as: link, by: order.by, note: order.note ?? "")
        }
        return try await person(order.one)
    }

    private func order(_ request: Request) async throws -> PersonDecisionRequest {
        _ = try QueryParameters(request.uri, allowed: [])
        let body = try await request.body.collect(upTo: Self.requestLimit)
        do {
            return try AdminJSON.decoder().decode(PersonDecisionRequest.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem.badRequest("a decision on identities names one, by whom, and other where there are two")
        }
    }
}

extension PersonAnswer {
    init(_ profile: PersonProfile) {
        let keys = profile.pairs.map { Pair($0) }
        self.init(
            personID: profile.person.personID,
            identities: profile.identities.map { Identity($0.record, link: $0.link.rawValue) }, pairs: keys)
    }
}

extension PersonAnswer.Identity {
    init(_ record: IdentityRecord, link: String?) {
        self.init(
            id: record.key, issuer: record.issuer, institution: record.place, patientID: record.patientID, link: link,
            name: record.name, birthDate: record.birthDate, sex: record.sex,
            nationalIDLastFour: record.nationalLastFour, studyCount: record.studyCount)
    }
}

extension PersonAnswer.Pair {
    init(_ reviewed: ReviewedPair) {
        let pair = reviewed.pair
        self.init(
            one: reviewed.one.key, other: reviewed.other.key, link: "\(pair.link)",
            weight: (pair.weight * 10).rounded() / 10, reasons: pair.reasons, isOpen: pair.isOpen,
            decidedBy: pair.isDecided ? pair.decidedBy : nil, decidedAt: pair.decidedAt,
            note: pair.note.isEmpty ? nil : pair.note)
    }
}

extension PersonReviewPage.Review {
    init(_ reviewed: ReviewedPair) {
        self.init(
            one: .init(reviewed.one, link: nil), other: .init(reviewed.other, link: nil), pair: .init(reviewed))
    }
}
