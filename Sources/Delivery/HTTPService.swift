public import AsyncHTTPClient
public import DICOMCore
internal import Foundation
internal import NIOCore
internal import NIOSSL

/// Why a service cannot be called: one of the files that it needs. Nothing of a secret is quoted.
public struct HTTPServiceError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
}

/// A service over HTTP, of DICOMweb (PS3.18) or another priord, and how to call it.
public struct HTTPService: Sendable, Equatable {
    /// Files, which are read anew for every study, so that they may be exchanged at any time.
    public enum Credentials: Sendable, Equatable {
        /// A file with `user:password` (RFC 7617).
        case basic(file: String)
        /// A file with a token (RFC 6750).
        case bearer(file: String)
    }

    /// Of the service, as `https://pacs.example/dicom-web`, without `/` at its end.
    public var url: String
    /// What priord calls itself in the File Meta Information of what it sends there.
    public var aeTitle: AETitle
    public var credentials: Credentials?
    /// PEM files: whom to trust, where it is not whom the system trusts; what to show.
    public var authorityFile: String?
    public var certificateFile: String?
    public var keyFile: String?
    /// Time to connect, TLS included.
    public var connectTimeout: Duration
    /// Time for the answer, once everything is sent.
    public var answerTimeout: Duration
    /// Slower than that is given up.
    public var minimumBytesPerSecond: Int

    public init(
        url: String, aeTitle: AETitle, connectTimeout: Duration = .seconds(10), answerTimeout: Duration = .seconds(60),
        minimumBytesPerSecond: Int = 64_000
    ) {
        self.url = url
        self.aeTitle = aeTitle
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
        self.minimumBytesPerSecond = minimumBytesPerSecond
    }

    /// `Authorization` of a request, or nil for none. Blocks.
    public func authorization() throws(HTTPServiceError) -> String? {
        switch credentials {
        case nil: return nil
        case .bearer(let file): return "Bearer \(try Self.secret(in: file))"
        case .basic(let file):
            let secret = try Self.secret(in: file)
            guard secret.contains(":") else {
                throw HTTPServiceError(description: "\(file) holds no user:password")
            }
            return "Basic \(Data(secret.utf8).base64EncodedString())"
        }
    }

    /// How its client connects: without redirections and tries of its own, over one version of HTTP. Blocks.
    ///
    /// - Parameter connectionLimit: connections at once.
    public func configuration(connectionLimit: Int) throws(HTTPServiceError) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = TimeAmount(connectTimeout)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionLimit
        configuration.httpVersion = .http1Only
        if url.hasPrefix("https:") { configuration.tlsConfiguration = try tls() }
        return configuration
    }

    private func tls() throws(HTTPServiceError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = authorityFile { tls.trustRoots = .file(file) }
        do {
            if let file = certificateFile {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
            }
            if let file = keyFile {
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
            }
        } catch {
            throw HTTPServiceError(description: "the certificate or its key cannot be read: \(error)")
        }
        return tls
    }

    /// The first line of a file.
    private static func secret(in file: String) throws(HTTPServiceError) -> String {
        guard let handle = FileHandle(forReadingAtPath: file), let bytes = try? handle.read(upToCount: 65_536) else {
            throw HTTPServiceError(description: "\(file) cannot be read")
        }
        let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        let secret = line.trimmingCharacters(in: .whitespaces)
        guard !secret.isEmpty else { throw HTTPServiceError(description: "\(file) is empty") }
        return secret
    }
}
