/// The end of a frame as far as it holds a single value: what is left where the rest of an image never came.
///
/// Values run row by row, so data that ends early breaks off within a row: on its left is picture, on its right nothing, and
/// above the nothing is picture. No shutter, field of view or background looks like that.
public struct FrameTail: Codable, Equatable, Sendable {
    /// Part of the frame's rows, the last ones, that hold nothing but the one value.
    public let fraction: Double
    /// Whether the row before those breaks off.
    public let isBroken: Bool
    /// Part of the last row of picture that differs from the value.
    public let width: Double

    /// Part of a broken row that is at least there, and at least lost.
    static let leastPart = 0.03
    /// How much of what lies beside and above the break is picture.
    static let pictureFraction = 0.8

    public init(_ frame: GrayFrame) {
        let (values, columns) = (frame.values, frame.columns)
        guard let value = values.last, let end = values.lastIndex(where: { $0 != value }) else {
            (fraction, isBroken, width) = (values.isEmpty ? 0 : 1, false, 0)
            return
        }
        let row = end / columns
        let kept = end % columns + 1
        /// Part of the pixels of a row that differ from the value.
        func picture(_ row: Int, _ places: Range<Int>) -> Double {
            let start = row * columns
            return Double(places.count { values[start + $0] != value }) / Double(max(places.count, 1))
        }
        fraction = Double(frame.rows - 1 - row) / Double(frame.rows)
        let least = Self.leastPart * Double(columns)
        isBroken =
            row > 0 && Double(kept) >= least && Double(columns - kept) >= least
            && picture(row, 0..<kept) >= Self.pictureFraction
            && picture(row - 1, kept..<columns) >= Self.pictureFraction
        width = picture(isBroken ? row - 1 : row, 0..<columns)
    }
}
