/// The Attributes of a Data Set (or of one Sequence Item) without bulk data: what was parsed, as values.
///
/// Text is decoded to Unicode; numbers keep their DICOM spelling; a multi-valued Attribute has one string per value,
/// trimmed of padding (PS3.5 6.2). Binary values and Pixel Data are not here.
public struct AttributeSet: Sendable, Equatable {
    private var values: [Tag: [String]]
    private var sequences: [Tag: [AttributeSet]]

    public init(values: [Tag: [String]] = [:], sequences: [Tag: [AttributeSet]] = [:]) {
        self.values = values
        self.sequences = sequences
    }

    /// The first value, or nil when the Attribute is absent or has no value. Setting it makes it the only one.
    public subscript(tag: Tag) -> String? {
        get { values[tag]?.first.flatMap { $0.isEmpty ? nil : $0 } }
        set { values[tag] = newValue.map { [$0] } }
    }

    /// Every value in order, empty ones included (an empty component keeps its place).
    public func strings(_ tag: Tag) -> [String] { values[tag] ?? [] }

    public mutating func set(_ tag: Tag, to strings: [String]) { values[tag] = strings }

    /// Takes the Attribute out, with its values or Items.
    public mutating func remove(_ tag: Tag) {
        values[tag] = nil
        sequences[tag] = nil
    }

    /// The first value as an integer (VR IS, US, SS, UL, SL), or nil; also nil beyond what these hold, so that a few of them
    /// can be added and multiplied.
    public func integer(_ tag: Tag) -> Int? {
        let number = self[tag].flatMap { Int($0) ?? Double($0).flatMap { Int(exactly: $0) } }
        return number.flatMap { AttributeSet.integers.contains($0) ? $0 : nil }
    }

    /// Of VR SL and UL (PS3.5 6.2).
    private static let integers = -(1 << 31)...(1 << 32) - 1

    /// The first value as a finite number (VR DS, FD, FL and the integers), or nil.
    public func decimal(_ tag: Tag) -> Double? {
        self[tag].flatMap(Double.init).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Every value as a finite number, or nil when one of them is not.
    public func decimals(_ tag: Tag) -> [Double]? {
        let strings = strings(tag)
        let numbers = strings.compactMap(Double.init).filter(\.isFinite)
        return numbers.count == strings.count && !numbers.isEmpty ? numbers : nil
    }

    /// The Items of a Sequence, in order; empty when it is absent.
    public func items(_ tag: Tag) -> [AttributeSet] { sequences[tag] ?? [] }

    public mutating func set(_ tag: Tag, to items: [AttributeSet]) { sequences[tag] = items }

    /// Whether the Attribute was present, with or without a value.
    public func contains(_ tag: Tag) -> Bool { values[tag] != nil || sequences[tag] != nil }

    /// Tags of the Attributes that are present, ascending.
    public var tags: [Tag] { (Array(values.keys) + sequences.keys).sorted() }
}
