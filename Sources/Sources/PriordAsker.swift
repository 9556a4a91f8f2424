internal import Archive
internal import DICOMCore
internal import Foundation
internal import Ingestion
internal import Recall

/// Another priord by its own API: the priors it knows, then what it says of each. It is told to ask nobody else, so that two
/// that are each other's sources do not ask in circles.
struct PriordAsker: SourceAsker {
    let client: SourceClient

    /// Priors of one identity that are looked into, and at once.
    private static let (studyLimit, concurrency) = (40, 4)
    private static let type = "application/json"

    private struct Answer: Decodable {
        struct Prior: Decodable {
            let studyInstanceUID: String
            let identityLink: String
        }
        let priors: [Prior]
    }

    private struct Study: Decodable {
        struct Row: Decodable {
            let patientID: String
            let issuer: String
            let patientName: String
            let patientBirthDate: String
            let patientSex: String
            let studyDate: String
            let studyTime: String
            let accessionNumber: String
            let studyDescription: String
            let institution: String
            let modalities: [String]
            let instanceCount: Int
            let byteCount: Int64
            let assessmentVersion: Int
            let identityDiffers: Bool
        }
        struct Match: Decodable {
            let catalogue: String
            let code: String
            let confidence: Double
        }
        struct Verdict: Decodable { let verdict: String }
        struct Series: Decodable {
            let modality: String
            let description: String
            let bodyPart: String
            let laterality: String
            let protocolName: String
        }
        let studyInstanceUID: String
        let study: Row
        let match: Match?
        let completeness: Verdict
        let quality: Verdict
        let series: [Series]
    }

    func answer(
        to question: SourceQuestion, by end: ContinuousClock.Instant,
        telling tell: @escaping @Sendable (SourceAnswer) -> Void
    ) async throws(SourceFault) -> SourceAnswer {
        var links: [StudyInstanceUID: Bool] = [:]
        var wanted: [StudyInstanceUID] = []
        var cut: String?
        for identity in question.identities {
            var query = [("patient", identity.patientID), ("item", question.code), ("sources", "none")]
            if !identity.issuer.isEmpty { query.append(("issuer", identity.issuer)) }
            let answer: Answer = try await decoded("/api/v1/priors", query)
            for prior in answer.priors {
                guard let uid = try? StudyInstanceUID(prior.studyInstanceUID) else {
                    throw .unreadable("a prior has no Study Instance UID")
                }
                let isPossible = prior.identityLink != "same"
                if links[uid] == nil { wanted.append(uid) }
                links[uid] = (links[uid] ?? true) && isPossible
            }
        }
        if wanted.count > Self.studyLimit {
            cut = "\(wanted.count) priors; \(Self.studyLimit) are looked into"
            wanted = Array(wanted.prefix(Self.studyLimit))
        }
        var answer = SourceAnswer(studies: [], cut: cut)
        for start in stride(from: 0, to: wanted.count, by: Self.concurrency) {
            let some = wanted[start..<min(start + Self.concurrency, wanted.count)]
            var fault: SourceFault?
            for result in await studies(Array(some)) {
                switch result {
                case .success(var study):
                    study.isPossible = links[study.studyInstanceUID] ?? true
                    answer.studies.append(study)
                // It went between the two answers.
                case .failure(.unknownStudy): break
                // One that it cannot tell of properly takes nothing from the others.
                case .failure(.unreadable(let why)), .failure(.declined(let why)): answer.cut = why
                case .failure(let why): fault = why
                }
            }
            if !answer.studies.isEmpty { tell(answer) }
            if let fault { throw fault }
        }
        return answer
    }

    func probe() async throws(SourceFault) {
        do throws(SourceFault) {
            let _: [String: JSONPart] = try await decoded("/api/v1/status", [])
        } catch .unknownStudy {
            throw .refused("HTTP 404; there is no priord at this url")
        }
    }

    func close() async { await client.close() }

    /// Any part of an answer; nothing of it is looked at.
    private struct JSONPart: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// In the order of the UIDs.
    private func studies(_ uids: [StudyInstanceUID]) async -> [Result<SourceStudy, SourceFault>] {
        await withTaskGroup(of: (Int, Result<SourceStudy, SourceFault>).self) { group in
            for (place, uid) in uids.enumerated() {
                group.addTask {
                    do throws(SourceFault) {
                        return (place, .success(try await study(uid)))
                    } catch {
                        return (place, .failure(error))
                    }
                }
            }
            var found: [(Int, Result<SourceStudy, SourceFault>)] = []
            for await one in group { found.append(one) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func study(_ uid: StudyInstanceUID) async throws(SourceFault) -> SourceStudy {
        let answer: Study = try await decoded("/api/v1/studies/\(uid)", [])
        guard answer.studyInstanceUID == uid.value else { throw .unreadable("it answers with another study") }
        let row = answer.study
        var study = SourceStudy(uid, modalities: row.modalities)
        study.patient = PatientRecord(
            patientID: row.patientID, issuer: row.issuer, name: row.patientName, birthDate: row.patientBirthDate,
            sex: row.patientSex)
        study.study = StudyRecord(
            date: row.studyDate, time: row.studyTime, accessionNumber: row.accessionNumber,
            description: row.studyDescription, institution: row.institution)
        study.series = answer.series.map {
            SeriesRecord(
                modality: $0.modality, description: $0.description, bodyPart: $0.bodyPart, laterality: $0.laterality,
                protocolName: $0.protocolName)
        }
        study.instanceCount = row.instanceCount
        study.byteCount = row.byteCount
        study.isMixed = row.identityDiffers
        if row.assessmentVersion > 0 {
            study.assessed = SourceStudy.Assessed(
                match: answer.match.map {
                    CatalogueMatch(catalogue: $0.catalogue, code: $0.code, confidence: $0.confidence)
                }, completeness: answer.completeness.verdict, quality: answer.quality.verdict)
        }
        return study
    }

    private func decoded<Value: Decodable & Sendable>(
        _ path: String, _ query: [(String, String)]
    ) async throws(SourceFault) -> Value {
        let bytes = try await client.get(path, query: query, accept: Self.type, types: [Self.type]).bytes
        do {
            return try await offPool { try JSONDecoder().decode(Value.self, from: Data(bytes)) }
        } catch {
            throw .unreadable(
                "the answer to \(path.split(separator: "/").prefix(3).joined(separator: "/")) is not as priord writes it"
            )
        }
    }
}
