public import DICOMCore
internal import Glibc

extension FunctionalGroups {
    /// Reads the functional groups of the multi-frame object that is open at `descriptor`, without DCMTK and without keeping
    /// more than ``Frame`` has: ten thousand frames of an object take as many small structs. Blocks for the disk.
    ///
    /// Nil for an object without them, for a deflated one, and where their structure cannot be followed.
    public init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        var file = FileBytes(descriptor: descriptor, byteCount: Int(status.st_size), window: [])
        guard
            let (meta, offset) = try? FileMeta.parse(
                file.withBytes(at: 0, count: FileMeta.byteCountLimit) { Array($0) }),
            meta.transferSyntaxUID != TransferSyntaxUID.deflatedExplicitVRLittleEndian.value
        else { return nil }
        var reader = FunctionalGroupsReader(
            source: file.dropFirst(offset), encoding: ElementEncoding(transferSyntax: meta.transferSyntaxUID))
        guard let frames = reader.frames() else { return nil }
        self.init(frames: frames)
    }
}

/// Walks a Data Set for Shared and Per-Frame Functional Groups (PS3.3 C.7.6.16).
struct FunctionalGroupsReader<Source: ByteSource> {
    private var source: Source
    private let encoding: ElementEncoding
    /// Elements that may still be looked at; hostile lengths end the walk, they do not prolong it.
    private var budget = 20_000_000

    /// Frames beyond are not read.
    private static var frameLimit: Int { 100_000 }
    private static var depthLimit: Int { 8 }
    /// The longest value read: 12 decimal strings, a few numbers.
    private static var valueLimit: Int { 1024 }

    init(source: Source, encoding: ElementEncoding) {
        self.source = source
        self.encoding = encoding
    }

    private static var item: Tag { Tag(0xFFFE, 0xE000) }
    private static var itemDelimitation: Tag { Tag(0xFFFE, 0xE00D) }
    private static var sequenceDelimitation: Tag { Tag(0xFFFE, 0xE0DD) }

    /// Sequences of a group that hold what ``FunctionalGroups/Frame`` has.
    private static var groups: Set<Tag> {
        [
            .planePositionSequence, .planeOrientationSequence, .pixelMeasuresSequence, .frameContentSequence,
            .mrDiffusionSequence,
            .diffusionGradientDirectionSequence, .mrEchoSequence, .cardiacSynchronizationSequence,
            .mrImageFrameTypeSequence, .ctImageFrameTypeSequence,
        ]
    }

    /// In the order of the pixel data; nil when there are none, or they cannot be followed.
    mutating func frames() -> [FunctionalGroups.Frame]? {
        var shared = FunctionalGroups.Frame()
        var frames: [FunctionalGroups.Frame]?
        var position = 0
        while position < source.byteCount, let header = header(at: position, in: encoding) {
            guard header.tag < Tag(0x7FE0, 0x0000) else { break }
            let start = position + header.headerByteCount
            switch header.tag {
            case .sharedFunctionalGroupsSequence:
                guard
                    let end = items(
                        of: header, at: start, in: encoding, depth: 0,
                        { reader, place, end, encoding in
                            reader.read(into: &shared, from: place, to: end, in: encoding, depth: 1)
                        })
                else { return nil }
                position = end
            case .perFrameFunctionalGroupsSequence:
                var found: [FunctionalGroups.Frame] = []
                guard
                    let end = items(
                        of: header, at: start, in: encoding, depth: 0,
                        { reader, place, end, encoding in
                            guard found.count < Self.frameLimit else { return nil }
                            var frame = shared
                            let next = reader.read(into: &frame, from: place, to: end, in: encoding, depth: 1)
                            found.append(frame)
                            return next
                        })
                else { return nil }
                frames = found
                position = end
            default:
                guard let end = skipped(header, at: start, in: encoding, depth: 0) else { return nil }
                position = end
            }
        }
        return frames
    }

    private mutating func header(at position: Int, in encoding: ElementEncoding) -> ElementHeader? {
        guard budget > 0 else { return nil }
        budget -= 1
        return source.withBytes(at: position, count: 12) { ElementHeader($0, encoding) }
    }

    /// Calls `body` with where each Item begins and, when it says so, ends; `body` gives where it did.
    ///
    /// - Returns: where the Sequence ends; nil when it cannot be followed.
    private mutating func items(
        of sequence: ElementHeader, at start: Int, in encoding: ElementEncoding, depth: Int,
        _ body: (inout Self, Int, Int?, ElementEncoding) -> Int?
    ) -> Int? {
        guard depth < Self.depthLimit else { return nil }
        let end = sequence.length.map { start + $0 } ?? source.byteCount
        guard end <= source.byteCount else { return nil }
        // A Sequence whose VR was lost on the way is Implicit VR inside (PS3.5 6.2.2).
        let encoding = sequence.isUnknown ? .implicitLittleEndian : encoding
        var position = start
        while position < end {
            guard let header = header(at: position, in: encoding) else { return nil }
            position += header.headerByteCount
            if header.tag == Self.sequenceDelimitation, sequence.length == nil { return position }
            guard header.tag == Self.item else { return nil }
            let itemEnd = header.length.map { position + $0 }
            guard itemEnd ?? 0 <= end, let next = body(&self, position, itemEnd, encoding), itemEnd ?? next == next
            else {
                return nil
            }
            position = next
        }
        return sequence.length == nil ? nil : position
    }

