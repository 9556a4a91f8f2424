import DICOMCore
import Foundation

/// A configuration and where each of its values came from.
public struct LoadedConfig: Sendable, Equatable {
    public let config: PriordConfig
    /// In the order of ``PriordConfig/settings``, then the sections of the file.
    public let effective: [EffectiveSetting]
}

extension LoadedConfig: CustomStringConvertible {
    /// Key, value and source of every setting, one a line, in columns.
    public var description: String {
        let keyWidth = effective.map(\.key.count).max() ?? 0
        let valueWidth = effective.map(\.value.count).max() ?? 0
        return effective.map { setting in
            let key = setting.key + String(repeating: " ", count: keyWidth - setting.key.count)
            let value = setting.value + String(repeating: " ", count: valueWidth - setting.value.count)
            return "\(key)  \(value)  \(setting.source)"
        }.joined(separator: "\n")
    }
}

/// One line of `priorctl config`.
public struct EffectiveSetting: Sendable, Equatable {
    public let key: String
    /// As it would be written; empty when there is none. Holds no secret.
    public let value: String
    public let source: ConfigSource
}

extension Peer: CustomStringConvertible {
    /// One line, in the words of the file.
    public var description: String {
        var parts = [
            "\(aeTitle) at \(hosts.map(\.description).joined(separator: ", "))",
            "calls \(calledAETitles.map(\.description).joined(separator: ", "))",
            "may \(permissions.map(\.rawValue).sorted().joined(separator: ", "))",
            "conflict \(conflictAnswer.rawValue)",
        ]
        if let port { parts.append("port \(port)") }
        if let characterSet { parts.append("character-set \(characterSet.rawValue)") }
        if let institution { parts.append("institution \(institution)") }
        if let issuer { parts.append("issuer \(issuer)") }
        if let associationLimit { parts.append("association-limit \(associationLimit)") }
        if associationReserve > 0 { parts.append("association-reserve \(associationReserve)") }
        if weight != 1 { parts.append("weight \(weight)") }
        if needsTLS { parts.append("tls required") }
        if !certificates.isEmpty {
            parts.append("certificates \(certificates.map { "\($0.value.prefix(16))…" }.joined(separator: ", "))")
        }
        if changesStepsOfOthers { parts.append("change-steps-of-others on") }
        return parts.joined(separator: "; ")
    }
}

extension HTTPAccess: CustomStringConvertible {
    /// One line, without the tokens.
    public var description: String {
        let from = hosts.isEmpty ? [] : ["from \(hosts.map(\.description).joined(separator: ", "))"]
        let file = tokenFile?.path(percentEncoded: false) ?? ""
        let with = tokens.isEmpty ? [] : ["with one of \(tokens.count) tokens of \(file)"]
        return (from + with).joined(separator: "; ")
    }
}
