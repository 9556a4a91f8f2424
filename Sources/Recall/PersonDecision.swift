public import Foundation

/// What a person decided of identities, as the log of decisions keeps it. The last one of a pair holds.
public struct PersonDecision: Codable, Equatable, Sendable {
    public enum Link: String, Codable, Sendable {
        case same, different
        /// What was decided is taken back: what rules say holds again.
        case undecided
    }

    /// What records of this kind are called in the log.
    public static let kind = "person"

    public private(set) var record = kind
    public var decision: Link
    /// An identity, and those it is or is not one human with.
    public var one: String
    public var others: [String]
    /// Who decided, as the site writes it.
    public var by: String
    public var at: Date
    public var note: String

    public init(_ decision: Link, of one: String, and others: [String], by: String, at: Date, note: String = "") {
        self.decision = decision
        self.one = one
        self.others = others
        self.by = by
        self.at = at
        self.note = note
    }

    /// One line of the log.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// Nil for a record of another kind.
    ///
    /// - Throws: `DecodingError` for one of this kind that cannot be read.
    init?(record: Data) throws {
        struct Kind: Decodable { let record: String? }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard try decoder.decode(Kind.self, from: record).record == Self.kind else { return nil }
        self = try decoder.decode(PersonDecision.self, from: record)
    }
}

/// The last decision of every pair.
struct PersonDecisions {
    private var decisions: [PersonGrouping.Pair: PersonDecision] = [:]
    private var partners: [String: Set<String>] = [:]
    /// Records of the log that are in.
    private(set) var count = 0

    /// - Parameter records: of the log, in its order; those of other kinds are passed over.
    /// - Returns: how many of this kind cannot be read. They hold for nothing, and keep nobody from starting.
    mutating func add(_ records: [Data]) -> Int {
        var unreadable = 0
        for record in records {
            do {
                if let decision = try PersonDecision(record: record) { add(decision) }
            } catch {
                unreadable += 1
            }
        }
        return unreadable
    }

    mutating func add(_ decision: PersonDecision) {
        count += 1
        for other in decision.others where other != decision.one {
            decisions[.init(decision.one, other)] = decision
            partners[decision.one, default: []].insert(other)
            partners[other, default: []].insert(decision.one)
        }
    }

    subscript(one: String, other: String) -> PersonDecision? { decisions[.init(one, other)] }

    func partners(of key: String) -> Set<String> { partners[key] ?? [] }

    var pairs: [PersonGrouping.Pair] { Array(decisions.keys) }
}
