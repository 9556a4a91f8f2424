public import Archive
public import DICOMCore
public import DICOMImaging
internal import DICOMNetwork
internal import Glibc

/// Writes the Part-10 file of `byteCount` bytes that is open at `source` into the empty file at `target`, in an uncompressed
/// Transfer Syntax.
public typealias InstanceConversion =
    @Sendable (
        _ source: Int32, _ byteCount: UInt64, _ transferSyntax: TransferSyntaxUID, _ target: Int32
    ) throws(PixelError) -> Void

/// Why an Instance cannot leave.
public enum OutgoingError: Error, Sendable, Equatable {
    /// The receiver takes neither the Transfer Syntax it is stored in nor an uncompressed one.
    case noTransferSyntax(stored: TransferSyntaxUID)
    case archive(ArchiveError)
    /// The file is shorter than the index says.
    case truncated
    case conversion(PixelError)
}

extension OutgoingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noTransferSyntax(let stored): "the receiver takes it neither in \(stored) nor uncompressed"
        case .archive(let error): "\(error)"
        case .truncated: "its file is shorter than when it was stored"
        case .conversion(let error): "it cannot be converted: \(error)"
        }
    }
}

/// A stored Instance on its way out, in a Transfer Syntax that the receiver takes: the bytes of its Data Set, read
/// from beginning to end without ever being in memory as a whole.
///
/// As stored where the receiver takes that, bit by bit; else uncompressed, made anew in the pixel worker process into a
/// scratch file. Never recompressed. All calls block for the disk.
public struct OutgoingInstance: Sendable {
    public let transferSyntaxUID: TransferSyntaxUID
    /// Bytes of the Data Set.
    public let byteCount: Int64
    let file: File
    /// Of the file, where the next byte is read, and where the Data Set ends.
    private var offset: Int64
    let end: Int64

    enum File: Sendable {
        case stored(StoredObject)
        case converted(ScratchFile)

        var descriptor: Int32 {
            switch self {
            case .stored(let object): object.fileDescriptor
            case .converted(let file): file.fileDescriptor
            }
        }
    }

    /// What a compressed Instance may be converted to, best first (PS3.5 A.1 to A.3).
    public static let uncompressed: [TransferSyntaxUID] = [
        .explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian,
    ]

    /// The Transfer Syntax for a receiver: the stored one if it takes it, else the first uncompressed one; nil for none.
    public static func choice(
        stored: TransferSyntaxUID, accepted isAccepted: (TransferSyntaxUID) -> Bool
    ) -> TransferSyntaxUID? {
        isAccepted(stored) ? stored : uncompressed.first(where: isAccepted)
    }

    /// Whether no object in that Transfer Syntax is decoded here: video, JPEG XL, HTJ2K (PS3.5 A.4.5 to A.4.14, PS3.6 A).
    public static func isOpaque(_ transferSyntax: TransferSyntaxUID) -> Bool {
        guard transferSyntax.value.hasPrefix(compressedRoot),
            let number = Int(transferSyntax.value.dropFirst(compressedRoot.count).prefix { $0 != "." })
        else { return false }
        return (100...112).contains(number) || (201...205).contains(number)
    }

    private static let compressedRoot = "1.2.840.10008.1.2.4."

    /// Opens `instance`, and converts it where the receiver does not take it as it is.
    ///
    /// - Parameter isAccepted: whether the receiver takes a Transfer Syntax.
    public init(
        _ instance: StoredInstance, from archive: Archive, converting convert: InstanceConversion,
        accepted isAccepted: (TransferSyntaxUID) -> Bool
    ) throws(OutgoingError) {
        guard let chosen = OutgoingInstance.choice(stored: instance.transferSyntaxUID, accepted: isAccepted) else {
            throw .noTransferSyntax(stored: instance.transferSyntaxUID)
        }
        transferSyntaxUID = chosen
        let object = try OutgoingInstance.opened(instance, from: archive)
        if chosen == instance.transferSyntaxUID {
            file = .stored(object)
            offset = instance.dataSetOffset
            byteCount = instance.byteCount
        } else {
            let scratch = try OutgoingInstance.converted(object, of: instance, to: chosen, in: archive, by: convert)
            file = .converted(scratch.file)
            offset = scratch.dataSetOffset
            byteCount = scratch.byteCount
        }
        end = offset + byteCount
    }

    private static func opened(
        _ instance: StoredInstance, from archive: Archive
    ) throws(OutgoingError) -> StoredObject {
        do throws(ArchiveError) {
            let object = try archive.open(instance)
            if try object.fileByteCount() >= instance.dataSetOffset + instance.byteCount { return object }
        } catch {
            throw .archive(error)
        }
        throw .truncated
    }

    private static func converted(
        _ object: StoredObject, of instance: StoredInstance, to transferSyntax: TransferSyntaxUID, in archive: Archive,
        by convert: InstanceConversion
    ) throws(OutgoingError) -> (file: ScratchFile, dataSetOffset: Int64, byteCount: Int64) {
        let file: ScratchFile
        do throws(ArchiveError) { file = try archive.scratchFile() } catch { throw .archive(error) }
        do throws(PixelError) {
            let byteCount = UInt64(clamping: instance.dataSetOffset + instance.byteCount)
            try convert(object.fileDescriptor, byteCount, transferSyntax, file.fileDescriptor)
        } catch {
            throw .conversion(error)
        }
        let start = [UInt8](unsafeUninitializedCapacity: FileMeta.byteCountLimit) { bytes, count in
            count = max(0, pread(file.fileDescriptor, bytes.baseAddress, bytes.count, 0))
        }
        guard let offset = try? FileMeta.parse(start).dataSetOffset, let byteCount = try? file.byteCount(),
            byteCount > Int64(offset)
        else { throw .conversion(.unreadable(detail: "what came of it is no DICOM file")) }
        return (file, Int64(offset), byteCount - Int64(offset))
    }

    /// Puts the next bytes of the Data Set into `buffer`.
    ///
    /// - Returns: how many; 0 at the end, and a negative number when the disk gives no more.
    public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let wanted = min(buffer.count, Int(clamping: end - offset))
        guard wanted > 0 else { return 0 }
        while true {
            let count = pread(file.descriptor, buffer.baseAddress, wanted, off_t(offset))
            if count < 0, errno == EINTR { continue }
            // A file that has become shorter is no end of the Data Set.
            guard count > 0 else { return -1 }
            offset += Int64(count)
            return count
        }
    }
}
