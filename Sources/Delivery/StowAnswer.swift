internal import DICOMCore
internal import Foundation

/// What a server says of the one Instance of a request (PS3.18 10.5.3).
struct StowAnswer {
    var status: Int
    /// Of the header `Retry-After`, as it is.
    var retryAfter: String?
    var body: [UInt8] = []

    /// Without `Retry-After` a busy server is left alone so long.
    private static let pause: TimeInterval = 30
    /// No server keeps us away longer, whatever it says.
    private static let longestPause: TimeInterval = 24 * 3600
    /// Referenced Transfer Syntax Not Supported (PS3.18 Table 10.5.3-2).
    private static let transferSyntaxNotSupported: UInt16 = 0xC122

    /// Whether the Instance may be taken in another Transfer Syntax.
    var refusesTransferSyntax: Bool {
        status == 415 || StoreResponse(body)?.failures.contains { $0?.code == Self.transferSyntaxNotSupported } == true
    }

    /// - Parameters:
    ///   - byteCount: of the Data Set that was sent.
    ///   - now: what `Retry-After` counts from.
    func answer(byteCount: Int64, at now: Date = Date()) throws(ForwardFault) -> ForwardAnswer {
        switch status {
        case 200...299, 409: return try answerOfInstances(byteCount)
        case 429, 503: throw .busy(until: retryDate(at: now), "HTTP \(status), the destination is busy")
        case 507: throw .noRoom("HTTP 507, the destination has no room")
        // These are about who asks, and where: no Instance can do anything about it.
        case 300...399, 401, 403, 404, 405, 407, 421, 425: throw .unavailable("HTTP \(status)")
        case 408, 500...599: throw .broken("HTTP \(status)")
        case 400...499: return .refused("HTTP \(status)")
        default: throw .broken("HTTP \(status)")
        }
    }

    private func answerOfInstances(_ byteCount: Int64) throws(ForwardFault) -> ForwardAnswer {
        let response = StoreResponse(body)
        // There was one Instance in the request, so whatever failed is that one.
        if let failure = response?.failures.first {
            guard let failure else { return .refused("HTTP \(status), without a reason") }
            let answer = try ForwardAnswer(failure, byteCount: byteCount)
            // A failure whose reason would be a warning elsewhere is one all the same.
            if case .refused = answer { return answer }
            return .refused("\(failure)")
        }
        if status == 409 { return .refused("HTTP 409, without a reason") }
        if let warning = response?.warnings.first { return .taken(byteCount: byteCount, warning: "\(warning)") }
        if status == 202, response?.isStored != true {
            throw .broken("HTTP 202, which does not say what became of the instance")
        }
        return .taken(byteCount: byteCount)
    }

    private func retryDate(at now: Date) -> Date {
        guard let text = retryAfter?.trimmingCharacters(in: .whitespaces) else {
            return now.addingTimeInterval(Self.pause)
        }
        // Seconds, or a date (RFC 9110 10.2.3).
        let pause = TimeInterval(text) ?? Self.date(text)?.timeIntervalSince(now) ?? Self.pause
        return now.addingTimeInterval(min(max(pause, 0), Self.longestPause))
    }

    /// As in HTTP: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text)
    }
}

/// The Store Instances Response Module in the DICOM JSON Model (PS3.18 I.2), as far as it matters for one Instance.
private struct StoreResponse {
    /// Referenced SOP Sequence has an Item.
    var isStored = false
    /// Warning Reason (0008,1196).
    var warnings: [DIMSEStatus] = []
    /// Failure Reason (0008,1197) of Failed SOP Sequence and of Other Failures Sequence; nil where an Item has none.
    var failures: [DIMSEStatus?] = []

    /// - Returns: nil when the body is something else.
    init?(_ body: [UInt8]) {
        guard let attributes = try? JSONDecoder().decode([String: Element].self, from: Data(body)) else { return nil }
        func items(_ tag: String) -> [[String: Element]] { attributes[tag]?.values.compactMap(\.item) ?? [] }
        let stored = items("00081199")
        isStored = !stored.isEmpty
        warnings = stored.compactMap { $0["00081196"]?.code }.filter { $0 != .success }
        failures = (items("00081198") + items("0008119A")).map { $0["00081197"]?.code }
    }

    private struct Element: Decodable {
        var values: [Value]

        private enum Key: String, CodingKey { case value = "Value" }

        init(from decoder: any Decoder) throws {
            values = try decoder.container(keyedBy: Key.self).decodeIfPresent([Value].self, forKey: .value) ?? []
        }

        /// A value of VR US, which some servers write as text.
        var code: DIMSEStatus? {
            switch values.first {
            case .number(let number): UInt16(exactly: number).map(DIMSEStatus.init)
            case .text(let text): UInt16(text).map(DIMSEStatus.init)
            case .item, .other, nil: nil
            }
        }
    }

    private enum Value: Decodable {
        case number(Double)
        case text(String)
        case item([String: Element])
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let item = try? container.decode([String: Element].self) {
                self = .item(item)
            } else {
                self = .other
            }
        }

        var item: [String: Element]? { if case .item(let item) = self { item } else { nil } }
    }
}
