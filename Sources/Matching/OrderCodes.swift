import Catalogue

/// Reads the codes that order entry writes together from short parts: `CTHDWO`, `XRTSP2V`, `MRSHLRTWO`.
///
/// A code is read only when all of it is made of known parts and the fewest parts say one thing.
struct OrderCodes: Sendable {
    private struct Part: Sendable {
        let role: OrderCodePart.Role
        let modalities: Set<String>
        let words: [UInt32]
    }

    /// The ways to read the first places of a code.
    private struct Reading {
        var parts = 0
        var words: [[UInt32]] = []
        var isUnique = true
    }

    private let parts: [[UInt32]: [Part]]
    private let longest: Int

    init(_ codeParts: [OrderCodePart]) {
        parts = Dictionary(grouping: codeParts) { FoldedText($0.code).scalars }.mapValues { parts in
            parts.map {
                Part(role: $0.role, modalities: Set($0.modalities), words: FoldedText($0.words).scalars)
            }
        }
        longest = parts.keys.map(\.count).max() ?? 1
    }

    /// The words that `code` stands for, or nil when it is no code or could be read two ways.
    func words(of code: [UInt32]) -> [UInt32]? {
        var readings: [Reading] = []
        for end in 2...max(2, min(longest, code.count)) where end < code.count {
            for opening in parts[Array(code[..<end])] ?? [] where opening.role == .opening {
                guard let rest = read(code[end...], after: opening.modalities, beginsWithRegion: false) else {
                    continue
                }
                readings.append(
                    Reading(parts: rest.parts + 1, words: [opening.words] + rest.words, isUnique: rest.isUnique))
            }
        }
        if readings.isEmpty, let reading = read(code[...], after: nil, beginsWithRegion: true), reading.parts > 1 {
            readings.append(reading)
        }
        guard let best = readings.min(by: { $0.parts < $1.parts }), best.isUnique,
            readings.count(where: { $0.parts == best.parts }) == 1
        else { return nil }
        return Array(best.words.joined(separator: [0x20]))
    }

    /// What a part of the body shortened to `code` is called, where the code stands alone.
    func region(_ code: [UInt32]) -> [UInt32]? {
        parts[code]?.first { $0.role == .region && $0.modalities.isEmpty }?.words
    }

    /// The fewest parts that make up `code`.
    ///
    /// - Parameter modalities: what the code's opening names; nil for a code without one, whose parts after the first
    ///   are details.
    private func read(
        _ code: ArraySlice<UInt32>, after modalities: Set<String>?, beginsWithRegion: Bool
    ) -> Reading? {
        var best: [Int: Reading] = [code.startIndex: Reading()]
        for start in code.indices {
            guard let reading = best[start] else { continue }
            for end in (start + 1)...min(code.endIndex, start + longest) {
                for part in parts[Array(code[start..<end])] ?? [] {
                    let isFirst = beginsWithRegion && start == code.startIndex
                    let role: OrderCodePart.Role? = beginsWithRegion ? (isFirst ? .region : .detail) : nil
                    guard part.role != .opening, role == nil || part.role == role else { continue }
                    guard part.modalities.isEmpty || modalities.map(part.modalities.isDisjoint) == false else {
                        continue
                    }
                    var next = reading
                    next.parts += 1
                    next.words.append(part.words)
                    guard let known = best[end], known.parts <= next.parts else {
                        best[end] = next
                        continue
                    }
                    if known.parts == next.parts, known.words != next.words { best[end]?.isUnique = false }
                }
            }
        }
        return best[code.endIndex]
    }
}
