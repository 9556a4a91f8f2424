public import Catalogue
import DICOMCore
import DICOMImaging

// Assessment owns the judgement of a settled study: is all of it here (Completeness), and is it good enough to read
// (Quality). One rule a file behind CompletenessRule or QualityRule; thresholds in AssessmentParameters. It stores
// nothing and logs nothing; when to assess and where answers are kept is Ingestion's and Archive's.
// Start reading at ``Assessor/assess(_:)``.

/// Judges settled studies. Holds the figures of one series at a time, and no pixels.
public struct Assessor: Sendable {
    public let parameters: AssessmentParameters
    private let completenessRules: [any CompletenessRule]
    private let qualityRules: [any QualityRule]

    /// - Parameter lexicon: words by which descriptions name views.
    public init(parameters: AssessmentParameters = AssessmentParameters(), lexicon: Lexicon) {
        self.parameters = parameters
        let completeness: [any CompletenessRule] = [
            AnnouncedCount(missingLimit: parameters.missingLimit),
            InstanceNumberGap(missingLimit: parameters.missingLimit),
            MissingView(words: ViewWords(lexicon)),
        ]
        completenessRules = completeness.filter { parameters.completenessRules.contains($0.name) }
        let quality: [any QualityRule] = [
            PixelData(),
            BlankImage(parameters: parameters.blank),
            SecondaryCapture(),
            ExamDate(parameters: parameters.exam),
        ]
        qualityRules = quality.filter { parameters.qualityRules.contains($0.name) }
    }

    /// Judges one study. Blocks on its files and decoders; call it where waiting is allowed.
    ///
    /// - Complexity: O(*n*) in headers plus at most ``AssessmentParameters/frameSampleLimit`` decoded frames an image.
    public func assess(_ study: StudyContent) -> (completeness: Completeness, quality: Quality) {
        (completeness(of: study), quality(of: study))
    }

    /// The part of the judgement that headers suffice for.
    public func completeness(of study: StudyContent) -> Completeness {
        Completeness(evidence: completenessRules.flatMap { $0.evidence(in: study) }, of: study)
    }

    /// The part of the judgement that reads pixels.
    public func quality(of study: StudyContent) -> Quality {
        var log = FindingLog(limit: parameters.findingLimit)
        var measures: [Quality.Measure] = []
        for rule in qualityRules { log.add(rule.findings(in: study)) }
        var isAnyDecoded = false
        for series in study.series {
            let inspected = inspected(series, of: study)
            guard !inspected.images.isEmpty else { continue }
            isAnyDecoded = isAnyDecoded || inspected.images.contains(where: \.isDecoded)
            for rule in qualityRules {
                for image in inspected.images { log.add(rule.findings(in: image)) }
                log.add(rule.findings(in: inspected))
                measures += rule.measures(in: inspected)
            }
        }
        return log.quality(isAnyDecoded: isAnyDecoded, measures: measures)
    }

    /// Measures the images of a series, one after the other.
    private func inspected(_ series: SeriesContent, of study: StudyContent) -> InspectedSeries {
        let images = series.instances.filter(\.isImage).sorted {
            ($0.instanceNumber ?? .max, $0.sopInstanceUID) < ($1.instanceNumber ?? .max, $1.sopInstanceUID)
        }
        let request = ImageRequest(
            frameLimit: parameters.frameSampleLimit,
            measures: qualityRules.reduce(into: []) { $0.formUnion($1.measures(of: series, item: study.item)) })
        return InspectedSeries(
            series: series, item: study.item,
            images: images.enumerated().map { rank, instance in
                InspectedImage(
                    instance: instance, series: series, item: study.item, rank: rank, imageCount: images.count,
                    figures: Result { () throws(PixelError) in try instance.measure(request) })
            })
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
