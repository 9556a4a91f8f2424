internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Recall

/// Comparable priors, best first: each one line that opens to every rule and to what the doctor decides.
struct PriorList: Sendable {
    /// A prior with what the index knows of it.
    struct Entry: Sendable {
        let prior: Prior
        /// Nil for one that is not here.
        let study: StudySummary?
        let age: Int?
        /// What was decided of it last.
        var decision: RecognitionEvent?
        /// Of one that is elsewhere: its newest fetch.
        var fetch: SourceFetch?
    }

    /// What priors are of.
    let exam: DeskOrder.Subject
    let priors: Priors
    let entries: [Entry]
    /// Why there are none, where that is known.
    let emptiness: PageText
    let policies: RecognitionPolicies
    /// Nil where nothing can be decided: nobody is meant for sure.
    let form: DecisionForm?
    let words: PageWords

    var html: HTML {
        Element.section(.class("panel priors"), .labelled(by: "priors")) {
            Element.h2(.id("priors")) {
                words(.priors)
                if !entries.isEmpty {
                    " "
                    Element.small { "\(count), \(words(.bestFirst))" }
                }
            }
            for source in priors.sources where source.state != .answered {
                notice {
                    HTML.said(source.name)
                    // One that has too much did answer.
                    " \(source.state == .tooMany ? "" : words(.sourceFailed)) "
                    Element.small { words.word(source.state.rawValue) }
                }
            }
            if priors.pendingStudies > 0 { notice { "\(pending) \(words(.pendingStudies))" } }
            if priors.futureStudies > 0 { notice { "\(priors.futureStudies) \(words(.futureStudies))" } }
            if entries.isEmpty {
                Element.p(.class("empty")) { words(emptiness) }
            } else {
                Element.ol(.class("prior-list")) { for entry in entries { item(entry) } }
                Element.p(.class("hint")) { words(.proposalNote) }
            }
        }
    }

    /// Of how many, where not all are shown.
    private var count: String {
        priors.total > entries.count ? "\(entries.count) \(words(.ofAll)) \(priors.total)" : "\(entries.count)"
    }

    /// They are counted to a thousand.
    private var pending: String { priors.pendingStudies >= 1000 ? "≥ 1000" : "\(priors.pendingStudies)" }

    private func notice(@HTMLBuilder _ text: () -> HTML) -> HTML {
        Element.p(.class("notice")) {
            Element.span(.hidden) { "? " }
            text()
        }
    }

    static func id(of uid: StudyInstanceUID) -> String { "prior-\(uid.value)" }

    private func item(_ entry: Entry) -> HTML {
        let uid = entry.prior.studyInstanceUID
        return Element.li(.class("prior \(entry.prior.recognition.verdict.rawValue)"), .id(Self.id(of: uid))) {
            Element.details(form?.refusal(of: uid) != nil ? .open : nil) {
                Element.summary(.mark("row")) { line(entry) }
                Element.div(.class("unfolded")) {
                    // What is elsewhere can be decided on once it is fetched.
                    if let form, entry.prior.source.isEmpty {
                        form.html(of: entry.prior, decision: entry.decision, words)
                    }
                    differences(entry.prior.differences)
                    rules(entry.prior.recognition)
                    questions(entry.prior.recognition)
                }
            }
            actions(entry)
        }
    }

    @HTMLBuilder private func line(_ entry: Entry) -> HTML {
        let prior = entry.prior
        Element.span(.class("cell verdict")) {
            Element.span(.class("unseen")) { "\(words(.verdict)): " }
            words.mark(prior.recognition.verdict.rawValue)
        }
        Element.span(.class("cell when")) {
            words.day(prior.studyDate)
            " "
            Element.small { words.age(entry.age) }
        }
        Element.span(.class("cell what")) {
            if let study = entry.study { words.item(of: study) } else { words.item(nil, prior.code) }
            " "
            Element.small { HTML.said(prior.institution) }
            if entry.study == nil, !prior.source.isEmpty {
                " "
                Element.small(.class("elsewhere")) {
                    "\(words(.fromSource)) "
                    HTML.said(prior.source)
                    ", \(words(entry.fetch?.state == .waiting ? .fetching : .notFetched))"
                }
            }
        }
        Element.span(.class("cell how")) {
            labelled(.relation, words.mark(prior.relation.rawValue))
            if let study = entry.study {
                labelled(.completeness, words.mark(study.completeness))
                labelled(.quality, words.mark(study.quality))
            }
            if let decision = entry.decision {
                Element.span(.class("decided")) {
                    words.mark(of: decision)
                    " "
                    Element.small { HTML.said(decision.actor) }
                }
            }
            if prior.identityLink == .possible {
                Element.span(.class("mark open")) { "? \(words(.possiblePerson))" }
            }
            if !prior.differences.isEmpty { Element.span(.class("mark open")) { "? \(words(.differ))" } }
        }
    }

