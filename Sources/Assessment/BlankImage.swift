import DICOMCore
import DICOMImaging

/// `blank-image`: frames that show nothing: one value all over, padding left out, or hardly more; and frames whose end shows
/// nothing because the rest never came and was filled up (``FrameTail``).
///
/// The ends of a stack of slices may lie outside the body, and a computed map may be empty, so those are only noted.
/// Only modalities whose every image shows a body are looked at: a dose plane or a nuclear frame may well be empty.
struct BlankImage: QualityRule {
    let name = QualityRuleName.blankImage
    let parameters: BlankImageParameters

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard isPicture(image), case .success(let pixels) = image.pixels else { return [] }
        let decoded = image.decoded
        let threshold = threshold(image, pixels)
        let spreads = decoded.map { (index: $0.index, spread: spread($0.figures.statistics)) }
        let blank = spreads.filter { Double($0.spread) < threshold }
        guard let worst = blank.min(by: { $0.spread < $1.spread }) else { return [] }

        let detail =
            decoded.count == 1
            ? "the values of the frame lie within \(worst.spread) of each other"
            : "\(blank.count) of \(decoded.count) frames looked at show nothing, the worst is frame \(worst.index)"
        return [
            image.finding(
                name, severity(image, blank: blank.map(\.index), of: pixels, worst: worst.spread),
                value: Double(worst.spread), threshold: threshold, unit: "stored values", detail)
        ]
    }

    /// Images that end early. One that breaks off within a row tells by itself; one that ends with a row tells beside others
    /// of the series that go on, for a shutter and a background end with a row too.
    func findings(in series: InspectedSeries) -> [Quality.Finding] {
        let tails = series.images.compactMap { image -> (image: InspectedImage, tail: FrameTail)? in
            guard isPicture(image), !image.instance.isDerived, !image.instance.isLocalizer else { return nil }
            return image.decoded.map(\.figures.tail).max { $0.fraction < $1.fraction }.map { (image, $0) }
        }
        let usual = tails.count < BlankImage.leastStack ? nil : tails.map(\.tail.fraction).median
        return tails.compactMap { image, tail in
            let isShort = usual.map { tail.fraction > $0 + parameters.shorter } ?? false
            guard tail.fraction < 1,
                tail.isBroken && tail.fraction > parameters.broken || isShort && tail.width > BlankImage.leastWidth
            else { return nil }
            return image.finding(
                name, tail.isBroken ? .fail : .review, value: (tail.fraction * 1000).rounded() / 1000,
                threshold: tail.isBroken ? parameters.broken : parameters.shorter, unit: "fraction",
                "the picture ends early: the last rows hold a single value")
        }
    }

    private static let leastStack = 4
    /// Part of a row that is cut off; the lower end of a round object is narrower.
    private static let leastWidth = 0.4

    private func isPicture(_ image: InspectedImage) -> Bool {
        let isOfBody =
            image.series.isRadiography || ["CT", "MR", "XA", "RF"].contains(image.series.modality?.uppercased())
        return isOfBody && !image.instance.isCapture && !image.instance.isSegmentation
    }

    private func severity(
        _ image: InspectedImage, blank: [Int], of pixels: PixelDescription, worst: Int
    ) -> Quality.Severity {
        if image.series.isRadiography { return Double(worst) < parameters.spread ? .fail : .review }
        if image.instance.isComputed { return .info }
        let isWholeImage = blank.count == image.frames.count
        if !isWholeImage {
            return blank.allSatisfy { isEnd($0, of: pixels.framesAnnounced) } ? .info : .review
        }
        if image.imageCount > 1, isEnd(image.rank, of: image.imageCount) { return .info }
        return .fail
    }

    /// Whether place `index` is among the first or last of `count` that may be empty.
    private func isEnd(_ index: Int, of count: Int) -> Bool {
        let width = max(1, Int(parameters.stackEndFraction * Double(count)))
        return index < width || index >= count - width
    }

    private func threshold(_ image: InspectedImage, _ pixels: PixelDescription) -> Double {
        // Few bits hold few values: a bit mask is no blank image for having two.
        let spread = min(parameters.spread, Double(1 << min(max(pixels.bitsStored, 1) - 1, 30)))
        guard image.series.isRadiography else { return spread }
        let fullScale = Double(UInt64(1) << UInt64(min(max(pixels.bitsStored, 0), 32)))
        return max(spread, parameters.radiographSpreadFraction * fullScale)
    }

    private func spread(_ statistics: FrameStatistics) -> Int {
        statistics.quantile(1 - parameters.tailFraction) - statistics.quantile(parameters.tailFraction)
    }
}
