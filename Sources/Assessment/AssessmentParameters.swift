public import Foundation

/// Every threshold of the rules, with its default. A rule not in the sets is off.
///
/// A rule's thresholds become settings of `priord.yaml` in three steps: a struct that conforms to ``RuleParameters`` in
/// the rule's own file, a field of that type here, and its line in ``thresholds``. Switching a rule on and off, setting
/// its thresholds for all or for single stations, checking and printing them then need no further code. Two structs may
/// share a rule (noise of CT, noise of radiographs) as long as no name is in both.
public struct AssessmentParameters: Sendable, Equatable {
    public var completenessRules = Set(CompletenessRuleName.allCases)
    public var qualityRules = Set(QualityRuleName.allCases)

    /// Names of missing things listed in one piece of evidence; its detail has the whole count.
    public var missingLimit = 100
    /// Findings of one rule listed for one study; the last one then tells how many more there are.
    public var findingLimit = 100
    /// Frames of one object that are decoded, evenly spread from its first to its last.
    public var frameSampleLimit = 5

    public var exam = ExamDateParameters()
    public var blank = BlankImageParameters()
    public var sliceGap = SliceGapParameters()
    public var lossy = LossyCompressionParameters()
    public var identity = IdentityParameters()
    public var geometry = InconsistentGeometryParameters()
    public var exposure = ExposureIndexParameters()
    public var saturation = SaturationParameters()
    public var contrast = ContrastRangeParameters()
    public var blur = BlurParameters()
    public var radiographNoise = RadiographNoiseParameters()
    public var collimation = CollimationParameters()

    public var hounsfield = HounsfieldCalibrationParameters()
    public var tomographyNoise = TomographyNoiseParameters()
    public var sliceThickness = SliceThicknessParameters()
    public var coverage = CoverageParameters()
    public var signalToNoise = SignalToNoiseParameters()
    public var ghosting = GhostingParameters()
    public var frameTiming = FrameTimingParameters()
    public var maskFrame = MaskFrameParameters()
    public var motion = MotionParameters()

    /// What can be set in the configuration, by rule.
    static let thresholds: [RuleThresholds] = [
        RuleThresholds(CompletenessRuleName.sliceGap, \.sliceGap),
        RuleThresholds(QualityRuleName.examDate, \.exam),
        RuleThresholds(QualityRuleName.blankImage, \.blank),
        RuleThresholds(QualityRuleName.lossyCompression, \.lossy),
        RuleThresholds(QualityRuleName.identity, \.identity),
        RuleThresholds(QualityRuleName.inconsistentGeometry, \.geometry),
        RuleThresholds(QualityRuleName.exposureIndex, \.exposure),
        RuleThresholds(QualityRuleName.saturation, \.saturation),
        RuleThresholds(QualityRuleName.contrastRange, \.contrast),
        RuleThresholds(QualityRuleName.blur, \.blur),
        RuleThresholds(QualityRuleName.noise, \.radiographNoise),
        RuleThresholds(QualityRuleName.collimation, \.collimation),
        RuleThresholds(QualityRuleName.hounsfieldCalibration, \.hounsfield),
        RuleThresholds(QualityRuleName.noise, \.tomographyNoise),
        RuleThresholds(QualityRuleName.sliceThickness, \.sliceThickness),
        RuleThresholds(QualityRuleName.coverage, \.coverage),
        RuleThresholds(QualityRuleName.signalToNoise, \.signalToNoise),
        RuleThresholds(QualityRuleName.ghosting, \.ghosting),
        RuleThresholds(QualityRuleName.frameTiming, \.frameTiming),
        RuleThresholds(QualityRuleName.maskFrame, \.maskFrame),
        RuleThresholds(QualityRuleName.motion, \.motion),
    ]

    /// - Parameter timeZone: of dates in objects that name none.
    public init(timeZone: TimeZone? = nil) { exam.timeZone = timeZone }
}

/// Thresholds of `blank-image`. The spread of a frame is the distance between the values that `tailFraction` of its
/// samples lie below and above, padding left out.
public struct BlankImageParameters: RuleParameters {
    /// Samples left out at either end, so that a burned-in mark does not make a picture.
    public var tailFraction = 0.001
    /// A frame with a smaller spread shows nothing, in stored values.
    public var spread = 4.0
    /// A radiograph with a smaller spread was hardly exposed, as a fraction of what Bits Stored can hold.
    public var radiographSpreadFraction = 0.005
    /// Slices at either end of a stack that may be empty, as a fraction of the stack; at least one.
    public var stackEndFraction = 0.1
    /// Rows that a picture which breaks off may lack, as a fraction of the frame's.
    public var broken = 0.02
    /// Rows that it may lack more than others of its series, likewise, when it ends with a row.
    public var shorter = 0.15

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("tail-fraction", \.tailFraction, unit: "fraction", range: 0...0.1),
            RuleSetting("spread", \.spread, unit: "stored values", range: 0...65_536),
            RuleSetting("radiograph-spread-fraction", \.radiographSpreadFraction, unit: "fraction", range: 0...1),
            RuleSetting("stack-end-fraction", \.stackEndFraction, unit: "fraction", range: 0...0.5),
            RuleSetting("broken", \.broken, unit: "fraction", range: 0...1),
            RuleSetting("shorter", \.shorter, unit: "fraction", range: 0...1),
        ]
    }

    public init() {}
}
