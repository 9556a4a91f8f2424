public import Archive
public import DICOMCore
public import DICOMImaging
internal import DICOMNetwork
internal import Foundation

/// Why something of a stored Instance cannot be shown.
public enum ViewError: Error, Sendable, Equatable {
    case archive(ArchiveError)
    /// The object has none such: no pixels, no such frame, no such Attribute.
    case absent(detail: String)
    /// Intact, but not to be had in the form that was asked for.
    case unsupported(detail: String)
    /// The stored object is damaged, or breaks the standard.
    case unreadable(detail: String)
    /// For a reason that is none of the object's.
    case unavailable(detail: String)
}

/// What is shown of stored Instances, whatever the protocol: the object in a Transfer Syntax, its Attributes as JSON, single
/// values, frames, pictures. Whatever is decoded is decoded in the pixel worker process. All calls block.
public struct InstanceViews: Sendable {
    let archive: Archive
    let pixels: PixelWorkers
    let characterSets: [AETitle: TextEncoding]

    /// - Parameter characterSets: what the text of some senders is in, as a person configured it.
    public init(archive: Archive, pixels: PixelWorkers, characterSets: [AETitle: TextEncoding] = [:]) {
        self.archive = archive
        self.pixels = pixels
        self.characterSets = characterSets
    }

    /// The Part-10 file: as stored where that is accepted, else uncompressed.
    public func file(
        of instance: StoredInstance, accepted isAccepted: (TransferSyntaxUID) -> Bool
    ) throws(ViewError) -> (bytes: OutgoingBytes, transferSyntaxUID: TransferSyntaxUID) {
        let outgoing = try outgoing(instance, accepted: isAccepted)
        return (OutgoingBytes(of: outgoing.file, from: 0, to: outgoing.end), outgoing.transferSyntaxUID)
    }

    /// The object in the DICOM JSON Model (PS3.18 Annex F), one JSON object in UTF-8.
    ///
    /// - Parameter baseURI: what ``bulkData(of:at:)`` is asked with is appended to it after a slash.
    public func metadata(of instance: StoredInstance, baseURI: String) throws(ViewError) -> [UInt8] {
        let file = try readable(instance).file
        do throws(DataSetError) {
            return try DICOMJSON(descriptor: file.descriptor, characterSets: characterSets).encoded(baseURI: baseURI)
        } catch {
            throw ViewError(error)
        }
    }

    /// One value, in little endian order; nil for encapsulated Pixel Data, which is had by frames.
    ///
    /// - Parameter path: the way to it through Sequences: `00880200/1/7FE00010`.
    public func bulkData(of instance: StoredInstance, at path: String) throws(ViewError) -> OutgoingBytes? {
        guard let path = BulkDataPath(path) else { throw .absent(detail: "no Attribute is named so") }
        let file = try readable(instance).file
        let found: BulkData?
        do throws(DataSetError) {
            found = try DICOMJSON(descriptor: file.descriptor, characterSets: characterSets).bulkData(at: path)
        } catch {
            throw ViewError(error)
        }
        guard let found else { throw .absent(detail: "the object has no \(path)") }
        return found.byteCount.map { _ in OutgoingBytes(of: file, found) }
    }

    /// Frames in the order asked for.
    ///
    /// - Parameters:
    ///   - numbers: from 1.
    ///   - isStored: whether compressed frames stay so.
    public func frames(
        _ numbers: [Int], of instance: StoredInstance, stored isStored: Bool
    ) throws(ViewError) -> [OutgoingBytes] {
        let object = try opened(instance)
        let scratch = try scratchFile()
        let counts: [UInt64]
        do throws(PixelError) {
            counts = try pixels.frames(
                numbers.map { $0 - 1 }, of: object.fileDescriptor, byteCount: instance.fileByteCount,
                isStored ? .stored : .decoded, into: scratch.fileDescriptor)
        } catch {
            throw ViewError(error)
        }
        var offset: Int64 = 0
        return counts.map { count in
            defer { offset += Int64(clamping: count) }
            return OutgoingBytes(of: .converted(scratch), from: offset, to: offset + Int64(clamping: count))
        }
    }

    public func picture(of instance: StoredInstance, _ wish: PictureWish) throws(ViewError) -> RenderedPicture {
        let object = try opened(instance)
        let scratch = try scratchFile()
        do throws(PixelError) {
            let written = try pixels.picture(
                of: object.fileDescriptor, byteCount: instance.fileByteCount, PictureRequest(wish),
                into: scratch.fileDescriptor)
            return RenderedPicture(
                bytes: OutgoingBytes(of: .converted(scratch), from: 0, to: Int64(clamping: written.byteCount)), written)
        } catch {
            throw ViewError(error)
        }
    }

    /// The object in a Transfer Syntax whose Attributes can be walked: deflated ones are inflated.
    private func readable(_ instance: StoredInstance) throws(ViewError) -> OutgoingInstance {
        let isDeflated = instance.transferSyntaxUID == .deflatedExplicitVRLittleEndian
        return try outgoing(instance) { isDeflated ? OutgoingInstance.uncompressed.contains($0) : true }
    }

