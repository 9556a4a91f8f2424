/// The columns of a catalogue file, by what it lists (docs/catalogues.md).
struct CatalogueColumns {
    let required: [String]
    /// Read where present, or kept for people.
    let optional: [String]
    /// The column whose value names an item within the list.
    let key: String
    /// Columns that hold names of the lexicon, `;` between several, with the kinds each may be of.
    let concepts: [(column: String, kinds: [ConceptID.Kind])]
    /// Columns that name items of the list in `refers-to`, `;` between several.
    let references: [String]

    init(_ kind: CatalogueKind) {
        switch kind {
        case .imaging:
            required = CatalogueItem.requiredColumns
            optional =
                CatalogueItem.columns + [
                    "region", "series_basis", "pcs_part", "pcs_part_status", "pcs7_official", "notes",
                ]
            key = "code"
            concepts = [("anatomy", [.anatomy]), ("technique", [.technique])]
            references = []
        case .procedures:
            required = [
                "no", "name_zh", "name_en", "name_vi", "modality", "region", "laterality", "contrast", "technique",
                "is_interventional", "guidance",
            ]
            optional = [
                "section", "name_vi_source", "correction", "correction_kind", "zhejiang_codes", "zhejiang_relation",
                "notes",
            ]
            key = "no"
            concepts = [("region", [.anatomy, .finding]), ("technique", [.technique, .action])]
            references = ["zhejiang_codes"]
        case .techniques:
            required = [
                "id", "domain", "surgical_level", "no", "name_zh", "name_en", "name_vi", "vessels_or_organs", "action",
            ]
            optional = [
                "name_zh_source", "correction", "matching_vietnam_nos", "related_vietnam_nos", "notes",
            ]
            key = "id"
            concepts = [("vessels_or_organs", [.anatomy, .finding]), ("action", [.action, .technique])]
            references = ["matching_vietnam_nos", "related_vietnam_nos"]
        }
    }
}
