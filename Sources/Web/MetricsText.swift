internal import Foundation

/// Metrics in Prometheus' text format 0.0.4: each family once, its HELP and TYPE before its samples.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge
    }

    private(set) var text = ""

    /// A family of one sample without labels.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        add(name, kind, help, samples: [(labels: [], value: String(value))])
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help, samples: [(labels: [], value: String(value))])
    }

    /// A family with one label. A family without samples is left out.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(name: String, value: String)]
    ) {
        add(name, kind, help, samples: values.map { (labels: [(label, $0.name)], value: $0.value) })
    }

    private mutating func add(
        _ name: String, _ kind: Kind, _ help: String, samples: [(labels: [(String, String)], value: String)]
    ) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
            text += labels.isEmpty ? "\(name) \(sample.value)\n" : "\(name){\(labels)} \(sample.value)\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
