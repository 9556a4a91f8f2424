/// Whether a prior may stand in for a new exam: a proposal, with what each rule says.
public struct Recognition: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, Sendable {
        case recognised, notRecognised, doctorDecides
    }

    public struct Rule: Codable, Equatable, Sendable {
        /// As in the recognition rules of the catalogue, e.g. `ZR-30`.
        public var id: String
        /// Nil for what the data does not decide; encodes as `null`.
        public var holds: Bool?
        public var detail: String

        public init(id: String, holds: Bool?, detail: String) {
            self.id = id
            self.holds = holds
            self.detail = detail
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(holds, forKey: .holds)
            try container.encode(detail, forKey: .detail)
        }
    }

    public var verdict: Verdict
    /// In the order of their ids.
    public var rules: [Rule]
    /// Ids of the rules that only a doctor can answer, in the order of the notice.
    public var questions: [String]
    /// Id of the notice whose rules these are.
    public var policy: String
}
