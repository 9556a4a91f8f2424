internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation

extension StudyRow {
    init(_ study: StudySummary) {
        self.init(
            studyInstanceUID: study.studyInstanceUID, patientID: study.patient.patientID,
            issuer: study.patient.issuer, patientName: study.patient.name, patientBirthDate: study.patient.birthDate,
            patientSex: study.patient.sex, studyDate: study.study.date, studyTime: study.study.time,
            accessionNumber: study.study.accessionNumber, studyDescription: study.study.description,
            institution: study.study.institution, modalities: study.modalities,
            sourceAETitle: study.sourceAETitle?.value ?? "", seriesCount: study.seriesCount,
            instanceCount: study.instanceCount, byteCount: study.byteCount, state: study.state.name,
            firstInstanceAt: study.firstInstanceAt, lastInstanceAt: study.lastInstanceAt, settledAt: study.settledAt,
            assessmentVersion: study.assessmentVersion, catalogue: study.match?.catalogue, code: study.match?.code,
            confidence: study.match?.confidence, completeness: study.completeness, quality: study.quality,
            identityDiffers: study.identityDiffers, textState: study.text.state.name,
            textEncoding: study.text.encoding?.rawValue)
    }
}

extension StudyAnswer {
    /// - Parameter version: number of the assessment to show in full; the newest when nil.
    /// - Throws: `DecodingError` when that assessment was not written by this version or an earlier one; a problem with
    ///   status 404 when there is none of that number.
    init(_ detail: StudyDetail, version: Int? = nil) throws {
        let shown = version.map { number in detail.assessments.filter { $0.version == number } } ?? detail.assessments
        if let version, shown.isEmpty { throw Problem.notFound("the study has no assessment \(version)") }
        self.init(
            study: StudyRow(detail.summary), assessment: try AssessmentAnswer(newestOf: shown),
            series: detail.series.map(Series.init), timeline: detail.timeline.map(Event.init),
            versions: AssessmentVersion.all(detail.assessments), assessmentVersion: version)
    }
}

extension AssessmentAnswer {
    /// The newest of `assessments`, which are oldest first; ``none`` when there is none.
    init(newestOf assessments: [Assessment]) throws {
        guard let newest = assessments.last else {
            self = .none
            return
        }
        self = try AdminJSON.decoder().decode(AssessmentAnswer.self, from: Data(newest.verdicts.json.utf8))
    }
}

extension StudyAnswer.Series {
    fileprivate init(_ summary: SeriesSummary) {
        self.init(
            seriesInstanceUID: summary.seriesInstanceUID, number: summary.series.number,
            modality: summary.series.modality, description: summary.series.description,
            bodyPart: summary.series.bodyPart, laterality: summary.series.laterality,
            protocolName: summary.series.protocolName, instanceCount: summary.instanceCount,
            byteCount: summary.byteCount)
    }
}

extension StudyAnswer.Event {
    fileprivate init(_ event: Event) { self.init(at: event.at, kind: event.kind.rawValue, detail: event.detail) }
}

extension AssessmentVersion {
    /// Every version with what it changed, oldest first.
    fileprivate static func all(_ assessments: [Assessment]) -> [AssessmentVersion] {
        var result: [AssessmentVersion] = []
        var before: AssessmentAnswer?
        for assessment in assessments {
            let verdicts = assessment.verdicts
            var version = AssessmentVersion(
                version: assessment.version, at: verdicts.at, instanceCount: verdicts.instanceCount,
                code: verdicts.match?.code, completeness: verdicts.completeness, quality: verdicts.quality)
            let now = try? AssessmentAnswer(newestOf: [assessment])
            if let previous = result.last { version.changes = version.changes(from: previous, before, to: now) }
            result.append(version)
            before = now
        }
        return result
    }
}

