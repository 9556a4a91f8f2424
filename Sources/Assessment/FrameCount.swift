import DICOMCore
import DICOMImaging

/// `frame-count`: whether a multi-frame object holds the frames it announces.
///
/// Number of Frames (0028,0008) is held against what has one value a frame: the vectors that Frame Increment Pointer
/// (0028,0009) names (PS3.3 C.7.6.6), Frame Time Vector (0018,1065), the Per-Frame Functional Groups (5200,9230), mask
/// frames that are named by number; and against the frames in the pixel data. An object with all its frames says
/// nothing of further objects, so nothing is ever complete by this rule.
struct FrameCount: CompletenessRule {
    let name = CompletenessRuleName.frameCount
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        study.series.compactMap { series in
            let losses = series.instances.compactMap { FrameLoss($0) }
            guard !losses.isEmpty else { return nil }
            let told = losses.prefix(3).map(\.detail).joined(separator: "; ")
            let rest = losses.count > 3 ? "; \(losses.count - 3) more objects" : ""
            return Completeness.Evidence(
                rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete, detail: told + rest,
                missing: losses.prefix(missingLimit).map(\.missing))
        }
    }
}

/// Frames that one object lacks.
private struct FrameLoss {
    let detail: String
    let missing: String

    /// Nil for an object that lacks none.
    init?(_ instance: InstanceContent) {
        let attributes = instance.attributes
        // A single frame saved from a run keeps the vectors of the run.
        guard let announced = attributes.integer(.numberOfFrames), (2...1_000_000).contains(announced) else {
            return nil
        }
        let named = attributes.integer(.instanceNumber).map { " of instance \($0)" } ?? ""

        if let held = instance.heldFrameCount, held < announced {
            detail = "\(announced) frames announced, \(held) in the pixel data\(named)"
            missing = FrameLoss.range(held + 1, announced) + named
            return
        }
        let vectors = FrameLoss.vectors(attributes)
        if let longest = vectors.max(by: { $0.count < $1.count }), longest.count > announced {
            detail = "\(announced) frames announced, \(longest.count) values of \(longest.tag)\(named)"
            missing = FrameLoss.range(announced + 1, longest.count) + named
            return
        }
        if let times = FrameLoss.missingTimes(attributes, of: announced) {
            detail = "\(announced) frames announced, \(times.lowerBound - 1) values of \(Tag.frameTimeVector)\(named)"
            missing = "times of " + FrameLoss.range(times.lowerBound, times.upperBound) + named
            return
        }
        if let items = instance.functionalGroups()?.frames.count, items > announced {
            detail = "\(announced) frames announced, \(items) Items of \(Tag.perFrameFunctionalGroupsSequence)\(named)"
            missing = FrameLoss.range(announced + 1, items) + named
            return
        }
        if let highest = FrameLoss.highestNamedFrame(attributes), highest > announced {
            detail = "\(announced) frames announced, frame \(highest) is named as a mask\(named)"
            missing = FrameLoss.range(announced + 1, highest) + named
            return
        }
        return nil
    }

    private static func range(_ first: Int, _ last: Int) -> String {
        first == last ? "frame \(first)" : "frames \(first) to \(last)"
    }

    /// Frames without a value of Frame Time Vector. It begins with the 0 of the first frame (PS3.3 C.7.6.5.1.2); one that does
    /// not may hold the times between frames, one less than frames.
    private static func missingTimes(_ attributes: AttributeSet, of announced: Int) -> ClosedRange<Int>? {
        let count = attributes.strings(.frameTimeVector).count
        guard pointed(attributes).contains(.frameTimeVector), count > 1, count < announced else { return nil }
        let areIntervals = count == announced - 1 && attributes.decimal(.frameTimeVector) != 0
        return areIntervals ? nil : (count + 1)...announced
    }

    /// What Frame Increment Pointer (0028,0009) names; without one, the times where there is no constant.
    private static func pointed(_ attributes: AttributeSet) -> Set<Tag> {
        let named = attributes.strings(.frameIncrementPointer).compactMap(Tag.init(written:))
        return named.isEmpty && attributes[.frameTime] == nil ? [.frameTimeVector] : Set(named)
    }

    /// Attributes with one value a frame, as far as the object points to them.
    private static func vectors(_ attributes: AttributeSet) -> [(tag: Tag, count: Int)] {
        pointed(attributes).intersection(vectorTags).sorted().compactMap { tag in
            let count = attributes.strings(tag).count
            return count > 1 ? (tag, count) : nil
        }
    }

    /// The vectors of PS3.3 C.7.6.5.1.2 and C.8.4.8; others that may be pointed to have one value for all frames.
    private static let vectorTags: Set<Tag> = [
        .frameTimeVector, .energyWindowVector, .detectorVector, .phaseVector, .rotationVector, .rrIntervalVector,
        .timeSlotVector, .sliceVector, .angularViewVector, .timeSliceVector, .gridFrameOffsetVector,
    ]

    /// The highest frame number that Mask Subtraction Sequence (0028,6100) names.
    private static func highestNamedFrame(_ attributes: AttributeSet) -> Int? {
        attributes.items(.maskSubtractionSequence).flatMap { item in
            item.strings(.maskFrameNumbers).compactMap { Int($0) }
        }.filter { $0 < 1_000_000 }.max()
    }
}

extension InspectedImage {
    /// Whole frames in the pixel data of a multi-frame object; nil for other objects, and where frames cannot be told apart,
    /// as in video.
    var heldFrameCount: Int? {
        guard case .success(let pixels) = pixels, pixels.framesAnnounced > 1 else { return nil }
        let isCountable = !pixels.isEncapsulated || !pixels.transferSyntaxUID.hasPrefix(InspectedImage.video)
        return isCountable ? pixels.framesPresent : nil
    }

    /// MPEG-2, MPEG-4 and HEVC (PS3.5 8.2.5 to 8.2.8): 1.2.840.10008.1.2.4.100 to 108.
    private static let video = "1.2.840.10008.1.2.4.10"
}

extension StudyContent {
    /// The same study with what is known of the frames in its objects.
    func holding(_ heldFrameCounts: [SOPInstanceUID: Int]) -> StudyContent {
        guard !heldFrameCounts.isEmpty else { return self }
        var study = self
        for series in study.series.indices {
            for index in study.series[series].instances.indices {
                let uid = study.series[series].instances[index].sopInstanceUID
                study.series[series].instances[index].heldFrameCount = heldFrameCounts[uid]
            }
        }
        return study
    }
}
