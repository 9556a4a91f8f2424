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
}
