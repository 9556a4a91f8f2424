internal import AdminAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import Ingestion

extension Request {
    /// What the client takes, best first: the query's `accept` goes before the header (PS3.18 8.3.3.1).
    ///
    /// - Throws: a problem with status 400 when nothing of it can be read.
    func mediaRanges(_ query: QueryParameters) throws(Problem) -> [MediaRange] {
        try mediaRanges(preferring: query["accept"])
    }

    private func mediaRanges(preferring accept: String?) throws(Problem) -> [MediaRange] {
        guard let text = accept ?? headers[.accept] else { return MediaRange.list("*/*") }
        let ranges = MediaRange.list(text)
        guard !ranges.isEmpty else { throw .badRequest("no media type is accepted") }
        return ranges
    }

    /// The first of `types` that the client takes, by its own preference.
    ///
    /// - Parameter accept: that of the query, nil for none.
    /// - Throws: a problem with status 406 that says `refusal` when it takes none.
    func accepted(of types: [String], preferring accept: String?, else refusal: String) throws(Problem) -> String {
        for range in try mediaRanges(preferring: accept) {
            if let type = types.first(where: { range.takes($0) }) { return type }
        }
        throw .notAcceptable(refusal)
    }

    func accepted(of types: [String], _ query: QueryParameters, else refusal: String) throws(Problem) -> String {
        try accepted(of: types, preferring: query["accept"], else: refusal)
    }
}
