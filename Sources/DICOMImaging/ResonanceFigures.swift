/// What one MR slice shows of noise and ghosts. Levels are counted from the least value of the frame.
///
/// The object is what is brighter than the threshold between the two classes of its grey values (Otsu); the background
/// is the rest, a margin around the object left out.
public struct ResonanceFigures: Codable, Equatable, Sendable {
    /// Mean level of the object, in stored values.
    public let signal: Double
    /// Part of the frame that is object.
    public let objectFraction: Double
    /// Part of the neighbours of the object's pixels that are object too: 1/2 of pure noise, near 1 of a body.
    public let coherence: Double
    /// Noise in the object, in stored values, from the median difference across 2 × 2 pixels (Donoho & Johnstone 1994);
    /// nil when too few lie in the object.
    public let objectNoise: Double?
    /// Median difference along rows and columns over that across 2 × 2 pixels: 1 of noise, more where structure is
    /// what differs. Nil with ``objectNoise``.
    public let objectStructure: Double?
    /// Noise of the most uniform background as it would be in the object, in stored values: its spread over 0.655
    /// (NEMA MS 1-2008, 2.3.2.4). Nil where there is too little background or it was masked to one value.
    public let backgroundNoise: Double?
    /// Ghosts of the object along the rows and along the columns, half a field of view away and a quarter to both
    /// sides: the median of the background where the object would lie if it were moved there, less that of the rest,
    /// over the signal (NEMA MS 1 and the ACR's signal ghosting look for the same in a phantom). Nil without enough of
    /// both.
    public let rowGhosts: Ghosts
    public let columnGhosts: Ghosts

    public struct Ghosts: Codable, Equatable, Sendable {
        public let half: Double?
        public let quarter: Double?
    }

    /// Mean levels of the background along each edge of the frame, beside the object, over the signal; nil where the
    /// object or something like it reaches the edge.
    public let edges: EdgeLevels

    /// A level a side, over the signal.
    public struct EdgeLevels: Codable, Equatable, Sendable {
        public let top: Double?
        public let bottom: Double?
        public let left: Double?
        public let right: Double?
        /// Least of the four corners, outside the object's rows and columns.
        public let corner: Double?
    }

    /// Nil when the frame is too small or shows nothing.
    public init?(_ frame: GrayFrame, histogram: Histogram) {
        guard frame.rows >= 32, frame.columns >= 32, let threshold = histogram.otsuThreshold() else { return nil }
        let map = ObjectMap(frame, above: threshold)
        guard map.objectCount >= 64, map.signal > 0 else { return nil }
        signal = map.signal
        objectFraction = Double(map.objectCount) / Double(frame.values.count)
        coherence = map.coherence()
        let differences = map.differences()
        objectNoise = differences?.noise
        objectStructure = differences?.structure
        backgroundNoise = map.backgroundNoise()
        let (down, across) = (frame.rows / 4, frame.columns / 4)
        rowGhosts = Ghosts(
            half: map.ghost([(0, frame.columns / 2)]), quarter: map.ghost([(0, across), (0, -across)]))
        columnGhosts = Ghosts(half: map.ghost([(frame.rows / 2, 0)]), quarter: map.ghost([(down, 0), (-down, 0)]))
        edges = map.edgeLevels()
    }
}
