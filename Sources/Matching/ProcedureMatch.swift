public import Catalogue

/// A procedure a study was found to be.
public struct ProcedureMatch: Sendable, Equatable, Codable {
    /// The id of the list, e.g. `vietnam-25qd-byt-2014`.
    public let catalogue: String
    /// Unique within the list: `43`, `G3-12`.
    public let procedure: String
    public let number: Int
    /// Domain and level, where the list has them.
    public let domain: Procedure.Domain?
    public let surgicalLevel: Int?
    /// Something is done beyond imaging.
    public let isInterventional: Bool
    /// In 0...1.
    public let confidence: Double
    public let evidence: [Evidence]
}
