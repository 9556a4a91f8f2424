import DICOMCore
import DICOMImaging

/// A rule that notices what is wrong with a study's images. A rule with nothing to notice is silent.
protocol QualityRule: Sendable {
    var name: QualityRuleName { get }
    /// What the headers alone show, once per study.
    func findings(in study: StudyContent) -> [Quality.Finding]
    /// What one image's pixels show, once per image; `image` is gone when the next one comes.
    func findings(in image: InspectedImage) -> [Quality.Finding]
}

extension QualityRule {
    func findings(in study: StudyContent) -> [Quality.Finding] { [] }
    func findings(in image: InspectedImage) -> [Quality.Finding] { [] }
}

/// One image as the rules see it: its header, what its file holds, and figures of a few of its frames.
struct InspectedImage {
    /// A decoded frame's figures, or why it could not be decoded.
    struct Frame {
        let index: Int
        let statistics: Result<FrameStatistics, PixelError>
    }

    let instance: InstanceContent
    let series: SeriesContent
    /// Place of the image in its series by Instance Number, from 0, and how many images the series has.
    let rank: Int
    let imageCount: Int
    /// What the file holds, or why it could not be opened.
    let pixels: Result<PixelDescription, PixelError>
    /// At most ``AssessmentParameters/frameSampleLimit``, from the first to the last, evenly spread.
    let frames: [Frame]

    /// Whether at least one frame was decoded.
    var isDecoded: Bool {
        frames.contains { frame in
            if case .success = frame.statistics { true } else { false }
        }
    }

    /// Opens the image and decodes the sampled frames, one after the other.
    init(
        _ instance: InstanceContent, of series: SeriesContent, rank: Int, imageCount: Int, frameSampleLimit: Int
    ) {
        self.instance = instance
        self.series = series
        self.rank = rank
        self.imageCount = imageCount
        do {
            var reader = try instance.openPixels()
            let description = reader.description
            pixels = .success(description)
            let padding = PixelPadding(instance.attributes, description).values
            var frames: [Frame] = []
            for index in InspectedImage.sample(of: description.framesAnnounced, limit: frameSampleLimit) {
                do {
                    frames.append(
                        Frame(
                            index: index, statistics: .success(try reader.statistics(ofFrame: index, padding: padding)))
                    )
                } catch {
                    frames.append(Frame(index: index, statistics: .failure(error)))
                }
            }
            self.frames = frames
        } catch {
            pixels = .failure(error)
            frames = []
        }
    }

    /// At most `limit` frame numbers below `count`, the first and the last among them.
    static func sample(of count: Int, limit: Int) -> [Int] {
        guard count > limit else { return Array(0..<max(count, 1)) }
        guard limit > 1 else { return [0] }
        return (0..<limit).map { $0 * (count - 1) / (limit - 1) }
    }

    /// A finding about this image.
    func finding(
        _ rule: QualityRuleName, _ severity: Quality.Severity, value: Double? = nil, threshold: Double? = nil,
        unit: String? = nil, _ detail: String
    ) -> Quality.Finding {
        Quality.Finding(
            rule: rule, severity: severity, seriesInstanceUID: series.seriesInstanceUID,
            sopInstanceUID: instance.sopInstanceUID, value: value, threshold: threshold, unit: unit, detail: detail)
    }
}

/// The stored values that fill the frame around the picture (PS3.3 C.7.5.1.1.2).
struct PixelPadding {
    /// Nil when the header names none.
    let values: ClosedRange<Int32>?

    init(_ attributes: AttributeSet, _ description: PixelDescription) {
        func value(_ tag: Tag) -> Int32? {
            guard let number = attributes.integer(tag) else { return nil }
            // Written as US in an object of signed pixels, -2000 reads as 63536.
            let isWrapped = description.isSigned && description.bitsAllocated == 16 && number > Int(Int16.max)
            return Int32(exactly: isWrapped ? number - 65_536 : number)
        }
        guard let first = value(.pixelPaddingValue) else {
            values = nil
            return
        }
        let second = value(.pixelPaddingRangeLimit) ?? first
        values = min(first, second)...max(first, second)
    }
}
