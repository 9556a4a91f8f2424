internal import Archive
internal import AsyncHTTPClient
internal import DICOMCore
internal import DICOMNetwork
internal import Delivery
internal import Foundation
internal import Ingestion
internal import NIOCore
internal import NIOHTTP1

/// Retrieves a study by WADO-RS (PS3.18 10.4): all of it at once, or, when some of it is here, what is missing one by one.
struct WebRetrieval {
    let client: SourceClient
    private let job: StudyFetch
    private let begunAt = ContinuousClock.now

    /// As they are stored there: what is decoded once more is another object.
    private static let accept = "multipart/related; type=\"application/dicom\"; transfer-syntax=*"
    private static let instanceLimit = 50_000
    /// Beyond so many requests of their own everything is sent again instead.
    private static let singleLimit = 2000
    /// For what it has of the study.
    private static let listingTime: Duration = .seconds(120)
    /// Before its pace counts: of one answer, and of all of them together.
    private static let (patience, totalPatience) = (Duration.seconds(30), Duration.seconds(600))

    init(_ service: HTTPService, _ job: StudyFetch) {
        client = SourceClient(service, connectionLimit: 1)
        self.job = job
    }

    /// - Parameter failure: why less came than was sent for.
    /// - Returns: the instances that the source has; nil where it does not list them.
    func run(_ failure: inout String?) async throws(SourceFault) -> Set<SOPInstanceUID>? {
        let study = job.fetch.studyInstanceUID
        let listed = try await instances()
        let here: Set<SOPInstanceUID>
        do {
            here = try await job.received().values.reduce(into: Set()) { $0.formUnion($1) }
        } catch {
            throw .unreachable("\(error)")
        }
        let missing = listed?.filter { !here.contains($0.key) }
        if let listed, missing?.isEmpty == true { return Set(listed.keys) }
        var byteCount = 0
        do throws(SourceFault) {
            if let missing, !here.isEmpty, missing.count <= Self.singleLimit {
                for (instance, series) in missing.sorted(by: { $0.key < $1.key }) {
                    try await take("/studies/\(study)/series/\(series)/instances/\(instance)", &byteCount)
                }
            } else {
                try await take("/studies/\(study)", &byteCount)
            }
        } catch .ended {
            throw .ended
        } catch {
            // What came before is here and counts.
            failure = "\(error)"
            if listed == nil { throw error }
        }
        return listed.map { Set($0.keys) }
    }

    /// Every instance and its series; nil where the source does not list them.
    private func instances() async throws(SourceFault) -> [SOPInstanceUID: SeriesInstanceUID]? {
        let matches: [AttributeSet]
        do throws(SourceFault) {
            let listed = try await within(Self.listingTime) { () async throws(SourceFault) -> [AttributeSet]? in
                let answer = try await client.get(
                    "/studies/\(job.fetch.studyInstanceUID)/instances", query: [("limit", "\(Self.instanceLimit + 1)")],
                    accept: DICOMwebAsker.accept, types: DICOMwebAsker.types)
                // Of a part of them nothing follows.
                return answer.isCut ? nil : try await DataSetJSON.list(answer.bytes)
            }
            guard let listed else { throw .unreachable("it does not list what it has of the study in time") }
            guard let whole = listed else { return nil }
            matches = whole
        } catch .refused, .declined {
            // A service may retrieve without searching.
            return nil
        }
        guard !matches.isEmpty else { throw .unknownStudy }
        var found: [SOPInstanceUID: SeriesInstanceUID] = [:]
        for match in matches {
            guard let instance = match[.sopInstanceUID].flatMap({ try? SOPInstanceUID($0) }),
                let series = match[.seriesInstanceUID].flatMap({ try? SeriesInstanceUID($0) })
            else { throw .unreadable("an instance is listed without its UIDs") }
            found[instance] = series
        }
        guard found.count <= Self.instanceLimit else { return nil }
        return found
    }

    /// - Parameter byteCount: of all answers so far.
    private func take(_ path: String, _ byteCount: inout Int) async throws(SourceFault) {
        let before = byteCount
        byteCount = try await client.open(path, accept: Self.accept) { (response) async throws(SourceFault) -> Int in
            try await take(response, after: before)
        }
    }

