internal import Foundation

/// Writes to the terminal, or to what stands in its place.
enum Output {
    static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// JSON, as it came, ended by a newline.
    static func json(_ data: Data) { write(data + (data.last == 0x0A ? Data() : Data([0x0A])), to: STDOUT_FILENO) }

    /// For remarks and failures beside the answer.
    static func remark(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    static func write(_ text: String, to descriptor: Int32) { write(Data(text.utf8), to: descriptor) }

    static func write(_ data: Data, to descriptor: Int32) {
        data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                // The reader has gone, as `head` does; nothing is left to be said to anybody.
                guard count > 0 else { exit(EX_IOERR) }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Texts come from outside: control characters and direction overrides would command the terminal.
    static func printable(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isCommand =
                scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
                || (0x2066...0x2069).contains(scalar.value)
            scalars.append(isCommand ? "\u{FFFD}" : scalar)
        }
        return String(scalars)
    }
}
