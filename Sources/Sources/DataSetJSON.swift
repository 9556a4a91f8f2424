internal import DICOMCore
internal import Foundation
internal import Ingestion

/// Data Sets in the DICOM JSON Model (PS3.18 Annex F), as QIDO-RS answers them; bulk data is left out.
struct DataSetJSON: Decodable {
    let attributes: AttributeSet

    /// An answer's list, as far as it may be long.
    ///
    /// - Throws: ``SourceFault/unreadable(_:)``.
    static func list(_ bytes: [UInt8]) async throws(SourceFault) -> [AttributeSet] {
        // Of nothing some services make an empty body.
        guard !bytes.isEmpty else { return [] }
        do {
            // Megabytes of it take long, and nobody else may wait for that.
            return try await offPool {
                try JSONDecoder().decode([DataSetJSON].self, from: Data(bytes)).map(\.attributes)
            }
        } catch {
            throw .unreadable("the answer is no list of data sets in JSON")
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Element: Decodable {
        let values: [Item]?

        /// The names of PS3.18 F.2.2.
        enum CodingKeys: String, CodingKey { case values = "Value" }
    }

    /// A value: text, a number, a name in groups, or an Item of a Sequence.
    private enum Item: Decodable {
        case text(String)
        case dataSet(AttributeSet)

        private struct Name: Decodable {
            let alphabetic: String?
            let ideographic: String?
            let phonetic: String?

            enum CodingKeys: String, CodingKey {
                case alphabetic = "Alphabetic"
                case ideographic = "Ideographic"
                case phonetic = "Phonetic"
            }

            var text: String? {
                guard alphabetic != nil || ideographic != nil || phonetic != nil else { return nil }
                let groups = [alphabetic, ideographic, phonetic].map { $0 ?? "" }
                let count = (groups.lastIndex { !$0.isEmpty } ?? -1) + 1
                return groups.prefix(count).joined(separator: "=")
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .text("")
            } else if let text = try? container.decode(String.self) {
                self = .text(text.trimmingCharacters(in: .whitespaces))
            } else if let number = try? container.decode(Int64.self) {
                self = .text(String(number))
            } else if let number = try? container.decode(Double.self) {
                self = .text(String(number))
            } else if let text = (try? container.decode(Name.self))?.text {
                self = .text(text)
            } else {
                self = .dataSet(try container.decode(DataSetJSON.self).attributes)
            }
        }
    }

    init(from decoder: any Decoder) throws {
        var attributes = AttributeSet()
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys {
            // What is no tag is not of the standard, and nothing that was asked for.
            guard let tag = Tag(hexadecimal: key.stringValue) else { continue }
            let values = try container.decode(Element.self, forKey: key).values ?? []
            let items = values.compactMap { if case .dataSet(let item) = $0 { item } else { nil } }
            let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
            if items.isEmpty { attributes.set(tag, to: texts) } else { attributes.set(tag, to: items) }
        }
        self.attributes = attributes
    }
}
