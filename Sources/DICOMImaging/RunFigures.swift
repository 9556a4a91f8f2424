/// What the frames of an angiographic run show against the frame they are subtracted from, its mask.
public struct RunFigures: Codable, Equatable, Sendable {
    /// The mask, counted from 0.
    public let mask: Int
    /// Other frames looked at, ascending.
    public let comparisons: [Comparison]

    /// One frame beside the mask.
    public struct Comparison: Codable, Equatable, Sendable {
        /// From 0.
        public let frame: Int
        /// How far the picture has moved since the mask, in pixels to the right and down: the median of its parts.
        /// Nil when too few of them can be recognised.
        public let shift: Shift?
        /// Parts of the frame that are clearly lower than in the mask, and clearly higher, in stored values.
        public let lowerFraction: Double
        public let higherFraction: Double
    }

    public struct Shift: Codable, Equatable, Sendable {
        public let right: Double
        public let down: Double

        public init(right: Double, down: Double) {
            self.right = right
            self.down = down
        }

        /// Length, in pixels.
        public var distance: Double { (right * right + down * down).squareRoot() }
    }
}

/// The mask of a run, ready to be compared with its other frames.
struct RunMask {
    let frame: Int
    private let picture: ReducedFrame

    init(_ frame: Int, _ values: GrayFrame) {
        self.frame = frame
        picture = ReducedFrame(values)
    }

    /// Nil for the mask itself, and for a frame of another size.
    func comparison(_ index: Int, _ values: GrayFrame) -> RunFigures.Comparison? {
        guard index != frame else { return nil }
        let other = ReducedFrame(values)
        guard other.rows == picture.rows, other.columns == picture.columns else { return nil }
        let tails = picture.tails(of: other)
        return RunFigures.Comparison(
            frame: index, shift: picture.shift(to: other), lowerFraction: tails.lower, higherFraction: tails.higher)
    }
}
