internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation

/// What is found for a question: read from the index at once.
struct SearchFindings: Sendable {
    var studies: [StudySummary]
    var hasMore: Bool
    /// Items whose name is what was typed.
    var items: [CatalogueItem]
    var persons: [PersonSummary]

    static let itemLimit = 12
    static let personLimit = 20
    /// Persons whose studies are shown where only their names were found.
    private static let unfoldedLimit = 5

    /// Blocks for the index.
    init(_ question: SearchQuestion, _ reader: PageReader) throws {
        let text = question.text
        let library = reader.library
        let isNumber = try !text.isEmpty && reader.isNumber(text)
        var found = try reader.index.studies(matching: question.filter(in: library, isNumber: isNumber))
        items =
            text.isEmpty || isNumber ? [] : Array(SearchQuestion.items(named: text, in: library).prefix(Self.itemLimit))
        persons = try reader.persons(called: text, isNumber: isNumber, limit: Self.personLimit)
        if found.isEmpty, persons.isEmpty, question.offset == 0, let item = items.first {
            // Nobody wrote it so, and yet studies may be of it.
            var filter = question.filter(in: library, isNumber: false)
            filter.text = question.institution ?? ""
            filter.code = item.code.value
            found = try reader.index.studies(matching: filter)
        }
        if found.isEmpty, question.offset == 0, !question.hasFilters {
            for person in persons.prefix(Self.unfoldedLimit) { found += try reader.studies(of: person) }
        }
        hasMore = found.count > SearchQuestion.pageLimit
        studies = Array(found.prefix(SearchQuestion.pageLimit))
    }
}

/// `/`: one field for whatever is known, filters, and the studies and persons found; the newest studies when nothing is asked.
struct SearchPage {
    let question: SearchQuestion
    let findings: SearchFindings
    let words: PageWords

    var content: PageContent {
        var content = PageContent(
            title: words(question.text.isEmpty && !question.hasFilters ? .search : .results), body: body)
        content.searched = question.text
        return content
    }

    private var isAsked: Bool { !question.text.isEmpty || question.hasFilters }

    @HTMLBuilder private var body: HTML {
        filters
        if !findings.items.isEmpty { items }
        if !findings.persons.isEmpty { persons }
        Element.section(.class("panel"), .labelled(by: "studies")) {
            Element.h1(.id("studies")) { words(isAsked ? .studies : .recent) }
            if findings.studies.isEmpty {
                Element.p(.class("empty")) { words(.noResults) }
            } else {
                StudyTable(studies: findings.studies, words: words, heading: words(isAsked ? .studies : .recent)).html
            }
            pages
        }
    }

    private var filters: HTML {
        Element.form(.class("filters"), .action(.search), .method("get"), .label(words(.filters))) {
            // What is searched for stays while filters change.
            Element.input(.type("hidden"), .name("q"), .value(question.text))
            field("from", .from, question.firstDate.map(PageWords.iso) ?? "", type: "date")
            field("to", .to, question.lastDate.map(PageWords.iso) ?? "", type: "date")
            Element.label {
                Element.span { words(.modality) }
                Element.select(.name("modality")) {
                    Element.option(.value("")) { words(.any) }
                    for modality in modalities {
                        Element.option(.value(modality), modality == question.modality ? .selected : nil) { modality }
                    }
                }
            }
            field("institution", .institution, question.institution ?? "", type: "text")
            Element.button(.type("submit")) { words(.find) }
            if isAsked { Element.a(.class("clear"), .href(.search)) { words(.clear) } }
            Element.span(.class("hint")) { words(.searchHint) }
        }
    }

    private var modalities: [String] {
        let usual = ["CR", "CT", "DX", "MG", "MR", "NM", "PT", "RF", "US", "XA"]
        guard let asked = question.modality, !usual.contains(asked) else { return usual }
        return usual + [asked]
    }

    private func field(_ name: String, _ label: PageText, _ value: String, type: String) -> HTML {
        Element.label {
            Element.span { words(label) }
            Element.input(.type(type), .name(name), .value(value), .maxlength(64))
        }
    }

    private var items: HTML {
        Element.nav(.class("panel items"), .labelled(by: "items")) {
            Element.h2(.id("items")) { words(.matchingItems) }
            Element.ul {
                for item in findings.items {
                    Element.li {
                        Element.a(
                            .href(.search.asking([("q", item.code.value)])), .mark("row")
                        ) { words.item(nil, item.code.value) }
                    }
                }
            }
        }
    }

    private var persons: HTML {
        Element.section(.class("panel persons"), .labelled(by: "persons")) {
            Element.h2(.id("persons")) { words(.persons) }
            Element.ul {
                for person in findings.persons {
                    Element.li {
                        Element.a(.href(.person(person.id)), .mark("row")) { words.name(person.name) }
                        " "
                        PersonFacts(person: person, words: words).line
                    }
                }
            }
        }
    }

    @HTMLBuilder private var pages: HTML {
        if question.offset > 0 || findings.hasMore {
            Element.nav(.class("pages")) {
                if question.offset > 0 {
                    let before = max(0, question.offset - SearchQuestion.pageLimit)
                    Element.a(.rel("prev"), .href(.search.asking(question.parameters(offset: before)))) {
                        words(.previousPage)
                    }
                }
                if findings.hasMore {
                    let next = question.offset + SearchQuestion.pageLimit
                    Element.a(.rel("next"), .href(.search.asking(question.parameters(offset: next)))) {
                        words(.nextPage)
                    }
                }
            }
        }
    }
}

/// Studies as rows, each led by a link that keys walk along.
struct StudyTable {
    let studies: [StudySummary]
    let words: PageWords
    let heading: String
    /// Left out where all rows are of one person.
    var hasPatient = true

    var html: HTML {
        Element.div(.class("scroll")) {
            Element.table(.class("studies")) {
                Element.caption(.class("unseen")) { heading }
                Element.thead {
                    Element.tr {
                        column(.date)
                        if hasPatient { column(.patient) }
                        column(.modality)
                        column(.description)
                        column(.item)
                        column(.institution)
                        column(.completeness)
                        column(.quality)
                    }
                }
                Element.tbody { for study in studies { row(study) } }
            }
        }
    }

    private func column(_ text: PageText) -> HTML { Element.th(.scope("col")) { words(text) } }

    private func row(_ study: StudySummary) -> HTML {
        Element.tr {
            Element.th(.scope("row"), .class("date")) {
                Element.a(.href(.study(study.studyInstanceUID)), .mark("row")) { words.day(study.study.date) }
            }
            if hasPatient { patient(study) }
            Element.td(.class("modality")) { study.modalities.joined(separator: " ") }
            Element.td(.class("description")) { HTML.said(study.study.description) }
            Element.td { words.item(of: study) }
            Element.td(.class("institution")) { HTML.said(study.study.institution) }
            Element.td { words.mark(study.state == .receiving ? "receiving" : study.completeness) }
            Element.td { words.mark(study.quality) }
        }
    }

    private func patient(_ study: StudySummary) -> HTML {
        Element.td(.class("patient")) {
            if study.patient.patientID.isEmpty {
                words.name(study.patient.name)
            } else {
                Element.a(.href(.person(ofStudy: study.studyInstanceUID))) { words.name(study.patient.name) }
            }
            " "
            Element.small(.class("number")) { HTML.said(study.patient.patientID) }
        }
    }
}