extension QuarantineRow {
    init(_ object: QuarantinedObject) {
        self.init(
            id: object.id, reason: object.reason.rawValue, detail: object.detail,
            sopClassUID: object.claimed.sopClassUID, sopInstanceUID: object.claimed.sopInstanceUID,
            seriesInstanceUID: object.claimed.seriesInstanceUID, studyInstanceUID: object.claimed.studyInstanceUID,
            transferSyntaxUID: object.claimed.transferSyntaxUID,
            callingAETitle: object.origin.callingAETitle?.value ?? "",
            calledAETitle: object.origin.calledAETitle?.value ?? "", host: object.origin.host,
            receivedAt: object.origin.receivedAt, byteCount: object.byteCount)
    }
}

extension PeersAnswer {
    init(_ facts: DaemonFacts, _ activities: [PeerActivity]) {
        let silent = facts.peers.filter { title in !activities.contains { $0.aeTitle == title } }
        let shares = facts.associations().peers
        var rows =
            activities.map { peer in
                PeerRow(
                    aeTitle: peer.aeTitle.value, isConfigured: facts.peers.contains(peer.aeTitle), host: peer.host,
                    lastReceivedAt: peer.lastReceivedAt, instanceCount: peer.instanceCount, byteCount: peer.byteCount,
                    duplicateCount: peer.duplicateCount, lastFailureAt: peer.lastFailureAt,
                    lastFailure: peer.lastFailure, text: PeerTextRow(peer.text, facts.characterSets[peer.aeTitle]))
            }
            + silent.map {
                PeerRow(
                    aeTitle: $0.value, isConfigured: true, text: PeerTextRow(PeerText(), facts.characterSets[$0]))
            }
        for index in rows.indices {
            let own = shares.filter { $0.aeTitle?.value == rows[index].aeTitle }
            rows[index].openAssociations = own.reduce(0) { $0 + $1.open }
            rows[index].refusedAssociations = own.reduce(0) { $0 + $1.refused }
        }
        self.init(peers: rows.sorted { $0.aeTitle < $1.aeTitle }, acceptsAnyPeer: facts.acceptsAnyPeer)
    }
}

extension PeerTextRow {
    /// - Parameter configured: what a person says it is in, which goes before what was learned.
    init(_ text: PeerText, _ configured: TextEncoding?) {
        func counts(_ state: TextState) -> [String: Int] {
            let found = text.studies.compactMap { origin, count in
                origin.state == state ? origin.encoding.map { ($0.rawValue, count) } : nil
            }
            return Dictionary(found, uniquingKeysWith: +)
        }
        let learned = text.learnedEncoding
        self.init(
            characterSet: (configured ?? learned)?.rawValue,
            source: configured != nil ? "configured" : learned != nil ? "learned" : nil,
            repaired: counts(.repaired), guessed: counts(.guessed), undecodable: text.count(.undecodable))
    }
}

extension VerifyAnswer {
    init(_ report: VerificationReport) {
        self.init(
            isClean: report.isClean, instanceCount: report.instanceCount,
            digestedByteCount: report.digestedByteCount, faultCount: report.faultCount,
            faults: report.faults.map(Fault.init),
            decisions: Decisions(
                count: report.decisions.count, hash: report.decisions.hash, brokenLine: report.decisionBreak?.line,
                reason: report.decisionBreak?.reason))
    }
}

extension VerifyAnswer.Fault {
    fileprivate init(_ fault: VerificationFault) {
        switch fault {
        case .missing(let uid):
            self.init(kind: "missing", sopInstanceUID: uid.value, detail: "its object is gone")
        case .wrongSize(let uid, let expected, let actual):
            self.init(
                kind: "wrong-size", sopInstanceUID: uid.value, detail: "\(actual) bytes where \(expected) were stored")
        case .wrongDigest(let uid):
            self.init(kind: "wrong-digest", sopInstanceUID: uid.value, detail: "its bytes are not those stored")
        case .notReadable(let uid, let error):
            self.init(kind: "not-readable", sopInstanceUID: uid.value, detail: "\(error)")
        case .withoutRow(let ordinal):
            self.init(kind: "without-row", detail: "object \(ordinal); reindex finds it a row")
        case .missingQuarantined(let id):
            self.init(kind: "missing-quarantined", detail: "quarantined object \(id) is gone")
        }
    }
}
