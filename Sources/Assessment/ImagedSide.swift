import Catalogue
import DICOMCore

/// The side of the body a header says an image shows.
enum ImagedSide: Hashable, Sendable {
    case left, right, both
    /// The part has no sides (U).
    case unpaired

    /// A value of Image Laterality (0020,0062) or Laterality (0020,0060), in full or by its letter; nil for any other.
    init?(value: String) {
        switch value.uppercased() {
        case "L", "LEFT": self = .left
        case "R", "RIGHT": self = .right
        case "B", "BOTH", "BILATERAL": self = .both
        case "U", "UNPAIRED": self = .unpaired
        default: return nil
        }
    }

    /// A code of Anatomic Region Modifier Sequence (0008,2220), SNOMED CT or the older SNOMED RT (PS3.16 CID 244).
    init?(code: String) {
        switch code {
        case "7771000", "G-A101": self = .left
        case "24028007", "G-A100": self = .right
        case "51440002", "G-A102": self = .both
        case "66459002", "G-A103": self = .unpaired
        default: return nil
        }
    }

    var opposite: ImagedSide? {
        switch self {
        case .left: .right
        case .right: .left
        case .both, .unpaired: nil
        }
    }
}

/// Finds the one side a description names, by the lexicon's words for sides.
struct SideWords: Sendable {
    private let words: [(text: String, side: ImagedSide)]

    /// Words of the catalogues' languages with two letters or more: a lone letter, and DX or SX of other languages, mean
    /// too much else.
    init(_ lexicon: Lexicon) {
        var found: [String: ImagedSide] = [:]
        for term in lexicon.terms where term.concept.kind == .laterality && term.language != nil {
            let side: ImagedSide? =
                switch term.concept.name {
                case "left": .left
                case "right": .right
                case "both": .both
                default: nil
                }
            let text = ViewWords.folded(term.text)
            let isClear = text.count > 1 || text.contains { !$0.isASCII }
            if let side, isClear, text.contains(where: \.isLetter) { found[text] = side }
        }
        words = found.map { (text: $0.key, side: $0.value) }.sorted {
            ($1.text.count, $0.text) < ($0.text.count, $1.text)
        }
    }

    /// The side named in `text`, or nil when there is none or more than one.
    func side(in text: String) -> ImagedSide? {
        var rest = ViewWords.folded(String(text.prefix(ViewWords.textLimit)))
        var found: Set<ImagedSide> = []
        for word in words {
            while let range = ViewWords.range(of: word.text, in: rest) {
                found.insert(word.side)
                rest.replaceSubrange(range, with: "|")
            }
        }
        return found.count == 1 ? found.first : nil
    }
}
