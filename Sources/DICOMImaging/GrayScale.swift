/// What stored values mean (PS3.3 C.7.6.3, C.11.1, C.11.2, C.11.6, C.7.5.1.1.2), as far as the header can be believed.
public struct GrayScale: Codable, Equatable, Sendable {
    /// A table from stored values to modality units (Modality LUT Sequence (0028,3000)).
    public struct Table: Codable, Equatable, Sendable {
        /// Stored value the first entry stands for; smaller ones map to it, greater than the last's to the last.
        public let first: Int32
        public let entries: [UInt16]
    }

    /// What Bits Stored and Pixel Representation allow.
    public let range: ClosedRange<Int32>
    /// Stored values that fill the frame around the picture, or nil when the header names none.
    public let padding: ClosedRange<Int32>?
    /// Greater values are shown darker: MONOCHROME1, or Presentation LUT Shape INVERSE. Where both are there they mean the
    /// same (PS3.3 C.8.11.3).
    public let isInverted: Bool
    /// Rescale Slope (0028,1053) and Intercept (0028,1052); 1 and 0 when absent.
    public let slope: Double
    public let intercept: Double
    /// Whether the header gives slope and intercept.
    public let isRescaled: Bool
    /// When present, it stands instead of slope and intercept.
    public let table: Table?
    /// How many modality values the VOI LUT Sequence (0028,3010) spreads over the grey scale, or nil without one. It stands
    /// instead of a window, or beside one.
    public let voiWidth: Double?

    public init(
        range: ClosedRange<Int32>, padding: ClosedRange<Int32>? = nil, isInverted: Bool = false,
        rescale: (slope: Double, intercept: Double)? = nil, table: Table? = nil, voiWidth: Double? = nil
    ) {
        self.range = range
        self.padding = padding
        self.isInverted = isInverted
        slope = rescale?.slope ?? 1
        intercept = rescale?.intercept ?? 0
        isRescaled = rescale != nil
        self.table = table
        self.voiWidth = voiWidth
    }

    /// A stored value in modality units: Hounsfield units of CT, optical density or arbitrary ones of others.
    public func modalityValue(_ stored: Int32) -> Double {
        if let table, let last = table.entries.indices.last {
            return Double(table.entries[min(max(Int(stored) - Int(table.first), 0), last)])
        }
        return slope * Double(stored) + intercept
    }

    public func isPadding(_ stored: Int32) -> Bool { padding?.contains(stored) ?? false }
}
