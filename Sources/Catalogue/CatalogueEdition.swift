/// One edition of a list, read and checked.
public struct CatalogueEdition: Sendable {
    /// One line of the list.
    public struct Entry: Sendable, Equatable {
        /// Its code, its number, or its id: what names it within the list.
        public let key: String
        public let name: LocalizedName
        /// Equal for two lines that say the same.
        let content: Int
    }

    /// How an edition differs from another of its list; keys in the order of the lists.
    public struct Change: Sendable, Equatable {
        public let added: [String]
        public let removed: [String]
        public let changed: [String]
    }

    public let header: CatalogueHeader
    /// Name of the file it was read from.
    public private(set) var file: String
    /// Part of the program, and so not removed.
    public let isBundled: Bool
    /// In the order of the list.
    public let entries: [Entry]
    /// The list as the matcher uses it; nil unless its kind is imaging.
    public let imaging: ImagingCatalogue?
    /// The list as procedures are named from it; nil when its kind is imaging.
    public let procedures: ProcedureCatalogue?
    /// Codes or numbers of the list in `header.refersTo` that its items name.
    let references: Set<String>

    public var id: CatalogueID { header.id }

    /// The same edition as it lies in another file.
    public func filed(as name: String) -> CatalogueEdition {
        var copy = self
        copy.file = name
        return copy
    }

    /// What a reader of `old` would find different here; without one everything is added.
    public func change(from old: CatalogueEdition?) -> Change {
        let earlier = old?.entries ?? []
        let before = Dictionary(earlier.map { ($0.key, $0.content) }) { first, _ in first }
        let after = Set(entries.map(\.key))
        return Change(
            added: entries.map(\.key).filter { before[$0] == nil },
            removed: earlier.map(\.key).filter { !after.contains($0) },
            changed: entries.filter { entry in before[entry.key].map { $0 != entry.content } ?? false }.map(\.key))
    }
}
