internal import Archive
internal import DICOMCore

/// By QIDO-RS (PS3.18 10.6): studies of each Patient ID, then their series, as long as there is time.
struct DICOMwebAsker: SourceAsker {
    let client: SourceClient

    /// Studies of one Patient ID; one more is asked for, to know whether there are.
    static let studyLimit = 500
    private static let seriesLimit = 3000
    static let types: Set = ["application/dicom+json", "application/json"]
    static let accept = "application/dicom+json"

    private static let studyFields: [Tag] = [
        .studyDate, .studyTime, .accessionNumber, .modalitiesInStudy, .studyDescription, .institutionName,
        .patientName, .patientID, .issuerOfPatientID, .patientBirthDate, .patientSex, .numberOfStudyRelatedInstances,
    ]
    private static let seriesFields: [Tag] = [
        .modality, .seriesDescription, .bodyPartExamined, .laterality, .protocolName, .institutionName,
    ]

    func answer(
        to question: SourceQuestion, by end: ContinuousClock.Instant,
        telling tell: @escaping @Sendable (SourceAnswer) -> Void
    ) async throws(SourceFault) -> SourceAnswer {
        var answer = SourceAnswer(studies: [])
        var isFound = false
        for patientID in question.patientIDs {
            let found = try await matches("/studies", of: patientID, Self.studyFields, limit: Self.studyLimit + 1)
            isFound = isFound || found != nil
            if found?.isCut == true { answer.cut = "it says that there are more studies of one Patient ID" }
            let studies = found?.dataSets ?? []
            if studies.count > Self.studyLimit { answer.cut = "more than \(Self.studyLimit) studies of one Patient ID" }
            answer.add(studies.prefix(Self.studyLimit), of: patientID)
            if !answer.studies.isEmpty { tell(answer) }
        }
        // Some services have 404 for no match; one that has it for everything is no service.
        if !isFound { try await probe() }
        // Descriptions of series are a help and no need; half of the time that is left is kept for what is one.
        for patientID in question.patientIDs where !answer.studies.isEmpty {
            let found = try? await within((end - .now) / 2) { () async throws(SourceFault) in
                try await matches("/series", of: patientID, Self.seriesFields, limit: Self.seriesLimit)
            }
            guard let found else { break }
            answer.addSeries(found?.dataSets.prefix(Self.seriesLimit) ?? [])
        }
        if Task.isCancelled { throw .ended }
        return answer
    }

    func probe() async throws(SourceFault) {
        do throws(SourceFault) {
            _ = try await DataSetJSON.list(
                try await client.get("/studies", query: [("limit", "1")], accept: Self.accept, types: Self.types).bytes)
        } catch .unknownStudy {
            throw .refused("HTTP 404; there is no DICOMweb service at this url")
        }
    }

    func close() async { await client.close() }

    /// - Returns: nil when it answers that there is no such thing.
    private func matches(
        _ path: String, of patientID: String, _ fields: [Tag], limit: Int
    ) async throws(SourceFault) -> (dataSets: [AttributeSet], isCut: Bool)? {
        let query =
            [("PatientID", patientID), ("limit", "\(limit)")] + fields.map { ("includefield", $0.hexadecimal) }
        do throws(SourceFault) {
            let answer = try await client.get(path, query: query, accept: Self.accept, types: Self.types)
            return (try await DataSetJSON.list(answer.bytes), answer.isCut)
        } catch .unknownStudy {
            return nil
        }
    }
}

extension SourceAnswer {
    /// Takes what is of the patient and has a UID: a source that ignores a key answers with everybody.
    mutating func add(_ matches: some Sequence<AttributeSet>, of patientID: String) {
        for match in matches {
            guard match[.patientID] == patientID,
                let uid = match[.studyInstanceUID].flatMap({ try? StudyInstanceUID($0) }),
                !studies.contains(where: { $0.studyInstanceUID == uid })
            else { continue }
            var study = SourceStudy(uid)
            study.patient = PatientRecord(
                patientID: patientID, issuer: match[.issuerOfPatientID] ?? "",
                name: match.strings(.patientName).first ?? "", birthDate: match[.patientBirthDate] ?? "",
                sex: match[.patientSex] ?? "")
            study.study = StudyRecord(
                date: match[.studyDate] ?? "", time: match[.studyTime] ?? "",
                accessionNumber: match[.accessionNumber] ?? "", description: match[.studyDescription] ?? "",
                institution: match[.institutionName] ?? "")
            study.modalities = match.strings(.modalitiesInStudy).filter { !$0.isEmpty }
            study.instanceCount = match.integer(.numberOfStudyRelatedInstances).flatMap { $0 >= 0 ? $0 : nil }
            studies.append(study)
        }
    }

    /// Series of the studies that are known; those of others are left out.
    mutating func addSeries(_ matches: some Sequence<AttributeSet>, of study: StudyInstanceUID? = nil) {
        let places = Dictionary(
            studies.enumerated().map { ($0.element.studyInstanceUID.value, $0.offset) }, uniquingKeysWith: { $1 })
        for match in matches {
            guard let place = places[match[.studyInstanceUID] ?? study?.value ?? ""] else { continue }
            let series = SeriesRecord(
                modality: match[.modality] ?? "", description: match[.seriesDescription] ?? "",
                bodyPart: match[.bodyPartExamined] ?? "", laterality: match[.laterality] ?? "",
                protocolName: match[.protocolName] ?? "")
            studies[place].series.append(series)
            if !series.modality.isEmpty, !studies[place].modalities.contains(series.modality) {
                studies[place].modalities.append(series.modality)
            }
            if studies[place].study.institution.isEmpty {
                studies[place].study.institution = match[.institutionName] ?? ""
            }
        }
    }
}
