import Catalogue
import DICOMCore

/// `missing-phase`: the contrast phases a CT or MR item asks for, against the series.
///
/// 增强 asks for a plain and an enhanced scan; CTA and CT urography ask for the enhanced one only; a dynamic one for three
/// passes and more. A series is told by its description first, then by Contrast/Bolus Agent (0018,0010) unless that was
/// drunk or filled in (``ContrastAgent``); one with neither is plain where others of the study name an agent, else it may be
/// any. A study ordered with contrast only, whose item is the nearest in the list and asks for both, lacks no plain scan.
struct MissingPhase: CompletenessRule {
    let name = CompletenessRuleName.missingPhase
    let words: PhaseWords

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        guard let item = study.item, item.family == .ct || item.family == .mr else { return [] }
        let needsPlain = item.contrast == .withoutAndWith
        let needsEnhanced = [.withoutAndWith, .with, .delayed, .dynamic].contains(item.contrast)
        guard needsEnhanced else { return [] }
        let passes = Passes(study, of: item.family, words: words)
        guard !passes.isEmpty else {
            return [
                Completeness.Evidence(
                    rule: name, verdict: .unknown, detail: "no series to compare with the item's phases")
            ]
        }
        if needsPlain, passes.plain == 0, passes.enhanced == 0, passes.untold == 1 {
            guard study.isItemExact else { return [unordered("one scan received")] }
            return [
                loss(["PRE or POST"], "plain and enhanced asked for, one scan received", confidence: 0.8)
            ]
        }
        var missing: [String] = []
        if needsPlain, passes.plain == 0 { missing.append("PRE") }
        if passes.enhanced == 0 { missing.append("POST") }
        let asked = needsPlain ? "plain and enhanced" : "enhanced"
        let received =
            "\(passes.plain) plain, \(passes.enhanced) enhanced, \(passes.untold) untold series received"
        if missing.isEmpty { return [whole(item, study, passes, "\(asked) asked for; \(received)")] }
        // A series that tells nothing may be what lacks.
        guard passes.untold == 0 else {
            return [Completeness.Evidence(rule: name, verdict: .unknown, detail: "\(asked) asked for; \(received)")]
        }
        guard study.isItemExact || missing != ["PRE"] else { return [unordered(received)] }
        return [loss(missing, "\(asked) asked for; \(received)", confidence: passes.isTold ? 0.9 : 0.7)]
    }

    /// Plain and enhanced are here; a dynamic item asks how often the body was passed over.
    private func whole(
        _ item: CatalogueItem, _ study: StudyContent, _ passes: Passes, _ detail: String
    ) -> Completeness.Evidence {
        guard let least = MissingPhase.leastPasses(item) else {
            return Completeness.Evidence(rule: name, verdict: .complete, detail: detail)
        }
        guard let count = passes.dynamicCount else {
            return Completeness.Evidence(
                rule: name, verdict: .unknown,
                detail: "\(least) dynamic passes asked for; how many there are can't be told")
        }
        guard count < least else {
            return Completeness.Evidence(
                rule: name, verdict: .complete, detail: "\(least) dynamic passes asked for, \(count) received")
        }
        return loss(
            ["\(least - count) dynamic passes"], "\(least) dynamic passes asked for, \(count) received", confidence: 0.8
        )
    }

    private func unordered(_ received: String) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: name, verdict: .unknown,
            detail: "plain and enhanced asked for by an item that is only the nearest to the order; \(received)")
    }

    private func loss(_ missing: [String], _ detail: String, confidence: Double) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: name, verdict: .incomplete, detail: detail, missing: missing, confidence: confidence)
    }

    /// The number of a required `DYN>=n`.
    private static func leastPasses(_ item: CatalogueItem) -> Int? {
        item.requiredSeries.flatMap(\.self).lazy.compactMap { token in
            token.hasPrefix("DYN>=") ? Int(token.dropFirst(5)) : nil
        }.first
    }
}

