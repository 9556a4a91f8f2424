import DICOMCore
import Foundation

/// A radiograph computed from what lies in the rays' way: a limb or a chest of simple shapes, quanta, logarithm.
///
/// Bright is dense. Every pixel is a function of its place and the seed, so the same picture comes every time.
public struct TestRadiograph {
    public enum Body: Sendable, CaseIterable {
        case limb, chest
    }

    public var body: Body
    public var rows = 384
    public var columns = 320
    public var bitsStored = 12
    public var isInverted = false
    /// Standard deviation of the noise, as a fraction of the full range.
    public var noise = 0.004
    /// Rows and columns outside the exposed field on every side; they are shown as unexposed, or black when masked.
    public var border = 0
    public var isMasked = false
    /// A plate with screws.
    public var hasMetal = false
    /// A lead letter.
    public var hasMark = false
    /// What becomes of the finished picture, which is row by row between 0 and 1; before the borders are laid on.
    public var change: ([Double], TestRadiograph) -> [Double] = { picture, _ in picture }

    public init(_ body: Body = .limb) { self.body = body }

    /// Stored values as an image that can be written.
    public var image: TestImage {
        let values = storedValues
        var image = TestImage()
        image.rows = rows
        image.columns = columns
        image.bitsStored = bitsStored
        image.value = { _, row, column in values[row * columns + column] }
        return image
    }

    public var file: Part10File {
        var file = image.file
        if isInverted { file.set(.photometricInterpretation, "CS", "MONOCHROME1") }
        return file
    }

    public var storedValues: [Int] {
        var random = SplitMix(seed: 7)
        var picture = (0..<rows * columns).map { brightness(row: $0 / columns, column: $0 % columns) }
        picture = TestRadiograph.blurred(picture, rows: rows, columns: columns, sigma: 0.6)
        picture = picture.map { $0 + noise * random.normal() }
        picture = change(picture, self)
        let full = Double((1 << bitsStored) - 1)
        return picture.indices.map { index in
            let (row, column) = (index / columns, index % columns)
            let isOutside =
                row < border || column < border || row >= rows - border || column >= columns - border
            let outside = isMasked ? 0 : 0.97 + 0.004 * random.normal()
            let shown = min(max(isOutside ? outside : picture[index], 0), 1)
            return Int(((isInverted ? 1 - shown : shown) * full).rounded())
        }
    }

    private func brightness(row: Int, column: Int) -> Double {
        // From −1 to 1 over the picture.
        let y = 2 * Double(row) / Double(rows) - 1
        let x = 2 * Double(column) / Double(columns) - 1
        var value = body == .limb ? limb(x, y) : chest(x, y)
        if hasMetal,
            abs(x + 0.1 * y) < 0.06 && abs(y) < 0.7 || abs(x) < 0.25 && abs(y.remainder(dividingBy: 0.3)) < 0.02
        {
            value = 1
        }
        if hasMark, (0.6...0.75).contains(x), (-0.85 ... -0.7).contains(y) { value = 1 }
        return value
    }

    private func limb(_ x: Double, _ y: Double) -> Double {
        let wide = 0.62 + 0.08 * sin(2 * y)
        guard abs(x) < wide else { return 0.03 }
        let soft = 0.12 + 0.3 * (1 - (x / wide) * (x / wide)).squareRoot()
        // Two bones with a dense rim and beams across.
        let bones = [(-0.17 + 0.03 * y, 0.13), (0.2, 0.09)].map { centre, half -> Double in
            let place = abs(x - centre) / half
            guard place < 1 else { return 0 }
            let beams = 0.03 * sin(90 * x + 40 * y) * sin(70 * y)
            return 0.22 * (1 - place * place).squareRoot() + (place > 0.75 ? 0.13 : 0) + beams
        }
        return soft + bones.reduce(0, +)
    }

    private func chest(_ x: Double, _ y: Double) -> Double {
        guard abs(x) < 0.93 - 0.1 * y * y else { return 0.02 }
        var value = 0.55 + 0.1 * y
        for side in [-0.45, 0.45] {
            let (u, v) = ((x - side) / 0.34, (y + 0.1) / 0.75)
            let depth = 1 - u * u - v * v
            if depth > 0 { value -= 0.42 * min(1, 2.5 * depth) }
        }
        // Ribs and vessels over the lungs.
        let rib = abs((y - 0.35 * x * x).remainder(dividingBy: 0.19))
        if rib < 0.03, abs(x) > 0.12 { value += 0.09 }
        let vessel = sin(60 * x + 9 * sin(14 * y)) * sin(45 * y + 6 * sin(11 * x))
        value += 0.02 * vessel
        if abs(x + 0.02) < 0.11 { value += 0.2 + (abs(y.remainder(dividingBy: 0.16)) < 0.012 ? 0.07 : 0) }
        return value
    }

    /// By a Gaussian of `sigma` pixels.
    public static func blurred(_ picture: [Double], rows: Int, columns: Int, sigma: Double) -> [Double] {
        let reach = Int((4 * sigma).rounded(.up))
        let weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let total = weights.reduce(0, +)
        return filtered(
            filtered(picture, rows, columns, weights.map { $0 / total }, alongRows: true), rows, columns,
            weights.map { $0 / total }, alongRows: false)
    }

    /// By a movement of `length` pixels along the columns.
    public static func smeared(_ picture: [Double], rows: Int, columns: Int, length: Int) -> [Double] {
        let odd = length | 1
        return filtered(
            picture, rows, columns, [Double](repeating: 1 / Double(odd), count: odd), alongRows: false)
    }

    private static func filtered(
        _ picture: [Double], _ rows: Int, _ columns: Int, _ weights: [Double], alongRows: Bool
    ) -> [Double] {
        let reach = weights.count / 2
        var result = picture
        for row in 0..<rows {
            for column in 0..<columns {
                var sum = 0.0
                for (place, weight) in weights.enumerated() {
                    let step = place - reach
                    let y = alongRows ? row : min(max(row + step, 0), rows - 1)
                    let x = alongRows ? min(max(column + step, 0), columns - 1) : column
                    sum += weight * picture[y * columns + x]
                }
                result[row * columns + column] = sum
            }
        }
        return result
    }
}

/// A generator of the same numbers every time (Steele, Lea, Flood 2014).
public struct SplitMix: Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// In 0..<1.
    public mutating func uniform() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }

    /// Of mean 0 and deviation 1, from twelve uniform ones.
    public mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
