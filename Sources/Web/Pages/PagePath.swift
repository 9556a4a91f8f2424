internal import DICOMCore
internal import Foundation

/// A place on this server, absolute, with everything in it percent-encoded. Links of pages lead nowhere else.
struct PagePath: Sendable, Equatable {
    private(set) var text: String

    private init(_ text: String) { self.text = text }

    static let search = PagePath("/")
    static let order = PagePath("/order")
    static let orderDecisions = PagePath("/order/decisions")
    static let orderFetches = PagePath("/order/fetches")

    static func person(_ id: String) -> PagePath { PagePath("/persons/" + encoded(id)) }
    static func study(_ uid: StudyInstanceUID) -> PagePath { PagePath("/studies/" + encoded(uid.value)) }
    static func person(ofStudy uid: StudyInstanceUID) -> PagePath { study(uid) / "person" }
    static func fetches(beside uid: StudyInstanceUID) -> PagePath { study(uid) / "fetches" }
    static func decisions(on uid: StudyInstanceUID) -> PagePath { study(uid) / "decisions" }
    static func view(current: StudyInstanceUID, prior: StudyInstanceUID?) -> PagePath {
        PagePath("/view").asking([("current", current.value), ("prior", prior?.value ?? "")])
    }
    static func asset(_ name: String, hash: String) -> PagePath { PagePath("/assets/\(hash)/\(name)") }
    static func thumbnail(_ study: StudyInstanceUID, series: SeriesInstanceUID) -> PagePath {
        PagePath("/dicomweb/studies/\(encoded(study.value))/series/\(encoded(series.value))/thumbnail")
    }
    /// One image of a study, large enough to be looked at.
    static func still(_ study: StudyInstanceUID) -> PagePath {
        PagePath("/dicomweb/studies/\(encoded(study.value))/thumbnail?viewport=1024,1024")
    }
    /// A place on the page itself.
    static func here(_ id: String) -> PagePath { PagePath("#" + encoded(id)) }

    /// The path a request came by, asked again with other parameters.
    static func again(_ path: String) -> PagePath {
        PagePath(
            "/"
                + path.split(separator: "/").map { encoded(String($0).removingPercentEncoding ?? "") }.joined(
                    separator: "/"))
    }

    static func / (path: PagePath, part: StaticString) -> PagePath { PagePath("\(path.text)/\(part)") }

    /// With parameters; those without a value are left out.
    func asking(_ parameters: [(name: String, value: String)]) -> PagePath {
        let pairs = parameters.filter { !$0.value.isEmpty }.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        return pairs.isEmpty
            ? self : PagePath("\(text)\(text.contains("?") ? "&" : "?")\(pairs.joined(separator: "&"))")
    }

    func at(_ id: String) -> PagePath { PagePath("\(text)#\(Self.encoded(id))") }

    /// RFC 3986 2.3: what is not unreserved is encoded.
    static func encoded(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
