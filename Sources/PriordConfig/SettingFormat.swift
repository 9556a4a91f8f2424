import DICOMCore
import Foundation

/// How a value is written: what is allowed, how it is read, and how it is printed so that it reads back the same.
struct SettingFormat<Value>: Sendable {
    let allowed: String
    /// Nil when the text is not what `allowed` says.
    let parse: @Sendable (String) -> Value?
    let text: @Sendable (Value) -> String
    /// What was probably meant by a text that is not allowed; nil where that cannot be told.
    var nearest: @Sendable (String) -> String? = { _ in nil }
}

extension SettingFormat where Value == AETitle {
    static var aeTitle: Self {
        Self(
            allowed: "1 to 16 printable ASCII characters without backslash, not only spaces",
            parse: { try? AETitle($0) }, text: \.value)
    }
}

extension SettingFormat where Value == URL {
    static var directory: Self {
        Self(
            allowed: "path of a directory", parse: { path($0, .isDirectory) },
            text: { directory in
                let path = directory.path(percentEncoded: false)
                return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            })
    }

    static var file: Self {
        Self(allowed: "path of a file", parse: { path($0, .notDirectory) }, text: { $0.path(percentEncoded: false) })
    }

    fileprivate static func path(_ text: String, _ hint: URL.DirectoryHint) -> URL? {
        text.isEmpty || text.utf8.contains(0) ? nil : URL(filePath: text, directoryHint: hint)
    }
}

extension SettingFormat where Value == URL? {
    static var optionalFile: Self {
        let file = SettingFormat<URL>.file
        return Self(
            allowed: file.allowed, parse: { text in file.parse(text).map(Optional.some) },
            text: { $0.map(file.text) ?? "" })
    }
}

extension SettingFormat where Value == TimeZone? {
    /// `any` is nil: a zone of its own for every object.
    static var timeZone: Self {
        Self(
            allowed: "a time zone by its IANA name, such as Asia/Shanghai or Asia/Ho_Chi_Minh, or any",
            parse: { text in
                if text == "any" { return .some(nil) }
                return text.contains("/") || text == "UTC" ? TimeZone(identifier: text).map(Optional.some) : nil
            }, text: { $0?.identifier ?? "any" })
    }
}

extension SettingFormat where Value == UInt16 {
    static var port: Self {
        Self(
            allowed: "a TCP port from 1 to 65535, or 0 for any free one",
            parse: { decimal($0).flatMap(UInt16.init(exactly:)) }, text: { String($0) })
    }

    /// Of a system that is to be called.
    static var remotePort: Self {
        Self(
            allowed: "a TCP port from 1 to 65535",
            parse: { decimal($0).flatMap(UInt16.init(exactly:)).flatMap { $0 == 0 ? nil : $0 } }, text: { String($0) })
    }
}

extension SettingFormat where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { decimal($0).flatMap(Int.init(exactly:)).flatMap { range.contains($0) ? $0 : nil } },
            text: { String($0) })
    }
}

extension SettingFormat where Value == Bool {
    static var toggle: Self {
        Self(
            allowed: "on or off (also true, false, yes, no)",
            parse: { text in
                switch text.lowercased() {
                case "on", "true", "yes": true
                case "off", "false", "no": false
                default: nil
                }
            },
            text: { $0 ? "on" : "off" })
    }
}

extension SettingFormat where Value == IPAddress {
    static var address: Self {
        Self(
            allowed: "an IPv4 or IPv6 address, such as 127.0.0.1, 0.0.0.0 or ::1 (host names are not looked up)",
            parse: { IPAddress($0) }, text: \.description)
    }
}

extension SettingFormat where Value == HostBlock {
    static var hostBlock: Self {
        Self(
            allowed: "an IPv4 or IPv6 address, or a block such as 10.1.0.0/16 with no bit set after its prefix "
                + "(host names are not looked up)",
            parse: { HostBlock($0) }, text: \.description)
    }
}

extension SettingFormat where Value == CertificateFingerprint {
    static var certificateFingerprint: Self {
        Self(
            allowed:
                "the SHA-256 of a certificate: 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 prints them",
            parse: { CertificateFingerprint($0) }, text: \.description)
    }
}

extension SettingFormat where Value == String {
    /// The id of a catalogue's list.
    static var listID: Self {
        Self(
            allowed: "1 to 64 lower-case letters, digits and hyphens",
            parse: { text in
                let isAllowed = text.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                }
                return isAllowed && (1...64).contains(text.utf8.count) ? text : nil
            }, text: \.self)
    }

    /// VR LO, one value (PS3.5 6.2).
    static var longString: Self {
        Self(
            allowed: "1 to 64 characters without backslash or control characters, not only spaces",
            parse: { text in
                let value = text.trimmingCharacters(in: CharacterSet(charactersIn: " "))
                let isControl = value.unicodeScalars.contains { $0.properties.generalCategory == .control }
                guard !value.isEmpty, value.unicodeScalars.count <= 64, !value.contains("\\"), !isControl else {
                    return nil
                }
                return value
            }, text: \.self)
    }
}

extension SettingFormat where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static func oneOf() -> Self {
        Self(
            allowed: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { Value(rawValue: $0) }, text: \.rawValue,
            nearest: { nearestName(to: $0, among: Value.allCases.map(\.rawValue)) })
    }
}

/// A number of ASCII digits alone: no sign, no exponent, no other script's digits.
func decimal(_ text: some StringProtocol) -> Int64? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int64(text) : nil
}
