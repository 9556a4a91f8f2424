public import Catalogue
public import DICOMCore
import DICOMImaging

// Assessment owns the judgement of a settled study: is all of it here (Completeness), and is it good enough to read
// (Quality). One rule a file behind CompletenessRule or QualityRule; thresholds in AssessmentParameters. It stores
// nothing and logs nothing; when to assess and where answers are kept is Ingestion's and Archive's.
// Start reading at ``Assessor/assess(_:)``.

/// Judges settled studies. Holds the figures of one series at a time, and no pixels.
public struct Assessor: Sendable {
    private let common: RuleSet
    /// What differs for some stations.
    private let stations: [(station: RuleConfiguration.Station, rules: RuleSet)]

    /// - Parameters:
    ///   - parameters: what holds where `configuration` says nothing.
    ///   - lexicon: words by which descriptions name views.
    public init(
        parameters: AssessmentParameters = AssessmentParameters(),
        configuration: RuleConfiguration = RuleConfiguration(), lexicon: Lexicon
    ) {
        let parameters = parameters.with(configuration.rules)
        common = RuleSet(parameters, lexicon)
        stations = configuration.stations.map { ($0, RuleSet(parameters.with($0.rules), lexicon)) }
    }

    /// The rules as set for the station a series comes from.
    private func rules(for series: SeriesContent, of study: StudyContent) -> RuleSet {
        guard !stations.isEmpty else { return common }
        let name = series.instances.lazy.compactMap { $0.attributes[.stationName] }.first
        return stations.first { $0.station.fits(name: name, aeTitle: study.sourceAETitle) }?.rules ?? common
    }

    /// The rules for what is judged of the whole study: those of its first series with images.
    private func rules(for study: StudyContent) -> RuleSet {
        let series = study.series.first { $0.instances.contains(where: \.isImage) } ?? study.series.first
        return series.map { rules(for: $0, of: study) } ?? common
    }

    /// Judges one study. Blocks on its files and decoders; call it where waiting is allowed.
    ///
    /// - Complexity: O(*n*) in headers plus at most ``AssessmentParameters/frameSampleLimit`` measured frames an image, of compressed
    ///   objects every frame decoded as far as ``ImageRequest`` allows.
    public func assess(_ study: StudyContent) -> (completeness: Completeness, quality: Quality) {
        let (quality, heldFrameCounts) = judged(study)
        return (completeness(of: study.holding(heldFrameCounts)), quality)
    }

    /// The part of the judgement that headers suffice for.
    public func completeness(of study: StudyContent) -> Completeness {
        let rules = rules(for: study)
        let laidOut = study.laidOut(rules.parameters.sliceGap)
        return Completeness(evidence: rules.completeness.flatMap { $0.evidence(in: laidOut) }, of: study)
    }

    /// The part of the judgement that reads pixels.
    public func quality(of study: StudyContent) -> Quality { judged(study).quality }

    /// Also says how many frames the pixel data of each multi-frame object holds.
    private func judged(_ study: StudyContent) -> (quality: Quality, heldFrameCounts: [SOPInstanceUID: Int]) {
        var heldFrameCounts: [SOPInstanceUID: Int] = [:]
        let studyRules = rules(for: study)
        var log = FindingLog(limit: studyRules.parameters.findingLimit)
        var measures: [Quality.Measure] = []
        for rule in studyRules.quality { log.add(rule.findings(in: study)) }
        var isAnyDecoded = false
        for series in study.series {
            let rules = rules(for: series, of: study)
            let inspected = inspected(series, of: study, by: rules)
            guard !inspected.images.isEmpty else { continue }
            for image in inspected.images {
                heldFrameCounts[image.instance.sopInstanceUID] = image.heldFrameCount
            }
            isAnyDecoded = isAnyDecoded || inspected.images.contains(where: \.isDecoded)
            for rule in rules.quality {
                for image in inspected.images { log.add(rule.findings(in: image)) }
                log.add(rule.findings(in: inspected))
                measures += rule.measures(in: inspected).filter(\.value.isFinite)
            }
        }
        return (log.quality(isAnyDecoded: isAnyDecoded, measures: measures), heldFrameCounts)
    }

    /// Measures the images of a series, one after the other.
    private func inspected(
        _ series: SeriesContent, of study: StudyContent, by rules: RuleSet
    ) -> InspectedSeries {
        let images = series.instances.filter(\.isImage).sorted {
            ($0.instanceNumber ?? .max, $0.sopInstanceUID) < ($1.instanceNumber ?? .max, $1.sopInstanceUID)
        }
        let request = ImageRequest(
            frameLimit: rules.parameters.frameSampleLimit,
            measures: rules.quality.reduce(into: []) { $0.formUnion($1.measures(of: series, item: study.item)) })
        return InspectedSeries(
            series: series, item: study.item,
            images: images.enumerated().map { rank, instance in
                var request = request
                request.mask = instance.maskFrame
                return InspectedImage(
                    instance: instance, series: series, item: study.item, rank: rank, imageCount: images.count,
                    figures: Result { [request] () throws(PixelError) in try instance.measure(request) })
            })
    }
}