    /// - Returns: bytes of all answers so far.
    private func take(_ response: HTTPClientResponse, after before: Int) async throws(SourceFault) -> Int {
        let type = response.headers.first(name: "Content-Type").flatMap { MediaRange($0) }
        let intake: FetchIntake
        switch type?.type {
        case "multipart/related":
            guard let reader = type?.parameters["boundary"].flatMap({ MultipartReader(boundary: $0) }) else {
                throw .unreadable("the answer has no boundary between its parts")
            }
            intake = FetchIntake(job, reader: reader)
        case "application/dicom": intake = FetchIntake(job, reader: nil)
        default: throw .unreadable("the answer holds no objects")
        }
        let (start, slowest) = (ContinuousClock.now, client.service.minimumBytesPerSecond)
        var byteCount = before
        do {
            for try await chunk in response.body {
                byteCount += chunk.readableBytes
                // However many answers there are, and each of them soon enough.
                guard
                    Self.isInTime(byteCount - before, since: start, slowest, Self.patience),
                    Self.isInTime(byteCount, since: begunAt, slowest, Self.totalPatience)
                else { throw SourceFault.unreachable("it sends less than \(slowest) bytes a second") }
                try await offPool { try intake.take(chunk) }
            }
            try await offPool { try intake.finish() }
        } catch let fault as SourceFault {
            throw fault
        } catch let error as IngestError {
            throw .unreachable("nothing can be kept here: \(error)")
        } catch {
            if error is CancellationError || Task.isCancelled { throw .ended }
            throw .unreachable("the answer broke off")
        }
        return byteCount
    }

    static func isInTime(
        _ byteCount: Int, since start: ContinuousClock.Instant, _ slowest: Int, _ patience: Duration
    ) -> Bool {
        let late = ContinuousClock.now - start - patience
        return late <= .zero || Double(byteCount) >= late / .seconds(1) * Double(slowest)
    }
}

/// Where the body of an answer goes: each object through the door that every object comes by.
// @unchecked: each call is awaited before the next, so one thread uses it at a time.
final class FetchIntake: @unchecked Sendable {
    private let job: StudyFetch
    /// Nil for a body that is one object.
    private var reader: MultipartReader?
    private var arrival: FileArrival?
    private var refused = 0

    /// Objects that are no part of the study, or none at all, after which the rest is not looked at.
    private static let refusedLimit = 20

    init(_ job: StudyFetch, reader: MultipartReader?) {
        self.job = job
        self.reader = reader
        if reader == nil { arrival = begin() }
    }

    func take(_ chunk: ByteBuffer) throws {
        guard reader != nil else { return chunk.withUnsafeReadableBytes { _ = arrival?.write($0) } }
        guard let (events, fault) = reader?.read(chunk.readableBytesView) else { return }
        for event in events {
            switch event {
            case .began: arrival = begin()
            case .bytes(let bytes): bytes.withUnsafeBytes { _ = arrival?.write($0) }
            case .ended: try end()
            }
        }
        if fault != nil { throw SourceFault.unreadable("the answer is not made of parts as RFC 2046 has it") }
    }

    /// The body has ended.
    func finish() throws {
        guard let reader else {
            try end()
            if refused > 0 { throw SourceFault.unreadable("what it sends is no part of the study, or no object") }
            return
        }
        do throws(MultipartReader.Fault) {
            try reader.finish()
        } catch {
            throw SourceFault.unreachable("the answer broke off")
        }
        if refused > 0 { throw SourceFault.unreadable("\(refused) of its objects are no part of the study, or none") }
    }

    private func begin() -> FileArrival {
        job.ingestor.fileArrival(
            from: InstanceOrigin(
                callingAETitle: job.source.aeTitle, calledAETitle: job.source.ownAETitle, host: job.source.host,
                receivedAt: Date()), within: job.fetch.studyInstanceUID)
    }

    private func end() throws {
        guard let arrival else { return }
        self.arrival = nil
        do throws(IngestError) {
            _ = try arrival.finish()
        } catch .outOfResources(let error) {
            throw IngestError.outOfResources(error)
        } catch {
            refused += 1
            guard refused < Self.refusedLimit else {
                throw SourceFault.unreadable("it sends what is no part of the study: \(error)")
            }
        }
    }
}

extension PriorSource {
    /// Where what is fetched over HTTP comes from, as far as the URL says.
    fileprivate var host: String {
        switch endpoint {
        case .priord(let service), .dicomweb(let service): URLComponents(string: service.url)?.host ?? ""
        case .association(let request): request.host
        }
    }
}
