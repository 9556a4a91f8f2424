/// What a study is called, in the form in which descriptions are compared: case, width, spaces, simplified or
/// traditional characters and where a tone mark was typed make no difference.
public struct DescriptionKey: Hashable, Sendable {
    public let value: String

    /// Nil when `text` has no word, hides control characters or is too long to be a description.
    public init?(_ text: String) {
        let folded = FoldedText(text)
        guard !folded.scalars.isEmpty, !folded.isDamaged, !folded.isTooLong else { return nil }
        value = String(String.UnicodeScalarView(folded.scalars.lazy.compactMap(Unicode.Scalar.init)))
    }
}

extension DescriptionKey: CustomStringConvertible {
    public var description: String { value }
}

extension StudyDescriptor {
    /// What the study is called, as written: the first of Study Description, procedure description, meanings of its
    /// procedure codes and Protocol Name that says anything; "" when none does.
    public var title: String {
        [studyDescription, procedureDescription, procedureMeanings.joined(separator: "; "), protocolName]
            .first { !FoldedText($0).scalars.isEmpty } ?? ""
    }

    /// The modalities the study's images were made with, each once, ascending and joined by `+`: `CT`, `CT+PT`. What
    /// goes along with images of any kind is left out, as long as anything else is there.
    public var imagingModality: String {
        let all = Set(([modality] + modalitiesInStudy).map { $0.uppercased() }).subtracting([""])
        let imaging = all.subtracting(StudyScan.companions)
        return (imaging.isEmpty ? all : imaging).sorted().joined(separator: "+")
    }
}
