internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import Recall

/// `/studies/{uid}`: one study with what was said of it, and beside it the comparable priors.
struct ExamPage {
    let detail: StudyDetail
    let assessment: AssessmentAnswer
    let person: PersonSummary?
    let priors: PriorList
    let words: PageWords

    static let parameters: Set<String> = ["for", "patient", "issuer", "item"]

    private var study: StudySummary { detail.summary }
    private var uid: StudyInstanceUID { study.studyInstanceUID }

    var content: PageContent { PageContent(title: words(.study), body: body) }

    @HTMLBuilder private var body: HTML {
        head
        Element.div(.class("columns")) {
            Element.div(.class("priors-column")) { priors.html }
            Element.div(.class("study-column")) {
                pictures
                match
                completeness
                quality
            }
        }
    }

    private var head: HTML {
        Element.section(.class("panel study-head"), .labelled(by: "study")) {
            Element.p(.class("who")) {
                if let person {
                    Element.a(.href(.person(person.id)), .mark("row")) { words.name(study.patient.name) }
                    " "
                    PersonFacts(person: person, words: words).line
                } else {
                    words.name(study.patient.name)
                }
            }
            Element.h1(.id("study")) {
                words.day(study.study.date)
                " "
                Element.span { PageWords.clock(study.study.time) }
                " "
                Element.span { study.modalities.joined(separator: " ") }
                " "
                HTML.said(study.study.description)
            }
            facts
            if study.identityDiffers {
                Element.p(.class("notice")) {
                    Element.span(.hidden) { "? " }
                    words(.identityDiffers)
                }
            }
        }
    }

    private var facts: HTML {
        Element.dl(.class("fact-list")) {
            fact(.item) { words.item(of: study) }
            fact(.completeness) { words.mark(study.completeness) }
            fact(.quality) { words.mark(study.quality) }
            fact(.institution) { HTML.said(study.study.institution) }
            fact(.accession) { HTML.said(study.study.accessionNumber) }
            fact(.images) {
                Element.span { "\(study.instanceCount)" }
            }
            if study.state == .receiving { fact(.state) { words.mark("receiving") } }
        }
    }

    @HTMLBuilder private func fact(_ text: PageText, @HTMLBuilder _ value: () -> HTML) -> HTML {
        let value = value()
        if value != .empty {
            Element.div {
                Element.dt { words(text) }
                Element.dd { value }
            }
        }
    }

    // MARK: Images

    private static let seriesLimit = 60

    private var pictures: HTML {
        Element.section(.class("panel"), .labelled(by: "pictures")) {
            Element.h2(.id("pictures")) { words(.thumbnails) }
            Element.ul(.class("thumbnails")) {
                for series in detail.series.prefix(Self.seriesLimit) { picture(series) }
            }
            if detail.series.count > Self.seriesLimit {
                Element.p(.class("faint")) { "+\(detail.series.count - Self.seriesLimit)" }
            }
        }
    }

    private func picture(_ series: SeriesSummary) -> HTML {
        let name = [series.series.number.map(String.init) ?? "", series.series.modality, series.series.description]
            .filter { !$0.isEmpty }.joined(separator: " ")
        return Element.li {
            Element.a(.href(.view(current: uid, prior: nil).asking([("series", series.seriesInstanceUID.value)]))) {
                Element.img(
                    .src(.thumbnail(uid, series: series.seriesInstanceUID)), .alt("\(words(.openImages)): \(name)"),
                    .lazy, .width(112), .height(112))
                Element.span(.class("series-name")) {
                    HTML.said(name)
                    " "
                    Element.small { "\(series.instanceCount)" }
                }
            }
        }
    }

    // MARK: What was said of it

    private var match: HTML {
        Element.section(.class("panel"), .labelled(by: "match")) {
            Element.h2(.id("match")) { words(.match) }
            if let match = assessment.match {
                Element.p {
                    words.item(match.catalogue, match.code)
                    " "
                    Element.small { "\(words.word(match.grade)), \(PageWords.percent(match.confidence))" }
                }
                Element.ul(.class("said")) {
                    for evidence in match.evidence {
                        Element.li {
                            Element.small { "\(evidence.source) " }
                            HTML.said(evidence.text)
                        }
                    }
                }
                candidates(match.alternatives.map(\.code), .alternatives)
            } else if let unmapped = assessment.unmapped {
                Element.p { "\(words(.unmapped)): \(words.reason(unmapped.reason))" }
                candidates(unmapped.candidates, .candidates)
            } else {
                Element.p(.class("faint")) { words(.notAssessed) }
            }
        }
    }

    @HTMLBuilder private func candidates(_ codes: [String], _ heading: PageText) -> HTML {
        if !codes.isEmpty {
            Element.p(.class("faint")) { words(heading) }
            Element.ul(.class("said")) {
                for code in codes.prefix(5) { Element.li { words.item(assessment.match?.catalogue, code) } }
            }
        }
    }

    private var completeness: HTML {
        Element.section(.class("panel"), .labelled(by: "completeness")) {
            Element.h2(.id("completeness")) {
                words(.completeness)
                " "
                words.mark(assessment.completeness.verdict)
            }
            if let rule = assessment.completeness.decidedBy {
                Element.p(.class("faint")) { "\(words(.decidedBy)) \(rule)" }
            }
            Element.ul(.class("said")) {
                for evidence in assessment.completeness.evidence {
                    Element.li {
                        Element.span(.class("rule")) { evidence.rule }
                        " "
                        words.mark(evidence.verdict)
                        " "
                        HTML.said(evidence.detail)
                        if !evidence.missing.isEmpty {
                            "; \(words(.missing)): "
                            HTML.said(evidence.missing.joined(separator: ", "))
                        }
                    }
                }
            }
        }
    }

    private var quality: HTML {
        Element.section(.class("panel"), .labelled(by: "quality")) {
            Element.h2(.id("quality")) {
                words(.quality)
                " "
                words.mark(assessment.quality.verdict)
            }
            if assessment.quality.findings.isEmpty {
                Element.p(.class("faint")) { words(.noFindings) }
            }
            Element.ul(.class("said")) {
                for finding in assessment.quality.findings {
                    Element.li {
                        Element.span(.class("rule")) { finding.rule }
                        " "
                        words.mark(finding.severity)
                        " "
                        HTML.said(finding.detail)
                    }
                }
            }
        }
    }
}
