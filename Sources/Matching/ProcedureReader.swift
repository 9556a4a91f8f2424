import Catalogue

/// Reads the scanned texts of a study with the words of procedures.
extension ProcedureVocabulary {
    /// Series that are asked where the texts before them are silent.
    private static let seriesLimit = 16
    /// Rules that build on each other are followed this far.
    private static let rewritingLimit = 6

    /// What the study says of the axes of procedures.
    public func read(_ study: ReadStudy) -> ProcedureReading {
        let scan = study.scan
        var reading = ProcedureReading()
        reading.outcome = study.outcome
        reading.language = scan.language
        reading.modalities = scan.modalities
        reading.isReadable = !scan.isUnreadable
        guard reading.isReadable else { return reading }
        if let leading = scan.leading {
            let words = words(in: leading)
            reading.unknownCount = words.unknown.count
            add(words.mentions, in: words.folded, of: leading, to: &reading, everything: true)
        }
        rewrite(&reading)
        for text in scan.secondary + scan.series.prefix(Self.seriesLimit) {
            let lacksDeed = !reading.named.contains(where: asksForAProcedure)
            let lacksSubject = !reading.named.contains { index.kind($0) == .anatomy }
            let isShown = text.source == .seriesDescription
            let mentions = index.words(in: text.folded).mentions
            if mentions.contains(where: { index.kind($0.concept) == .contrast && isGiven($0.concept) }) {
                reading.showsContrast = true
            }
            guard lacksDeed || lacksSubject else { continue }
            add(
                mentions.filter { mention in
                    switch index.kind(mention.concept) {
                    case .action: lacksDeed
                    case .technique: lacksDeed && !isShown
                    case .anatomy, .finding: lacksSubject
                    default: false
                    }
                }, in: text.folded, of: text, to: &reading, everything: false)
            rewrite(&reading)
        }
        reading.showsContrast = reading.showsContrast || scan.hasContrastAgent
        reading.all = Set(reading.named.flatMap(wholes(of:)))
        reading.deeds = particular(reading.named.filter(isDeed))
        reading.subjects = particular(
            reading.named.filter { index.kind($0) == .anatomy || index.kind($0) == .finding })
        return reading
    }

    /// The words of a text, put right where they have to be. What images are named by may have been put right already,
    /// which says nothing of these words.
    private func words(
        in text: ScannedText
    ) -> (folded: FoldedText, mentions: [Mention], unknown: [Range<Int>]) {
        let folded = text.isRespelled ? FoldedText(text.text) : text.folded
        let (mentions, unknown) = index.words(in: folded)
        guard !unknown.isEmpty, let right = index.wordsPutRight(in: folded, unknown: unknown) else {
            return (folded, mentions, unknown)
        }
        return (right.text, right.mentions, right.unknown)
    }

    /// Whether a deed says what was done, rather than only that something was.
    private func asksForAProcedure(_ concept: Int) -> Bool {
        isDeed(concept) && !bare.contains(concept) && !vague.contains(concept)
    }

    func isDeed(_ concept: Int) -> Bool {
        let kind = index.kind(concept)
        return (kind == .action || kind == .technique) && !neutral.contains(concept)
    }

    private func add(
        _ mentions: [Mention], in folded: FoldedText, of text: ScannedText, to reading: inout ProcedureReading,
        everything: Bool
    ) {
        for mention in mentions {
            let id = index.concepts[mention.concept]
            if everything {
                if let guidance = Self.guidance(of: id) { reading.saidGuidance.insert(guidance) }
                if id.kind == .modality { reading.saidModalities.insert(id.name) }
                // Where vessels are named a phase of contrast is not: the words are the same.
                let isVessel =
                    id.name.hasPrefix("phase_")
                    && mentions.contains { $0.range == mention.range && index.kind($0.concept) == .anatomy }
                if id.kind == .contrast, !isVessel { addContrast(id.name, to: &reading) }
            }
            guard !reading.named.contains(mention.concept) else { continue }
            reading.named.append(mention.concept)
            reading.evidence[mention.concept] = Evidence(
                axis: axis(of: id.kind), value: id.name, source: text.source,
                text: folded.original(mention.range, of: text.text))
        }
        guard everything else { return }
        for modality in reading.modalities.sorted() {
            guard
                let number = ConceptID(kind: .modality, name: Self.concept(ofModality: modality))
                    .flatMap(index.number(of:)), !reading.named.contains(number)
            else { continue }
            reading.named.append(number)
        }
    }