/// The rules that are on, with their thresholds.
private struct RuleSet: Sendable {
    let parameters: AssessmentParameters
    let completeness: [any CompletenessRule]
    let quality: [any QualityRule]

    init(_ parameters: AssessmentParameters, _ lexicon: Lexicon) {
        self.parameters = parameters
        let completeness: [any CompletenessRule] = [
            PerformedSteps(missingLimit: parameters.missingLimit),
            CommitmentLists(missingLimit: parameters.missingLimit),
            SenderCount(missingLimit: parameters.missingLimit),
            AnnouncedCount(missingLimit: parameters.missingLimit),
            FrameCount(missingLimit: parameters.missingLimit),
            TemporalPositions(missingLimit: parameters.missingLimit),
            SliceGap(parameters: parameters.sliceGap, missingLimit: parameters.missingLimit),
            DuplicatePosition(parameters: parameters.sliceGap, missingLimit: parameters.missingLimit),
            InstanceNumberGap(missingLimit: parameters.missingLimit),
            MissingView(words: ViewWords(lexicon)),
            MissingPhase(words: PhaseWords(lexicon)),
            MissingBValue(),
        ]
        self.completeness = completeness.filter { parameters.completenessRules.contains($0.name) }
        let quality: [any QualityRule] = [
            PixelData(),
            BlankImage(parameters: parameters.blank),
            LossyCompression(parameters: parameters.lossy),
            SecondaryCapture(),
            Identity(parameters: parameters.identity),
            InconsistentGeometry(parameters: parameters.geometry),
            ExamDate(parameters: parameters.exam),
            ExposureIndex(parameters: parameters.exposure),
            Saturation(parameters: parameters.saturation),
            ContrastRange(parameters: parameters.contrast),
            Blur(parameters: parameters.blur),
            RadiographNoise(parameters: parameters.radiographNoise),
            Collimation(parameters: parameters.collimation),
            LateralityRule(sides: SideWords(lexicon), views: ViewWords(lexicon)),
            HounsfieldCalibration(parameters: parameters.hounsfield),
            TomographyNoise(parameters: parameters.tomographyNoise),
            SliceThickness(parameters: parameters.sliceThickness),
            Coverage(parameters: parameters.coverage),
            SignalToNoise(parameters: parameters.signalToNoise),
            Ghosting(parameters: parameters.ghosting),
            FrameTiming(parameters: parameters.frameTiming),
            MaskFrame(parameters: parameters.maskFrame),
            Motion(parameters: parameters.motion),
        ]
        self.quality = quality.filter { parameters.qualityRules.contains($0.name) }
    }
}

/// Findings as they come, the listed ones bounded for each rule, the verdict from all of them.
private struct FindingLog {
    let limit: Int
    private var listed: [Quality.Finding] = []
    private var counts: [QualityRuleName: Int] = [:]
    private var worst: Quality.Severity?
    private var worstUnlisted: [QualityRuleName: Quality.Severity] = [:]

    init(limit: Int) { self.limit = limit }

    mutating func add(_ findings: [Quality.Finding]) {
        for finding in findings {
            worst = max(worst ?? finding.severity, finding.severity)
            counts[finding.rule, default: 0] += 1
            if counts[finding.rule, default: 0] <= limit {
                listed.append(finding)
            } else {
                let known = worstUnlisted[finding.rule] ?? finding.severity
                worstUnlisted[finding.rule] = max(known, finding.severity)
            }
        }
    }

    func quality(isAnyDecoded: Bool, measures: [Quality.Measure]) -> Quality {
        let verdict: Quality.Verdict =
            switch worst {
            case .fail: .fail
            case .review: .review
            case .info, nil: isAnyDecoded ? .pass : .notAssessed
            }
        let rest = QualityRuleName.allCases.compactMap { rule -> Quality.Finding? in
            guard let severity = worstUnlisted[rule], let count = counts[rule] else { return nil }
            return Quality.Finding(
                rule: rule, severity: severity, value: Double(count), threshold: Double(limit), unit: "findings",
                detail: "\(count - limit) more findings of this rule are not listed")
        }
        let findings = listed + rest
        let sorted = [Quality.Severity.fail, .review, .info].flatMap { severity in
            findings.filter { $0.severity == severity }
        }
        return Quality(verdict: verdict, findings: sorted, measures: measures)
    }
}
