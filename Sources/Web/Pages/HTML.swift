/// A piece of a page. Text becomes one only by being escaped, so that nothing a sender wrote can become markup.
///
/// Markup itself is written by ``Element`` alone, whose names and attributes are literals of the program.
struct HTML: Sendable, Equatable {
    fileprivate(set) var markup: String

    static let empty = HTML(trusted: "")

    fileprivate init(trusted markup: String) { self.markup = markup }

    /// Text as text (HTML 13.3). Control characters, which HTML forbids, become U+FFFD.
    init(_ text: String) {
        var markup = ""
        markup.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": markup += "&amp;"
            case "<": markup += "&lt;"
            case ">": markup += "&gt;"
            case "\"": markup += "&quot;"
            case "'": markup += "&#39;"
            case "\t", "\n", " "...: markup.unicodeScalars.append(Self.isForbidden(scalar) ? "\u{FFFD}" : scalar)
            default: markup.unicodeScalars.append("\u{FFFD}")
            }
        }
        self.markup = markup
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE
            || (0xFDD0...0xFDEF).contains(scalar.value)
    }

    /// Text that came from outside, kept from turning the direction of what stands beside it.
    static func said(_ text: String) -> HTML { text.isEmpty ? .empty : Element.bdi { text } }

    static func + (left: HTML, right: HTML) -> HTML { HTML(trusted: left.markup + right.markup) }

    /// A whole document.
    static func document(_ root: HTML) -> String { "<!DOCTYPE html>\n" + root.markup + "\n" }

    /// An attribute with its value escaped; nil values leave it out.
    struct Attribute: Sendable {
        fileprivate let markup: String

        /// - Parameter name: a literal of the program. No attribute that runs a script (`on…`) or holds style is among ours:
        ///   the Content-Security-Policy would refuse it.
        fileprivate init(_ name: StaticString, _ value: String) {
            markup = " \(name)=\"\(HTML(value).markup)\""
        }

        fileprivate init(flag name: StaticString) { markup = " \(name)" }
    }
}

extension HTML.Attribute {
    static func `class`(_ value: String) -> Self { Self("class", value) }
    static func id(_ value: String) -> Self { Self("id", value) }
    /// Where a link leads: within this server only, see ``PagePath``.
    static func href(_ path: PagePath) -> Self { Self("href", path.text) }
    static func src(_ path: PagePath) -> Self { Self("src", path.text) }
    static func action(_ path: PagePath) -> Self { Self("action", path.text) }
    static func data(_ path: PagePath) -> Self { Self("data-path", path.text) }
    static func lang(_ value: String) -> Self { Self("lang", value) }
    static func rel(_ value: String) -> Self { Self("rel", value) }
    static func type(_ value: String) -> Self { Self("type", value) }
    static func name(_ value: String) -> Self { Self("name", value) }
    static func value(_ value: String) -> Self { Self("value", value) }
    static func content(_ value: String) -> Self { Self("content", value) }
    static func method(_ value: String) -> Self { Self("method", value) }
    static func alt(_ value: String) -> Self { Self("alt", value) }
    static func title(_ value: String) -> Self { Self("title", value) }
    static func label(_ value: String) -> Self { Self("aria-label", value) }
    static func labelled(by id: String) -> Self { Self("aria-labelledby", id) }
    static func described(by id: String) -> Self { Self("aria-describedby", id) }
    static func `for`(_ id: String) -> Self { Self("for", id) }
    static func scope(_ value: String) -> Self { Self("scope", value) }
    static func role(_ value: String) -> Self { Self("role", value) }
    static func placeholder(_ value: String) -> Self { Self("placeholder", value) }
    static func autocomplete(_ value: String) -> Self { Self("autocomplete", value) }
    static func datetime(_ value: String) -> Self { Self("datetime", value) }
    static func maxlength(_ value: Int) -> Self { Self("maxlength", "\(value)") }
    static func columnSpan(_ value: Int) -> Self { Self("colspan", "\(value)") }
    static func width(_ value: Int) -> Self { Self("width", "\(value)") }
    static func height(_ value: Int) -> Self { Self("height", "\(value)") }
    static func tabindex(_ value: Int) -> Self { Self("tabindex", "\(value)") }
    /// What page.js and viewer.js look for.
    static func mark(_ value: String) -> Self { Self("data-mark", value) }
    static func study(_ value: String) -> Self { Self("data-study", value) }
    /// Of a series to choose.
    static func modality(_ value: String) -> Self { Self("data-modality", value) }
    static func words(_ name: DataWord, _ value: String) -> Self {
        switch name {
        case .loading: Self("data-loading", value)
        case .failed: Self("data-failed", value)
        case .empty: Self("data-empty", value)
        case .image: Self("data-image", value)
        case .frame: Self("data-frame", value)
        case .window: Self("data-window", value)
        }
    }
    static let required = Self(flag: "required")
    static let disabled = Self(flag: "disabled")
    static let selected = Self(flag: "selected")
    static let checked = Self(flag: "checked")
    static let open = Self(flag: "open")
    static let lazy = Self("loading", "lazy")
    static let current = Self("aria-current", "true")
    static let hidden = Self("aria-hidden", "true")
    static let pressed = Self("aria-pressed", "true")

    /// Words that viewer.js shows.
    enum DataWord { case loading, failed, empty, image, frame, window }
}

/// The elements pages are made of.
enum Element: String {
    case html, head, body, title, meta, link, script, noscript
    case header, nav, main, section, article, footer, aside, h1, h2, h3, p, div, span, strong, small, bdi, time, code
    case a, img, canvas, ul, ol, li, dl, dt, dd, table, caption, thead, tbody, tr, th, td
    case form, fieldset, legend, label, input, select, option, textarea, button, details, summary, kbd

    private var isVoid: Bool {
        switch self {
        case .meta, .link, .img, .input: true
        default: false
        }
    }

    func callAsFunction(_ attributes: HTML.Attribute?..., @HTMLBuilder content: () -> HTML = { .empty }) -> HTML {
        let start = "<\(rawValue)" + attributes.compactMap { $0?.markup }.joined() + ">"
        return HTML(trusted: isVoid ? start : start + content().markup + "</\(rawValue)>")
    }
}

/// Pieces beside each other; strings among them are text.
@resultBuilder
enum HTMLBuilder {
    static func buildExpression(_ text: String) -> HTML { HTML(text) }
    static func buildExpression(_ piece: HTML) -> HTML { piece }
    static func buildExpression(_ piece: HTML?) -> HTML { piece ?? .empty }
    static func buildBlock(_ pieces: HTML...) -> HTML { HTML(trusted: pieces.map(\.markup).joined()) }
    static func buildArray(_ pieces: [HTML]) -> HTML { HTML(trusted: pieces.map(\.markup).joined()) }
    static func buildOptional(_ piece: HTML?) -> HTML { piece ?? .empty }
    static func buildEither(first piece: HTML) -> HTML { piece }
    static func buildEither(second piece: HTML) -> HTML { piece }
}
