import DICOMCore

/// What is known of the diffusion weighting of one MR series.
struct DiffusionSeries {
    /// Seconds per square millimetre, as far as headers or words give them.
    let bValues: Set<Double>
    /// Whether every image tells its own. Words about the series may show what is there, and never what lacks: they mostly
    /// name the highest b-value alone.
    let areTold: Bool
    /// Whether the images are diffusion-weighted, and not maps computed from such.
    let isWeighted: Bool

    /// - Parameter examProtocol: the Protocol Name that all series of the study share. It names the exam ("Brain + DWI"), and says
    ///   nothing of the one series.
    init(_ series: SeriesContent, examProtocol: String? = nil) {
        let images = series.instances.filter { $0.isImage && !$0.isLocalizer && !$0.isCapture }
        var bValues: Set<Double> = []
        var isWeighted = false
        var areTold = true
        var texts: Set<String> = []
        for image in images where !DiffusionSeries.isMap(image) {
            let attributes = image.attributes
            let own = DiffusionSeries.bValues(of: image)
            bValues.formUnion(own.compactMap(\.self))
            areTold = areTold && !own.contains(nil)
            isWeighted =
                isWeighted || image.imageType.contains { $0.uppercased().contains("DIFFUSION") || $0 == "TRACEW" }
            for tag in [Tag.seriesDescription, .sequenceName, .protocolName] {
                if let text = attributes[tag], tag != .protocolName || text != examProtocol { texts.insert(text) }
            }
        }
        isWeighted =
            isWeighted || bValues.contains { $0 > 0 } || texts.contains(where: DiffusionSeries.namesDiffusion)
        if isWeighted, !areTold { bValues.formUnion(texts.flatMap(DiffusionSeries.bValues)) }
        self.bValues = bValues
        self.areTold = areTold
        self.isWeighted = isWeighted
    }

    /// One for the image, or for each frame of a multi-frame object; nil where it tells none. A sequence's name is the single
    /// image's (`*ep_b1000t`).
    private static func bValues(of image: InstanceContent) -> [Double?] {
        let named = image.attributes[.sequenceName].flatMap { bValues(in: $0).first }
        if let bValue = DiffusionWeighting(image.attributes).bValue ?? named { return [bValue] }
        let frames = image.frames.map { frame in frame.bValue.flatMap { $0 >= 0 ? $0 : nil } }
        return frames.isEmpty ? [nil] : frames
    }

    /// An ADC, FA or similar map.
    static func isMap(_ image: InstanceContent) -> Bool {
        if image.imageType.contains(where: { maps.contains($0.uppercased()) }) { return true }
        let description = (image.attributes[.seriesDescription] ?? "").uppercased()
        return description.split { !$0.isLetter }.contains { maps.contains(String($0)) }
    }

    private static let maps: Set<String> = ["ADC", "EADC", "FA", "ADC_UNSPECIFIED", "FA_UNSPECIFIED", "TENSOR", "EXP"]

    static func namesDiffusion(_ text: String) -> Bool {
        let folded = text.uppercased()
        return ["DWI", "DIFF", "DTI", "弥散", "扩散", "彌散", "KHUẾCH TÁN", "KHUECH TAN", "RESOLVE", "EP_B", "EP2D_D"]
            .contains { folded.contains($0) }
    }

    /// `b1000`, `b=800`, `B-50`, `ep_b0`, `b0_b1000`.
    static func bValues(in text: String) -> [Double] {
        text.lowercased().matches(of: /(?:^|[^a-z])b[ =_-]?(\d{1,4})(?!\d)/).compactMap { Double($0.1) }
    }
}
