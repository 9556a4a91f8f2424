internal import AdminAPI
internal import Catalogue
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

/// What all pages have around their content: head, search, language, landmarks, and the fields that guard them.
struct PageFrame {
    let asked: PageRequest
    let assets: PageAssets
    private var language: Language { asked.language }

    /// Nothing from elsewhere, nothing inline; `data:` and plug-ins included (Content Security Policy Level 3).
    static let policy = [
        "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    func response(_ content: PageContent) -> Response {
        var headers: HTTPFields = [
            .cacheControl: "no-store", .contentSecurityPolicy: Self.policy, .xContentTypeOptions: "nosniff",
            .vary: "Accept-Language, Cookie",
        ]
        if let name = HTTPField.Name("Referrer-Policy") {
            // Not `no-referrer`: under that, browsers send forms with `Origin: null`, which is nobody's.
            headers[name] = "same-origin"
        }
        var cookies = content.cookies
        if let chosen = asked.chosenLanguage { cookies.append((.language, chosen.rawValue)) }
        for (cookie, value) in cookies { headers.append(HTTPField(name: .setCookie, value: cookie.field(value))) }
        if let location = content.location {
            headers[.location] = location.text
            return Response(status: content.status, headers: headers)
        }
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentLanguage] = language.tag
        return Response(
            status: content.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: document(content))))
    }

    private func document(_ content: PageContent) -> String {
        HTML.document(
            Element.html(.lang(language.tag)) {
                head(content)
                Element.body {
                    Element.a(.class("skip"), .href(.here("main"))) { PageText.skip[language] }
                    top(content)
                    Element.main(.id("main"), .tabindex(-1)) { content.body }
                    foot
                }
            })
    }

    private func head(_ content: PageContent) -> HTML {
        Element.head {
            Element.title { content.title.isEmpty ? "priord" : "\(content.title) · priord" }
            Element.meta(.name("viewport"), .content("width=device-width, initial-scale=1"))
            Element.meta(.name("color-scheme"), .content("dark light"))
            Element.meta(.name("robots"), .content("noindex"))
            assets.path(of: "page.css").map { Element.link(.rel("stylesheet"), .href($0)) }
            assets.path(of: "icon.svg").map { Element.link(.rel("icon"), .href($0)) }
            for name in ["page.js"] + content.scripts {
                assets.path(of: name).map { Element.script(.type("module"), .src($0)) }
            }
        }
    }

    private func top(_ content: PageContent) -> HTML {
        Element.header(.class("top")) {
            Element.a(.class("brand"), .href(.search), .title(PageText.home[language])) { "priord" }
            Element.form(.class("find"), .role("search"), .action(.search), .method("get")) {
                Element.label(.class("unseen"), .for("q")) { PageText.searchField[language] }
                Element.input(
                    .id("q"), .name("q"), .type("search"), .value(content.searched), .mark("search"),
                    .placeholder(PageText.searchField[language]), .autocomplete("off"), .maxlength(128))
                Element.button(.type("submit")) { PageText.find[language] }
            }
            Element.nav(.class("places")) {
                Element.a(.href(.order)) { PageText.order[language] }
            }
            languages
        }
    }

    private var languages: HTML {
        Element.nav(.class("languages"), .label(PageText.language[language])) {
            for other in Language.allCases {
                Element.a(
                    .href(asked.path(in: other)), .lang(other.tag), other == language ? .current : nil
                ) { other.ownName }
            }
        }
    }

    private var foot: HTML {
        Element.footer(.class("foot")) {
            Element.strong(.class("warning")) { PageText.notForDiagnosis[language] }
            Element.span(.class("keys")) { PageText.keys[language] }
        }
    }
}
