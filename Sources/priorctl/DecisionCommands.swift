internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import NIOHTTP1

/// The exam or order that a prior is proposed for, and the prior.
struct ProposalOptions: ParsableArguments {
    @Option(help: "Study Instance UID of the exam about to be read.") var study: StudyInstanceUID?
    @Option(help: "Patient ID of the person an item is ordered for.") var patient: String?
    @Option(help: "Issuer of that Patient ID.") var issuer: String?
    @Option(help: "Code of the item that is ordered, or LIST/ENTRY.") var item: String?
    @Option(help: "Number of the order.") var order: String?
    @Option(help: "Study Instance UID of the prior.") var prior: StudyInstanceUID
    @Option(help: "Who decides.") var by: String
    @Option(help: "The department that decides.") var department: String?
    @Option(help: "Where the new exam is ordered; of a study its own institution.") var institution: String?

    func validate() throws {
        if study != nil {
            guard patient == nil, issuer == nil, item == nil, order == nil else {
                throw ValidationError("--study stands alone.")
            }
        } else if patient == nil || item == nil {
            throw ValidationError("Give either --study, or --patient and --item, with --issuer where one is known.")
        }
    }

    func request(_ kind: String) -> RecognitionEventRequest {
        var request = RecognitionEventRequest(kind: kind)
        (request.study, request.patient, request.issuer) = (study?.value, patient, issuer)
        (request.item, request.order, request.prior) = (item, order, prior.value)
        (request.actor, request.department, request.institution) = (by, department, institution)
        return request
    }

    /// Tells the daemon, and prints what stands in the log then.
    func send(_ request: RecognitionEventRequest, _ common: CommonOptions) async throws {
        let data = try await common.client.data(
            "/api/v1/recognition/events", query: [URLQueryItem(name: "lang", value: common.lang.rawValue)],
            method: .POST, body: .bytes(try AdminJSON.encoder().encode(request)))
        if common.json { return Output.json(data) }
        let answer: RecognitionEventAnswer = try DaemonClient.decoded(data)
        let presentation = Presentation(common.lang)
        Output.line(presentation.word(answer.isNew ? .takenDown : .saidBefore))
        Output.line(DecisionList(events: answer.event.map { [$0] } ?? [], presentation: presentation).text)
    }
}

struct RecogniseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recognise", abstract: "Takes down that a doctor accepts a prior in the place of a new exam.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var proposal: ProposalOptions

    func run() async throws { try await proposal.send(proposal.request("recognised"), common) }
}

struct DeclineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decline", abstract: "Takes down that a doctor does not accept a prior, and why.",
        discussion: "The reasons are the exceptions of the notice; priorctl decisions reasons lists them.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var proposal: ProposalOptions
    @Option(help: "Id of the exception, such as ZE-01.") var reason: String
    @Option(help: "Why, in words; without names. The last exception needs it.") var note: String?
    @Flag(help: "The patient or the family was told.") var informed = false

    func run() async throws {
        var request = proposal.request("declined")
        (request.reason, request.note, request.patientInformed) = (reason, note, informed ? true : nil)
        try await proposal.send(request, common)
    }
}

struct FollowUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow-up", abstract: "Takes down whether the later diagnosis agrees with a recognised prior.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var proposal: ProposalOptions
    @Flag(help: "The later diagnosis agrees.") var agrees = false
    @Flag(help: "The later diagnosis does not agree.") var disagrees = false

    func validate() throws {
        guard agrees != disagrees else { throw ValidationError("Say --agrees or --disagrees.") }
    }

    func run() async throws {
        var request = proposal.request("followedUp")
        request.agrees = agrees
        try await proposal.send(request, common)
    }
}

struct DecisionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decisions", abstract: "What became of proposals, from the decision log.",
        subcommands: [List.self, Reasons.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists reminders, decisions and repeats in the order of the log.")

        @OptionGroup var common: CommonOptions
        @Option(help: "Only of this exam or prior.") var study: StudyInstanceUID?
        @Option(help: "Only of this person, by their ID.") var person: String?
        @Option(help: ArgumentHelp("First day.", valueName: "YYYYMMDD")) var from: String?
        @Option(help: ArgumentHelp("Last day.", valueName: "YYYYMMDD")) var to: String?
        @Option(help: "Only reminded, opened, recognised, declined, followedUp or repeated.") var kind: String?
        @Option(help: "Only lines after this one, to go on from an earlier list.") var after: Int?
        @Option(help: "Events on a page, at most 1000.") var limit: Int?

        func run() async throws {
            let values = [
                ("study", study?.value), ("person", person), ("from", from), ("to", to), ("kind", kind),
                ("after", after.map(String.init)), ("limit", limit.map(String.init)),
            ]
            let data = try await common.client.data(
                "/api/v1/recognition/events",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
            if common.json { return Output.json(data) }
            let page: RecognitionEventsPage = try DaemonClient.decoded(data)
            Output.line(DecisionList(events: page.events, presentation: Presentation(common.lang)).text)
        }
    }

    struct Reasons: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reasons", abstract: "Lists the reasons for which a prior may be declined.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let data = try await common.client.data(
                "/api/v1/recognition/reasons", query: [URLQueryItem(name: "lang", value: common.lang.rawValue)])
            if common.json { return Output.json(data) }
            let answer: RecognitionReasonsAnswer = try DaemonClient.decoded(data)
            let presentation = Presentation(common.lang)
            Output.line(
                answer.reasons.map { reason in
                    "\(reason.id)  \(reason.text)" + (reason.needsNote ? " (\(presentation.word(.noteNeeded)))" : "")
                }.joined(separator: "\n"))
        }
    }
}

/// Events for people.
struct DecisionList {
    let events: [RecognitionEventRow]
    let presentation: Presentation

    var text: String {
        guard !events.isEmpty else { return presentation.word(.noDecisions) }
        var table = Table([
            .init(title: presentation.word(.number), isNumber: true), .init(title: presentation.word(.time)),
            .init(title: presentation.word(.event)), .init(title: presentation.word(.by)),
            .init(title: presentation.word(.department)), .init(title: presentation.word(.item)),
            .init(title: presentation.word(.date)), .init(title: presentation.word(.institution)),
            .init(title: presentation.word(.accession)), .init(title: presentation.word(.detail), limit: 60),
            .init(title: presentation.word(.prior), limit: 64), .init(title: presentation.word(.reference), limit: 64),
        ])
        for event in events {
            table.add([
                String(event.line), Presentation.time(event.at), kind(event), event.actor,
                event.department, presentation.item(event.item), Presentation.day(event.priorDate),
                event.priorInstitution, event.priorAccessionNumber, detail(event), event.prior, event.reference,
            ])
        }
        return table.text
    }

    /// A prior that was accepted is more than one that may be.
    private func kind(_ event: RecognitionEventRow) -> String {
        event.kind == "recognised" ? presentation.word(.accepted) : presentation.verdict(event.kind)
    }

    private func detail(_ event: RecognitionEventRow) -> String {
        var parts: [String] = []
        if let reason = event.reason { parts.append(reason) }
        if let note = event.note { parts.append(note) }
        if let isInformed = event.patientInformed {
            parts.append(presentation.word(isInformed ? .informed : .notInformed))
        }
        if let agrees = event.agrees { parts.append(presentation.word(agrees ? .agreeing : .disagreeing)) }
        if let study = event.study { parts.append(study) }
        if parts.isEmpty, event.kind == "reminded" { parts.append(presentation.verdict(event.verdict)) }
        return parts.joined(separator: ", ")
    }
}
