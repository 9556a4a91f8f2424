internal import AdminAPI
internal import DICOMCore
internal import Foundation
internal import HummingbirdCore

/// The query of a request, read strictly: an unknown, repeated or malformed parameter is a fault, not silence.
struct QueryParameters {
    private var values: [String: String] = [:]

    /// - Parameter allowed: every name the resource knows.
    /// - Throws: a problem with status 400 naming the parameter.
    init(_ uri: URI, allowed: Set<String>) throws(Problem) {
        for (name, value) in try Self.pairs(uri, limit: Self.countLimit) {
            guard allowed.contains(name) else {
                throw .badRequest("unknown parameter; known are \(allowed.sorted().joined(separator: ", "))")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .badRequest("parameter \(name) is given twice")
            }
        }
    }

    private static let countLimit = 64

    /// Names and values in their order, decoded.
    ///
    /// - Throws: a problem with status 400 when they are no text, or more than `limit`.
    static func pairs(_ uri: URI, limit: Int) throws(Problem) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for part in (uri.query ?? "").split(separator: "&") {
            guard pairs.count < limit else { throw .badRequest("more than \(limit) parameters") }
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(pair[0]), let value = decoded(pair.count == 2 ? pair[1] : "") else {
                throw .badRequest("the query is not percent-encoded UTF-8")
            }
            pairs.append((name, value))
        }
        return pairs
    }

    /// Nil when the parameter is absent or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// - Throws: a problem with status 400 when the value is no number within `range`.
    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(Problem) -> Int {
        guard let text = self[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw .badRequest("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Present without a value, or `true`, is true.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch values[name] {
        case nil, "false": return false
        case "", "true": return true
        default: throw .badRequest("\(name) is true or false")
        }
    }

    func choice(_ name: String, of allowed: [String]) throws(Problem) -> String? {
        guard let text = self[name] else { return nil }
        guard allowed.contains(text) else { throw .badRequest("\(name) is one of \(allowed.joined(separator: ", "))") }
        return text
    }

    /// Who asks for what is kept with a name.
    ///
    /// - Parameter deed: what `by` does, in the words of the problem.
    func person(_ deed: String = "does it") throws(Problem) -> String {
        guard let person = self["by"], person.utf8.count <= 64 else {
            throw .badRequest("by names who \(deed), in at most 64 bytes")
        }
        return person
    }

    /// A day as DICOM writes it, or nil when the parameter is absent.
    func day(_ name: String) throws(Problem) -> String? {
        guard let text = self[name] else { return nil }
        let digits = text.count == 10 ? text.replacing("-", with: "") : text
        guard let day = CalendarDay(dicom: digits) else {
            throw .badRequest("\(name) is a day, YYYYMMDD or YYYY-MM-DD")
        }
        return day.description
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
