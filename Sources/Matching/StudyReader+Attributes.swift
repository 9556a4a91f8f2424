import Catalogue

/// What the leading text leaves open: other Attributes and the series are asked.
extension StudyReader {
    func addSecondaryRegion(to reading: inout StudyReading) {
        guard reading.regions.isEmpty else { return }
        // Series are named after windows and phases as well; they are asked only where nothing was left unread.
        let isUnderstood = scan.leading?.unknown.isEmpty ?? true
        for text in scan.secondary + (isUnderstood ? [seriesTogether].compactMap(\.self) : []) {
            let other = read(text.mentions, in: text)
            guard !other.regions.isEmpty else { continue }
            reading.regions = other.regions
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
            let touches = other.regions.contains { part in
                reading.regions.contains { $0 == part || index.isInside($0, part) || index.isInside(part, $0) }
            }
            guard !other.regions.isEmpty, !touches else { continue }
            reading.attributeDiffers = true
            reading.evidence += other.evidence.filter { $0.axis == .region }
        }
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
            if text.source != .seriesDescription, !reading.sides.isEmpty { return }
        }
    }

    // MARK: Views

    func addViewPositions(to reading: inout StudyReading) {
        guard family == .radiograph || family == .mammogram else { return }
        if reading.views.subtracting(.counts).isEmpty {
            let counts = reading.views
            var views = scan.attributeViews
            var source = scan.viewSource
            for text in views.isEmpty ? scan.series + scan.secondary : [] {
                for mention in text.mentions where index.kind(mention.concept) == .view {
                    views.formUnion(ViewSet(concept: index.concepts[mention.concept]))
                    source = text.source
                }
            }
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

    // MARK: Contrast

    func settleContrast(of reading: inout StudyReading) {
        guard family == .ct || family == .mr else { return }
        var seen: Set<String> = []
        for text in scan.series + scan.secondary {
            for mention in text.mentions where index.kind(mention.concept) == .contrast {
                seen.insert(index.concepts[mention.concept].name)
            }
        }
        var shown = contrast(seen)
        if shown == .dynamic, family == .ct { shown = .with }
        if scan.hasContrastAgent {
            shown = shown == .without ? .withoutAndWith : (shown ?? .with)
        }
        switch (reading.contrast, shown) {
        case (.without, .with), (.without, .withoutAndWith), (.without, .dynamic):
            reading.contrastConflict = true
        case (.with, .withoutAndWith): reading.contrast = .withoutAndWith
        case (nil, let shown?):
            reading.contrast = shown
            let source: Evidence.Source = scan.hasContrastAgent ? .contrastAgent : .seriesDescription
            reading.evidence.append(Evidence(axis: .contrast, value: shown.rawValue, source: source, text: ""))
        case (nil, nil):
            guard scan.language != .english, !reading.contrastIsSettled else { break }
            reading.contrast = .without
            reading.contrastIsAssumed = true
            reading.evidence.append(Evidence(axis: .contrast, value: "without", source: .convention, text: ""))
        default: break
        }
    }

    /// Sequences that make a study another item may stand only in its series.
    func addSeriesTechniques(to reading: inout StudyReading) {
        guard family == .mr else { return }
        for text in scan.series {
            for mention in text.mentions
            where index.kind(mention.concept) == .technique && index.role(of: mention.concept) == .additive {
                guard reading.techniques.insert(mention.concept).inserted else { continue }
                reading.evidence.append(
                    Evidence(
                        axis: .technique, value: index.concepts[mention.concept].name, source: .seriesDescription,
                        text: text.words(of: mention)))
            }
        }
    }
}
