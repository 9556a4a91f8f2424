import Catalogue
import DICOMCore

/// `frame-timing`: the frames of an angiographic run lie in time as its header says in one place and the other
/// (PS3.3 C.7.6.5, Cine).
struct FrameTiming: QualityRule {
    let name = QualityRuleName.frameTiming
    let parameters: FrameTimingParameters

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        let attributes = image.instance.attributes
        guard image.series.isAngiography, !image.instance.isCapture,
            let frames = attributes.integer(.numberOfFrames), frames > 1
        else { return [] }
        let steps = attributes.decimals(.frameTimeVector)?.map(\.bounded) ?? []
        let times = attributes[.frameTime] == nil ? nil : attributes.decimal(.frameTime)?.bounded ?? .nan
        guard times != nil || attributes[.frameTimeVector] != nil else {
            return [image.finding(name, .review, "nothing tells when the \(frames) frames were taken")]
        }
        return vector(steps, attributes, frames, image) + single(times, attributes, image)
            + rate(times, steps, attributes, image)
    }

    /// Frame Time Vector (0018,1065): the time from each frame to the one before it, of the first 0.
    private func vector(
        _ steps: [Double], _ attributes: AttributeSet, _ frames: Int, _ image: InspectedImage
    ) -> [Quality.Finding] {
        guard !steps.isEmpty else {
            guard attributes[.frameTimeVector] != nil else { return [] }
            return [image.finding(name, .review, "the Frame Time Vector holds what is no number")]
        }
        guard steps.count == frames else {
            return [
                image.finding(
                    name, .review, value: Double(steps.count), threshold: Double(frames), unit: "frames",
                    "the Frame Time Vector tells of \(steps.count) frames, the run has \(frames)")
            ]
        }
        let gaps = steps.dropFirst()
        if let place = gaps.firstIndex(where: { $0 <= 0 }) {
            return [
                image.finding(
                    name, .review, value: steps[place], threshold: 0, unit: "ms",
                    "frame \(place + 1) is not later than the frame before it")
            ]
        }
        guard let place = isolatedGap(steps) else { return [] }
        return [
            image.finding(
                name, .review, value: steps[place], threshold: parameters.isolatedGap * typical(steps), unit: "ms",
                "frame \(place + 1) follows after a pause that neither its neighbours nor the mask explain")
        ]
    }

    /// A step much longer than those before and after it. Protocols change their rate, and pause after the mask; within
    /// a phase of even steps a single pause means frames that are missing.
    private func isolatedGap(_ steps: [Double]) -> Int? {
        guard steps.count >= 6 else { return nil }
        return (3..<(steps.count - 1)).first { place in
            let around = [steps[max(1, place - 3)..<place].max(), steps[(place + 1)...].prefix(3).max()]
            return around.compactMap(\.self).allSatisfy { steps[place] > parameters.isolatedGap * $0 }
        }
    }

    private func typical(_ steps: [Double]) -> Double { Array(steps.dropFirst()).median ?? 0 }

    private func single(_ time: Double?, _ attributes: AttributeSet, _ image: InspectedImage) -> [Quality.Finding] {
        guard let time else { return [] }
        guard time.isFinite, time > 0 else {
            return [
                image.finding(name, .review, value: time.isFinite ? time : nil, unit: "ms", "Frame Time is no time")
            ]
        }
        guard !(parameters.shortestStep...parameters.longestStep).contains(time) else { return [] }
        return [
            image.finding(
                name, .review, value: time, threshold: time < 100 ? parameters.shortestStep : parameters.longestStep,
                unit: "ms", "no system takes frames every \(time) ms")
        ]
    }

    /// Frame Time and its vector against Cine Rate (0018,0040) and Actual Frame Duration (0018,1242). A programme that
    /// changes its rate has many steps; one that fits is enough.
    private func rate(
        _ time: Double?, _ steps: [Double], _ attributes: AttributeSet, _ image: InspectedImage
    ) -> [Quality.Finding] {
        let known = (steps.count > 1 ? Array(steps.dropFirst()) : [time ?? 0]).filter { $0.isFinite && $0 > 0 }
        guard let shortest = known.min(), let longest = known.max() else { return [] }
        var findings: [Quality.Finding] = []
        func compare(_ other: Double, _ named: String) {
            let written = (other * 10).rounded() / 10
            guard other < shortest / parameters.contradiction || other > longest * parameters.contradiction else {
                return
            }
            findings.append(
                image.finding(
                    name, .review, value: shortest, threshold: written, unit: "ms",
                    "frames follow every \(shortest) ms and, by \(named), every \(written) ms"))
        }
        if let time, time.isFinite, time > 0, steps.count > 1 { compare(time, "Frame Time") }
        if let rate = attributes.decimal(.cineRate), rate > 0 { compare((1000 / rate).bounded, "Cine Rate") }
        if let duration = attributes.decimal(.actualFrameDuration), duration > longest {
            compare(duration.bounded, "Actual Frame Duration")
        }
        return findings
    }
}

/// Thresholds of `frame-timing`. Systems take from one frame in several seconds (runs of veins, CO2) to 60 a second
/// (IEC 60601-2-43 and makers' statements), doubled here on either side.
public struct FrameTimingParameters: RuleParameters {
    /// Milliseconds.
    public var shortestStep = 8.0
    public var longestStep = 10_000.0
    /// Two statements that differ so many times contradict each other. Cine Rate may be the rate of display, so a
    /// little is nothing.
    public var contradiction = 1.9
    /// A step so many times as long as its neighbours is a pause.
    public var isolatedGap = 1.8

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("shortest-step", \.shortestStep, unit: "ms", range: 0...1000),
            RuleSetting("longest-step", \.longestStep, unit: "ms", range: 100...100_000),
            RuleSetting("contradiction", \.contradiction, unit: "ratio", range: 1...100),
            RuleSetting("isolated-gap", \.isolatedGap, unit: "ratio", range: 1...100),
        ]
    }

    public init() {}
}