    private func axis(of kind: ConceptID.Kind) -> Evidence.Axis {
        switch kind {
        case .anatomy, .finding: .region
        case .modality: .modality
        case .laterality: .laterality
        case .contrast: .contrast
        case .view: .views
        case .position: .position
        case .technique, .action: .technique
        }
    }

    private static func concept(ofModality value: String) -> String {
        switch value {
        case "DX", "CR", "RG": "DR"
        default: value
        }
    }

    private static func guidance(of id: ConceptID) -> Procedure.Guidance? {
        switch (id.kind, id.name) {
        case (.technique, "image_guidance_dsa"), (.modality, "XA"): .subtractionAngiography
        case (.technique, "image_guidance_fluoro"), (.modality, "RF"): .fluoroscopy
        case (.technique, "image_guidance_us"), (.modality, "US"): .ultrasound
        case (.technique, "image_guidance_ct"), (.modality, "CT"): .ct
        case (.technique, "image_guidance_mr"), (.modality, "MR"): .mr
        case (.technique, "cbct"), (.modality, "CBCT"): .coneBeamCT
        default: nil
        }
    }

    private func isGiven(_ concept: Int) -> Bool {
        ["with", "without_and_with", "dynamic"].contains(index.concepts[concept].name)
            || index.concepts[concept].name.hasPrefix("phase_")
    }

    private func addContrast(_ name: String, to reading: inout ProcedureReading) {
        switch name {
        case "intraarticular": reading.contrast = .intraarticular
        case "luminal": reading.contrast = reading.contrast ?? .luminal
        case "without", "none": reading.contrast = reading.contrast ?? .without
        case "with", "without_and_with", "dynamic", "delayed", "tissue_specific", "nonspecific",
            "phase_arterial", "phase_portal", "phase_excretory", "phase_nephrographic":
            if reading.contrast != .intraarticular { reading.contrast = .with }
        default: break
        }
    }

    // MARK: Rules

    private func rewrite(_ reading: inout ProcedureReading) {
        for _ in 0..<Self.rewritingLimit {
            let before = reading.named
            var all = Set(reading.named.flatMap(wholes(of:)))
            for place in all.flatMap({ rewritingsOf[$0] ?? [] }).sorted() {
                let rule = rewritings[place]
                guard applies(rule, to: reading.named, all) else { continue }
                if rule.isReplacement {
                    replace(rule.subject, with: rule.results, in: &reading)
                    all = Set(reading.named.flatMap(wholes(of:)))
                    continue
                }
                for result in rule.results where !reading.named.contains(result) {
                    reading.named.append(result)
                    all.formUnion(wholes(of: result))
                    reading.evidence[result] = reading.evidence[rule.subject]
                    let id = index.concepts[result]
                    if id.kind == .contrast { addContrast(id.name, to: &reading) }
                }
            }
            if reading.named == before { return }
        }
    }

    /// - Parameter all: `named` with everything those lie inside.
    private func applies(_ rule: Rewriting, to named: [Int], _ all: Set<Int>) -> Bool {
        (rule.isReplacement ? named.contains(rule.subject) : all.contains(rule.subject))
            && rule.with.allSatisfy(all.contains) && !rule.without.contains(where: all.contains)
    }

    private func replace(_ subject: Int, with results: [Int], in reading: inout ProcedureReading) {
        guard let place = reading.named.firstIndex(of: subject) else { return }
        let new = results.filter { !reading.named.contains($0) }
        reading.named.replaceSubrange(place...place, with: new)
        for concept in new { reading.evidence[concept] = reading.evidence[subject] }
        reading.evidence[subject] = nil
    }
}
