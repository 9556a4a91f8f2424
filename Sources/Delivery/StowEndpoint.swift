public import DICOMCore
internal import Foundation

/// A destination that takes objects by STOW-RS (PS3.18 10.5), and how to call it.
public struct StowEndpoint: Sendable, Equatable {
    /// Files, which are read anew for every study, so that they may be exchanged at any time.
    public enum Credentials: Sendable, Equatable {
        /// A file with `user:password` (RFC 7617).
        case basic(file: String)
        /// A file with a token (RFC 6750).
        case bearer(file: String)
    }

    /// Of the service, as `https://pacs.example/dicom-web`, without `/` at its end.
    public var url: String
    /// What priord calls itself in the File Meta Information of what it sends.
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
    ///
    /// - Throws: ``ForwardFault/unavailable(_:)``, which does not quote what the file holds.
    func authorization() throws(ForwardFault) -> String? {
        switch credentials {
        case nil: return nil
        case .bearer(let file): return "Bearer \(try StowEndpoint.secret(in: file))"
        case .basic(let file):
            let secret = try StowEndpoint.secret(in: file)
            guard secret.contains(":") else { throw .unavailable("\(file) holds no user:password") }
            return "Basic \(Data(secret.utf8).base64EncodedString())"
        }
    }

    /// The first line of a file.
    private static func secret(in file: String) throws(ForwardFault) -> String {
        guard let handle = FileHandle(forReadingAtPath: file), let bytes = try? handle.read(upToCount: 65_536) else {
            throw .unavailable("\(file) cannot be read")
        }
        let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        let secret = line.trimmingCharacters(in: .whitespaces)
        guard !secret.isEmpty else { throw .unavailable("\(file) is empty") }
        return secret
    }
}
