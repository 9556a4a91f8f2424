internal import Catalogue
internal import Foundation
internal import HTTPTypes
internal import HummingbirdCore

extension Language {
    /// As a language tag (BCP 47) of what is written in it.
    var tag: String {
        switch self {
        case .chinese: "zh-Hans"
        case .english: "en"
        case .vietnamese: "vi"
        }
    }

    /// Its own name for itself.
    var ownName: String {
        switch self {
        case .chinese: "中文"
        case .english: "English"
        case .vietnamese: "Tiếng Việt"
        }
    }

    /// The language a browser prefers among ours (RFC 9110 12.5.4); English where it names none of them.
    ///
    /// - Parameter accept: the value of Accept-Language, nil for none.
    init(accept: String?) {
        var best: (language: Language, weight: Double)?
        for range in (accept ?? "").split(separator: ",").prefix(32) {
            let fields = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let primary = fields.first?.split(separator: "-").first,
                let language = Language(rawValue: String(primary))
            else { continue }
            let quality = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > 0, quality > best?.weight ?? 0 { best = (language, quality) }
        }
        self = best?.language ?? .english
    }
}

/// The cookies pages keep: comforts, never who somebody is.
enum PageCookie: String {
    /// Language chosen with the switch.
    case language = "priord-lang"
    /// Name and department last given with a decision, so that they need not be typed again.
    case actor = "priord-actor"
    case department = "priord-department"

    private static let byteCountLimit = 512
    private static let year = 365 * 24 * 3600

    /// Its value in a request, or nil.
    func value(in request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0].filter({ $0 != " " }) == rawValue,
                    parts[1].utf8.count <= Self.byteCountLimit
                else { continue }
                return String(parts[1]).removingPercentEncoding
            }
        }
        return nil
    }

    /// The header field that keeps `value` for a year. Scripts cannot read it, other sites' requests do not carry it.
    func field(_ value: String) -> String {
        "\(rawValue)=\(PagePath.encoded(value)); Path=/; Max-Age=\(Self.year); HttpOnly; SameSite=Lax"
    }
}
