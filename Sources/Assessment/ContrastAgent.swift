import DICOMCore
import Foundation

/// An agent that a header names, and the way it was given (PS3.3 C.7.6.4, C.7.6.4b).
struct ContrastAgent {
    /// As written, or empty.
    let name: String
    let route: String

    /// The one of Contrast/Bolus Agent (0018,0010), else those of Contrast/Bolus Agent Sequence (0018,0012).
    static func all(in attributes: AttributeSet) -> [ContrastAgent] {
        let coded = attributes.items(.contrastBolusAgentSequence).map { item in
            ContrastAgent(
                name: item[.codeMeaning] ?? "",
                route: item.items(.contrastBolusAdministrationRouteSequence).first?[.codeMeaning] ?? "")
        }
        let named = ContrastAgent(
            name: attributes.strings(.contrastBolusAgent).joined(separator: " "),
            route: attributes[.contrastBolusRoute] ?? coded.map(\.route).joined(separator: " "))
        return coded.isEmpty || !named.name.isEmpty ? [named] : coded
    }

    /// Whether anything is named, and not to say that there was nothing.
    var isGiven: Bool {
        let letters = name.uppercased().filter { $0.isLetter || $0.isNumber }
        return !letters.isEmpty
            && !["NO", "NONE", "N", "NA", "NIL", "NULL", "WITHOUT", "无", "未用", "KHONG", "KHÔNG", "0"].contains(letters)
    }

    /// Whether it was drunk, or filled into bowel, bladder, joint or spinal canal, which enhances no vessel; false where a vein
    /// or an artery is named too.
    var isOutsideVessels: Bool {
        let text = ContrastAgent.folded(name + " " + route)
        return ContrastAgent.outside.contains(where: text.contains)
            && !ContrastAgent.inside.contains(where: text.contains)
    }

    /// Words in capitals, without marks, a space before and after each; "I.V." and "P.O." are one word.
    private static func folded(_ text: String) -> String {
        let folded = text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
            .replacing("đ", with: "d").replacing(".", with: "").uppercased()
        return " " + folded.split { !$0.isLetter && !$0.isNumber }.joined(separator: " ") + " "
    }

    /// Of Latin letters whole words, or how they begin.
    private static let outside = [
        " PO ", " ORAL", " PERORAL", " PER OS ", " RECTAL", " RECTUM", " ENEMA", " ENTERAL", " INTRATHEC",
        " INTRA THEC",
        " INTRAARTIC", " INTRA ARTIC", " INTRAVESIC", " INTRA VESIC", " BARIUM", " GASTROGRAF", " GASTROVIEW",
        " READI CAT", " E Z CAT", " VOLUMEN ", " WATER ", " UONG ", " TRUC TRANG ", "口服", "直肠", "直腸", "灌肠", "灌腸",
        "膀胱", "鞘内", "关节", "關節", "饮水",
    ]
    private static let inside = [
        " IV ", " IA ", " INTRAVEN", " INTRA VEN", " INTRAARTERI", " INTRA ARTERI", " INTRAVASC", " VEIN", " VENOUS",
        " ARTERIAL", " BOLUS", " TINH MACH ", " DONG MACH ", "静脉", "靜脈", "动脉", "動脈",
    ]
}
