internal import Archive
internal import Assessment
public import DICOMCore
public import DICOMImaging
internal import DICOMNetwork
public import Foundation
internal import Matching

/// A stored study read again from its objects, as matching and assessment want it.
struct StudyReader {
    let content: StudyContent
    let descriptor: StudyDescriptor
    /// The day it was made; that of its arrival when it does not say.
    let day: CalendarDay?

    /// Reads the headers of all stored instances of a study. Blocks for the disk.
    ///
    /// - Parameters:
    ///   - characterSets: as the archive was opened with, so that text is read as the index has it.
    ///   - measure: how pixels are measured, when a rule asks for it.
    /// - Throws: ``ArchiveError``, or what DCMTK says of a header that could be read on arrival.
    init(
        _ study: DueStudy, in archive: Archive, characterSets: [AETitle: TextEncoding],
        measure: @escaping PixelMeasuring = measureInProcess
    ) throws {
        let stored = try archive.index.instances(inStudy: study.studyInstanceUID)
        var order: [SeriesInstanceUID] = []
        var grouped: [SeriesInstanceUID: [InstanceContent]] = [:]
        for instance in stored {
            let object = try archive.open(instance)
            let header = try withExtendedLifetime(object) {
                try ObjectHeader(descriptor: object.fileDescriptor, characterSets: characterSets)
            }
            if grouped[instance.seriesInstanceUID] == nil { order.append(instance.seriesInstanceUID) }
            var content = InstanceContent(
                sopInstanceUID: instance.sopInstanceUID, sopClassUID: instance.sopClassUID,
                transferSyntaxUID: instance.transferSyntaxUID, attributes: header.attributes,
                receivedAt: instance.receivedAt
            ) { (request) throws(PixelError) in
                try StudyReader.figures(of: instance, in: archive, request, measure)
            }
            content.functionalGroups = { StudyReader.functionalGroups(of: instance, in: archive) }
            grouped[instance.seriesInstanceUID, default: []].append(content)
        }
        content = StudyContent(
            studyInstanceUID: study.studyInstanceUID, receivedAt: study.lastInstanceAt,
            series: order.map { uid in
                let instances = grouped[uid] ?? []
                return SeriesContent(
                    seriesInstanceUID: uid, modality: instances.first?.attributes[.modality], instances: instances)
            }, testimony: try StudyTestimony(of: study.studyInstanceUID, in: archive.index))
        descriptor = StudyDescriptor(content)
        let attributes = content.series.flatMap { $0.instances.map(\.attributes) }
        day =
            attributes.lazy.compactMap { $0[.studyDate].flatMap(CalendarDay.init(dicom:)) }.first
            ?? CalendarDay(localDayOf: study.lastInstanceAt)
    }

    /// Nil when the object cannot be opened; that it cannot is told by whoever asks for its pixels.
    private static func functionalGroups(of instance: StoredInstance, in archive: Archive) -> FunctionalGroups? {
        guard let object = try? archive.open(instance) else { return nil }
        return withExtendedLifetime(object) { FunctionalGroups(descriptor: object.fileDescriptor) }
    }

    private static func figures(
        of instance: StoredInstance, in archive: Archive, _ request: ImageRequest, _ measure: PixelMeasuring
    ) throws(PixelError) -> ImageFigures {
        let object: StoredObject
        do throws(ArchiveError) {
            object = try archive.open(instance)
        } catch {
            throw .unreadable(detail: "\(error)")
        }
        defer { withExtendedLifetime(object) {} }
        return try measure(object.fileDescriptor, UInt64(object.dataSetOffset + object.byteCount), request)
    }
}

/// How the object that is open at a descriptor, of so many bytes, is measured: in another process, as the daemon does, or
/// in this one.
public typealias PixelMeasuring =
    @Sendable (_ descriptor: Int32, _ byteCount: UInt64, ImageRequest) throws(PixelError) -> ImageFigures

/// Measures in this process: for pixels that are trusted, such as those of tests.
@Sendable public func measureInProcess(
    _ descriptor: Int32, _ byteCount: UInt64, _ request: ImageRequest
) throws(PixelError) -> ImageFigures {
    try ImageFigures(descriptor: descriptor, request)
}

extension CalendarDay {
    /// The day a clock on the wall shows.
    public init(localDayOf date: Date) {
        let seconds = date.timeIntervalSince1970 + Double(TimeZone.current.secondsFromGMT(for: date))
        self.init(seconds: seconds)
    }
}
