internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Recall
internal import Sources

extension Daemon {
    /// What priors are sought for.
    enum PriorsQuestion: Sendable {
        case study(StudyInstanceUID)
        /// See ``Recall/priors(patientID:issuer:item:institution:limit:in:)``.
        case order(patientID: String, issuer: String?, item: String, institution: String?)
    }

    static let priorLimit = 100

    /// Those that are here, with those that sources have where these are asked.
    ///
    /// - Parameter askingSources: nil does as the configuration says.
    func priors(
        of question: PriorsQuestion, askingSources: Bool? = nil, limit: Int = priorLimit, in language: Language
    ) async throws -> Priors {
        let asksSources = (askingSources ?? settings.asksSources) && sources.hasSources
        let (local, errand) = try await queries.run { [recall] in
            let local =
                switch question {
                case .study(let uid): try recall.priors(forStudy: uid, limit: limit, in: language)
                case .order(let patientID, let issuer, let item, let institution):
                    try recall.priors(
                        patientID: patientID, issuer: issuer, item: item, institution: institution, limit: limit,
                        in: language)
                }
            return (local, asksSources ? try recall.errand(question, of: local.person) : nil)
        }
        guard let errand else { return local }
        return try await sources.priors(beside: local, for: errand, in: language, limit: limit)
    }

    /// Asks for a study that a source has.
    ///
    /// - Throws: a problem with status 409 when nothing is fetched from there, 503 when as much waits as may.
    func queueFetch(of study: StudyInstanceUID, from source: PriorSource) async throws -> SourceFetch {
        guard source.isFetchedFrom else {
            throw Problem.conflict("nothing is fetched from \(source.name): fetch is off in its configuration")
        }
        let queueing = try await queries.run { [index = archive.index] in
            try index.queueFetch(SourceFetchOrder(study, from: source.name, because: .asked), at: Date())
        }
        switch queueing {
        case .queued(let fetch), .waiting(let fetch), .done(let fetch): return fetch
        case .full: throw Problem.unavailable("as much waits to be fetched as may")
        }
    }

    /// - Throws: a problem with status 404.
    func source(named name: String) throws(Problem) -> PriorSource {
        guard let source = sources.source(named: name) else { throw .notFound("no source of that name") }
        return source
    }
}

extension Recall {
    fileprivate func errand(
        _ question: Daemon.PriorsQuestion, of person: Person
    ) throws(RecallError) -> PriorErrand? {
        switch question {
        case .study(let uid): try errand(forStudy: uid, of: person)
        case .order(let patientID, let issuer, let item, let institution):
            try errand(patientID: patientID, issuer: issuer, item: item, institution: institution, of: person)
        }
    }
}
