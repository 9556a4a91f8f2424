internal import AdminAPI
internal import HTTPTypes

/// A problem as a page, under the same status.
struct FaultPage {
    let problem: Problem
    let words: PageWords

    var content: PageContent {
        let heading: PageText =
            switch problem.status {
            case 404: .notFoundHeading
            case 400..<500: .badRequestHeading
            default: .failedHeading
            }
        var content = PageContent(
            title: words(heading),
            body: Element.section(.class("panel fault"), .labelled(by: "fault")) {
                Element.h1(.id("fault")) { words(heading) }
                Element.p(.class("detail"), .lang("en")) { HTML.said(problem.detail ?? problem.title) }
                if let trace = problem.traceID {
                    Element.p {
                        "\(words(.traceHint)): "
                        Element.code { trace }
                    }
                }
                Element.p { Element.a(.href(.search)) { words(.backToSearch) } }
            })
        content.status = HTTPResponse.Status(code: problem.status)
        return content
    }
}
