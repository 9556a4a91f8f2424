import Foundation
import Yams

/// Reads priord.yaml into nodes that know their line. The file is an administrator's, yet nothing in it may crash
/// or hang the daemon: its size, nesting and aliases are bounded.
struct ConfigFile {
    let path: String

    /// Three thousand peers fit; a disk image given by mistake does not.
    static let byteCountLimit = 1_000_000

    /// - Returns: the root mapping; nil for a file without content, and after a fault.
    func root(_ faults: inout FaultCollector) -> ConfigNode? {
        guard let text = text(&faults) else { return nil }
        if let line = lineOfAlias(in: text) {
            faults.add(
                "config", .file(path: path, line: line),
                .notYAML(column: 0, reason: "aliases (*name) are not allowed; write the value out"))
            return nil
        }
        do {
            // The basic resolver leaves every scalar as its text: 0111 stays 0111 and "no" stays "no".
            let parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            guard let node = try parser.singleRoot() else { return nil }
            return ConfigNode(key: "", node: node, file: path)
        } catch let error as YamlError {
            let (line, column, reason) = place(of: error, in: text)
            faults.add("config", .file(path: path, line: line), .notYAML(column: column, reason: reason))
        } catch {
            faults.add("config", .file(path: path, line: 0), .notYAML(column: 0, reason: "\(error)"))
        }
        return nil
    }

    private func text(_ faults: inout FaultCollector) -> String? {
        let source = ConfigSource.file(path: path, line: 0)
        do {
            let data = try readFile(at: path, byteCountLimit: Self.byteCountLimit)
            guard let text = String(validating: data, as: UTF8.self) else {
                faults.add("config", source, .unreadable(reason: "is not UTF-8"))
                return nil
            }
            // A byte order mark, which editors on Windows write; libYAML takes it for content.
            return text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
        } catch {
            faults.add("config", source, .unreadable(reason: error.reason))
            return nil
        }
    }

    /// The first `*name` after an `&name`. Aliases serve nothing here, and as mapping keys they cost exponential time
    /// before a node is seen; so quotes and comments are not spared, where both forms of one name hardly meet.
    private func lineOfAlias(in text: String) -> Int? {
        var anchors: Set<Substring> = []
        var line = 1
        for index in text.utf8.indices {
            switch text.utf8[index] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "&"): anchors.insert(anchorName(in: text, after: index))
            case UInt8(ascii: "*"):
                let name = anchorName(in: text, after: index)
                if !name.isEmpty, anchors.contains(name) { return line }
            default: continue
            }
        }
        return nil
    }

    /// ASCII letters, digits, "-" and "_" are what libYAML takes as a name.
    private func anchorName(in text: String, after mark: String.Index) -> Substring {
        text[text.utf8.index(after: mark)...].prefix { character in
            character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
        }
    }

    private func place(of error: YamlError, in text: String) -> (line: Int, column: Int, reason: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            (mark.line, mark.column, context.map { "\($0.text.trimmed) \(problem)" } ?? problem)
        case .duplicatedKeysInMapping(let keys, let context):
            (context.mark.line, context.mark.column, "written more than once: " + keys.joined(separator: ", "))
        case .reader(let problem, let offset, _, _):
            ((offset.map { text.prefix($0).count { $0.isNewline } } ?? -1) + 1, 0, problem)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            (0, 0, "\(error)")
        }
    }
}

/// Why a file named in the configuration was not read.
struct FileFault: Error {
    let reason: String
}

/// - Throws: ``FileFault`` when the file cannot be read or holds more than `byteCountLimit` bytes.
func readFile(at path: String, byteCountLimit: Int) throws(FileFault) -> Data {
    guard let handle = FileHandle(forReadingAtPath: path) else {
        throw FileFault(reason: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    let data: Data?
    do {
        data = try handle.read(upToCount: byteCountLimit + 1)
    } catch {
        throw FileFault(reason: "cannot be read: \(error.localizedDescription)")
    }
    guard let data, data.count <= byteCountLimit else {
        if data == nil { return Data() }
        throw FileFault(reason: "is larger than \(byteCountLimit) bytes")
    }
    return data
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
