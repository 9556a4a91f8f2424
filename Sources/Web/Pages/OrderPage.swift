internal import AdminAPI
internal import Catalogue
internal import Recall

/// `/order`: what a person has had of an item, before any image of a new examination exists.
struct OrderPage {
    /// What was filled in.
    struct Question: Sendable {
        let patientID: String
        let issuer: String
        /// Code or name, as it was typed.
        let item: String

        static let parameters: Set<String> = ["patient", "issuer", "item"]
        private static let byteCountLimit = 512

        /// - Throws: a problem with status 400 when they are too long.
        init(_ query: QueryParameters) throws(Problem) {
            patientID = query["patient"] ?? ""
            issuer = query["issuer"] ?? ""
            item = query["item"] ?? ""
            guard (patientID + issuer + item).utf8.count <= Self.byteCountLimit else {
                throw .badRequest("patient, issuer and item have at most \(Self.byteCountLimit) bytes")
            }
        }

        /// Nil where it was left open.
        var knownIssuer: String? { issuer.isEmpty ? nil : issuer }

        func path(item code: String) -> PagePath {
            .order.asking([("patient", patientID), ("issuer", issuer), ("item", code)])
        }
    }

    enum Outcome: Sendable {
        case nothingAsked
        /// The text names none of the items, or several.
        case items([CatalogueItem])
        case priors(PriorList, of: CatalogueItem)
    }

    let question: Question
    let outcome: Outcome
    let words: PageWords

    var content: PageContent { PageContent(title: words(.orderHeading), body: body) }

    @HTMLBuilder private var body: HTML {
        Element.section(.class("panel order"), .labelled(by: "order")) {
            Element.h1(.id("order")) { words(.orderHeading) }
            Element.p(.class("hint")) { words(.orderHint) }
            Element.form(.class("filters"), .action(.order), .method("get")) {
                field("patient", .patientID, question.patientID, isRequired: true)
                field("issuer", .issuer, question.issuer)
                field("item", .orderItem, question.item, isRequired: true, hint: words(.orderItemHint))
                Element.button(.type("submit")) { words(.showPriors) }
            }
        }
        switch outcome {
        case .nothingAsked: HTML.empty
        case .items(let items): choice(items)
        case .priors(let priors, let item):
            Element.p(.class("ordered")) {
                "\(words(.orderItem)): "
                words.item(nil, item.code.value)
            }
            priors.html
        }
    }

    private func field(
        _ name: String, _ label: PageText, _ value: String, isRequired: Bool = false, hint: String = ""
    ) -> HTML {
        Element.label {
            Element.span { words(label) }
            Element.input(
                .type("text"), .name(name), .value(value), .maxlength(128), isRequired ? .required : nil,
                .placeholder(hint), .autocomplete("off"))
        }
    }

    private func choice(_ items: [CatalogueItem]) -> HTML {
        Element.nav(.class("panel items"), .labelled(by: "items")) {
            Element.h2(.id("items")) { words(items.isEmpty ? .orderNoItem : .orderUnknownItem) }
            Element.ul {
                for item in items {
                    Element.li {
                        Element.a(
                            .href(question.path(item: item.code.value)), .mark("row")
                        ) { words.item(nil, item.code.value) }
                    }
                }
            }
        }
    }
}
