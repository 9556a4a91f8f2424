/// A part of the codes that order entry writes together, such as CT, HD and WO of `CTHDWO`; one line of
/// lexicon-codes.tsv.
public struct OrderCodePart: Sendable, Hashable {
    public enum Role: String, Sendable {
        /// Names the modality, and a code begins with it.
        case opening
        case region
        /// Side, view, contrast.
        case detail
    }

    public let code: String
    public let role: Role
    /// Of an opening the modalities it names (XR for every X-ray); of another part those it is used
    /// with, none for all.
    public let modalities: [String]
    /// What it stands for, in words of the lexicon.
    public let words: String

    public init(code: String, role: Role, modalities: [String] = [], words: String) {
        self.code = code
        self.role = role
        self.modalities = modalities
        self.words = words
    }

    init(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        code = try row.nonEmpty("code")
        guard code.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }) else {
            throw row.fault("code", "\"\(code)\" is not capital letters and digits")
        }
        role = try row.value("role", as: Role.self)
        modalities = row.list("modality", separator: " ")
        words = try row.nonEmpty("words")
    }
}
