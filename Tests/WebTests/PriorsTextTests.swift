import AdminAPI
import Foundation
import Recall
import Testing

@testable import Web

/// The writer of the answer that doctors wait for, beside the encoder that writes all others.
@Suite struct PriorsTextTests {
    private static let full = """
        {"futureStudies":2,"pendingStudies":1000,"total":7,
         "person":{"personID":"i1","identities":[
            {"id":"i1","issuer":"H1","institution":"","patientID":"P\\"1\\\\","link":"same"},
            {"id":"i2","issuer":"","institution":"ae:CT 1","patientID":"Nguyễn/阿","link":"possible"}]},
         "priors":[
            {"studyInstanceUID":"1.2.3","institution":"杭州医院","studyDate":"20260105","accessionNumber":"","code":"BW03ZZZ8B",
             "identityLink":"same","relation":"contains","score":0.9836065,"source":"region",
             "differences":[{"fact":"studyDate","told":[{"source":"","value":"20260105"},{"source":"region","value":"20260106"}]}],
             "recognition":{"verdict":"doctorDecides","policy":"zhejiang-recognition-2021","questions":["ZR-40","ZR-41"],
                "rules":[{"id":"ZR-10","holds":true,"detail":"同一项目"},{"id":"ZR-30","holds":null,"detail":""},
                         {"id":"ZR-31","holds":false,"detail":"40 days old, 30 allowed"}]}},
            {"studyInstanceUID":"1.2.4","institution":"","studyDate":"","accessionNumber":"A1","code":"","identityLink":"possible",
             "relation":"related","score":1e-05,"source":"","differences":[],
             "recognition":{"verdict":"notRecognised","policy":"p","questions":[],"rules":[]}}],
         "sources":[{"name":"region","state":"deadline","millisecondsTaken":2000,"count":0,"detail":"no answer"}]}
        """

    private func answer() throws -> Priors { try JSONDecoder().decode(Priors.self, from: Data(Self.full.utf8)) }

    private func check(_ answer: Priors) throws {
        let (ours, encoders) = (try PriorsText(answer).bytes, try AdminJSON.encoder().encode(answer))
        #expect(String(decoding: ours, as: UTF8.self) == String(decoding: encoders, as: UTF8.self))
    }

    @Test func `it writes what the encoder writes`() throws {
        var answer = try answer()
        try check(answer)
        answer.priors = []
        answer.sources = []
        answer.person = try JSONDecoder().decode(Person.self, from: Data(#"{"personID":"","identities":[]}"#.utf8))
        try check(answer)
    }

    @Test(arguments: [0, 1, 0.5, 1.0 / 3, 1e-5, 0.1 + 0.2]) func `scores keep every digit`(score: Double) throws {
        var answer = try answer()
        answer.priors[0].score = score
        let text = try PriorsText(answer).bytes
        #expect(try JSONDecoder().decode(Priors.self, from: Data(text)) == answer)
    }

    @Test func `no text breaks it`() throws {
        var answer = try answer()
        let scalars = (0..<0x300).compactMap(Unicode.Scalar.init)
        answer.priors[0].institution = String(String.UnicodeScalarView(scalars)) + "\u{2028}🏥"
        let text = try PriorsText(answer).bytes
        #expect(try JSONDecoder().decode(Priors.self, from: Data(text)) == answer)
    }
}
