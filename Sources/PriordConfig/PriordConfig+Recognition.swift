public import Foundation

/// A notice on mutual recognition in a file of the site's, read when the configuration is; what it says is the catalogue's
/// matter.
public struct NoticeFile: Sendable, Equatable {
    public let url: URL
    public let bytes: [UInt8]

    public init(url: URL, bytes: [UInt8]) {
        self.url = url
        self.bytes = bytes
    }

    public var path: String { url.path(percentEncoded: false) }

    /// Larger files are refused unread. The one that is part of the program has 20 kB.
    static let byteCountLimit = 1 << 20
}

extension NoticeFile {
    /// The section `recognition`: `policy` names one file or several.
    static func list(_ node: ConfigNode, _ faults: inout FaultCollector) -> [NoticeFile] {
        guard !node.isEmpty, let members = node.members(["policy"], &faults) else { return [] }
        guard let policy = members["policy"], !policy.isEmpty else {
            faults.add(
                "\(node.key).policy", node.source,
                .missing(allowed: SettingFormat<URL>.file.allowed + ", or a list of them"))
            return []
        }
        let items = policy.items("a path or a list of paths", &faults) ?? []
        return items.compactMap { item -> NoticeFile? in
            guard let url = item.value(.file, &faults) else { return nil }
            let path = url.path(percentEncoded: false)
            do throws(FileFault) {
                return NoticeFile(url: url, bytes: Array(try readFile(at: path, byteCountLimit: byteCountLimit)))
            } catch {
                faults.add(item.key, item.source, .unreadable(reason: "\(path) \(error.reason)"))
                return nil
            }
        }
    }
}
