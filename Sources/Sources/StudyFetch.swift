internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Delivery
internal import Ingestion

/// What an attempt to fetch a study came to.
struct FetchOutcome: Sendable, Equatable {
    /// Instances that the source has; nil where it does not say.
    var expected: Int?
    /// Of these, what is here now; where it does not say, all that is here of the study.
    var received: Int
    /// Why not everything is here; nil when it is.
    var failure: String?
    /// Whether another attempt would meet the same.
    var isFinal = false
}

/// Fetches one study from one source, once.
struct StudyFetch: Sendable {
    let fetch: SourceFetch
    let source: PriorSource
    let index: StudyIndex
    let ingestor: Ingestor

    /// - Returns: nil when the task was cancelled.
    func run() async throws -> FetchOutcome? {
        switch source.endpoint {
        case .priord(var service):
            service.url += "/dicomweb"
            return try await retrieve(by: WebRetrieval(service, self))
        case .dicomweb(let service): return try await retrieve(by: WebRetrieval(service, self))
        case .association(let request): return try await move(request)
        }
    }

    /// SOP Instances of the study that are here, by series.
    func received() async throws -> [SeriesInstanceUID: Set<SOPInstanceUID>] {
        let (index, study) = (index, fetch.studyInstanceUID)
        return try await offPool {
            Dictionary(grouping: try index.instances(inStudy: study), by: \.seriesInstanceUID)
                .mapValues { Set($0.map(\.sopInstanceUID)) }
        }
    }

    /// - Parameter failure: of the attempt; what is here by whichever way counts for all that.
    func outcome(
        named: Set<SOPInstanceUID>?, expected: Int?, failure: String?, isFinal: Bool = false
    ) async throws -> FetchOutcome {
        let here = try await received().values.reduce(into: Set()) { $0.formUnion($1) }
        guard let count = named?.count ?? expected else {
            return FetchOutcome(
                received: here.count, failure: failure ?? (here.isEmpty ? "nothing came" : nil), isFinal: isFinal)
        }
        let received = named.map { $0.intersection(here).count } ?? here.count
        guard received < count || count == 0 else { return FetchOutcome(expected: count, received: received) }
        return FetchOutcome(
            expected: count, received: received, failure: failure ?? "\(count - received) of \(count) did not come",
            isFinal: isFinal)
    }

    private func retrieve(by web: WebRetrieval) async throws -> FetchOutcome? {
        var named: Set<SOPInstanceUID>?
        var failure: String?
        var isFinal = false
        do throws(SourceFault) {
            named = try await web.run(&failure)
        } catch .ended {
            await web.client.close()
            return nil
        } catch {
            (failure, isFinal) = ("\(error)", error == .unknownStudy)
        }
        await web.client.close()
        return try await outcome(named: named, expected: nil, failure: failure, isFinal: isFinal)
    }

    private func move(_ request: AssociationRequest) async throws -> FetchOutcome? {
        let retrieval = StudyRetrieval(
            sender: Sender(aeTitle: request.calledAETitle, ownAETitle: source.ownAETitle) { _ in
                (request.host, request.port)
            })
        let received = try await received()
        let (study, attempt) = (fetch.studyInstanceUID, fetch.attemptCount)
        let result: Result<StudyRetrieval.Outcome, StudyRetrieval.Failure> = await withTaskCancellationHandler {
            await onOwnThread(named: "fetching") {
                Result { () throws(StudyRetrieval.Failure) in
                    try retrieval.run(study, received: received, attempt: attempt)
                }
            }
        } onCancel: {
            retrieval.stop()
        }
        if Task.isCancelled { return nil }
        switch result {
        case .success(let moved):
            return try await outcome(
                named: moved.named, expected: moved.expectedCount, failure: moved.failure, isFinal: moved.isFinal)
        case .failure(.unknownStudy):
            return try await outcome(
                named: nil, expected: nil, failure: "\(SourceFault.unknownStudy)", isFinal: true)
        case .failure(.failed(let why)): return try await outcome(named: nil, expected: nil, failure: why)
        }
    }
}
