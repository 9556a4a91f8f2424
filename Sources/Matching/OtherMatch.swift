public import Catalogue

/// A further item of the same study, or the same examination in another catalogue.
public struct OtherMatch: Sendable, Hashable, Codable {
    /// The id of the edition, e.g. `vietnam-25qd-byt-2014`.
    public var catalogue: String
    public var code: ItemCode?
    /// Number of a procedure in a catalogue without codes.
    public var no: Int?
    /// Name of a technique within its catalogue, e.g. `P4-08`.
    public var id: String?

    public init(catalogue: String, code: ItemCode? = nil, no: Int? = nil, id: String? = nil) {
        self.catalogue = catalogue
        self.code = code
        self.no = no
        self.id = id
    }
}

extension OtherMatch {
    public init(_ match: ProcedureMatch) {
        self.init(
            catalogue: match.catalogue, no: match.domain == nil ? match.number : nil,
            id: match.domain == nil ? nil : match.procedure)
    }
}
