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
        let steps = attributes.decimals(.frameTimeVector) ?? []
        let times = attributes[.frameTime] == nil ? nil : attributes.decimal(.frameTime) ?? .nan
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
        guard steps.count >= 8 else { return nil }
        return (4..<(steps.count - 3)).first { place in
            let around = [steps[(place - 3)..<place].max(), steps[(place + 1)...(place + 3)].max()].compactMap(\.self)
            return around.allSatisfy { steps[place] > parameters.isolatedGap * $0 }
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

    /// Frame Time or its vector against Cine Rate (0018,0040) and Actual Frame Duration (0018,1242).
    private func rate(
        _ time: Double?, _ steps: [Double], _ attributes: AttributeSet, _ image: InspectedImage
    ) -> [Quality.Finding] {
        let step = steps.count > 1 ? typical(steps) : time ?? 0
        guard step.isFinite, step > 0 else { return [] }
        var findings: [Quality.Finding] = []
        func compare(_ other: Double, _ named: String) {
            guard other > 0, max(other / step, step / other) >= parameters.contradiction else { return }
            findings.append(
                image.finding(
                    name, .review, value: step, threshold: (other * 10).rounded() / 10, unit: "ms",
                    "frames follow every \(step) ms and, by \(named), every \((other * 10).rounded() / 10) ms"))
        }
        if let time, time.isFinite, time > 0, steps.count > 1 { compare(time, "Frame Time") }
        if let rate = attributes.decimal(.cineRate), rate > 0 { compare(1000 / rate, "Cine Rate") }
        if let duration = attributes.decimal(.actualFrameDuration), duration > step * parameters.contradiction {
            compare(duration, "Actual Frame Duration")
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
    public var isolatedGap = 2.6

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
