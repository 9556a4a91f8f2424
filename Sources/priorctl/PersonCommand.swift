internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation
internal import NIOHTTP1

struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person", abstract: "Who is who: the identities believed to be one human.",
        subcommands: [Show.self, Find.self, Reviews.self, Link.self, Unlink.self, Settle.self])

    /// Prints whoever an answer names.
    fileprivate static func printPersons(_ data: Data, _ common: CommonOptions) throws {
        if common.json { return Output.json(data) }
        let page: PersonsAnswer = try DaemonClient.decoded(data)
        Output.line(PersonReport(presentation: Presentation(common.lang)).text(page.persons))
    }

    fileprivate static func decide(
        _ path: String, _ request: PersonDecisionRequest, _ common: CommonOptions
    ) async throws {
        let data = try await common.client.data(
            path, method: .POST, body: .bytes(try AdminJSON.encoder().encode(request)))
        if common.json { return Output.json(data) }
        let person: PersonAnswer = try DaemonClient.decoded(data)
        Output.line(PersonReport(presentation: Presentation(common.lang)).text([person]))
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The identities of a person, and what links them.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Id of the person, or of any of the identities.") var id: String?
        @Option(help: "Patient ID instead.") var patient: String?
        @Option(help: "Issuer of that Patient ID.") var issuer: String?

        func validate() throws {
            guard (id == nil) != (patient == nil), issuer == nil || patient != nil else {
                throw ValidationError("Give either an id, or --patient, with --issuer where one is known.")
            }
        }

        func run() async throws {
            if let id {
                let data = try await common.client.data("/api/v1/persons/\(try PersonCommand.component(id))")
                if common.json { return Output.json(data) }
                let person: PersonAnswer = try DaemonClient.decoded(data)
                return Output.line(PersonReport(presentation: Presentation(common.lang)).text([person]))
            }
            let query = [("patient", patient), ("issuer", issuer)].compactMap { name, value in
                value.map { URLQueryItem(name: name, value: $0) }
            }
            try PersonCommand.printPersons(try await common.client.data("/api/v1/persons", query: query), common)
        }
    }

    struct Find: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "find",
            abstract: "Persons who bear a name: in characters or pinyin, with marks or without, family first or last.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "The name.") var name: String
        @Option(help: "Persons at most, up to 200.") var limit: Int?

        func run() async throws {
            let query =
                [URLQueryItem(name: "name", value: name)]
                + (limit.map { [URLQueryItem(name: "limit", value: String($0))] } ?? [])
            try PersonCommand.printPersons(try await common.client.data("/api/v1/persons", query: query), common)
        }
    }

    struct Reviews: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reviews", abstract: "Pairs of identities that wait for a person's look, the likeliest first.")

        @OptionGroup var common: CommonOptions
        @Option(help: "Pairs on a page, at most 1000.") var limit: Int?
        @Option(help: "Pairs to skip.") var offset: Int?

        func run() async throws {
            let values = [("limit", limit), ("offset", offset)]
            let data = try await common.client.data(
                "/api/v1/persons/reviews",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: String($0)) } })
            if common.json { return Output.json(data) }
            Output.line(
                PersonReport(presentation: Presentation(common.lang)).text(
                    try DaemonClient.decoded(data) as PersonReviewPage))
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "link", abstract: "Makes two identities, with all that are the same, one person.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Id of an identity.") var one: String
        @Argument(help: "Id of the other.") var other: String
        @OptionGroup var decision: DecisionOptions

        func run() async throws {
            try await PersonCommand.decide(
                "/api/v1/persons/link",
                PersonDecisionRequest(one: one, other: other, by: decision.by, note: decision.note), common)
        }
    }

    struct Unlink: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlink", abstract: "Takes an identity out of its person.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Id of the identity.") var identity: String
        @OptionGroup var decision: DecisionOptions

        func run() async throws {
            try await PersonCommand.decide(
                "/api/v1/persons/unlink",
                PersonDecisionRequest(one: identity, by: decision.by, note: decision.note), common)
        }
    }

    struct Settle: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "settle",
            abstract: "Decides a pair that waits for a look, or takes back what was decided of one.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Id of an identity.") var one: String
        @Argument(help: "Id of the other.") var other: String
        @Argument(help: "same or different; undecided takes a decision back.") var link: Decision
        @OptionGroup var decision: DecisionOptions

        enum Decision: String, ExpressibleByArgument, CaseIterable {
            case same, different, undecided
        }

        func run() async throws {
            try await PersonCommand.decide(
                "/api/v1/persons/reviews",
                PersonDecisionRequest(
                    one: one, other: other, decision: link.rawValue, by: decision.by, note: decision.note), common)
        }
    }

    /// An id as a part of a path.
    fileprivate static func component(_ id: String) throws -> String {
        guard !id.isEmpty, id.utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || 0x32...0x37 ~= $0 })
        else {
            throw ValidationError("An id has 16 characters, a to z and 2 to 7.")
        }
        return id
    }
}

