internal import AdminAPI
internal import DICOMCore
internal import Foundation
internal import Recall

/// Writes the answer about priors as ``AdminJSON`` would, in a small part of the time: a doctor waits for it, and what the
/// rules say of each prior makes it long.
struct PriorsText {
    /// UTF-8.
    private(set) var bytes: [UInt8] = []

    init(_ answer: Priors) throws {
        bytes.reserveCapacity(512 + answer.priors.count * 2048)
        put("{\"futureStudies\":\(answer.futureStudies),\"pendingStudies\":\(answer.pendingStudies),\"person\":")
        write(answer.person)
        put(",\"priors\":")
        try list(answer.priors) { text, prior throws in try text.write(prior) }
        put(",\"sources\":")
        try encode(answer.sources)
        put(",\"total\":\(answer.total)}")
    }

    private mutating func write(_ person: Person) {
        put("{\"identities\":")
        list(person.identities) { text, identity in
            text.put("{\"id\":", identity.id)
            text.put(",\"institution\":", identity.institution)
            text.put(",\"issuer\":", identity.issuer)
            text.put(",\"link\":", identity.link.rawValue)
            text.put(",\"patientID\":", identity.patientID)
            text.put("}")
        }
        put(",\"personID\":", person.personID)
        put("}")
    }

    private mutating func write(_ prior: Prior) throws {
        put("{\"accessionNumber\":", prior.accessionNumber)
        put(",\"code\":", prior.code)
        put(",\"differences\":")
        try encode(prior.differences)
        put(",\"identityLink\":", prior.identityLink.rawValue)
        put(",\"institution\":", prior.institution)
        put(",\"recognition\":")
        write(prior.recognition)
        put(",\"relation\":", prior.relation.rawValue)
        put(",\"score\":\(prior.score)")
        put(",\"source\":", prior.source)
        put(",\"studyDate\":", prior.studyDate)
        put(",\"studyInstanceUID\":", prior.studyInstanceUID.value)
        put("}")
    }

    private mutating func write(_ recognition: Recognition) {
        put("{\"policy\":", recognition.policy)
        put(",\"questions\":")
        list(recognition.questions) { text, id in text.bytes.appendJSON(id) }
        put(",\"rules\":")
        list(recognition.rules) { text, rule in
            text.put("{\"detail\":", rule.detail)
            text.put(",\"holds\":")
            text.put(rule.holds.map { $0 ? "true" : "false" } ?? "null")
            text.put(",\"id\":", rule.id)
            text.put("}")
        }
        put(",\"verdict\":", recognition.verdict.rawValue)
        put("}")
    }

    /// What is seldom there is left to the encoder.
    private mutating func encode(_ values: [some Encodable]) throws {
        guard !values.isEmpty else { return put("[]") }
        bytes += try AdminJSON.encoder().encode(values)
    }

    private mutating func list<Element, Failure: Error>(
        _ values: [Element], _ write: (inout PriorsText, Element) throws(Failure) -> Void
    ) throws(Failure) {
        put("[")
        for (number, value) in values.enumerated() {
            if number > 0 { put(",") }
            try write(&self, value)
        }
        put("]")
    }

    private mutating func put(_ literal: String) { bytes += literal.utf8 }

    private mutating func put(_ key: String, _ value: String) {
        put(key)
        bytes.appendJSON(value)
    }
}
