internal import DICOMCore

/// Finds out what text is in whose declaration may be wrong.
///
/// All text of a Data Set is judged together, so that a long description decides for a short name. The encoding wins that
/// makes it cheapest (``TextCost``); being declared, hinted at or the sender's habit counts as evidence in bits, so a
/// declaration that is possible is given up only for a much better reading. Pure: the same bytes give the same text.
///
/// The time is linear in the bytes: what is weighed is bounded, and each text is then decoded once, or once in each
/// encoding if it is not like the others.
struct TextRepair {
    /// What is known of the sender apart from this Data Set.
    struct Sender: Hashable {
        /// What its repaired studies turned out to be in.
        var learned: TextEncoding?
        /// What a person says it sends.
        var configured: TextEncoding?
    }

    struct Result: Equatable {
        /// In the order of the texts given.
        var texts: [String]
        var origin: TextOrigin
    }

    /// Evidence in bits; less is likelier.
    private enum Weight {
        static let declared = -10.0
        static let hinted = -10.0
        static let learned = -12.0
        static let configured = -60.0
        /// A Data Set that is in several encodings has most of its text in one.
        static let main = -6.0
        /// A character cut in two at the end of a value.
        static let cut = 10.0
        /// What has to be gained before a possible declaration is given up.
        static let change = 4.0
        /// What has to lie between the best reading and the next for it to be certain.
        static let certainty = 20.0
        /// A reading in which each byte beyond ASCII costs more is noise.
        static let noise = 13.0
    }

    /// Bytes of each text, and of all together, that are weighed.
    private static let weighedByteCount = 512
    private static let weighedTotal = 8192

    private let declared: DeclaredCharacterSet
    private let sender: Sender
    private let converter: TextConverter

    init(_ declared: DeclaredCharacterSet, sender: Sender, converter: TextConverter) {
        self.declared = declared
        self.sender = sender
        self.converter = converter
    }

    /// Decodes the texts that have one declaration in one Data Set.
    func resolve(_ texts: [RawText]) -> Result {
        let asDeclared = texts.map { declared.decode($0, with: converter) }
        if isBeyondDoubt(texts, asDeclared) { return Result(texts: asDeclared.compactMap(\.self), origin: .declared) }
        // Decoded escape sequences prove themselves; what else there is has to.
        let open = texts.indices.filter { asDeclared[$0] == nil || !texts[$0].hasEscapes }
        let found = weigh(open.map { texts[$0] }, open.map { asDeclared[$0] })
        var result = Result(texts: asDeclared.map { $0 ?? "" }, origin: found.origin)
        for (index, text) in zip(open, found.texts) { result.texts[index] = text }
        return result
    }

    /// Whether the declaration holds and could hardly do so by chance.
    private func isBeyondDoubt(_ texts: [RawText], _ asDeclared: [String?]) -> Bool {
        guard !asDeclared.contains(nil) else { return false }
        let unproven = texts.filter { !(declared.hasCodeExtensions && $0.hasEscapes) && !$0.isASCII }
        if unproven.isEmpty { return true }
        switch declared.base {
        case .utf8:
            // Two bytes of GBK may be one letter of UTF-8, but of an alphabet that hardly anybody here writes.
            return (sender.learned ?? sender.configured ?? .utf8) == .utf8
                || !asDeclared.contains { $0.map(TextCost.isUnusual) ?? true }
        case .gb18030: return unproven.contains { converter.decode($0.bytes, as: .utf8) == nil }
        case .other:
            return sender.configured == nil && unproven.contains { converter.decode($0.bytes, as: .utf8) == nil }
        case .ascii, .latin1: return false
        }
    }

    private func weigh(_ texts: [RawText], _ asDeclared: [String?]) -> Result {
        let readings = readings(of: texts, asDeclared)
        let fitting = readings.filter(\.fits).sorted { $0.cost < $1.cost }
        guard let first = fitting.first else { return eachAlone(texts, asDeclared, readings) }
        let kept = fitting.first(where: \.isDeclared).flatMap { $0.cost - first.cost < Weight.change ? $0 : nil }
        let best = kept ?? first
        guard let found = decoded(texts, asDeclared, best), !hasStrangers(best, among: readings) else {
            return eachAlone(texts, asDeclared, readings)
        }
        if best.isDeclared || found == asDeclared { return Result(texts: found, origin: .declared) }
        if best.isNoise { return eachAlone(texts, asDeclared, readings) }
        return Result(
            texts: found, origin: TextOrigin(state: state(of: best, found, fitting, texts), encoding: best.encoding))
    }

