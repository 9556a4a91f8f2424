/// One decoded frame as the measures see it: one stored value a pixel, and what the header says values mean.
///
/// The one place that knows MONOCHROME1, padding, signed values, Bits Stored and the Modality LUT; a measure asks here
/// and not in the header.
public struct GrayFrame: Sendable {
    public let rows: Int
    public let columns: Int
    /// Stored values row by row, `rows` × `columns`; the luminance of colour images (ITU-R BT.601).
    public let values: [Int32]
    public let scale: GrayScale

    public init(rows: Int, columns: Int, values: [Int32], scale: GrayScale) {
        precondition(values.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.values = values
        self.scale = scale
    }

    /// - Parameter samples: as ``PixelReader/frame(_:)`` gives them.
    init(_ samples: [Int32], of description: PixelDescription) {
        rows = description.rows
        columns = description.columns
        scale = description.scale
        values = GrayFrame.luminance(
            samples, samplesPerPixel: description.samplesPerPixel,
            isLuminanceFirst: description.photometricInterpretation.hasPrefix("YBR"))
    }

    /// One value a pixel of `samplesPerPixel`: the first, or of red, green and blue the luminance.
    static func luminance(_ samples: [Int32], samplesPerPixel: Int, isLuminanceFirst: Bool) -> [Int32] {
        guard samplesPerPixel > 1 else { return samples }
        let isColour = samplesPerPixel > 2 && !isLuminanceFirst
        return (0..<samples.count / samplesPerPixel).map { pixel in
            let first = pixel * samplesPerPixel
            guard isColour else { return samples[first] }
            let weighed = 299 * Int(samples[first]) + 587 * Int(samples[first + 1]) + 114 * Int(samples[first + 2])
            return Int32(weighed / 1000)
        }
    }

    public func histogram() -> Histogram { Histogram(values.span, padding: scale.padding) }
}
