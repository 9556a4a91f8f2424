internal import AdminAPI
internal import Archive
internal import HummingbirdCore

extension StudyFilter {
    static let queryParameters: Set<String> = [
        "from", "to", "modality", "institution", "code", "state", "text", "patient-id", "issuer", "accession",
        "completeness", "quality", "unmapped", "limit", "offset",
    ]
    static let pageLimit = 1000
    private static let offsetLimit = 100_000_000
    private static let textLimit = 256

    /// Reads the filters of `GET /api/v1/studies`.
    ///
    /// - Throws: a problem with status 400 naming the parameter.
    init(_ uri: URI) throws(Problem) {
        let query = try QueryParameters(uri, allowed: Self.queryParameters)
        self.init()
        firstDate = try query.day("from")
        lastDate = try query.day("to")
        if let firstDate, let lastDate, firstDate > lastDate { throw .badRequest("from is after to") }
        modalities = (query["modality"] ?? "").split(separator: ",").map { $0.uppercased() }
        institution = try Self.text(query, "institution")
        code = try Self.text(query, "code")
        if let name = try query.choice("state", of: StudyState.allCases.map(\.name)) {
            state = StudyState.allCases.first { $0.name == name }
        }
        text = try Self.text(query, "text") ?? ""
        patientID = try Self.text(query, "patient-id")
        issuer = try Self.text(query, "issuer")
        accessionNumber = try Self.text(query, "accession")
        completeness = try query.choice("completeness", of: ["complete", "incomplete", "unknown"])
        quality = try query.choice("quality", of: ["pass", "review", "fail", "notAssessed"])
        isUnmapped = try query.flag("unmapped")
        limit = try query.integer("limit", in: 1...Self.pageLimit, default: 100)
        offset = try query.integer("offset", in: 0...Self.offsetLimit, default: 0)
    }

    private static func text(_ query: QueryParameters, _ name: String) throws(Problem) -> String? {
        guard let text = query[name] else { return nil }
        guard text.utf8.count <= textLimit, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw .badRequest("\(name) has at most \(textLimit) bytes and no control characters")
        }
        return text
    }
}

extension StudyState {
    /// As it is written in answers and filters.
    var name: String {
        switch self {
        case .receiving: "receiving"
        case .settled: "settled"
        }
    }
}