    /// Whether a text is far likelier in another encoding than the others are in, though it is possible in theirs.
    private func hasStrangers(_ best: Reading, among readings: [Reading]) -> Bool {
        guard best.costs.count > 1 else { return false }
        return best.costs.indices.contains { index in
            let cost = (best.costs[index] ?? 0) + best.prior + Weight.main
            return readings.contains { ($0.costs[index] ?? .infinity) + $0.prior + Weight.certainty < cost }
        }
    }

    /// Certain when a person said so, or when no other text is nearly as likely without what was learned.
    private func state(of best: Reading, _ found: [String], _ fitting: [Reading], _ texts: [RawText]) -> TextState {
        if best.encoding == sender.configured { return .repaired }
        let isRivalled = fitting.contains { rival in
            rival.encoding != best.encoding && rival.costUnlearned < best.costUnlearned + Weight.certainty
                && (rival.encoding.map { encoding in texts.map { converted($0, encoding) ?? "" } != found } ?? true)
        }
        return isRivalled ? .guessed : .repaired
    }

    /// Judges each text for itself, since no encoding fits all of them.
    private func eachAlone(_ texts: [RawText], _ asDeclared: [String?], _ readings: [Reading]) -> Result {
        let main = readings.max { $0.costs.count { $0 != nil } < $1.costs.count { $0 != nil } }
        var result = Result(texts: [], origin: .declared)
        for (index, text) in texts.enumerated() {
            let ranked = readings.compactMap { reading -> (Reading, Double)? in
                guard let cost = reading.costs[index], !reading.isNoise(at: index, of: text) else { return nil }
                return (reading, cost + reading.prior + (reading.encoding == main?.encoding ? Weight.main : 0))
            }.sorted { $0.1 < $1.1 }
            let found = ranked.lazy.compactMap { reading, _ in
                (reading.isDeclared ? asDeclared[index] : nil)
                    ?? reading.encoding.flatMap { converted(text, $0) }.map { $0 }
            }
            guard let decoded = found.first else {
                // Of what is nothing, ASCII is kept.
                result.texts.append(asDeclared[index] ?? String(decoding: text.bytes, as: UTF8.self))
                if asDeclared[index] == nil { result.origin = TextOrigin(state: .undecodable) }
                continue
            }
            result.texts.append(decoded)
            if decoded != asDeclared[index], result.origin.state < .guessed {
                result.origin = TextOrigin(state: .guessed, encoding: ranked.first?.0.encoding)
            }
        }
        return result
    }
}

extension TextRepair {
    /// The texts as one encoding has them.
    private struct Reading {
        /// nil for the declared one where that is none of these.
        let encoding: TextEncoding?
        let isDeclared: Bool
        /// nil where a text is not in the encoding.
        let costs: [Double?]
        /// What speaks for the encoding apart from the texts, without what was learned.
        let priorUnlearned: Double
        let learned: Double
        /// Weighed bytes beyond ASCII, and those of ASCII.
        let wideByteCount: Int
        let asciiByteCount: Int

        var fits: Bool { !costs.contains(nil) }
        var prior: Double { priorUnlearned + learned }
        var cost: Double { costUnlearned + learned }
        var costUnlearned: Double { costs.reduce(priorUnlearned) { $0 + ($1 ?? 0) } }

        var isNoise: Bool {
            let bits = costs.reduce(0) { $0 + ($1 ?? 0) } - TextCost.ascii * Double(asciiByteCount)
            return bits > Weight.noise * Double(max(1, wideByteCount))
        }

