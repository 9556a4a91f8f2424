internal import DICOMCore

/// Where a walk is, counted in Items.
struct JSONPlace {
    private var sequences: [(tag: Tag, item: Int)] = []

    mutating func follow<Source>(_ event: ElementWalk<Source>.Event) {
        switch event {
        case .beginSequence(let tag): sequences.append((tag, 0))
        case .beginItem: if !sequences.isEmpty { sequences[sequences.count - 1].item += 1 }
        case .endSequence: sequences.removeLast()
        case .endItem, .element: break
        }
    }

    func path(_ tag: Tag) -> BulkDataPath {
        BulkDataPath(steps: sequences.map { .init(sequence: $0.tag, item: $0.item) }, tag: tag)
    }
}

/// Collects the text of a Data Set that is not plain ASCII, and decodes it as the index does: what the index reads is judged
/// together, and what else there is with what came of that.
struct JSONTexts {
    private struct Waiting {
        let text: RawText
        let characterSet: [String]
        let isIndexed: Bool
    }

    private let sender: TextRepair.Sender
    private var waiting: [Waiting] = []
    /// Of what waits.
    private(set) var byteCount = 0
    /// Specific Character Set of the Data Set and of the Items begun; nil where an Item has none of its own.
    private var characterSets: [[String]?] = [nil]

    init(sender: TextRepair.Sender) { self.sender = sender }

    mutating func visit<Source: ByteSource>(_ source: inout Source, _ event: ElementWalk<Source>.Event) {
        switch event {
        case .beginItem: characterSets.append(nil)
        case .endItem: characterSets.removeLast()
        case .element(let element): take(element, &source)
        case .beginSequence, .endSequence: break
        }
    }

    private mutating func take<Source: ByteSource>(
        _ element: ElementWalk<Source>.Element, _ source: inout Source
    ) {
        guard let kind = JSONTexts.kind(element.vr), let count = element.byteCount,
            count <= DICOMJSON.inlineTextByteLimit
        else { return }
        source.withBytes(at: element.offset, count: count) { bytes in
            if element.tag == .specificCharacterSet {
                let values = bytes.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false)
                characterSets[characterSets.count - 1] = values.map { AttributeSetBuilder.trimmed($0) }
            }
            guard !RawText.isPlain(bytes) else { return }
            let declared = characterSets.last { $0 != nil } ?? nil
            byteCount += bytes.count
            waiting.append(
                Waiting(
                    text: RawText(bytes: Array(bytes), kind: kind), characterSet: declared ?? [],
                    isIndexed: AttributeSetBuilder.isIndexed(element.tag)))
        }
    }

    /// Nil for VRs that are no text.
    static func kind(_ vr: String) -> RawText.Kind? {
        switch vr {
        case "PN": .names
        case "LT", "ST", "UT", "UR": .text
        case "AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "SH", "TM", "UC", "UI": .values
        default: nil
        }
    }

    /// In the order of the Data Set.
    func decoded() -> [String] {
        guard !waiting.isEmpty else { return [] }
        return TextConverter.withOne { converter in
            var texts = [String](repeating: "", count: waiting.count)
            let groups = Dictionary(grouping: waiting.indices) { waiting[$0].characterSet }
            for indices in groups.values {
                let declared = DeclaredCharacterSet(waiting[indices[0]].characterSet)
                var sender = sender
                for isIndexed in [true, false] {
                    let some = indices.filter { waiting[$0].isIndexed == isIndexed }
                    guard !some.isEmpty else { continue }
                    let repair = TextRepair(declared, sender: sender, converter: converter)
                    let result = repair.resolve(some.map { waiting[$0].text })
                    for (index, text) in zip(some, result.texts) { texts[index] = text.composed }
                    if let encoding = result.origin.encoding { sender.learned = encoding }
                }
            }
            return texts
        }
    }
}
