internal import AdminAPI
internal import DICOMCore
internal import Delivery
internal import HummingbirdCore

/// The query of a search (PS3.18 8.3.4), read strictly: a name that is no Attribute would otherwise match everything.
struct SearchParameters {
    /// Attributes to match with.
    private(set) var matched: [Query.Term] = []
    /// Attributes to be returned.
    private(set) var included: [Query.Term] = []
    private(set) var includesAll = false
    private(set) var isFuzzy = false
    private(set) var limit: Int?
    private(set) var offset = 0
    private(set) var accept: String?
    /// What was not done as asked, in the standard's words where it has them.
    private(set) var warnings: [String] = []

    /// Parameters of one request, and Attributes to be returned.
    static let countLimit = 256
    /// Nothing is found beyond so many matches.
    static let offsetLimit = 1_000_000_000

    /// - Throws: a problem with status 400 naming the parameter by its place, since names are the client's.
    init(_ uri: URI) throws(Problem) {
        var names: Set<String> = []
        for (number, pair) in try QueryParameters.pairs(uri, limit: Self.countLimit).enumerated() {
            guard !(pair.name + pair.value).unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else { throw .badRequest("parameter \(number + 1) has control characters") }
            if pair.name == "includefield" {
                try include(pair.value)
                continue
            }
            guard names.insert(pair.name).inserted else { throw .badRequest("parameter \(number + 1) is given twice") }
            guard try !takeOption(pair.name, pair.value) else { continue }
            try match(pair.name, pair.value, number + 1)
        }
    }

    /// - Returns: whether it is a parameter of every search.
    private mutating func takeOption(_ name: String, _ value: String) throws(Problem) -> Bool {
        switch name {
        case "limit": limit = try Self.number(name, value)
        case "offset": offset = try Self.number(name, value) ?? 0
        case "fuzzymatching": isFuzzy = try Self.truth(name, value)
        case "emptyvaluematching":
            if try Self.truth(name, value) {
                warnings.append(
                    "The emptyvaluematching parameter is not supported. Empty Value Matching has not been performed.")
            }
        case "multiplevaluematching":
            if try Self.truth(name, value) {
                warnings.append(
                    "The multiplevaluematching parameter is not supported. "
                        + "Multiple Value Matching has not been performed.")
            }
        case "accept": accept = value
        // Answers are in UTF-8 whatever is asked for.
        case "charset": break
        default: return false
        }
        return true
    }

    private mutating func match(_ name: String, _ value: String, _ number: Int) throws(Problem) {
        guard var term = Query.Term(name: name, value: value) else {
            throw .badRequest("parameter \(number) is neither an Attribute, by keyword or tag, nor one of a search")
        }
        guard !matched.contains(where: { $0.path == term.path }) else {
            throw .badRequest("parameter \(number): \(term.path) is given twice")
        }
        guard !term.isSequence || value.isEmpty else {
            throw .badRequest("parameter \(number): a Sequence is matched by its Attributes, with a dot between")
        }
        // Lists of UIDs have commas here (PS3.18 8.3.4.1); viewers write those of modalities so too, which have none in them.
        if term.representation == .uniqueIdentifier || term.representation == .codeString {
            term.value = value.replacing(",", with: "\\")
        }
        if value.isEmpty { included.append(term) } else { matched.append(term) }
    }

    private mutating func include(_ value: String) throws(Problem) {
        for name in value.split(separator: ",", omittingEmptySubsequences: true) {
            if name == "all" {
                includesAll = true
            } else if let term = Query.Term(name: name) {
                included.append(term)
            } else if !warnings.contains(Self.unknownField) {
                warnings.append(Self.unknownField)
            }
            guard included.count <= Self.countLimit else {
                throw .badRequest("at most \(Self.countLimit) Attributes are included")
            }
        }
    }

    private static let unknownField = "An includefield parameter names no known Attribute. It has been ignored."

    /// What is larger than there can be matches is as good as the largest (PS3.18 8.3.4.4: an unsigned integer).
    private static func number(_ name: String, _ value: String) throws(Problem) -> Int? {
        guard !value.isEmpty else { return nil }
        guard value.utf8.count <= 100, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .badRequest("\(name) is a whole number from 0")
        }
        return min(Int(value) ?? .max, offsetLimit)
    }

    private static func truth(_ name: String, _ value: String) throws(Problem) -> Bool {
        switch value {
        case "true": return true
        case "false", "": return false
        default: throw .badRequest("\(name) is true or false")
        }
    }
}