/// The series of a study, counted by phase.
private struct Passes {
    private(set) var plain = 0
    private(set) var enhanced = 0
    private(set) var untold = 0
    /// Whether descriptions tell, not only agents.
    private(set) var isTold = false
    /// The most images of one place in an enhanced series, or the enhanced series where those are more.
    private(set) var dynamicCount: Int?

    var isEmpty: Bool { plain + enhanced + untold == 0 }

    init(_ study: StudyContent, of family: ModalityFamily, words: PhaseWords) {
        let wanted = study.series.filter { ModalityFamily(dicomModality: $0.modality?.uppercased() ?? "") == family }
        let originals = wanted.compactMap { series -> [InstanceContent]? in
            let images = series.instances.filter { $0.isImage && !$0.isLocalizer && !$0.isCapture && !$0.isComputed }
            return images.isEmpty ? nil : images
        }
        let told = originals.map { images in
            [Tag.seriesDescription, .protocolName].lazy
                .compactMap { images[0].attributes[$0] }.compactMap(words.phase).first
        }
        // Where scouts and plain series name an agent, the scanner writes it everywhere.
        let scouts = wanted.flatMap(\.instances).filter(\.isLocalizer)
        let isHabit =
            scouts.contains(where: \.namesContrastAgent)
            || zip(originals, told).contains { $1 == .plain && $0.contains(where: \.namesContrastAgent) }
        let isAgentTold = !isHabit && originals.contains { $0.contains(where: \.namesContrastAgent) }
        var dynamic: [Int?] = []
        for (images, phase) in zip(originals, told) {
            let isWithAgent = images.contains(where: \.namesContrastAgent)
            let isMixed = isWithAgent && !images.allSatisfy(\.namesContrastAgent)
            if !isHabit, isMixed {
                plain += 1
                enhanced += 1
            } else {
                switch phase ?? (isAgentTold ? (isWithAgent ? .enhanced : .plain) : nil) {
                case .plain: plain += 1
                case .enhanced: enhanced += 1
                case nil: untold += 1
                }
            }
            isTold = isTold || phase != nil
            if phase == .enhanced || phase == nil && isWithAgent { dynamic.append(Passes.count(images)) }
        }
        let counted = dynamic.compactMap(\.self)
        // An object that does not say what its frames are may hold all passes.
        dynamicCount = counted.count < dynamic.count || dynamic.isEmpty ? nil : max(counted.max() ?? 0, counted.count)
    }

    /// How often the images of a series pass over the same place; nil where a multi-frame object leaves it open.
    private static func count(_ images: [InstanceContent]) -> Int? {
        let groups = images.map(\.frames)
        if zip(images, groups).contains(where: { $0.attributes.integer(.numberOfFrames) ?? 1 > 1 && $1.isEmpty }) {
            return nil
        }
        let frames = groups.flatMap(\.self)
        let passes = Set(frames.compactMap(\.temporalPosition)).count
        let layers = Dictionary(grouping: frames.filter { $0.position.count == 3 }) { $0.position + $0.orientation }
        return max(count(ofSingle: images), passes, layers.values.map(\.count).max() ?? 1)
    }

    private static func count(ofSingle images: [InstanceContent]) -> Int {
        let announced = images.compactMap { $0.attributes.integer(.numberOfTemporalPositions) }.max() ?? 1
        let told = Set(images.compactMap { $0.attributes[.temporalPositionIdentifier] }).count
        var places: [[String]: Int] = [:]
        for image in images {
            let attributes = image.attributes
            let place = attributes.strings(.imagePositionPatient) + attributes.strings(.imageOrientationPatient)
            if !place.isEmpty { places[place, default: 0] += 1 }
        }
        return max(told, places.values.max() ?? 1, announced < 10_000 ? announced : 1)
    }
}

extension InstanceContent {
    /// Whether an agent is named that came into the blood, as far as the header tells how.
    fileprivate var namesContrastAgent: Bool {
        ContrastAgent.all(in: attributes).contains { $0.isGiven && !$0.isOutsideVessels }
    }
}
