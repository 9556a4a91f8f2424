/// What a multi-frame object says of its frames one by one, as far as the rules ask (PS3.3 C.7.6.16).
public struct FunctionalGroups: Sendable, Equatable {
    /// One frame; what the shared groups say counts where its own say nothing.
    public struct Frame: Sendable, Equatable {
        /// Image Position (Patient) (0020,0032), three numbers, millimetres. As in the following two, a value that is no number
        /// is NaN; none where nothing is written.
        public var position: [Double] = []
        /// Image Orientation (Patient) (0020,0037), six cosines.
        public var orientation: [Double] = []
        /// Pixel Spacing (0028,0030), from row to row and from column to column, millimetres.
        public var spacing: [Double] = []
        /// Slice Thickness (0018,0050), millimetres.
        public var thickness: Double?
        public var stackID: String?
        public var inStackPosition: Int?
        public var temporalPosition: Int?
        /// Dimension Index Values (0020,9157).
        public var dimensionIndices: [Int] = []
        /// Seconds per square millimetre.
        public var bValue: Double?
        /// Diffusion Gradient Orientation (0018,9089).
        public var gradient: [Double] = []
        /// Effective Echo Time (0018,9082), milliseconds.
        public var echoTime: Double?
        /// Nominal Cardiac Trigger Delay Time (0020,9153), milliseconds.
        public var triggerDelay: Double?
        /// Frame Type (0008,9007).
        public var type: [String] = []

        public init() {}
    }

    /// In the order of the pixel data.
    public var frames: [Frame]

    public init(frames: [Frame]) {
        self.frames = frames
    }
}
