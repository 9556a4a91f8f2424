/// What an operator may choose about the HTTP port and the admin socket.
public struct WebSettings: Sendable {
    /// Decides whether a request may use the port; nil when no access is configured, which is for loopback only.
    /// `bearerToken` is what followed `Bearer ` in the request (RFC 6750), nil without that header.
    public var admits: (@Sendable (_ host: String, _ bearerToken: String?) -> Bool)?
    /// Names under which the server may be called, in lower case; by an address it always may.
    public var hostNames: Set<String> = []
    /// What URLs in answers begin with, without a slash at its end; nil: the name by which a request calls.
    public var baseURL: String?
    /// Pages of other origins that may read what is answered.
    public var origins = CrossOrigins.only([])
    /// Connections held at once on one listener; further ones wait in the kernel's backlog.
    public var connectionLimit = 256
    /// A connection that neither finishes a request nor takes its answer for this long is closed.
    public var idleTimeout: Duration = .seconds(30)
    /// Bytes a second that an upload comes with in the long run, after ``idleTimeout``; a slower one is refused.
    public var minimumReceiveRate = 64_000
    /// Whether sources are asked for priors where a question does not say.
    public var asksSources = true
    /// Calls into the archive made at once for short questions.
    public var queryThreadCount = 4
    /// Long operations (verify, reindex, export) made at once.
    public var operationThreadCount = 2
    /// Files imported at once.
    public var importThreadCount = 4
    /// Searches of DICOMweb that read at once.
    public var searchThreadCount = 4
    /// Searches for studies by people and programs at once, and how long one may take; few, as each may keep a core busy.
    public var findThreadCount = 2
    public var findLimit: Duration = .seconds(2)
    /// How long a search waits for its turn at most.
    public var findWait: Duration = .seconds(10)
    /// Stored objects read at once for DICOMweb.
    public var retrievalThreadCount = 4
    /// Conversions, frames and pictures that DICOMweb waits for at once.
    public var pictureThreadCount = 4

    public init(admits: (@Sendable (_ host: String, _ bearerToken: String?) -> Bool)? = nil) {
        self.admits = admits
    }
}

/// Whose pages may read what the port answers (CORS).
public enum CrossOrigins: Sendable, Equatable {
    /// These, as browsers write them in `Origin`, and our own.
    case only(Set<String>)
    case any
}
