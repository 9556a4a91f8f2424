internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import HTTPTypes

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
    ///
    /// - Parameter numbered: the persons of the number that was typed; nil where it is nobody's.
    init(_ question: SearchQuestion, numbered: [PersonSummary]?, _ reader: PageReader) throws {
        let text = question.text
        let library = reader.library
        let isNumber = numbered != nil
        items =
            text.isEmpty || isNumber ? [] : Array(SearchQuestion.items(named: text, in: library).prefix(Self.itemLimit))
        persons = try Array(
            (numbered ?? reader.persons(called: text, limit: Self.personLimit)).prefix(Self.personLimit))
        var asked = question.filter(in: library, isNumber: isNumber)
        var found = try reader.index.studies(matching: asked)
        if found.isEmpty, question.offset > 0 {
            // Whether this page lies behind the last one, or all pages are of what stands in for it.
            (asked.offset, asked.limit) = (0, 1)
            if try reader.index.studies(matching: asked).isEmpty {
                found = try Self.others(question, items, persons, reader)
            }
        } else if found.isEmpty {
            found = try Self.others(question, items, persons, reader)
        }
        hasMore = found.count > SearchQuestion.pageLimit
        studies = Array(found.prefix(SearchQuestion.pageLimit))
    }

    /// Where no study says what was typed: studies of the item called so, or of the persons.
    private static func others(
        _ question: SearchQuestion, _ items: [CatalogueItem], _ persons: [PersonSummary], _ reader: PageReader
    ) throws -> [StudySummary] {
        if persons.isEmpty, let item = items.first {
            var filter = question.filter(in: reader.library, isNumber: false)
            filter.text = question.institution ?? ""
            filter.code = item.code.value
            return try reader.index.studies(matching: filter)
        }
        guard !question.hasFilters else { return [] }
        // The first so many of all, one person after another.
        let limit = question.offset + SearchQuestion.pageLimit + 1
        var found: [StudySummary] = []
        for person in persons.prefix(unfoldedLimit) where found.count < limit {
            found += try reader.studies(of: person, limit: limit)
        }
        return Array(found.prefix(limit).dropFirst(question.offset))
    }
}

/// `/`: one field for whatever is known, filters, and the studies and persons found; the newest studies when nothing is asked.
struct SearchPage {
    let question: SearchQuestion
    /// Nil where the search was given up.
    let findings: SearchFindings?
    let words: PageWords

    var content: PageContent {
        var content = PageContent(
            title: words(question.text.isEmpty && !question.hasFilters ? .search : .results), body: body)
        content.searched = question.text
        if findings == nil { content.status = .serviceUnavailable }
        return content
    }

    private var isAsked: Bool { !question.text.isEmpty || question.hasFilters }

    @HTMLBuilder private var body: HTML {
        filters
        if let findings {
            if !findings.items.isEmpty { items(findings.items) }
            if !findings.persons.isEmpty { persons(findings.persons) }
            Element.section(.class("panel"), .labelled(by: "studies")) {
                Element.h1(.id("studies")) { words(isAsked ? .studies : .recent) }
                if findings.studies.isEmpty {
                    Element.p(.class("empty")) { words(.noResults) }
                } else {
                    StudyTable(studies: findings.studies, words: words, heading: words(isAsked ? .studies : .recent))
                        .html
                }
                pages(hasMore: findings.hasMore)
            }
        } else {
            Element.section(.class("panel fault"), .labelled(by: "fault")) {
                Element.h1(.id("fault"), .role("alert")) { words(.searchTooLong) }
                Element.p { words(.searchTooLongHint) }
            }
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

    private func items(_ items: [CatalogueItem]) -> HTML {
        Element.nav(.class("panel items"), .labelled(by: "items")) {
            Element.h2(.id("items")) { words(.matchingItems) }
            Element.ul {
                for item in items {
                    Element.li {
                        Element.a(
                            .href(.search.asking([("q", item.code.value)])), .mark("row")
                        ) { words.item(nil, item.code.value) }
                    }
                }
            }
        }
    }

    private func persons(_ persons: [PersonSummary]) -> HTML {
        Element.section(.class("panel persons"), .labelled(by: "persons")) {
            Element.h2(.id("persons")) { words(.persons) }
            Element.ul {
                for person in persons {
                    Element.li {
                        Element.a(.href(.person(person.id)), .mark("row")) { words.name(person.name) }
                        " "
                        PersonFacts(person: person, words: words).line
                    }
                }
            }
        }
    }

    @HTMLBuilder private func pages(hasMore: Bool) -> HTML {
        if question.offset > 0 || hasMore {
            Element.nav(.class("pages")) {
                if question.offset > 0 {
                    let before = max(0, question.offset - SearchQuestion.pageLimit)
                    Element.a(.rel("prev"), .href(.search.asking(question.parameters(offset: before)))) {
                        words(.previousPage)
                    }
                }
                if hasMore {
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
