// AdminAPI owns what `priorctl` and the daemon say to each other: the Codable answers of `/api/v1` and `/admin/v1`,
// whose field names are a contract with programs outside. It holds no logic and knows neither HTTP nor the archive.
// Start at StatusAnswer, StudyAnswer and OperationEvent.

public import Foundation

/// Where the daemon listens for operators.
public enum AdminSocket {
    /// Name of the Unix socket in the data directory.
    public static let fileName = "admin.sock"

    /// The socket of a data directory.
    public static func path(inDataDirectory directory: String) -> String {
        (directory.hasSuffix("/") ? directory : directory + "/") + fileName
    }
}

/// How answers are written as JSON: keys in alphabetical order, times as `2026-11-21T08:30:00.123Z`.
public enum AdminJSON {
    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    public static func encoder(indented: Bool = false) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if indented { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(timeFormat))
        }
        return encoder
    }

    public static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            do {
                return try timeFormat.parse(text)
            } catch {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no time")
            }
        }
        return decoder
    }
}

/// The release that daemon and priorctl are built from.
public enum Release {
    public static let version = "0.1.0"
}
