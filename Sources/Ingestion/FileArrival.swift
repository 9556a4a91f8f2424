internal import Archive
internal import DICOMCore
internal import DICOMNetwork

/// A Part-10 file on its way in, piece by piece: its File Meta Information announces what follows.
///
/// Used by one thread. The Data Set is kept as it is; preamble and meta information are written anew.
public final class FileArrival {
    private enum State {
        case meta([UInt8])
        case dataSet(Arrival)
        case failed(IngestError)
    }

    private let origin: InstanceOrigin
    private let study: StudyInstanceUID?
    private let ingestor: Ingestor
    /// What its File Meta Information says; nil before that has been read, and when it cannot be.
    public private(set) var announced: AnnouncedInstance?
    private var state = State.meta([])

    init(from origin: InstanceOrigin, within study: StudyInstanceUID?, ingestor: Ingestor) {
        self.origin = origin
        self.study = study
        self.ingestor = ingestor
    }

    /// Takes the next bytes of the file; false when no more are wanted and ``finish()`` tells why.
    public func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch state {
        case .failed: return false
        case .dataSet(let arrival): return arrival.write(bytes)
        case .meta(var start):
            start += bytes
            state = .meta(start)
            guard start.count >= FileMeta.byteCountLimit else { return true }
            return begin(start)
        }
    }

    /// - Throws: ``IngestError``, ``IngestError/noPart10File(detail:)`` among them.
    public func finish() throws(IngestError) -> IngestOutcome {
        if case .meta(let start) = state { _ = begin(start) }
        switch state {
        case .dataSet(let arrival): return try arrival.finish()
        case .failed(let error): throw error
        case .meta: throw .noPart10File(detail: "an empty file")
        }
    }

    private func begin(_ start: [UInt8]) -> Bool {
        do throws(IngestError) {
            let (meta, dataSetOffset) = try parse(start)
            let announced = AnnouncedInstance(
                sopClassUID: meta.mediaStorageSOPClassUID, sopInstanceUID: meta.mediaStorageSOPInstanceUID,
                transferSyntaxUID: meta.transferSyntaxUID)
            self.announced = announced
            let arrival = try ingestor.arrival(announced, from: origin, within: study)
            state = .dataSet(arrival)
            return start[dataSetOffset...].withUnsafeBytes { arrival.write($0) }
        } catch {
            state = .failed(error)
            return false
        }
    }

    private func parse(_ start: [UInt8]) throws(IngestError) -> (meta: FileMeta, dataSetOffset: Int) {
        do {
            return try FileMeta.parse(start)
        } catch {
            throw ingestor.counted(.noPart10File(detail: "\(error)"))
        }
    }
}
