public import DICOMCore
internal import DICOMNetwork

extension Query.Term {
    /// Longest way to an Attribute through Sequences.
    private static let pathLimit = 8
    /// PS3.6 has none longer than 58 characters.
    private static let keywordLimit = 64

    /// The Attribute that QIDO-RS names so (PS3.18 8.3.4.1): a keyword such as `PatientID`, a tag such as `00100020`, or
    /// several of them with dots between where Sequences lead to it. Nil when that names none.
    public init?(name: some StringProtocol, value: String = "") {
        let parts = name.split(separator: ".", maxSplits: Self.pathLimit, omittingEmptySubsequences: false)
        let tags = parts.compactMap { Self.tag(named: String($0)) }
        guard tags.count == parts.count, tags.count <= Self.pathLimit,
            tags.dropLast().allSatisfy({ DICOMLibrary.valueRepresentation(of: $0) == .sequence })
        else { return nil }
        self.init(tags, value)
    }

    /// Whether it means all of a Sequence, whose Items have values and not it itself.
    public var isSequence: Bool { path.last.flatMap { DICOMLibrary.valueRepresentation(of: $0) } == .sequence }

    /// How its value is written; nil where no dictionary knows it.
    public var representation: ValueRepresentation? {
        path.last.flatMap { DICOMLibrary.valueRepresentation(of: $0) }
    }

    private static func tag(named name: String) -> Tag? {
        guard (1...keywordLimit).contains(name.utf8.count),
            name.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isLetter || Character(Unicode.Scalar($0)).isNumber })
        else { return nil }
        if name.utf8.count == 8, let number = UInt32(name, radix: 16) {
            return Tag(UInt16(number >> 16), UInt16(number & 0xFFFF))
        }
        return DICOMLibrary.tag(ofKeyword: name)
    }
}
