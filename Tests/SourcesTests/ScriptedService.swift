import Foundation
import Glibc
import Synchronization

/// A service over HTTP on a free port of the loopback whose answers a test chooses; every connection has one request.
final class ScriptedService: Sendable {
    enum Reply: Sendable {
        case answer(Int, [String: String] = [:], String)
        /// Until it ends.
        case silence
        /// The same once ``release()`` was called.
        case held(String)

        static func json(_ text: String, _ headers: [String: String] = [:]) -> Reply {
            .answer(200, ["Content-Type": "application/dicom+json"].merging(headers) { $1 }, text)
        }
    }

    private let listener: Int32
    let url: String
    private let reply: @Sendable (String) -> Reply
    private let asked = Mutex<[String]>([])
    private let gate = DispatchSemaphore(value: 0)
    private let open = Mutex<(descriptors: [Int32], isEnded: Bool)>(([], false))

    /// - Parameter reply: to a path with its query.
    init(_ reply: @escaping @Sendable (String) -> Reply) throws {
        struct Failure: Error {}
        self.reply = reply
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw Failure() }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread { self.accept() }
    }

    /// Paths, without their queries, in the order in which they came.
    var paths: [String] { asked.withLock { $0 } }

    /// Lets one answer go that is held.
    func release() { gate.signal() }

    func end() {
        shutdown(listener, Int32(SHUT_RDWR))
        open.withLock { open in
            open.isEnded = true
            for descriptor in open.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        gate.signal()
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else {
                close(listener)
                return
            }
            open.withLock { $0.descriptors.append(connection) }
            Thread.detachNewThread {
                self.serve(connection)
                self.open.withLock { $0.descriptors.removeAll { $0 == connection } }
                close(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !request.ends(with: "\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            request += buffer.prefix(count)
        }
        let target = String(decoding: request, as: UTF8.self).split(separator: " ").dropFirst().first.map(String.init)
        let path = target ?? ""
        asked.withLock { $0.append(path.split(separator: "?").first.map(String.init) ?? "") }
        switch reply(path) {
        case .silence: _ = recv(connection, &buffer, 1, 0)
        case .answer(let status, let headers, let body): send(status, headers, body, to: connection)
        case .held(let body):
            gate.wait()
            send(200, ["Content-Type": "application/dicom+json"], body, to: connection)
        }
    }

    private func send(_ status: Int, _ headers: [String: String], _ body: String, to connection: Int32) {
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        let text =
            "HTTP/1.1 \(status) Said\r\n\(lines)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        _ = Array(text.utf8).withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
