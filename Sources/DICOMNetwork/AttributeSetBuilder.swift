internal import CDCMTK
internal import DICOMCore

/// Collects what CDCMTK visits into an ``AttributeSet``. Text beyond ASCII waits until all of it is known, since only then
/// it can be told what it is in.
final class AttributeSetBuilder {
    /// Values longer than this are not what an index or a rule reads, bytes.
    static let valueLimit = 64 * 1024
    /// Groups of which priord reads something (``Tag``).
    private static let groups: Set<UInt16> = [0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0032, 0x0040, 0x0054]
    /// Private Attributes that makers keep b-values in, with their creators.
    private static let privateTags: Set<Tag> = [
        .siemensBValueCreator, .siemensBValue, .generalElectricBValueCreator, .generalElectricBValue,
    ]
    /// Content of structured reports: large, and read by nobody here.
    private static let contentSequence = Tag(0x0040, 0xA730)

    private struct Level {
        var attributes = AttributeSet()
        /// Values to be decoded, by their place in `waiting`.
        var waiting: [(tag: Tag, text: Int)] = []
        var sequences: [(tag: Tag, items: [Level])] = []
        /// The Sequence being read.
        var sequence: (tag: Tag, items: [Level])?
        /// Specific Character Set of the Item, or nil: that of the Data Set holds.
        var characterSet: [String]?
    }

    private struct Waiting {
        let text: RawText
        let characterSet: [String]
    }

    private var levels = [Level()]
    private var waiting: [Waiting] = []
    private let keepsAllGroups: Bool
    private let valueLimit: Int

    /// - Parameters:
    ///   - keepsAllGroups: also those of which priord reads nothing, because the message itself is kept.
    ///   - valueLimit: longer values are passed over, bytes.
    init(keepsAllGroups: Bool = false, valueLimit: Int = AttributeSetBuilder.valueLimit) {
        self.keepsAllGroups = keepsAllGroups
        self.valueLimit = valueLimit
    }

    /// - Returns: what was visited, and how its text was decoded.
    func finished(_ sender: TextRepair.Sender) -> (AttributeSet, TextOrigin) {
        if waiting.isEmpty { return (AttributeSetBuilder.attributes(of: levels[0], []), .declared) }
        return TextConverter.withOne { decoded(sender, $0) }
    }

    private func decoded(_ sender: TextRepair.Sender, _ converter: TextConverter) -> (AttributeSet, TextOrigin) {
        var values = [[String]](repeating: [], count: waiting.count)
        var origin = TextOrigin.declared
        let groups = Dictionary(grouping: waiting.indices) { waiting[$0].characterSet }
        // In the order of the Data Set, so that the result is the same on every run.
        for indices in groups.values.sorted(by: { $0[0] < $1[0] }) {
            let characterSet = DeclaredCharacterSet(waiting[indices[0]].characterSet)
            let repair = TextRepair(characterSet, sender: sender, converter: converter)
            let result = repair.resolve(indices.map { waiting[$0].text })
            for (index, text) in zip(indices, result.texts) {
                values[index] = AttributeSetBuilder.values(of: text.composed, waiting[index].text.kind)
            }
            origin = origin.weaker(result.origin)
        }
        return (AttributeSetBuilder.attributes(of: levels[0], values), origin)
    }

    /// - Parameter decoded: values of what waited.
    private static func attributes(of level: Level, _ decoded: [[String]]) -> AttributeSet {
        var attributes = level.attributes
        for (tag, index) in level.waiting { attributes.set(tag, to: decoded[index]) }
        for (tag, items) in level.sequences { attributes.set(tag, to: items.map { self.attributes(of: $0, decoded) }) }
        return attributes
    }

    /// Divided after decoding: a backslash may be half of a Chinese character before.
    private static func values(of text: String, _ kind: RawText.Kind) -> [String] {
        let parts = kind == .text ? [text[...]] : text.split(separator: "\\", omittingEmptySubsequences: false)
        return parts.map { trimmed($0.utf8) }
    }

    private func isKept(_ tag: Tag) -> Bool {
        keepsAllGroups && tag != AttributeSetBuilder.contentSequence || AttributeSetBuilder.isIndexed(tag)
    }

    /// Whether priord reads the Attribute, and so judges by it what text is in.
    static func isIndexed(_ tag: Tag) -> Bool {
        groups.contains(tag.group) ? tag != contentSequence : privateTags.contains(tag)
    }

    private func value(_ tag: Tag, _ bytes: UnsafeBufferPointer<UInt8>, _ kind: RawText.Kind) {
        guard isKept(tag), bytes.count <= valueLimit else { return }
        let last = levels.count - 1
        guard RawText.isPlain(bytes) else {
            levels[last].waiting.append((tag, waiting.count))
            waiting.append(Waiting(text: RawText(bytes: Array(bytes), kind: kind), characterSet: characterSet))
            return
        }
        let backslash = UInt8(ascii: "\\")
        let parts = kind == .text ? [bytes[...]] : bytes.split(separator: backslash, omittingEmptySubsequences: false)
        let values = parts.map(AttributeSetBuilder.trimmed)
        levels[last].attributes.set(tag, to: values)
        if tag == .specificCharacterSet { levels[last].characterSet = values }
    }

    /// The declaration in force where reading stands.
    private var characterSet: [String] { levels.last { $0.characterSet != nil }?.characterSet ?? [] }

    static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        func isPadding(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0 }
        let start = bytes.firstIndex { !isPadding($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isPadding($0) }.map { bytes.index(after: $0) } ?? start
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private func beginSequence(_ tag: Tag) { levels[levels.count - 1].sequence = (tag, []) }

    private func beginItem() { levels.append(Level()) }

    private func endItem() {
        let item = levels.removeLast()
        levels[levels.count - 1].sequence?.items.append(item)
    }

    private func endSequence() {
        let last = levels.count - 1
        if let sequence = levels[last].sequence, isKept(sequence.tag) {
            levels[last].sequences.append(sequence)
        }
        levels[last].sequence = nil
    }

    static let visitor = cdcmtk_visitor(
        value: { context, group, element, text, length, kind in
            let bytes = UnsafeRawBufferPointer(start: text, count: length).assumingMemoryBound(to: UInt8.self)
            from(context).value(Tag(group, element), bytes, RawText.Kind(kind))
        },
        begin_sequence: { context, group, element in from(context).beginSequence(Tag(group, element)) },
        begin_item: { context in from(context).beginItem() },
        end_item: { context in from(context).endItem() },
        end_sequence: { context in from(context).endSequence() })

    private static func from(_ context: UnsafeMutableRawPointer) -> AttributeSetBuilder {
        Unmanaged<AttributeSetBuilder>.fromOpaque(context).takeUnretainedValue()
    }
}

extension RawText.Kind {
    fileprivate init(_ kind: cdcmtk_value_kind) {
        self =
            switch kind {
            case CDCMTK_NAMES: .names
            case CDCMTK_TEXT: .text
            default: .values
            }
    }
}
