internal import DICOMCore

/// Tag, VR and length of a Data Element, Item or delimiter, as its first bytes tell them (PS3.5 7.1).
struct ElementHeader {
    let tag: Tag
    /// Bytes before the value.
    let headerByteCount: Int
    /// nil when undefined.
    let length: Int?
    /// "SQ", "UN", … or nil in Implicit VR.
    let vr: (UInt8, UInt8)?

    private static let undefinedLength: UInt32 = 0xFFFF_FFFF

    /// Whether the VR was lost on the way.
    var isUnknown: Bool { vr.map { $0 == (UInt8(ascii: "U"), UInt8(ascii: "N")) } ?? false }

    /// - Parameters:
    ///   - bytes: at least 8, and 12 where the VR has a long length.
    ///   - hasVR: false where only Items and delimiters stand.
    init?(_ bytes: UnsafeRawBufferPointer, _ encoding: ElementEncoding, hasVR: Bool = true) {
        guard bytes.count >= 8 else { return nil }
        func number16(_ offset: Int) -> UInt16 {
            let (first, second) = (UInt16(bytes[offset]), UInt16(bytes[offset + 1]))
            return encoding == .explicitBigEndian ? first << 8 | second : second << 8 | first
        }
        func number32(_ offset: Int) -> UInt32 {
            let (first, second) = (UInt32(number16(offset)), UInt32(number16(offset + 2)))
            return encoding == .explicitBigEndian ? first << 16 | second : second << 16 | first
        }
        func length(_ number: UInt32) -> Int? { number == ElementHeader.undefinedLength ? nil : Int(number) }
        tag = Tag(number16(0), number16(2))
        guard encoding != .implicitLittleEndian, hasVR, tag.group != 0xFFFE else {
            (headerByteCount, self.length, vr) = (8, length(number32(4)), nil)
            return
        }
        let vr = (bytes[4], bytes[5])
        self.vr = vr
        guard ElementHeader.hasLongLength(vr) else {
            (headerByteCount, self.length) = (8, Int(number16(6)))
            return
        }
        guard bytes.count >= 12 else { return nil }
        (headerByteCount, self.length) = (12, length(number32(8)))
    }

    /// VRs with a 32-bit length (PS3.5 Table 7.1-1). An unknown VR of two letters is one of the future, which have it too
    /// (PS3.5 6.2); other bytes are read as DCMTK reads them.
    private static func hasLongLength(_ vr: (UInt8, UInt8)) -> Bool {
        guard isLetter(vr.0), isLetter(vr.1) else {
            return vr == (UInt8(ascii: "?"), UInt8(ascii: "?"))
        }
        return !shortVRs.contains(UInt16(vr.0) << 8 | UInt16(vr.1))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static let shortVRs: Set<UInt16> = Set(
        [
            "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM",
            "UI", "UL", "US",
        ]
        .map { vr in vr.utf8.reduce(0) { $0 << 8 | UInt16($1) } })
}
