import Catalogue

/// What the leading text leaves open: other Attributes and the series are asked.
extension StudyReader {
    func addSecondaryRegion(to reading: inout StudyReading) {
        guard reading.regions.isEmpty else { return }
        // Series are named after windows and phases as well; they are asked only where nothing was left unread.
        let isUnderstood = scan.leading?.unknown.isEmpty ?? true
        for text in scan.secondary + (isUnderstood ? [seriesTogether].compactMap(\.self) : []) {
            let other = read(mentionsOfRegion(in: text), in: text)
            guard !other.regions.isEmpty else { continue }
            reading.regions = other.regions
            if text.source == .bodyPart { reading.regions = inAccordWithSeries(other.regions) }
            reading.regionIsSecondary = true
            reading.evidence += other.evidence.filter { $0.axis == .region }
            return
        }
    }

    /// Shows where Body Part Examined or a coded region lies elsewhere than the text says. Scanners fill the first from the
    /// protocol that was picked, so it does not overrule what a person wrote.
    func noteOtherRegion(in reading: inout StudyReading) {
        guard !reading.regions.isEmpty, !reading.regionIsSecondary else { return }
        for text in scan.secondary where text.source == .bodyPart || text.source == .anatomicRegion {
            let other = read(text.mentions, in: text)
            // A phantom is none, whatever the protocol is called.
            reading.techniques.formUnion(other.techniques.filter { index.role(of: $0) == nil })
            let touches = other.regions.contains { part in
                reading.regions.contains { $0 == part || index.isInside($0, part) || index.isInside(part, $0) }
            }
            guard !other.regions.isEmpty, !touches else { continue }
            reading.attributeDiffers = true
            reading.evidence += other.evidence.filter { $0.axis == .region }
        }
    }

    /// The part that Body Part Examined gives, against the series: where these name an area around it, that was
    /// examined; where they name something else altogether, one of the two is wrong.
    private func inAccordWithSeries(_ regions: [Int]) -> [Int] {
        let shown = seriesRegions
        if family == .radiograph, shown.contains(where: { part in !regions.contains { index.areRelated($0, part) } }) {
            return []  // Films of several parts (a bone survey) are stored under whichever came first.
        }
        guard !shown.isEmpty, regions.allSatisfy({ !shown.contains($0) }) else { return regions }
        let around = shown.filter { area in regions.allSatisfy { index.isInside($0, area) } }
        if around.count == 1, shown.count == 1 { return around }
        return regions.contains { region in shown.contains { index.areRelated(region, $0) } } ? regions : []
    }

    /// The reading of the one part that the series name inside the area of the text (spine, bone), or nil.
    func narrowed(_ reading: StudyReading) -> StudyReading? {
        guard let area = reading.regions.first, reading.regions.count == 1 else { return nil }
        let inside = seriesRegions.filter { index.isInside($0, area) }
        guard inside.count == 1 else { return nil }
        var narrow = reading
        narrow.regions = inside
        narrow.regionIsSecondary = true
        return narrow
    }

    /// The parts that single series name.
    private var seriesRegions: [Int] {
        var regions: [Int] = []
        for text in scan.series {
            for region in read(mentionsOfRegion(in: text), in: text).regions
            where !regions.contains(region) && !index.isVessel(region) {
                regions.append(region)
            }
        }
        return regions
    }

    /// The words of a text to find a region in: a series is called lung after a window of any part of the trunk.
    private func mentionsOfRegion(in text: ScannedText) -> [Mention] {
        guard text.source == .seriesDescription, family == .ct else { return text.mentions }
        return text.mentions.filter { index.concepts[$0.concept].value != "anatomy.lung" }
    }

    /// MR sequences are planned on the part they name; where none names the study's, they belong to another study.
    func checkRegionAgainstSeries(of reading: inout StudyReading) {
        guard family == .mr, !reading.regions.isEmpty, !reading.regionIsSecondary else { return }
        let shown = seriesRegions
        let isShown = reading.regions.contains { region in shown.contains { index.areRelated(region, $0) } }
        if !shown.isEmpty, !isShown { reading.regions = [] }
    }

    private var seriesTogether: ScannedText? {
        scan.series.isEmpty
            ? nil
            : ScannedText(
                scan.series.prefix(16).map(\.text).joined(separator: "; "), source: .seriesDescription, index: index)
    }

    // MARK: Side

    func addSecondarySides(to reading: inout StudyReading) {
        if !scan.attributeSide.isEmpty, scan.attributeSide != .both {
            if reading.sides == .left || reading.sides == .right {
                reading.sideConflict = reading.sides != scan.attributeSide
            } else if reading.sides.isEmpty {
                reading.sides = scan.attributeSide
                reading.evidence.append(
                    Evidence(
                        axis: .laterality, value: scan.attributeSide.text, source: .laterality,
                        text: scan.attributeSide == .left ? "L" : "R"))
            }
        }
        guard reading.sides.isEmpty else { return }
        for text in scan.secondary + scan.series {
            for mention in text.mentions where index.kind(mention.concept) == .laterality {
                reading.sides.formUnion(SideSet(concept: index.concepts[mention.concept]))
                reading.evidence.append(
                    Evidence(
                        axis: .laterality, value: index.concepts[mention.concept].name, source: text.source,
                        text: text.words(of: mention)))
            }
            if text.source != .seriesDescription, !reading.sides.isEmpty { break }
        }
        if !reading.sides.isDisjoint(with: .both) { reading.sides.remove(.one) }
    }

    // MARK: Views

