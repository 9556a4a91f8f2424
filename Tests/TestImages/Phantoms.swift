import Foundation

/// Pictures of known content for tests of what is measured: plain shapes with the noise that is asked for, the same on
/// every run.
public struct Phantom: Sendable {
    public let rows: Int
    public let columns: Int
    /// Row by row.
    public var values: [Double]

    public init(rows: Int, columns: Int, value: (_ row: Int, _ column: Int) -> Double) {
        self.rows = rows
        self.columns = columns
        values = (0..<(rows * columns)).map { value($0 / columns, $0 % columns) }
    }

    /// Whole numbers, at least `least`.
    public func stored(least: Int = 0) -> [Int] { values.map { max(least, Int($0.rounded())) } }

    /// With white noise of this standard deviation.
    public func noisy(_ deviation: Double, seed: UInt64 = 1) -> Phantom {
        var noise = WhiteNoise(seed: seed)
        var copy = self
        copy.values = values.map { $0 + deviation * noise.next() }
        return copy
    }

    /// As the magnitude of a complex signal whose parts have noise of this standard deviation.
    public func magnitude(_ deviation: Double, seed: UInt64 = 1) -> Phantom {
        var noise = WhiteNoise(seed: seed)
        var copy = self
        copy.values = values.map { value in
            let (real, imaginary) = (value + deviation * noise.next(), deviation * noise.next())
            return (real * real + imaginary * imaginary).squareRoot()
        }
        return copy
    }

    /// With a copy of itself, moved down and across round the frame.
    public func ghosted(_ share: Double, down: Int, across: Int) -> Phantom {
        Phantom(rows: rows, columns: columns) { row, column in
            let source = (row + rows - down) % rows * columns + (column + columns - across) % columns
            return values[row * columns + column] + share * values[source]
        }
    }

    /// A slice through a chest in Hounsfield units: body, fat, lungs with vessels, spine, and foam under it.
    ///
    /// - Parameter zoom: 1 shows air all around; 2.2 lies within the chest.
    public static func chest(side: Int = 256, zoom: Double = 1) -> Phantom {
        var texture = WhiteNoise(seed: 7)
        return Phantom(rows: side, columns: side) { row, column in
            let x = (Double(column) / Double(side) - 0.5) / zoom
            let y = (Double(row) / Double(side) - 0.5) / zoom
            func isIn(_ centreX: Double, _ centreY: Double, _ width: Double, _ height: Double) -> Bool {
                let (across, down) = ((x - centreX) / width, (y - centreY) / height)
                return across * across + down * down < 1
            }
            if isIn(0, 0.16, 0.05, 0.05) { return 500 }
            if isIn(-0.17, 0, 0.12, 0.17) || isIn(0.17, 0, 0.12, 0.17) {
                let patches = 40 * sin(x * 47) * cos(y * 53) + 30 * cos(x * 91 + y * 67)
                return -860 + patches + 40 * texture.next() + (sin(x * 140) * cos(y * 130) > 0.8 ? 500 : 0) + 200 * y
            }
            if isIn(0, 0, 0.34, 0.25) { return 45 }
            if isIn(0, 0, 0.38, 0.29) { return -100 }
            if isIn(0, 0.3, 0.42, 0.08) { return -930 }
            return -1000
        }
    }

    /// A slice through a head as MR sees it, some 400 of signal on nothing.
    public static func head(side: Int = 128) -> Phantom {
        Phantom(rows: side, columns: side) { row, column in
            let (x, y) = (Double(column) / Double(side) - 0.5, Double(row) / Double(side) - 0.5)
            let radius = (x * x / 0.09 + y * y / 0.14).squareRoot()
            if radius > 1 { return 0 }
            if radius > 0.9 { return 500 }
            return 400 + 60 * sin(x * 30) * cos(y * 26)
        }
    }

    /// A frame of an angiographic run: bones, moved by so much, and a vessel of this depth.
    public static func angiogram(
        side: Int = 256, vessel: Double = 0, right: Double = 0, down: Double = 0
    ) -> Phantom {
        Phantom(rows: side, columns: side) { row, column in
            let (x, y) = (Double(column) - right, Double(row) - down)
            let bones = 60 * sin(x / 9) * cos(y / 7) + 50 * sin(x / 23 + y / 17) + 30 * cos(x / 5.3 - y / 6.1)
            let isVessel = abs(Double(column) - 128 - 30 * sin(Double(row) / 40)) < 5
            return 600 + bones - (isVessel ? vessel : 0)
        }
    }
}

/// Standard normal numbers, the same for a seed on every run (SplitMix64, Box and Muller).
public struct WhiteNoise {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> Double {
        let (first, second) = (uniform(), uniform())
        return (-2 * log(first)).squareRoot() * cos(2 * .pi * second)
    }

    /// In 0…1, never 0.
    private mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return (Double((mixed ^ (mixed >> 31)) >> 11) + 1) / 9_007_199_254_740_993
    }
}

extension Phantom {
    /// As a file of 16-bit cells, `frames` one after the other.
    public static func file(_ frames: [Phantom], isSigned: Bool = false) -> Part10File {
        var image = TestImage()
        guard let first = frames.first else { return image.file }
        let stored = frames.map { $0.stored(least: isSigned ? -32_768 : 0) }
        image.rows = first.rows
        image.columns = first.columns
        image.frames = frames.count
        image.bitsStored = 16
        image.isSigned = isSigned
        image.value = { frame, row, column in stored[frame][row * first.columns + column] }
        return image.file
    }
}
