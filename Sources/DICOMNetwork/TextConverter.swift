internal import DICOMCore
internal import Foundation
internal import Glibc
internal import Synchronization

/// Strict decoding by glibc's iconv, which keeps a descriptor for each encoding. Used by one thread.
///
/// Sendable because each is either idle or in the hands of the one who took it.
final class TextConverter: @unchecked Sendable {
    struct Decoded: Equatable {
        let text: String
        /// Whether the last character was cut in two, as senders do that cut at 64 bytes; its first part is left out.
        let isCut: Bool
    }

    /// Those nobody uses: opening the descriptors takes longer than converting the text of a Data Set.
    private static let idle = Mutex<[TextConverter]>([])
    private static let idleLimit = 64

    /// Runs `body` with a converter that nobody else uses meanwhile.
    static func withOne<Value>(_ body: (TextConverter) -> Value) -> Value {
        let converter = idle.withLock { $0.popLast() } ?? TextConverter()
        defer {
            idle.withLock { idle in
                if idle.count < idleLimit { idle.append(converter) }
            }
        }
        return body(converter)
    }

    private var descriptors: [String: iconv_t] = [:]

    deinit { for descriptor in descriptors.values { iconv_close(descriptor) } }

    /// nil when `bytes` are not in `encoding`.
    func decode(_ bytes: [UInt8], as encoding: TextEncoding) -> Decoded? {
        switch encoding {
        case .utf8: return TextConverter.utf8(bytes)
        case .iso2022: return nil
        case .gb18030:
            // Who switches to GB2312 where nothing else is in use says so by escapes, or leaves some of them out.
            return RawText.hasEscapes(bytes)
                ? TextConverter.withoutGB2312Escapes(bytes).flatMap { converted($0, .gb18030) }
                : converted(bytes, .gb18030)
        case .tcvn3:
            // Of TCVN 5712 VN1 the part that the ABC fonts have: no letters among the control characters.
            guard !bytes.contains(where: { (0x80...0xA0).contains($0) || $0 < 0x20 && !TextConverter.isSpace($0) })
            else { return nil }
            return converted(bytes, .tcvn3).map { .init(text: TextConverter.capitals($0.text), isCut: $0.isCut) }
        default: return converted(bytes, encoding)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { (0x09...0x0D).contains(byte) }

    private static func utf8(_ bytes: [UInt8]) -> Decoded? {
        if let text = String(validating: bytes, as: UTF8.self) { return Decoded(text: text, isCut: false) }
        // The last character begins at most three bytes before the end.
        guard let start = bytes.lastIndex(where: { $0 >= 0xC2 }), bytes.count - start <= 3,
            bytes[(start + 1)...].allSatisfy({ (0x80...0xBF).contains($0) }),
            let text = String(validating: bytes[..<start], as: UTF8.self)
        else { return nil }
        return Decoded(text: text, isCut: true)
    }

    /// Without `ESC $ ) A` and `ESC ( B`; nil when there are others.
    private static func withoutGB2312Escapes(_ bytes: [UInt8]) -> [UInt8]? {
        var kept: [UInt8] = []
        var rest = bytes[...]
        while let first = rest.first {
            if first != RawText.escape {
                kept.append(first)
                rest = rest.dropFirst()
            } else if rest.starts(with: [RawText.escape, 0x24, 0x29, 0x41]) {
                rest = rest.dropFirst(4)
            } else if rest.starts(with: [RawText.escape, 0x28, 0x42]) {
                rest = rest.dropFirst(3)
            } else {
                return nil
            }
        }
        return kept
    }

    /// Capitals with marks are small letters of another font in TCVN3; text of capitals otherwise has them so too.
    private static func capitals(_ text: String) -> String {
        var isInWord = false
        var hasCapitals = false
        for scalar in text.unicodeScalars {
            if ("a"..."z").contains(scalar) { return text }
            if isInWord, ("A"..."Z").contains(scalar) { hasCapitals = true }
            isInWord = scalar.properties.isAlphabetic
        }
        return hasCapitals ? text.uppercased() : text
    }

    private func converted(_ bytes: [UInt8], _ encoding: TextEncoding) -> Decoded? {
        let name =
            switch encoding {
            case .gb18030: "GB18030"
            case .big5: "BIG5-HKSCS"
            case .windows1258: "CP1258"
            case .tcvn3: "TCVN5712-1"
            case .windows1252: "CP1252"
            case .shiftJIS: "CP932"
            case .eucKR: "UHC"
            case .utf8, .iso2022: "UTF-8"
            }
        return decode(bytes, asNamed: name)
    }

    /// - Parameter name: as iconv knows it.
    func decode(_ bytes: [UInt8], asNamed name: String) -> Decoded? {
        guard let descriptor = descriptor(name) else { return nil }
        iconv(descriptor, nil, nil, nil, nil)
        var input = bytes.map { CChar(bitPattern: $0) }
        // No character of these encodings takes more than four bytes of UTF-8 for one of its own.
        let capacity = bytes.count * 4 + 16
        var isComplete = true
        var isCut = false
        let text = String(unsafeUninitializedCapacity: capacity) { output in
            input.withUnsafeMutableBufferPointer { input in
                var from = input.baseAddress
                var fromCount = input.count
                var outCount = capacity
                output.withMemoryRebound(to: CChar.self) { output in
                    var to = output.baseAddress
                    if iconv(descriptor, &from, &fromCount, &to, &outCount) == -1 {
                        isCut = errno == EINVAL
                        isComplete = isCut
                    }
                    // A letter that waits for its mark is still inside.
                    iconv(descriptor, nil, nil, &to, &outCount)
                }
                return capacity - outCount
            }
        }
        return isComplete ? Decoded(text: text, isCut: isCut) : nil
    }

    /// nil when a character is not in the encoding.
    ///
    /// - Parameter name: as iconv knows it.
    func encode(_ text: String, asNamed name: String) -> [UInt8]? {
        guard let descriptor = descriptor("UTF-8", to: name) else { return nil }
        iconv(descriptor, nil, nil, nil, nil)
        var input = text.utf8.map { CChar(bitPattern: $0) }
        // GB18030 takes four bytes for what has two in UTF-8; no encoding takes more.
        let capacity = input.count * 2 + 16
        var isComplete = false
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                var from = input.baseAddress
                var fromCount = input.count
                var outCount = capacity
                output.withMemoryRebound(to: CChar.self) { output in
                    var to = output.baseAddress
                    // What glibc could only approximate is counted in its result.
                    isComplete = iconv(descriptor, &from, &fromCount, &to, &outCount) == 0
                }
                count = capacity - outCount
            }
        }
        return isComplete ? bytes : nil
    }

    private func descriptor(_ name: String, to target: String = "UTF-8") -> iconv_t? {
        let key = "\(name) \(target)"
        if let known = descriptors[key] { return known }
        // iconv_open answers -1 as a pointer.
        guard let opened = iconv_open(target, name), opened != iconv_t(bitPattern: -1) else { return nil }
        descriptors[key] = opened
        return opened
    }
}

extension String {
    /// In Normalization Form C, as the index keeps text.
    var composed: String {
        // Up to U+02FF and in the main block of Chinese characters everything is composed already.
        let isComposed = unicodeScalars.allSatisfy { $0.value < 0x0300 || (0x3001...0x9FFF).contains($0.value) }
        return isComposed ? self : precomposedStringWithCanonicalMapping
    }
}