    /// The views that series and other Attributes name.
    private var viewsShown: (views: ViewSet, source: Evidence.Source) {
        var shown: (views: ViewSet, source: Evidence.Source) = ([], scan.viewSource)
        for text in scan.series + scan.secondary {
            for mention in text.mentions where index.kind(mention.concept) == .view {
                let view = index.reading(
                    of: mention.concept, languages: mention.languages, family: family, beside: [])
                guard let view else { continue }
                shown = (shown.views.union(ViewSet(concept: index.concepts[view])), text.source)
            }
        }
        return shown
    }

    func addViewPositions(to reading: inout StudyReading) {
        guard family == .radiograph || family == .mammogram else { return }
        if reading.views.subtracting(.counts).isEmpty {
            let counts = reading.views
            var views = scan.attributeViews
            var source = scan.viewSource
            // View Position may stand on some images only; series that name these and more tell the rest.
            let shown = viewsShown
            if shown.views.isSuperset(of: views), !shown.views.isEmpty { (views, source) = shown }
            views.subtract(.counts)
            if !views.isEmpty {
                reading.views = views
                reading.evidence.append(Evidence(axis: .views, value: views.text, source: source, text: views.text))
            } else {
                reading.views = counts
            }
        } else if reading.views.contains(.frontal), scan.attributeViews.contains(.ap),
            !scan.attributeViews.contains(.pa)
        {
            reading.views.remove(.frontal)
            reading.views.insert(.ap)
            reading.evidence.append(Evidence(axis: .views, value: "AP", source: scan.viewSource, text: "AP"))
        } else if reading.views.contains(.pa), scan.attributeViews.intersection(.frontals) == .ap {
            reading.views.insert(.ap)
            reading.attributeDiffers = true
            reading.evidence.append(Evidence(axis: .views, value: "AP", source: scan.viewSource, text: "AP"))
        }
    }

    // MARK: Posture

    func addPatientPosition(to reading: inout StudyReading) {
        guard family == .radiograph, reading.positions.isEmpty, !scan.attributePositions.isEmpty else { return }
        reading.positions = scan.attributePositions
        for position in scan.attributePositions {
            reading.evidence.append(
                Evidence(axis: .position, value: position.rawValue, source: .patientPosition, text: position.rawValue))
        }
    }

    // MARK: Techniques

    /// Techniques that stand only in the series.
    func addSeriesTechniques(to reading: inout StudyReading) {
        switch family {
        case .mr:
            addSequences(to: &reading)
            addInterventions(to: &reading)
        case .ct:
            addImplied(to: &reading)
            addInterventions(to: &reading)
        case .mammogram: settleByImages(&reading)
        case .radiograph: break
        }
    }

    /// Sequences that make a study another item.
    private func addSequences(to reading: inout StudyReading) {
        for text in scan.series {
            for mention in text.mentions
            where index.kind(mention.concept) == .technique && index.role(of: mention.concept) == .additive {
                add(mention.concept, to: &reading, from: text, at: mention)
            }
        }
    }

    /// A series of an intervention makes the study one. Short words of a series stand for much else (PVP, Port).
    private func addInterventions(to reading: inout StudyReading) {
        for text in scan.series {
            for mention in text.mentions
            where index.kind(mention.concept) == .action && index.role(of: mention.concept) == nil
                && mention.range.count > 4
            {
                add(mention.concept, to: &reading, from: text, at: mention)
                reading.hasAction = true
            }
        }
    }

    /// What postures of the series tell along with the rest of the study (prone and supine series of the colon).
    private func addImplied(to reading: inout StudyReading) {
        let texts = [scan.leading].compactMap(\.self) + scan.secondary + scan.series
        let named = Set(texts.flatMap(\.mentions).map(\.concept))
        for implication in index.implications
        where index.kind(implication.subject) == .position && index.kind(implication.result) == .technique {
            guard named.contains(implication.subject), implication.families.contains(family),
                implication.condition.map(named.contains) ?? true
            else { continue }
            for text in texts {
                guard let mention = text.mentions.first(where: { $0.concept == implication.subject }) else { continue }
                add(implication.result, to: &reading, from: text, at: mention)
            }
        }
    }

    /// The series of a mammogram tell image by image how it was taken. A technique that may go along with the usual
    /// images excludes nothing where some were taken without it, and everything where none was, whatever the study
    /// is called.
    private func settleByImages(_ reading: inout StudyReading) {
        func isOptional(_ concept: Int) -> Bool {
            (index.readings[concept] ?? []).contains { $0.result == nil && $0.families.contains(family) }
        }
        func techniques(of text: ScannedText) -> [Mention] {
            text.mentions.filter { index.kind($0.concept) == .technique }
        }
        let images = scan.series.filter { text in
            text.mentions.contains { index.kind($0.concept) == .view }
                || techniques(of: text).contains { index.role(of: $0.concept) == .neutral && isUsual($0.concept) }
        }
        guard !images.isEmpty else { return }
        if images.contains(where: { !techniques(of: $0).contains { isOptional($0.concept) } }) {
            reading.techniques = reading.techniques.filter { !isOptional($0) }
        } else {
            for text in images {
                for mention in techniques(of: text) where isOptional(mention.concept) {
                    add(mention.concept, to: &reading, from: text, at: mention)
                }
            }
        }
    }

    /// Whether a technique is what optional ones go along with.
    private func isUsual(_ concept: Int) -> Bool {
        index.readings.values.joined().contains { $0.result == nil && $0.condition == concept }
    }

    private func add(_ concept: Int, to reading: inout StudyReading, from text: ScannedText, at mention: Mention) {
        guard reading.techniques.insert(concept).inserted else { return }
        reading.evidence.append(
            Evidence(
                axis: .technique, value: index.concepts[concept].name, source: text.source,
                text: text.words(of: mention)))
    }
}
