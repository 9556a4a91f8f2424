internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Matching

/// `/admin/v1/review`: studies without a safe match, in groups and one by one.
struct ReviewRoutes {
    let daemon: Daemon

    func add(to router: Router<WebContext>) {
        router.resource("/admin/v1/review", [.get: { request, _ in try await studies(request) }])
        router.resource("/admin/v1/review/groups", [.get: { request, _ in try await groups(request) }])
    }

    private func groups(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["limit", "offset"])
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let offset = try query.integer("offset", in: 0...Int(Int32.max), default: 0)
        let index = daemon.archive.index
        let page = try await daemon.queries.run {
            let (groups, total, studyTotal) = try index.reviewGroups(limit: limit, offset: offset)
            return ReviewGroupsPage(
                groups: try groups.map(ReviewGroupsPage.Group.init), total: total, studyTotal: studyTotal,
                limit: limit, offset: offset)
        }
        return try Response(json: page)
    }

    private func studies(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["limit", "offset", "description", "modality"])
        var filter = StudyFilter()
        filter.isUnmapped = true
        filter.limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        filter.offset = try query.integer("offset", in: 0...Int(Int32.max), default: 0)
        if let description = query["description"] {
            guard let key = DescriptionKey(description) else { throw Problem.badRequest("description has no word") }
            filter.foldedDescription = key.value
            filter.describedModality = query["modality"]?.uppercased()
        } else if let modality = query["modality"] {
            filter.modalities = [modality.uppercased()]
        }
        let index = daemon.archive.index
        let page = try await daemon.queries.run { [filter] in
            let entries = try index.studies(matching: filter).map { study in
                let unmapped = try AssessmentAnswer(newestOf: index.assessments(of: study.studyInstanceUID)).unmapped
                return ReviewPage.Entry(
                    study: StudyRow(study), reason: unmapped?.reason ?? "", candidates: unmapped?.candidates ?? [])
            }
            return ReviewPage(
                studies: entries, total: try index.countStudies(matching: filter), limit: filter.limit,
                offset: filter.offset)
        }
        return try Response(json: page)
    }
}

extension ReviewGroupsPage.Group {
    /// - Throws: `DecodingError` when the newest assessment was not written by this version or an earlier one.
    fileprivate init(_ group: ReviewGroup) throws {
        let unmapped = try AssessmentAnswer(newestOf: [group.assessment]).unmapped
        self.init(
            description: group.description, modality: group.modality, count: group.count,
            sites: group.institutions.map { .init(name: $0.name, count: $0.count) },
            senders: group.sourceAETitles.map { .init(name: $0.name, count: $0.count) }, firstDate: group.firstDate,
            lastDate: group.lastDate, newestStudy: group.newest, reason: unmapped?.reason ?? "",
            candidates: unmapped?.candidates ?? [])
    }
}