/// Who decides, and why.
struct DecisionOptions: ParsableArguments {
    @Option(help: "Who decides; kept in the log.") var by: String
    @Option(help: "Why; kept in the log.") var note: String?
}

/// Persons for people.
struct PersonReport {
    let presentation: Presentation

    func text(_ persons: [PersonAnswer]) -> String {
        guard !persons.isEmpty else { return presentation.word(.noPerson) }
        return persons.map(text).joined(separator: "\n\n")
    }

    private func text(_ person: PersonAnswer) -> String {
        var table = Table(columns(first: presentation.word(.link)))
        for identity in person.identities { table.add([presentation.verdict(identity.link ?? "")] + cells(identity)) }
        let id = person.personID.isEmpty ? "?" : person.personID
        return (["\(presentation.word(.person)) \(id)", table.text] + person.pairs.map(line)).joined(separator: "\n")
    }

    func text(_ page: PersonReviewPage) -> String {
        guard !page.reviews.isEmpty else { return presentation.word(.noReviews) }
        let blocks = page.reviews.map { review in
            var table = Table(columns(first: presentation.word(.number)))
            table.add(["1"] + cells(review.one))
            table.add(["2"] + cells(review.other))
            return table.text + "\n" + line(review.pair)
        }
        let range = "\(page.offset + 1)–\(page.offset + page.reviews.count) / \(page.total)"
        return (blocks + [range]).joined(separator: "\n\n")
    }

    private func columns(first: String) -> [Table.Column] {
        [
            .init(title: first), .init(title: "ID"), .init(title: presentation.word(.issuer)),
            .init(title: presentation.word(.patient)), .init(title: presentation.word(.name)),
            .init(title: presentation.word(.birthDate)), .init(title: presentation.word(.sex)),
            .init(title: presentation.word(.nationalID)),
            .init(title: presentation.word(.studies), isNumber: true),
        ]
    }

    private func cells(_ identity: PersonAnswer.Identity) -> [String] {
        [
            identity.id, identity.issuer.isEmpty ? "(\(identity.institution))" : identity.issuer, identity.patientID,
            identity.name, Presentation.day(identity.birthDate), identity.sex, identity.nationalIDLastFour,
            String(identity.studyCount),
        ]
    }

    private func line(_ pair: PersonAnswer.Pair) -> String {
        var parts = [
            "  \(pair.one) – \(pair.other): \(presentation.verdict(pair.link))",
            "\(presentation.word(.weight)) \(pair.weight.formatted(.number.precision(.fractionLength(1))))",
            pair.reasons.joined(separator: " "),
        ]
        if let by = pair.decidedBy {
            parts.append("\(presentation.word(.by)) \(Output.printable(by))")
            if let at = pair.decidedAt { parts.append(Presentation.time(at)) }
            if let note = pair.note { parts.append(Output.printable(note)) }
        }
        if pair.isOpen { parts.append("?") }
        return parts.joined(separator: ", ")
    }
}
