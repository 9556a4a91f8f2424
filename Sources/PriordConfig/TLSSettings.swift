import DICOMCore
public import Foundation

/// The port for DICOM by TLS (PS3.15 B.12), and what priord is there.
public struct TLSSettings: Sendable, Equatable {
    /// TCP port; 0 takes any free one.
    public var port: UInt16
    /// Certificate of priord and those between it and its authority, PEM.
    public var certificate: URL
    /// Its private key, PEM without passphrase.
    public var key: URL
    /// Certificates of authorities, or of single peers, whose certificates are believed; PEM.
    public var authorities: URL
    /// Whether who calls must show a certificate.
    public var clientCertificate = ClientCertificate.default

    public init(port: UInt16 = TLSSettings.defaultPort, certificate: URL, key: URL, authorities: URL) {
        self.port = port
        self.certificate = certificate
        self.key = key
        self.authorities = authorities
    }

    /// `dicom-tls` of IANA.
    public static let defaultPort: UInt16 = 2762

    public enum ClientCertificate: String, CaseIterable, Sendable {
        case required
        /// One that is shown must be valid; who shows none is known by AE Title and address alone.
        case optional

        public static let `default` = ClientCertificate.required
    }
}

extension TLSSettings {
    private enum Key: String, CaseIterable {
        case port, certificate, key, authorities
        case clientCertificate = "client-certificate"
    }

    /// - Returns: nil for an empty section, and after faults.
    init?(_ node: ConfigNode, _ faults: inout FaultCollector) {
        guard !node.isEmpty, let members = node.members(Key.allCases.map(\.rawValue), &faults) else { return nil }
        func file(_ key: Key, isSecret: Bool = false) -> URL? {
            guard let node = members[key.rawValue], !node.isEmpty else {
                faults.add(
                    "\(node.key).\(key.rawValue)", node.source, .missing(allowed: SettingFormat<URL>.file.allowed))
                return nil
            }
            guard let url = node.value(.file, &faults) else { return nil }
            let path = url.path(percentEncoded: false)
            var status = stat()
            if access(path, R_OK) != 0 {
                faults.add(node.key, node.source, .unreadable(reason: "\(path): \(String(cString: strerror(errno)))"))
                return nil
            }
            if isSecret, stat(path, &status) == 0, status.st_mode & (S_IRWXO) != 0 {
                faults.add(
                    node.key, node.source,
                    .unreadable(
                        reason: "\(path) is secret and may be used by everyone; take others' rights away (chmod o=)"))
            }
            return url
        }
        let port = members[Key.port.rawValue]?.value(.port, &faults)
        let certificate = file(.certificate)
        let key = file(.key, isSecret: true)
        let authorities = file(.authorities)
        let rule = members[Key.clientCertificate.rawValue]?.value(SettingFormat<ClientCertificate>.oneOf(), &faults)
        guard let certificate, let key, let authorities else { return nil }
        self.init(port: port ?? Self.defaultPort, certificate: certificate, key: key, authorities: authorities)
        if let rule { clientCertificate = rule }
    }

    /// The file that a key names.
    func path(of key: String) -> String {
        switch Key(rawValue: key) {
        case .key: self.key.path(percentEncoded: false)
        case .authorities: authorities.path(percentEncoded: false)
        case .certificate, .port, .clientCertificate, nil: certificate.path(percentEncoded: false)
        }
    }
}

extension TLSSettings: CustomStringConvertible {
    /// One line, in the words of the file; without the key.
    public var description: String {
        "port \(port); certificate \(certificate.path(percentEncoded: false)); "
            + "authorities \(authorities.path(percentEncoded: false)); client-certificate \(clientCertificate.rawValue)"
    }
}
