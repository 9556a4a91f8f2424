import DICOMCore

/// What is known of the diffusion weighting of one MR series.
struct DiffusionSeries {
    /// Seconds per square millimetre, as far as headers or words give them.
    let bValues: Set<Double>
    /// Whether the images are diffusion-weighted, and not maps computed from such.
    let isWeighted: Bool

    init(_ series: SeriesContent) {
        let images = series.instances.filter { $0.isImage && !$0.isLocalizer && !$0.isCapture }
        var bValues: Set<Double> = []
        var isWeighted = false
        var texts: Set<String> = []
        for image in images where !DiffusionSeries.isMap(image) {
            let attributes = image.attributes
            if let bValue = DiffusionWeighting(attributes).bValue { bValues.insert(bValue) }
            isWeighted =
                isWeighted || image.imageType.contains { $0.uppercased().contains("DIFFUSION") || $0 == "TRACEW" }
            for tag in [Tag.seriesDescription, .sequenceName, .protocolName] {
                if let text = attributes[tag] { texts.insert(text) }
            }
        }
        isWeighted = isWeighted || bValues.contains { $0 > 0 } || texts.contains(where: DiffusionSeries.namesDiffusion)
        if isWeighted, bValues.isEmpty { bValues = Set(texts.flatMap(DiffusionSeries.bValues)) }
        self.bValues = bValues
        self.isWeighted = isWeighted
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
