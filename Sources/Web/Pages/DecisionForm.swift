internal import AdminAPI
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Recall

/// What a doctor decides of a prior, where it stands: recognise it, or decline it with a reason of the notice.
struct DecisionForm: Sendable {
    /// Where the form is sent.
    let action: PagePath
    /// What tells the exam or order, beside the path.
    let subject: [(name: String, value: String)]
    let policy: RecognitionPolicy
    /// As last given here, so that they need not be typed again.
    let actor: String
    let department: String
    /// A decision just sent that was not recorded.
    var refusal: Refusal?

    /// What was decided, as it was sent, and why it was not taken.
    struct Refusal: Sendable {
        let order: DeskOrder
        let detail: String
    }

    static let fields: Set<String> = ["kind", "prior", "reason", "note", "actor", "department", "informed"]
    private static let nameLimit = 64
    private static let noteLimit = 1000

    @HTMLBuilder func html(of prior: Prior, decision: RecognitionEvent?, _ words: PageWords) -> HTML {
        let uid = prior.studyInstanceUID
        let refusal = refusal(of: uid)
        if let refusal {
            Element.div(.class("outcome failed"), .role("alert")) {
                Element.strong { words(.decisionFailed) }
                Element.span(.lang("en")) { HTML.said(refusal.detail) }
            }
        }
        if let decision { DecisionForm.outcome(decision, policy, words) }
        Element.form(.class("decide"), .action(action), .method("post"), .mark("decision")) {
            // Enter in a field presses a form's first button; here it must decide nothing.
            Element.button(.class("none"), .type("submit"), .disabled, .hidden) { words(.decide) }
            Element.fieldset(.class("decision")) {
                Element.legend { words(.decide) }
                Element.input(.type("hidden"), .name("prior"), .value(uid.value))
                for (name, value) in subject { Element.input(.type("hidden"), .name(name), .value(value)) }
                Element.div(.class("row")) {
                    text("actor", .actor, refusal?.order.actor ?? actor, isRequired: true, words)
                    text("department", .department, refusal?.order.department ?? department, words)
                    // What rules forbid cannot be recognised; it can still be declined with a reason.
                    if prior.recognition.verdict != .notRecognised {
                        Element.button(.class("accept"), .type("submit"), .name("kind"), .value("recognised")) {
                            "✓ \(words(.recognise))"
                        }
                    }
                }
                Element.div(.class("row")) {
                    reasons(chosen: refusal?.order.reason, words)
                    text(
                        "note", .note, refusal?.order.note ?? "", limit: Self.noteLimit, hint: words(.noteNeeded), words
                    )
                    Element.label(.class("check")) {
                        Element.input(
                            .type("checkbox"), .name("informed"), .value("true"),
                            refusal?.order.isPatientInformed == true ? .checked : nil)
                        " \(words(.informed))"
                    }
                    Element.button(.class("refuse"), .type("submit"), .name("kind"), .value("declined")) {
                        "✕ \(words(.decline))"
                    }
                }
                Element.p(.class("hint")) { words(.decisionNote) }
            }
        }
    }

    /// What was refused of that prior just now, which need not be typed again.
    func refusal(of prior: StudyInstanceUID) -> Refusal? { refusal?.order.prior == prior ? refusal : nil }

    private func reasons(chosen: String?, _ words: PageWords) -> HTML {
        Element.label(.class("wide")) {
            Element.span { words(.reason) }
            Element.select(.name("reason")) {
                Element.option(.value("")) { words(.chooseReason) }
                for reason in policy.exceptions {
                    Element.option(
                        .value(reason.id), policy.needsNote(reason) ? .mark("needs-note") : nil,
                        reason.id == chosen ? .selected : nil
                    ) {
                        "\(reason.id) \(reason.text[words.language])"
                    }
                }
            }
        }
    }

    private func text(
        _ name: String, _ label: PageText, _ value: String, isRequired: Bool = false, limit: Int = nameLimit,
        hint: String = "", _ words: PageWords
    ) -> HTML {
        Element.label(.class(limit > Self.nameLimit ? "wide" : "")) {
            Element.span { words(label) }
            Element.input(
                .type("text"), .name(name), .value(value), .maxlength(limit), isRequired ? .required : nil,
                .placeholder(hint))
        }
    }

    /// The decision that stands, in one line.
    static func outcome(_ decision: RecognitionEvent, _ policy: RecognitionPolicy, _ words: PageWords) -> HTML {
        Element.div(.class("outcome"), .role("status")) {
            Element.strong { words.mark(of: decision) }
            HTML.said(decision.actor)
            HTML.said(decision.department)
            Element.time(.datetime(decision.at.formatted(.iso8601))) { PageWords.time(decision.at) }
            if let reason = decision.reason {
                Element.span {
                    Element.code { reason }
                    " "
                    HTML.said(policy[reason]?.text[words.language] ?? "")
                }
            }
            if let note = decision.note { HTML.said(note) }
            if decision.isPatientInformed == true { Element.span { "✓ \(words(.informed))" } }
        }
    }
}

extension DeskOrder {
    /// Reads a sent form.
    ///
    /// - Throws: a problem with status 400 naming the field.
    init(_ form: QueryParameters, for subject: Subject) throws(Problem) {
        guard let kind = try form.choice("kind", of: ["recognised", "declined"]).flatMap(RecognitionEvent.Kind.init)
        else { throw .badRequest("kind is recognised or declined") }
        let prior = try StudyInstanceUID(parameter: form["prior"])
        self.init(kind, for: subject, prior: prior)
        actor = form["actor"] ?? ""
        department = form["department"] ?? ""
        // What is said beside a recognition is not dropped: the desk refuses what a decision cannot have.
        reason = form["reason"].flatMap { $0.isEmpty ? nil : $0 }
        note = form["note"].flatMap { $0.isEmpty ? nil : $0 }
        let isInformed = try form.flag("informed")
        isPatientInformed = kind == .declined || isInformed ? isInformed : nil
    }
}
