internal import CDCMTK
internal import DICOMCore

/// Collects what CDCMTK visits into an ``AttributeSet``.
final class AttributeSetBuilder {
    /// Values longer than this are not what an index or a rule reads, bytes.
    private static let valueLimit = 64 * 1024
    /// Groups of which priord reads something (``Tag``).
    private static let groups: Set<UInt16> = [0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0032, 0x0040, 0x0054]
    /// Content of structured reports: large, and read by nobody here.
    private static let contentSequence = Tag(0x0040, 0xA730)

    private struct Level {
        var attributes = AttributeSet()
        var sequence: Tag?
        var items: [AttributeSet] = []
    }

    private var levels = [Level()]

    func finished() -> AttributeSet { levels[0].attributes }

    private static func isKept(_ tag: Tag) -> Bool { groups.contains(tag.group) && tag != contentSequence }

    private func value(_ tag: Tag, _ text: UnsafeBufferPointer<UInt8>, isList: Bool) {
        guard AttributeSetBuilder.isKept(tag), text.count <= AttributeSetBuilder.valueLimit else { return }
        let backslash = UInt8(ascii: "\\")
        let parts = isList ? text.split(separator: backslash, omittingEmptySubsequences: false) : [text[...]]
        levels[levels.count - 1].attributes.set(tag, to: parts.map(AttributeSetBuilder.trimmed))
    }

    private static func trimmed(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        func isPadding(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0 }
        let start = bytes.firstIndex { !isPadding($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isPadding($0) }.map { $0 + 1 } ?? start
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private func beginSequence(_ tag: Tag) { levels[levels.count - 1].sequence = tag }

    private func beginItem() { levels.append(Level()) }

    private func endItem() {
        let item = levels.removeLast().attributes
        levels[levels.count - 1].items.append(item)
    }

    private func endSequence() {
        let last = levels.count - 1
        if let tag = levels[last].sequence, AttributeSetBuilder.isKept(tag) {
            levels[last].attributes.set(tag, to: levels[last].items)
        }
        levels[last].items = []
        levels[last].sequence = nil
    }

    static let visitor = cdcmtk_visitor(
        value: { context, group, element, text, length, isList in
            let bytes = UnsafeRawBufferPointer(start: text, count: length).assumingMemoryBound(to: UInt8.self)
            from(context).value(Tag(group, element), bytes, isList: isList)
        },
        begin_sequence: { context, group, element in from(context).beginSequence(Tag(group, element)) },
        begin_item: { context in from(context).beginItem() },
        end_item: { context in from(context).endItem() },
        end_sequence: { context in from(context).endSequence() })

    private static func from(_ context: UnsafeMutableRawPointer) -> AttributeSetBuilder {
        Unmanaged<AttributeSetBuilder>.fromOpaque(context).takeUnretainedValue()
    }
}
