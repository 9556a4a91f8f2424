import Foundation
import Glibc

/// Where systemd listens to a service, as `NOTIFY_SOCKET` tells (sd_notify(3)). Started by something else, nobody listens.
struct SystemdSocket {
    private let path: String?

    init(environment: [String: String] = ProcessInfo.processInfo.environment) { path = environment["NOTIFY_SOCKET"] }

    /// Has systemd wait beyond `TimeoutStartSec` for as long as `body` runs.
    func extendingStart<Value, Failure>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        let extend: @Sendable () -> Void = { notify("EXTEND_TIMEOUT_USEC=60000000") }
        extend()
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + 20, repeating: 20)
        timer.setEventHandler(handler: extend)
        timer.resume()
        defer { timer.cancel() }
        return try body()
    }

    func notify(_ state: String) {
        guard let path, path.utf8.count < 108 else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8)
            // A name that begins with "@" is in the abstract namespace.
            if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, state, state.utf8.count, Int32(Glibc.MSG_NOSIGNAL), address, length)
            }
        }
    }
}
