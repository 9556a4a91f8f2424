/// What went wrong, as RFC 9457 writes it: the body of every HTTP answer that is no success.
public struct Problem: Error, Codable, Sendable, Equatable {
    /// A stable short name of the kind of problem: `about:blank`, or `urn:priord:problem:…`.
    public var type: String
    /// For people; the same for every problem of its kind.
    public var title: String
    /// HTTP status.
    public var status: Int
    /// For people: what is wrong this time. No patient data.
    public var detail: String?
    /// Found again in the daemon's log.
    public var traceID: String?
    /// The C-STORE Status the same refusal has over DICOM, four hexadecimal digits.
    public var dimseStatus: String?
    /// What is wrong with a catalogue file that was refused.
    public var faults: [CatalogueFaultRow]?

    public init(
        type: String = "about:blank", title: String, status: Int, detail: String? = nil, traceID: String? = nil,
        dimseStatus: String? = nil, faults: [CatalogueFaultRow]? = nil
    ) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.traceID = traceID
        self.dimseStatus = dimseStatus
        self.faults = faults
    }

    /// Media type of its JSON.
    public static let mediaType = "application/problem+json"
}
