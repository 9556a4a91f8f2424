internal import AdminAPI
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// What is known of one request beside the request itself.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Numeric address of the client; "" on the admin socket.
    let remoteHost: String
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteHost = source.channel.remoteAddress?.ipAddress ?? ""
        channel = source.channel
    }

    /// The row that `:id` of the path names.
    ///
    /// - Parameter things: what rows are, in the words of the problem.
    /// - Throws: a problem with status 400 when it is no number of a row.
    func rowNumber(of things: String) throws(Problem) -> Int64 {
        guard let id = parameters.get("id").flatMap({ Int64($0) }), id > 0 else {
            throw .badRequest("\(things) have whole numbers")
        }
        return id
    }
}
