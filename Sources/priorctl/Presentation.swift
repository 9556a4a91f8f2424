internal import Catalogue
internal import Foundation
internal import Matching

/// How figures, times and items are written in tables.
struct Presentation {
    let language: Language
    /// nil when the catalogue's file is not beside the program; codes stand alone then.
    private let catalogue: ImagingCatalogue?

    init(_ language: Language) {
        self.language = language
        catalogue = try? .bundled()
    }

    /// The item's name in the language of the table, or "" when the catalogue has none.
    func itemName(_ code: String) -> String {
        guard let code = try? ItemCode(code), let item = catalogue?[code] else { return "" }
        return item.name[language]
    }

    func item(_ code: String?) -> String {
        guard let code else { return "" }
        let name = itemName(code)
        return name.isEmpty ? code : "\(code) \(name)"
    }

    func word(_ word: Word) -> String { word(language) }

    func verdict(_ name: String) -> String { Word.verdict(name, language) }

    /// Why a study is unmapped, from the code the daemon gives; one of a later version as it is.
    func reason(_ code: String) -> String { AbstentionReason(rawValue: code)?.words(in: language) ?? code }

    /// How text was decoded, and what it was taken for: "repaired (GB18030)".
    func text(_ state: String, _ encoding: String?) -> String {
        verdict(state) + (encoding.map { " (\($0))" } ?? "")
    }

    /// `YYYYMMDD` as `YYYY-MM-DD`; anything else as it is.
    static func day(_ dicom: String) -> String {
        guard dicom.count == 8, dicom.allSatisfy(\.isNumber) else { return dicom }
        return "\(dicom.prefix(4))-\(dicom.dropFirst(4).prefix(2))-\(dicom.suffix(2))"
    }

    /// In the time zone of this machine.
    static func time(_ date: Date) -> String {
        date.formatted(
            Date.ISO8601FormatStyle(timeZone: .current).year().month().day().dateTimeSeparator(.space)
                .time(includingFractionalSeconds: false))
    }

    /// Decimal units: 1 kB = 1000 bytes.
    static func size(_ byteCount: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(byteCount)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return value.formatted(.number.precision(.fractionLength(unit == 0 ? 0 : 1)).grouping(.never))
            + " \(units[unit])"
    }

    static func percent(_ fraction: Double) -> String {
        "\((fraction * 100).formatted(.number.precision(.fractionLength(0)))) %"
    }

    /// Lines under a heading, indented.
    static func block(_ heading: String, _ lines: [String]) -> String {
        ([heading] + lines.map { "  " + $0 }).joined(separator: "\n")
    }
}