    /// Reads one Item, from its first element to its end or delimiter.
    private mutating func read(
        into frame: inout FunctionalGroups.Frame, from start: Int, to end: Int?, in encoding: ElementEncoding,
        depth: Int
    ) -> Int? {
        var position = start
        while position < end ?? source.byteCount {
            guard let header = header(at: position, in: encoding) else { return nil }
            position += header.headerByteCount
            if header.tag == Self.itemDelimitation, end == nil { return position }
            if Self.groups.contains(header.tag) {
                var inner = frame
                let next = items(of: header, at: position, in: encoding, depth: depth) { reader, place, end, encoding in
                    reader.read(into: &inner, from: place, to: end, in: encoding, depth: depth + 1)
                }
                guard let next else { return nil }
                frame = inner
                position = next
            } else {
                set(header, at: position, in: encoding, &frame)
                guard let next = skipped(header, at: position, in: encoding, depth: depth) else { return nil }
                position = next
            }
        }
        return end == nil ? nil : position
    }

    /// Where the value that begins at `start` ends; of one of undefined length, after its delimiter.
    private mutating func skipped(
        _ header: ElementHeader, at start: Int, in encoding: ElementEncoding, depth: Int
    ) -> Int? {
        if let length = header.length {
            return start + length <= source.byteCount ? start + length : nil
        }
        return items(of: header, at: start, in: encoding, depth: depth) { reader, place, end, encoding in
            if let end { return end }
            var position = place
            while position < reader.source.byteCount {
                guard let header = reader.header(at: position, in: encoding) else { return nil }
                position += header.headerByteCount
                if header.tag == Self.itemDelimitation { return position }
                guard let next = reader.skipped(header, at: position, in: encoding, depth: depth + 1) else {
                    return nil
                }
                position = next
            }
            return nil
        }
    }

    private mutating func set(
        _ header: ElementHeader, at start: Int, in encoding: ElementEncoding, _ frame: inout FunctionalGroups.Frame
    ) {
        guard let length = header.length, length > 0, length <= Self.valueLimit else { return }
        func value() -> FrameValue { source.withBytes(at: start, count: length) { FrameValue(Array($0), encoding) } }
        switch header.tag {
        case .imagePositionPatient: frame.position = value().decimals
        case .imageOrientationPatient: frame.orientation = value().decimals
        case .pixelSpacing: frame.spacing = value().decimals
        case .sliceThickness: frame.thickness = value().decimals.first.flatMap { $0.isFinite ? $0 : nil }
        case .stackID: frame.stackID = value().strings.first
        case .inStackPositionNumber: frame.inStackPosition = value().integers.first
        case .temporalPositionIndex: frame.temporalPosition = value().integers.first
        case .dimensionIndexValues: frame.dimensionIndices = value().integers
        case .diffusionBValue: frame.bValue = value().doubles.first
        case .diffusionGradientOrientation: frame.gradient = value().doubles
        case .effectiveEchoTime: frame.echoTime = value().doubles.first
        case .nominalCardiacTriggerDelayTime: frame.triggerDelay = value().doubles.first
        case .frameType: frame.type = value().strings
        default: break
        }
    }
}

/// The bytes of one value, as the VR of its Attribute reads them.
private struct FrameValue {
    let bytes: [UInt8]
    let isBigEndian: Bool

    init(_ bytes: [UInt8], _ encoding: ElementEncoding) {
        self.bytes = bytes
        isBigEndian = encoding == .explicitBigEndian
    }

    /// VR SH, CS.
    var strings: [String] {
        bytes.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false).map { part in
            let isPadding: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0 }
            let trimmed = part.drop(while: isPadding).reversed().drop(while: isPadding).reversed()
            return String(decoding: trimmed, as: UTF8.self)
        }
    }

    /// VR DS; NaN for what is no number, and none where nothing is written.
    var decimals: [Double] {
        let strings = strings
        return strings.allSatisfy(\.isEmpty) ? [] : strings.map { Double($0) ?? .nan }
    }

    /// VR UL.
    var integers: [Int] { words(4).map { Int(UInt32(truncatingIfNeeded: $0)) } }

    /// VR FD.
    var doubles: [Double] { words(8).map { Double(bitPattern: $0) }.filter(\.isFinite) }

    private func words(_ size: Int) -> [UInt64] {
        stride(from: 0, to: bytes.count / size * size, by: size).map { start in
            let word = bytes[start..<(start + size)]
            return (isBigEndian ? Array(word) : word.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