    private func outgoing(
        _ instance: StoredInstance, accepted isAccepted: (TransferSyntaxUID) -> Bool
    ) throws(ViewError) -> OutgoingInstance {
        let convert: InstanceConversion = { [pixels] source, byteCount, syntax, target throws(PixelError) in
            try pixels.convert(source, byteCount: byteCount, to: syntax, into: target)
        }
        do throws(OutgoingError) {
            return try OutgoingInstance(instance, from: archive, converting: convert, accepted: isAccepted)
        } catch {
            switch error {
            case .archive(let cause): throw .archive(cause)
            case .conversion(let cause): throw ViewError(cause)
            case .noTransferSyntax: throw .unsupported(detail: "\(error)")
            case .truncated: throw .unreadable(detail: "\(error)")
            }
        }
    }

    private func opened(_ instance: StoredInstance) throws(ViewError) -> StoredObject {
        do throws(ArchiveError) { return try archive.open(instance) } catch { throw .archive(error) }
    }

    private func scratchFile() throws(ViewError) -> ScratchFile {
        do throws(ArchiveError) { return try archive.scratchFile() } catch { throw .archive(error) }
    }
}

/// A picture, and which values of the frame are shown how, in modality units.
public struct RenderedPicture: Sendable {
    public let bytes: OutgoingBytes
    /// With its function as ``PictureWish/windowFunctions`` name it. Nil for colours and where a VOI LUT was applied.
    public let window: (center: Double, width: Double, function: String)?
    /// The least and greatest value of the frame; nil for colours.
    public let values: (lowest: Double, highest: Double)?

    init(bytes: OutgoingBytes, _ written: WrittenPicture) {
        self.bytes = bytes
        window = written.grey?.window.map {
            ($0.center, $0.width, $0.function.rawValue.lowercased().replacing("_", with: "-"))
        }
        values = written.grey.map { ($0.lowest, $0.highest) }
    }
}

/// One frame as a picture for people (PS3.18 8.3.5).
public struct PictureWish: Sendable, Equatable {
    public enum Format: Sendable, Equatable {
        case png
        /// 1...100; more is better and larger.
        case jpeg(quality: Int)
    }

    /// From 1.
    public var frame = 1
    public var format = Format.jpeg(quality: PictureWish.defaultQuality)
    /// Columns and rows that the picture fits; nil: as the frame is.
    public var viewport: (columns: Int, rows: Int)?
    /// The part of the frame, in its pixels; nil: all of it.
    public var region: (left: Int, top: Int, columns: Int, rows: Int)?
    /// In modality units; nil: the object's own.
    public var window: (center: Double, width: Double, function: String)?

    public static let defaultQuality = 90
    /// No picture is larger than this on a side.
    public static let viewportLimit = PictureRequest.Viewport.limit
    /// Of a thumbnail, columns and rows.
    public static let thumbnailSide = 200
    /// Names of what a window may be (PS3.3 C.11.2.1.3).
    public static let windowFunctions = ["linear", "linear-exact", "sigmoid"]

    public init() {}

    public static func == (left: PictureWish, right: PictureWish) -> Bool {
        PictureRequest(left) == PictureRequest(right)
    }
}

extension PictureRequest {
    init(_ wish: PictureWish) {
        let format: Format =
            switch wish.format {
            case .png: .png
            case .jpeg(let quality): .jpeg(quality: quality)
            }
        self.init(
            frame: wish.frame - 1, format: format,
            viewport: wish.viewport.map { Viewport(columns: $0.columns, rows: $0.rows) },
            region: wish.region.map { Region(left: $0.left, top: $0.top, columns: $0.columns, rows: $0.rows) },
            window: wish.window.map {
                let name = $0.function.uppercased().replacingOccurrences(of: "-", with: "_")
                return Window(center: $0.center, width: $0.width, function: Window.Function(rawValue: name) ?? .linear)
            })
    }
}

extension StoredInstance {
    /// Bytes of the whole Part-10 file.
    fileprivate var fileByteCount: UInt64 { UInt64(clamping: dataSetOffset + byteCount) }
}

extension ViewError {
    init(_ error: PixelError) {
        self =
            switch error {
            case .absent, .noSuchFrame: .absent(detail: "\(error)")
            case .unsupported, .tooLarge: .unsupported(detail: "\(error)")
            case .corrupt, .unreadable, .crashed: .unreadable(detail: "\(error)")
            case .unwritable, .timedOut, .unavailable: .unavailable(detail: "\(error)")
            }
    }

    init(_ error: DataSetError) {
        self =
            switch error {
            case .tooLarge: .unsupported(detail: "\(error)")
            case .noFileMeta, .truncated, .malformed, .nestedTooDeep, .unreadable, .cannotOpen, .unwritable:
                .unreadable(detail: "\(error)")
            }
    }
}
