internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation

/// What somebody typed to find a study or a person, and what it may mean.
struct SearchQuestion: Sendable {
    /// As it was typed, without white space around it.
    let text: String
    let firstDate: String?
    let lastDate: String?
    let modality: String?
    let institution: String?
    let offset: Int

    static let parameters: Set<String> = ["q", "from", "to", "modality", "institution", "offset"]
    static let pageLimit = 50
    private static let textLimit = 256
    private static let offsetLimit = 1_000_000

    /// - Throws: a problem with status 400 naming the parameter.
    init(_ query: QueryParameters) throws(Problem) {
        text = try Self.text(query, "q") ?? ""
        firstDate = try query.day("from")
        lastDate = try query.day("to")
        if let firstDate, let lastDate, firstDate > lastDate { throw .badRequest("from is after to") }
        modality = try Self.text(query, "modality").map { $0.uppercased() }
        institution = try Self.text(query, "institution")
        offset = try query.integer("offset", in: 0...Self.offsetLimit, default: 0)
    }

    private static func text(_ query: QueryParameters, _ name: String) throws(Problem) -> String? {
        guard let text = query[name]?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        guard text.utf8.count <= textLimit, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw .badRequest("\(name) has at most \(textLimit) bytes and no control characters")
        }
        return text
    }

    var hasFilters: Bool { firstDate != nil || lastDate != nil || modality != nil || institution != nil }

    /// The parameters by which it is asked again.
    func parameters(offset: Int) -> [(name: String, value: String)] {
        [
            ("q", text), ("from", firstDate.map(PageWords.iso) ?? ""), ("to", lastDate.map(PageWords.iso) ?? ""),
            ("modality", modality ?? ""), ("institution", institution ?? ""),
            ("offset", offset > 0 ? String(offset) : ""),
        ]
    }

    /// The studies that are meant: those of a day, a month or a year where the text is one, those of an item where it is its
    /// code, else those in whose names, numbers or descriptions all its words are.
    ///
    /// - Parameter isNumber: whether the text is somebody's Patient ID or an Accession Number, which goes before all else.
    func filter(in library: CatalogueLibrary, isNumber: Bool) -> StudyFilter {
        var filter = StudyFilter()
        filter.firstDate = firstDate
        filter.lastDate = lastDate
        filter.modalities = modality.map { [$0] } ?? []
        filter.limit = Self.pageLimit + 1
        filter.offset = offset
        if isNumber {
            filter.number = text
        } else if let days = Self.days(of: text) {
            filter.firstDate = max(days.first, firstDate ?? days.first)
            filter.lastDate = min(days.last, lastDate ?? days.last)
        } else if let code = code(in: library) {
            filter.code = code.value
        } else {
            filter.text = text
        }
        // Part of a name is enough: nobody types that of a hospital in full.
        if let institution { filter.text += " " + institution }
        return filter
    }

    /// The text as the code of a listed item, or nil. By its form alone a Patient ID could be one, too.
    func code(in library: CatalogueLibrary) -> ItemCode? {
        guard let code = try? ItemCode(text.uppercased()) else { return nil }
        return library.imaging(on: nil).contains { $0[code] != nil } ? code : nil
    }

    /// Items whose name in any language holds all words of the text; none for a text of one character.
    static func items(named text: String, in library: CatalogueLibrary) -> [CatalogueItem] {
        let words = SearchText.fold(text).split(separator: " ")
        guard SearchText.fold(text).count >= 2 else { return [] }
        return library.imaging(on: nil).flatMap(\.items).filter { item in
            [item.name.zh, item.name.en, item.name.vi].contains { name in
                let name = SearchText.fold(name)
                return words.allSatisfy { name.contains($0) }
            }
        }
    }

    /// `2026-08-21`, `2026/8/21`, `2026年8月`, `2026-08` or `2026` as its first and last day (`YYYYMMDD`). Eight digits alone
    /// are a day only from 1900 on; other numbers may be Patient IDs.
    static func days(of text: String) -> (first: String, last: String)? {
        var plain = text.precomposedStringWithCompatibilityMapping
        for mark in ["年", "月", "/", "."] { plain = plain.replacing(mark, with: "-") }
        plain = plain.replacing("日", with: "")
        if plain.hasSuffix("-") { plain.removeLast() }
        let parts = plain.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        if parts.count == 1, parts[0].count == 8, let day = CalendarDay(dicom: String(parts[0])), day.year >= 1900 {
            return (day.description, day.description)
        }
        guard parts[0].count == 4, (1900...2999).contains(numbers[0]), parts.count <= 3 else { return nil }
        guard parts.count > 1 else { return ("\(numbers[0])0101", "\(numbers[0])1231") }
        guard (1...12).contains(numbers[1]), parts[1].count <= 2 else { return nil }
        let month = String(format: "%04d%02d", numbers[0], numbers[1])
        guard parts.count == 3 else { return (month + "01", month + "31") }
        guard let day = CalendarDay(year: numbers[0], month: numbers[1], day: numbers[2]) else { return nil }
        return (day.description, day.description)
    }
}
