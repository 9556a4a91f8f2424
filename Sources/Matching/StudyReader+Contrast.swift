import Catalogue

/// Whether contrast medium was given: said by the text, shown by series and agent.
extension StudyReader {
    func contrast(_ words: Set<String>) -> StudyReading.Contrast? {
        guard !words.isEmpty else { return nil }
        if words.contains("dynamic") { return .dynamic }
        let with = !words.isDisjoint(with: Self.phases)
        if words.contains("without_and_with") || (with && words.contains("without")) { return .withoutAndWith }
        if with { return .with }
        return words.contains("without") ? .without : nil
    }

    /// Words that say contrast was given by naming a time after it.
    private static let phases: Set<String> = [
        "with", "delayed", "phase_arterial", "phase_portal", "phase_nephrographic", "phase_excretory",
        "tissue_specific",
    ]

    /// What the word of contrast at `place`, read as `name`, says. A bare word for the medium or an agent's name says that
    /// it was given, unless the word before tells how (`W/O IV CONTRAST`, `oral contrast`).
    func contrast(saidBy name: String, at place: Int, of mentions: [Mention], in text: ScannedText?) -> String? {
        guard Self.media.contains(name) else { return name }
        guard place > 0, index.kind(mentions[place - 1].concept) == .contrast else { return "with" }
        let before = index.concepts[mentions[place - 1].concept].name
        let gap = mentions[place - 1].gap(to: mentions[place])
        if !gap.isEmpty, text?.isJoined(gap) == true { return "with" }
        if name == "iv", before == "oral" || before == "luminal" { return "with" }
        return nil
    }

    private static let media: Set<String> = ["medium", "iv", "iodinated", "gadolinium"]

    func settleContrast(of reading: inout StudyReading) {
        guard family == .ct || family == .mr else { return }
        var seen: Set<String> = []
        for text in scan.series + scan.secondary { seen.formUnion(contrastShown(by: text)) }
        // A series before the injection shows nothing as long as none after it is shown.
        if seen.remove("before") != nil, contrast(seen) != nil { seen.insert("without") }
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
            reading.showsPlainProtocol = showsPlainSequences
            let isPlainByHabit = scan.language != .english || (scan.isEuropean && reading.showsPlainProtocol)
            guard isPlainByHabit, !reading.contrastIsSettled else { break }
            reading.contrast = .without
            reading.contrastIsAssumed = true
            reading.evidence.append(Evidence(axis: .contrast, value: "without", source: .convention, text: ""))
        default: break
        }
    }

    /// A whole MR protocol is there, T1 among others, and no series of it is called after an injection.
    private var showsPlainSequences: Bool {
        guard family == .mr else { return false }
        let weightings = scan.series.compactMap { text in
            text.mentions.map { index.concepts[$0.concept].value }.first(where: Self.weightings.contains)
        }
        return weightings.count >= 4 && weightings.contains("technique.t1") && Set(weightings).count >= 2
    }

    private static let weightings: Set<String> = [
        "technique.t1", "technique.t2", "technique.pd", "technique.stir", "technique.flair",
    ]

    /// The words of contrast of a series or an Attribute. Of a series alone, before and after mean the injection, and a
    /// time is the time since.
    private func contrastShown(by text: ScannedText) -> Set<String> {
        let isSeries = text.source == .seriesDescription
        // The contrast of perfusion and the like is none that an item is made of.
        let isOther = text.mentions.contains {
            index.kind($0.concept) == .technique && index.role(of: $0.concept) == nil
        }
        if isSeries, isOther { return [] }
        var words: Set<String> = []
        for (place, mention) in text.mentions.enumerated() where index.kind(mention.concept) == .contrast {
            // A lone W after an MR sequence is its water image.
            if isSeries, family == .mr, mention.range.count == 1 { continue }
            let name = index.concepts[mention.concept].name
            switch contrast(saidBy: name, at: place, of: text.mentions, in: text) {
            case "before": if isSeries { words.insert("before") }
            case "after": if isSeries { words.insert("with") }
            case let said?: words.insert(said)
            case nil: break
            }
        }
        let named = Set(text.mentions.map(\.concept))
        for implication in index.implications
        where words.isEmpty && index.kind(implication.result) == .contrast && named.contains(implication.subject) {
            let isMeant = implication.families.isEmpty || implication.families.contains(family)
            if isMeant, implication.condition.map(named.contains) ?? true {
                words.insert(index.concepts[implication.result].name)
            }
        }
        if isSeries, family == .mr, text.isDifference { words.insert("without_and_with") }
        if isSeries, words.isEmpty, text.namesDelay, family == .ct || isWeightedForContrast(text) {
            words.insert("delayed")
        }
        return words
    }

    /// Contrast is looked for on T1; other sequences name times of their own.
    private func isWeightedForContrast(_ text: ScannedText) -> Bool {
        text.mentions.contains { index.concepts[$0.concept].value == "technique.t1" }
    }
}

extension ScannedText {
    private static let seconds = Set(["sec", "secs", "second", "seconds"].map { FoldedText($0).scalars })
    private static let minutes = Set(["min", "mins", "minute", "minutes"].map { FoldedText($0).scalars })

    /// Whether the text tells how long after an injection its images were taken (`70 SEC`, `8min AP`).
    var namesDelay: Bool {
        let scalars = folded.scalars
        var place = 0
        while place < scalars.count {
            guard ScalarFolding.isDigit(scalars[place]) else {
                place += 1
                continue
            }
            let start = place
            while place < scalars.count, ScalarFolding.isDigit(scalars[place]) { place += 1 }
            // A dimension (8X8 MIN) or a fraction is no time.
            let before = scalars[..<start].last { $0 != 0x20 }
            if start > 0, ScalarFolding.isLetterOrMark(scalars[start - 1]) || before == 0x2E || before == 0x78 {
                continue
            }
            guard place - start <= 3 else { continue }
            let number = scalars[start..<place].reduce(0) { $0 * 10 + Int($1 - 0x30) }
            let unitStart = scalars[place...].first == 0x20 ? place + 1 : place
            let unit = Array(scalars[unitStart...].prefix { ScalarFolding.isLetterOrMark($0) })
            if Self.seconds.contains(unit), (15...300).contains(number) { return true }
            if Self.minutes.contains(unit), (1...60).contains(number) { return true }
        }
        return false
    }

    /// Whether the text is a console's name for images after the injection less images before it:
    /// `(297/8/89)-(297/8/1)`.
    var isDifference: Bool {
        let halves = text.split(separator: ")-(", omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0].first == "(", halves[1].last == ")" else { return false }
        let numbers = halves[0].dropFirst() + halves[1].dropLast()
        return numbers.contains("/") && numbers.allSatisfy { $0.isNumber || $0 == "/" || $0 == "." }
    }
}
