internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Synchronization

/// By C-FIND in the Study Root (PS3.4 C.6.2): studies of each Patient ID, then the series of the newest, as long as there is
/// time. One Association a question, on a thread of its own.
struct FindAsker: SourceAsker {
    let request: AssociationRequest
    let characterSet: TextEncoding?
    /// For a probe.
    let deadline: Duration

    private static let studyLimit = 500
    /// Studies whose series are asked for, each by a query of its own.
    private static let seriesQuestionLimit = 20

    func answer(
        to question: SourceQuestion, by end: ContinuousClock.Instant,
        telling tell: @escaping @Sendable (SourceAnswer) -> Void
    ) async throws(SourceFault) -> SourceAnswer {
        let time = end - .now
        return try await conversing(for: time) { (scu) throws(AssociationError) in
            var answer = SourceAnswer(studies: [])
            for patientID in question.patientIDs {
                let found = try scu.find(.study, Self.keys(ofPatient: patientID))
                answer.add(found.matches, of: patientID)
                if !answer.studies.isEmpty { tell(answer) }
                guard found.status == .success || found.matches.count >= Self.studyLimit else {
                    let why = "C-FIND answered with \(found.status)"
                    return .failure(found.status == .outOfResources ? .refused(why) : .declined(why))
                }
                if !found.isWhole { answer.cut = "more than \(Self.studyLimit) studies of one Patient ID" }
            }
            // Descriptions of series are a help and no need; some of the time is kept for the way back.
            let newest = answer.studies.sorted { $0.study.date > $1.study.date }.prefix(Self.seriesQuestionLimit)
            for study in newest where .now < end - time / 3 {
                var keys = AttributeSet()
                keys[.studyInstanceUID] = study.studyInstanceUID.value
                for tag in [
                    Tag.seriesInstanceUID, .modality, .seriesDescription, .bodyPartExamined, .laterality, .protocolName,
                    .institutionName,
                ] {
                    keys.set(tag, to: [""])
                }
                guard let found = try? scu.find(.series, keys), found.isWhole else { break }
                answer.addSeries(found.matches, of: study.studyInstanceUID)
                tell(answer)
            }
            return .success(answer)
        }
    }

    func probe() async throws(SourceFault) {
        // Opening proves that it is there, knows us, and answers C-FIND.
        try await conversing(for: deadline) { _ in .success(()) }
    }

    func close() async {}

    private static func keys(ofPatient patientID: String) -> AttributeSet {
        var keys = AttributeSet()
        for tag in [
            Tag.studyInstanceUID, .studyDate, .studyTime, .accessionNumber, .studyDescription, .modalitiesInStudy,
            .institutionName, .patientName, .issuerOfPatientID, .patientBirthDate, .patientSex,
            .numberOfStudyRelatedInstances,
        ] {
            keys.set(tag, to: [""])
        }
        keys[.patientID] = patientID
        return keys
    }

    private func conversing<Value: Sendable>(
        for time: Duration,
        _ talk: @escaping @Sendable (QueryRetrieveSCU) throws(AssociationError) -> Result<Value, SourceFault>
    ) async throws(SourceFault) -> Value {
        var request = request
        // For the connection, and as long again for the answer to our request.
        request.limits.associationRequest = time / 2
        (request.limits.pdu, request.limits.idle) = (time, time)
        var limits = QueryRetrieveSCU.Limits()
        limits.total = time
        limits.matches = Self.studyLimit
        let (opened, bounds, line, characterSet) = (request, limits, OpenLine(), characterSet)
        let result: Result<Value, SourceFault> = await withTaskCancellationHandler {
            await onOwnThread(named: "source") {
                do throws(AssociationError) {
                    let scu = try QueryRetrieveSCU(opened, for: [.find], limits: bounds, textEncoding: characterSet)
                    guard line.adopt(scu) else {
                        scu.abort()
                        return .failure(.ended)
                    }
                    do throws(AssociationError) {
                        let result = try talk(scu)
                        scu.close()
                        return result
                    } catch {
                        scu.abort()
                        throw error
                    }
                } catch {
                    return .failure(line.isCut ? .ended : SourceFault(error))
                }
            }
        } onCancel: {
            line.cut()
        }
        return try result.get()
    }
}

/// An Association that may be ended from elsewhere, also while it is being opened.
final class OpenLine: Sendable {
    private let state = Mutex<(scu: QueryRetrieveSCU?, isCut: Bool)>((nil, false))

    var isCut: Bool { state.withLock { $0.isCut } }

    /// - Returns: false when it is ended already.
    func adopt(_ scu: QueryRetrieveSCU) -> Bool {
        state.withLock { state in
            state.scu = scu
            return !state.isCut
        }
    }

    func cut() {
        let scu = state.withLock { state in
            state.isCut = true
            return state.scu
        }
        scu?.interrupt()
    }
}

extension SourceFault {
    init(_ error: AssociationError) {
        self =
            switch error {
            case .timedOut: .ended
            case .rejected: .refused("\(error)")
            case .protocolViolation, .dataSet: .unreadable("\(error)")
            default: .unreachable("\(error)")
            }
    }
}
