import Yams

/// A value in the file, with its name and place, read by what is expected there.
struct ConfigNode {
    /// Path from the root, e.g. `peers[2].hosts`; empty for the root.
    let key: String
    let node: Node
    let file: String

    var source: ConfigSource { .file(path: file, line: node.mark?.line ?? 0) }

    /// Text of a single value; nil for a list, an object, or nothing written.
    var text: String? {
        guard case .scalar(let scalar) = node, !isEmpty else { return nil }
        return scalar.string
    }

    var isObject: Bool {
        if case .mapping = node { true } else { false }
    }

    /// `key:` with nothing behind it, `[]` or `{}`.
    var isEmpty: Bool {
        switch node {
        case .scalar(let scalar): scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
        case .sequence(let sequence): sequence.isEmpty
        case .mapping(let mapping): mapping.isEmpty
        case .alias: true
        }
    }

    /// The members of an object by name; unknown names are faults. Nil after a fault of the object itself.
    func members(_ known: [String], _ faults: inout FaultCollector) -> [String: ConfigNode]? {
        guard case .mapping(let mapping) = node else {
            if !isEmpty { wrongShape("an object with the keys " + known.joined(separator: ", "), &faults) }
            return isEmpty ? [:] : nil
        }
        var members: [String: ConfigNode] = [:]
        for (name, value) in mapping {
            let written = name.scalar?.string ?? "(not a name)"
            let path = key.isEmpty ? written : "\(key).\(written)"
            if known.contains(written) {
                members[written] = ConfigNode(key: path, node: value, file: file)
            } else {
                faults.add(
                    path, .file(path: file, line: name.mark?.line ?? 0),
                    .unknown(nearest: nearestName(to: written, among: known)))
            }
        }
        return members
    }

    /// The items of a list, or a single value as a list of one; nil after a fault.
    func items(_ allowed: String, _ faults: inout FaultCollector) -> [ConfigNode]? {
        switch node {
        case .sequence(let sequence):
            return sequence.enumerated().map { ConfigNode(key: "\(key)[\($0.offset)]", node: $0.element, file: file) }
        case .scalar where isEmpty:
            return []
        case .scalar:
            return [self]
        case .mapping, .alias:
            wrongShape(allowed, &faults)
            return nil
        }
    }

    /// A single value; nil after a fault.
    func value<Value>(_ format: SettingFormat<Value>, _ faults: inout FaultCollector) -> Value? {
        guard let text else {
            wrongShape(format.allowed, &faults)
            return nil
        }
        guard let value = format.parse(text) else {
            let nearest = format.nearest(text).map { "; did you mean \($0)?" } ?? ""
            faults.add(key, source, .notAllowed(value: text, allowed: format.allowed + nearest))
            return nil
        }
        return value
    }

    /// A list of single values; nil after a fault in the list itself, without the items that are faults.
    func values<Value>(_ format: SettingFormat<Value>, _ faults: inout FaultCollector) -> [Value]? {
        items("a list, each item \(format.allowed)", &faults)?.compactMap { $0.value(format, &faults) }
    }

    func wrongShape(_ allowed: String, _ faults: inout FaultCollector) {
        switch node {
        case .scalar(let scalar) where !isEmpty:
            faults.add(key, source, .notAllowed(value: scalar.string, allowed: allowed))
        case .scalar, .alias: faults.add(key, source, .missing(allowed: allowed))
        case .sequence: faults.add(key, source, .notAllowed(value: "(a list)", allowed: allowed))
        case .mapping: faults.add(key, source, .notAllowed(value: "(an object)", allowed: allowed))
        }
    }
}