        func isNoise(at index: Int, of text: RawText) -> Bool {
            let weighed = text.bytes.prefix(TextRepair.weighedByteCount)
            let wide = weighed.count { $0 >= 0x80 }
            guard let cost = costs[index], wide > 0 else { return false }
            return cost - TextCost.ascii * Double(weighed.count - wide) > Weight.noise * Double(wide)
        }
    }

    private static let usual: [TextEncoding] = [
        .utf8, .gb18030, .windows1258, .tcvn3, .windows1252, .big5, .shiftJIS,
    ]

    private func readings(of texts: [RawText], _ asDeclared: [String?]) -> [Reading] {
        var candidates = TextRepair.usual
        let known = declared.hints + [sender.learned, sender.configured].compactMap(\.self)
        for encoding in known where !candidates.contains(encoding) { candidates.append(encoding) }
        if texts.contains(where: \.hasEscapes) { candidates.append(.iso2022) }

        var total = 0
        let weighed = texts.map { text in
            let bytes = Array(text.bytes.prefix(min(TextRepair.weighedByteCount, TextRepair.weighedTotal - total)))
            total += bytes.count
            return RawText(bytes: bytes, kind: text.kind)
        }
        let wide = weighed.reduce(0) { $0 + $1.bytes.count { $0 >= 0x80 } }
        let isPossible = !asDeclared.contains(nil)
        func reading(_ encoding: TextEncoding?, isDeclared: Bool, _ costs: [Double?]) -> Reading {
            Reading(
                encoding: encoding, isDeclared: isDeclared, costs: costs, priorUnlearned: prior(encoding, isDeclared),
                learned: encoding != nil && encoding == sender.learned ? Weight.learned : 0, wideByteCount: wide,
                asciiByteCount: total - wide)
        }
        var readings = candidates.map { encoding in
            let isDeclared = encoding == declared.encoding && (isPossible || declared.base != .latin1)
            return reading(
                encoding, isDeclared: isDeclared,
                zip(texts, weighed).map { text, weighed in
                    cost(weighed, encoding, isWhole: text.bytes.count == weighed.bytes.count)
                })
        }
        if declared.encoding == nil, isPossible {
            readings.append(
                reading(nil, isDeclared: true, asDeclared.map { $0.map { TextCost.of([], $0, in: .utf8) } }))
        }
        return readings
    }

    private func prior(_ encoding: TextEncoding?, _ isDeclared: Bool) -> Double {
        var bits =
            switch encoding {
            case nil, .utf8, .gb18030, .windows1252, .iso2022: 0.0
            case .windows1258, .tcvn3: 3.0
            case .big5, .eucKR: 8.0
            case .shiftJIS: 10.0
            }
        if isDeclared { bits += Weight.declared }
        guard let encoding else { return bits }
        if declared.hints.contains(encoding), !isDeclared { bits += Weight.hinted }
        if encoding == sender.configured { bits += Weight.configured }
        return bits
    }

    /// nil when the text is not in the encoding. One that goes on may be cut in two anywhere.
    private func cost(_ text: RawText, _ encoding: TextEncoding, isWhole: Bool) -> Double? {
        if encoding == .iso2022 || text.hasEscapes {
            return converted(text, encoding).map { TextCost.of([], $0, in: .utf8) }
        }
        guard let decoded = converter.decode(text.bytes, as: encoding) else { return nil }
        return TextCost.of(text.bytes, decoded.text, in: encoding) + (decoded.isCut && isWhole ? Weight.cut : 0)
    }

    private func converted(_ text: RawText, _ encoding: TextEncoding) -> String? {
        if encoding == .iso2022 { return CodeExtensions.every.decode(text, with: converter) }
        // No other encoding but this one has escape sequences, and it may have lost some.
        if text.hasEscapes, encoding != .gb18030 { return nil }
        return converter.decode(text.bytes, as: encoding)?.text
    }

    private func decoded(_ texts: [RawText], _ asDeclared: [String?], _ reading: Reading) -> [String]? {
        var found: [String] = []
        for (index, text) in texts.enumerated() {
            let declared = reading.isDeclared ? asDeclared[index] : nil
            guard let text = declared ?? reading.encoding.flatMap({ converted(text, $0) }) else { return nil }
            found.append(text)
        }
        return found
    }
}
