internal import Glibc
internal import Logging

/// The listening TCP socket and what is accepted from it.
enum ListeningSocket {
    private static let backlog: Int32 = 512

    static func open(address: String, port: Int) throws(NetworkError) -> Int32 {
        func failure(_ reason: String) -> NetworkError {
            .cannotListen(address: address, port: port, reason: reason)
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address, String(port), &hints, &found)
        guard code == 0, let info = found else { throw failure(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(info) }

        let type = info.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(info.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { throw failure(lastSystemError()) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0, listen(descriptor, backlog) == 0
        else {
            let reason = lastSystemError()
            close(descriptor)
            throw failure(reason)
        }
        return descriptor
    }

    static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let name = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> (host: String, port: Int) in
                guard getsockname(descriptor, address, &length) == 0 else { return ("", 0) }
                return numericName(of: address, length)
            }
        }
        return name.port
    }

    /// nil when nothing can be accepted now; the reason is logged when it is a shortage of this machine.
    static func accept(on listening: Int32, logger: Logger) -> Lobby.Arrival? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Lobby.Arrival? in
                let descriptor = Glibc.accept(listening, address, &length)
                if descriptor >= 0 {
                    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                    return Lobby.Arrival(descriptor: descriptor, host: numericName(of: address, length).host)
                }
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS {
                    logger.error("cannot accept a connection", metadata: ["why": "\(lastSystemError())"])
                    // The connection stays in the backlog, so poll would report it again at once.
                    usleep(50_000)
                }
                return nil
            }
        }
    }

    private static func numericName(of address: UnsafePointer<sockaddr>, _ length: socklen_t) -> (
        host: String, port: Int
    ) {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        guard
            getnameinfo(
                address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                NI_NUMERICHOST | NI_NUMERICSERV) == 0
        else { return ("", 0) }
        let mapped = "::ffff:"
        let name = host.withUnsafeBytes { String(nulTerminated: $0) }
        let number = service.withUnsafeBytes { String(nulTerminated: $0) }
        return (name.hasPrefix(mapped) ? String(name.dropFirst(mapped.count)) : name, Int(number) ?? 0)
    }
}

/// Text of `errno`.
func lastSystemError() -> String { String(cString: strerror(errno)) }
