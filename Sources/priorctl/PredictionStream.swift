internal import Catalogue
internal import Foundation
internal import Matching

/// `map --jsonl`: records from standard input, predictions to standard output, line by line in the same order.
struct PredictionStream {
    let namer: StudyNamer

    /// One line of the answer.
    struct Prediction: Encodable, Equatable {
        let id: String
        /// Codes of a set are joined with "+"; null when there is no safe answer.
        let code: String?
        /// Best first.
        let alternatives: [String]
        let confidence: Double
        /// Why there is no answer.
        let reason: String?
        /// Why ``confidence`` is not higher.
        let doubts: Doubts

        /// Numbers of Vietnam's list; null when none applies.
        let vietnamNumbers: [Int]
        /// China's interventional techniques; null when none applies.
        let chinaItems: [Technique]

        /// A technique as the labelled sets name it.
        struct Technique: Encodable, Equatable {
            let domain: String
            let level: Int
            let item: Int
        }

        private enum CodingKeys: String, CodingKey {
            case id, code, alternatives, confidence, reason, doubts
            case vietnamNumbers = "vn_no"
            case chinaItems = "cn_items"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(code, forKey: .code)
            try container.encode(alternatives, forKey: .alternatives)
            try container.encode(confidence, forKey: .confidence)
            try container.encodeIfPresent(reason, forKey: .reason)
            try container.encode(vietnamNumbers.isEmpty ? nil : vietnamNumbers, forKey: .vietnamNumbers)
            try container.encode(chinaItems.isEmpty ? nil : chinaItems, forKey: .chinaItems)
            try container.encode(doubts, forKey: .doubts)
        }

        init(id: String, _ naming: StudyNaming) {
            self.id = id
            vietnamNumbers = naming.procedures
                .filter { $0.catalogue == CatalogueID.vietnamProcedures.value }.map(\.number)
            chinaItems = naming.procedures.compactMap { match in
                guard match.catalogue == CatalogueID.chinaTechniques.value, let domain = match.domain,
                    let level = match.surgicalLevel
                else { return nil }
                return Technique(domain: domain.rawValue, level: level, item: match.number)
            }
            let outcome = naming.outcome
            switch outcome {
            case .matched(let match, let others):
                code = outcome.codes.map(\.value).joined(separator: "+")
                alternatives = match.alternatives.map(\.code.value)
                confidence = others.map(\.confidence).reduce(match.confidence, min)
                reason = nil
                doubts = others.map(\.doubts).reduce(match.doubts) { $0.union($1) }
            case .unmapped(let why, let candidates):
                code = nil
                alternatives = candidates.map(\.value)
                confidence = 0
                reason = why.rawValue
                doubts = []
            }
        }
    }

    private static let outputByteCount = 64 << 10

    /// - Throws: ``CommandFailure/file(path:reason:)`` naming the line that is no record; lines before it are answered.
    func run() throws {
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var output = Data()
        defer { Output.write(output, to: STDOUT_FILENO) }
        var number = 0
        while let line = readLine(strippingNewline: true) {
            number += 1
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            let study: StudyDescriptor
            do {
                study = try decoder.decode(StudyDescriptor.self, from: Data(line.utf8))
            } catch {
                throw CommandFailure.file(path: "standard input, line \(number)", reason: "no record: \(error)")
            }
            output += try encoder.encode(Prediction(id: study.id, namer.name(study, on: nil)))
            output.append(UInt8(ascii: "\n"))
            if output.count >= Self.outputByteCount {
                Output.write(output, to: STDOUT_FILENO)
                output.removeAll(keepingCapacity: true)
            }
        }
    }
}