    private func labelled(_ text: PageText, _ mark: HTML) -> HTML {
        Element.span(.class("labelled")) {
            Element.small { words(text) }
            " "
            mark
        }
    }

    private func actions(_ entry: Entry) -> HTML {
        Element.div(.class("actions")) {
            if entry.study == nil { fetching(entry) }
            if entry.study != nil {
                if case .study(let current) = exam {
                    Element.a(
                        .class("button"), .href(.view(current: current, prior: entry.prior.studyInstanceUID)),
                        .mark("compare")
                    ) { words(.compare) }
                }
                Element.a(
                    .class("quiet"),
                    // So that it is known what it was opened for.
                    .href(.study(entry.prior.studyInstanceUID).asking(exam.fields))
                ) { words(.openStudy) }
            }
        }
    }

    @HTMLBuilder private func fetching(_ entry: Entry) -> HTML {
        if entry.fetch?.state != .waiting {
            Element.form(.action(fetchPath), .method("post")) {
                if case .order = exam {
                    for (name, value) in exam.fields { Element.input(.type("hidden"), .name(name), .value(value)) }
                }
                Element.input(.type("hidden"), .name("source"), .value(entry.prior.source))
                Element.input(.type("hidden"), .name("study"), .value(entry.prior.studyInstanceUID.value))
                Element.button(.type("submit")) { words(.fetch) }
            }
        }
    }

    private var fetchPath: PagePath {
        switch exam {
        case .study(let uid): .fetches(beside: uid)
        case .order: .orderFetches
        }
    }

    // MARK: What sources tell differently

    @HTMLBuilder private func differences(_ differences: [FactDifference]) -> HTML {
        if !differences.isEmpty {
            Element.table(.class("rules")) {
                Element.caption { words(.differences) }
                Element.tbody {
                    for difference in differences {
                        Element.tr {
                            Element.th(.scope("row")) { words.fact(difference.fact) }
                            Element.td(.class("text")) {
                                for told in difference.told {
                                    Element.div {
                                        Element.small { HTML.said(told.source.isEmpty ? words(.here) : told.source) }
                                        " "
                                        HTML.said(told.value.isEmpty ? "–" : told.value)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    // MARK: Rules

    private func rules(_ recognition: Recognition) -> HTML {
        Element.table(.class("rules")) {
            Element.caption { words(.rules) }
            Element.tbody {
                for rule in recognition.rules {
                    Element.tr {
                        Element.th(.scope("row")) { Element.code { rule.id } }
                        Element.td(.class("holds")) { holds(rule.holds) }
                        Element.td(.class("detail")) { HTML.said(rule.detail) }
                        Element.td(.class("text")) { HTML.said(text(of: rule.id, recognition)) }
                    }
                }
            }
        }
    }

    /// What a rule says in the notice that the prior was judged by.
    private func text(of rule: String, _ recognition: Recognition) -> String {
        policies[recognition.policy]?[rule]?.text[words.language] ?? ""
    }

    private func holds(_ holds: Bool?) -> HTML {
        let (sign, text, tone): (String, PageText, String) =
            switch holds {
            case true?: ("✓", .holds, "good")
            case false?: ("✕", .holdsNot, "bad")
            case nil: ("?", .undecided, "open")
            }
        return Element.span(.class("mark \(tone)")) {
            Element.span(.class("sign"), .hidden) { sign }
            " \(words(text))"
        }
    }

    @HTMLBuilder private func questions(_ recognition: Recognition) -> HTML {
        if !recognition.questions.isEmpty {
            Element.div(.class("questions")) {
                Element.h3 { words(.questions) }
                Element.ul(.class("said")) {
                    for id in recognition.questions {
                        Element.li {
                            Element.code { id }
                            " "
                            HTML.said(text(of: id, recognition))
                        }
                    }
                }
            }
        }
    }
}

extension DeskOrder.Subject {
    /// What tells of it in a link or form; nothing that is empty.
    var fields: [(name: String, value: String)] {
        switch self {
        case .study(let uid): [("for", uid.value)]
        case .order(let patientID, let issuer, let item, _):
            [("patient", patientID), ("issuer", issuer ?? ""), ("item", item)].filter { !$0.1.isEmpty }
        }
    }

    /// What ``fields`` tell of; nil where nothing does.
    ///
    /// - Throws: a problem with status 400.
    init?(_ query: QueryParameters) throws(Problem) {
        switch (query["for"], query["patient"], query["item"]) {
        case (let exam?, nil, nil): self = .study(try StudyInstanceUID(parameter: exam))
        case (nil, let patient?, let item?):
            self = .order(patientID: patient, issuer: query["issuer"], item: item, number: "")
        case (nil, nil, nil): return nil
        default: throw .badRequest("for stands alone, or patient with item and perhaps issuer")
        }
    }
}
