internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Matching
internal import Recall

/// How facts are written on pages in one language.
struct PageWords: Sendable {
    let language: Language
    let library: CatalogueLibrary

    func callAsFunction(_ text: PageText) -> String { text[language] }

    // MARK: Persons

    /// A Person Name (VR PN): the ideographic group where there is one, with the alphabetic one beside it.
    func name(_ value: String) -> HTML {
        let groups = value.split(separator: "=", omittingEmptySubsequences: false).map { group in
            group.split(separator: "^").joined(separator: " ")
        }
        guard let first = groups.dropFirst().first(where: { !$0.isEmpty }) ?? groups.first, !first.isEmpty else {
            return Element.span(.class("faint")) { self(.noName) }
        }
        let alphabetic = groups.first ?? ""
        return Element.span(.class("name")) {
            HTML.said(first)
            if alphabetic != first, !alphabetic.isEmpty {
                " "
                Element.small { HTML.said(alphabetic) }
            }
        }
    }

    /// Patient's Sex (0010,0040) in words; what is no code of it as it is.
    func sex(_ code: String) -> HTML {
        switch code {
        case "M": HTML(self(.male))
        case "F": HTML(self(.female))
        case "O": HTML(self(.otherSex))
        default: HTML.said(code)
        }
    }

    /// Whole years between two dates of DICOM, or nil.
    static func years(from birth: String, to day: CalendarDay) -> Int? {
        guard let birth = CalendarDay(dicom: birth), birth <= day else { return nil }
        let isBefore = (day.month, day.day) < (birth.month, birth.day)
        return day.year - birth.year - (isBefore ? 1 : 0)
    }

    // MARK: Days

    /// `YYYYMMDD` as `YYYY-MM-DD`; what is no such date as it is.
    static func iso(_ dicom: String) -> String {
        guard dicom.count == 8, dicom.allSatisfy({ $0.isASCII && $0.isNumber }) else { return dicom }
        return "\(dicom.prefix(4))-\(dicom.dropFirst(4).prefix(2))-\(dicom.suffix(2))"
    }

    func day(_ dicom: String) -> HTML {
        guard !dicom.isEmpty else { return Element.span(.class("faint")) { self(.undated) } }
        guard CalendarDay(dicom: dicom) != nil else { return HTML.said(dicom) }
        return Element.time(.datetime(Self.iso(dicom))) { Self.iso(dicom) }
    }

    /// `HH:MM` of a TM value, or "".
    static func clock(_ time: String) -> String {
        let digits = time.prefix(4)
        guard digits.count == 4, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return "" }
        return "\(digits.prefix(2)):\(digits.suffix(2))"
    }

    /// A moment on this machine's clock, to the minute.
    static func time(_ date: Date) -> String {
        date.formatted(
            Date.ISO8601FormatStyle(timeZone: .current).year().month().day().dateTimeSeparator(.space)
                .time(includingFractionalSeconds: false)
        ).prefix(16).description
    }

    /// `18 days`; a day on which both were made says so.
    func age(_ days: Int?) -> String {
        guard let days else { return self(.undated) }
        return switch language {
        case .chinese: days == 0 ? self(.today) : "\(days)\(self(.days))"
        case .english: days == 0 ? self(.today) : days == 1 ? "1 day" : "\(days) \(self(.days))"
        case .vietnamese: days == 0 ? self(.today) : "\(days) \(self(.days))"
        }
    }

    // MARK: Items

    /// The item's name, or "" when no list in force has it.
    func itemName(_ catalogue: String?, _ code: String) -> String {
        let edition = catalogue.flatMap(CatalogueID.init).flatMap { library[$0] }
        if let code = try? ItemCode(code) {
            let lists = [edition?.imaging].compactMap(\.self) + library.imaging(on: nil)
            return lists.lazy.compactMap { $0[code] }.first?.name[language] ?? ""
        }
        return edition?.procedures?[code]?.name[language] ?? ""
    }

    func item(_ catalogue: String?, _ code: String) -> HTML {
        let name = itemName(catalogue, code)
        return Element.span(.class("item")) {
            if !name.isEmpty {
                name
                " "
            }
            Element.code { code }
        }
    }

    /// The item of a study's newest assessment, or that there is none.
    func item(of study: StudySummary) -> HTML {
        if let match = study.match { return item(match.catalogue, match.code) }
        guard study.assessmentVersion > 0 else { return .empty }
        return Element.span(.class("faint")) { self(.unmapped) }
    }

    /// A fact that sources may tell differently.
    func fact(_ fact: FactDifference.Fact) -> String {
        switch fact {
        case .patientID: self(.patientID)
        case .patientName: self(.patient)
        case .birthDate: self(.born)
        case .sex: self(.sex)
        case .studyDate: self(.date)
        case .description: self(.description)
        case .instanceCount: self(.images)
        }
    }

    // MARK: Verdicts

    /// A verdict as a sign and a word: its colour says nothing that they do not.
    func mark(_ verdict: String) -> HTML {
        guard !verdict.isEmpty else { return Element.span(.class("faint")) { "–" } }
        return mark(verdict, as: word(verdict))
    }

    private func mark(_ verdict: String, as word: String) -> HTML {
        let (sign, tone) = Self.sign(of: verdict)
        return Element.span(.class("mark \(tone)")) {
            Element.span(.class("sign"), .hidden) { sign }
            " "
            word
        }
    }

    /// What was decided, as a sign and a word.
    func mark(of decision: RecognitionEvent) -> HTML {
        switch decision.kind {
        case .recognised: mark("recognised", as: self(.recognisedBy))
        case .declined: mark("declined", as: self(.declinedBy))
        case .reminded, .opened, .followedUp, .repeated: mark(decision.kind.rawValue)
        }
    }

    /// The word for a verdict as programs name it; one of a later version as it is.
    func word(_ verdict: String) -> String { PageText(rawValue: verdict).map { self($0) } ?? verdict }

    private static func sign(of verdict: String) -> (sign: String, tone: String) {
        switch verdict {
        case "complete", "pass", "recognised", "same": ("✓", "good")
        case "incomplete", "fail", "notRecognised", "declined": ("✕", "bad")
        case "review", "doctorDecides", "possible": ("?", "open")
        case "contains": ("⊇", "good")
        case "part": ("⊂", "open")
        case "related": ("≈", "plain")
        default: ("·", "plain")
        }
    }

    /// Why a study is unmapped, from the code the assessment gives.
    func reason(_ code: String) -> String { AbstentionReason(rawValue: code)?.words(in: language) ?? code }

    static func percent(_ fraction: Double) -> String { "\(Int((fraction * 100).rounded())) %" }
}
