internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Recall

/// A person as pages name them.
struct PersonSummary: Sendable {
    struct Identity: Sendable {
        let issuer: String
        let patientID: String
        let isSure: Bool
    }

    let id: String
    /// A Person Name (VR PN), "" when nobody says it.
    let name: String
    /// `YYYYMMDD`, "" when nobody says it.
    let birthDate: String
    let sex: String
    let identities: [Identity]
}

/// Name, sex, birth date and numbers in one line.
struct PersonFacts {
    let person: PersonSummary
    let words: PageWords

    var line: HTML {
        Element.span(.class("facts")) {
            if !person.sex.isEmpty { Element.span(.class("sex"), .title(words(.sex))) { words.sex(person.sex) } }
            if !person.birthDate.isEmpty {
                Element.span(.title(words(.born))) {
                    "* "
                    words.day(person.birthDate)
                }
                if let years = PageWords.years(from: person.birthDate, to: .today()) {
                    Element.span(.title(words(.age))) {
                        words.language == .chinese ? "\(years)\(words(.years))" : "\(years) \(words(.years))"
                    }
                }
            }
            for identity in person.identities.prefix(Self.identityLimit) { number(identity) }
            if person.identities.count > Self.identityLimit {
                Element.span { "+\(person.identities.count - Self.identityLimit)" }
            }
        }
    }

    private static let identityLimit = 8

    private func number(_ identity: PersonSummary.Identity) -> HTML {
        Element.span(.class(identity.isSure ? "number" : "number possible"), .title(words(.patientID))) {
            HTML.said(identity.patientID)
            if !identity.issuer.isEmpty {
                " "
                Element.small { HTML.said(identity.issuer) }
            }
            if !identity.isSure {
                " "
                Element.small { "? \(words(.possiblePerson))" }
            }
        }
    }
}

/// `/persons/{personID}`: a person's studies at all institutions, newest first, by year.
struct PersonPage {
    let person: PersonSummary
    /// Of this page; newest first.
    let studies: [StudySummary]
    /// Studies of identities that are only possibly this person's.
    let possible: [StudySummary]
    let hasReviews: Bool
    let offset: Int
    let total: Int
    let words: PageWords

    static let pageLimit = 100
    static let parameters: Set<String> = ["offset"]

    var content: PageContent { PageContent(title: words(.person), body: body) }

    @HTMLBuilder private var body: HTML {
        Element.section(.class("panel person"), .labelled(by: "person")) {
            Element.h1(.id("person")) { words.name(person.name) }
            PersonFacts(person: person, words: words).line
            if let first = person.identities.first(where: \.isSure) {
                Element.p {
                    Element.a(
                        .href(.order.asking([("patient", first.patientID), ("issuer", first.issuer)]))
                    ) { words(.order) }
                }
            }
            if hasReviews {
                Element.p(.class("notice")) {
                    Element.span(.hidden) { "? " }
                    words(.reviewHint)
                }
            }
        }
        Element.section(.class("panel timeline"), .labelled(by: "timeline")) {
            Element.h2(.id("timeline")) {
                words(.timeline)
                " "
                Element.small { "\(total)" }
            }
            for year in years { group(year) }
            pages
        }
        if !possible.isEmpty {
            Element.section(.class("panel timeline"), .labelled(by: "possible")) {
                Element.h2(.id("possible")) {
                    "? "
                    words(.possibleStudies)
                }
                StudyTable(studies: possible, words: words, heading: words(.possibleStudies)).html
            }
        }
    }

    private var years: [(name: String, studies: [StudySummary])] {
        var groups: [(name: String, studies: [StudySummary])] = []
        for study in studies {
            let year = CalendarDay(dicom: study.study.date).map { String($0.year) } ?? words(.noDate)
            if groups.last?.name == year {
                groups[groups.count - 1].studies.append(study)
            } else {
                groups.append((year, [study]))
            }
        }
        return groups
    }

    @HTMLBuilder private func group(_ year: (name: String, studies: [StudySummary])) -> HTML {
        Element.h3(.class("year")) { year.name }
        StudyTable(studies: year.studies, words: words, heading: year.name, hasPatient: false).html
    }

    @HTMLBuilder private var pages: HTML {
        if offset > 0 || offset + studies.count < total {
            Element.nav(.class("pages")) {
                if offset > 0 {
                    page(max(0, offset - Self.pageLimit), "prev", .previousPage)
                }
                Element.span { "\(offset + 1)–\(offset + studies.count) / \(total)" }
                if offset + studies.count < total { page(offset + Self.pageLimit, "next", .nextPage) }
            }
        }
    }

    private func page(_ offset: Int, _ rel: String, _ text: PageText) -> HTML {
        let path = PagePath.person(person.id).asking([("offset", offset > 0 ? String(offset) : "")])
        return Element.a(.rel(rel), .href(path)) { words(text) }
    }
}
