import DICOMCore
import Foundation

/// Thresholds of `identity`.
public struct IdentityParameters: RuleParameters {
    /// Nobody is older, in years. The oldest person on record died at 122.
    public var age = 125.0

    public static var settings: [RuleSetting<Self>] { [RuleSetting("age", \.age, unit: "years", range: 100...200)] }

    public init() {}
}

/// `identity`: name, ID, birth date and sex say who was examined, and say the same in every object of the study.
///
/// Without name or ID nobody can tell whose images these are: `review`, and `fail` without both. Birth date and sex
/// alone are often left out on purpose (type 2 Attributes, PS3.3 C.7.1.1), so that lacking them is only noted; a birth
/// date that is a placeholder or none at all is raised, for it is compared as if it were one. Spellings of one
/// person's name are the same (``PersonName``). No finding holds any of the patient's data.
struct Identity: QualityRule {
    let name = QualityRuleName.identity
    let parameters: IdentityParameters

    func findings(in study: StudyContent) -> [Quality.Finding] {
        let places = study.series.flatMap { series in series.instances.map { Place(series: series, instance: $0) } }
        return usability(places) + agreement(places)
    }

    private struct Place {
        let series: SeriesContent
        let instance: InstanceContent

        var header: AttributeSet { instance.attributes }
        /// Decides between values that are as frequent.
        var uid: String { instance.sopInstanceUID.value }
    }

    private func finding(
        _ severity: Quality.Severity, _ place: Place, value: Double? = nil, threshold: Double? = nil,
        unit: String? = nil, _ detail: String
    ) -> Quality.Finding {
        Quality.Finding(
            rule: name, severity: severity, seriesInstanceUID: place.series.seriesInstanceUID,
            sopInstanceUID: place.instance.sopInstanceUID, value: value, threshold: threshold, unit: unit,
            detail: detail)
    }

    // MARK: Usable

    private func usability(_ places: [Place]) -> [Quality.Finding] {
        guard let first = places.first else { return [] }
        var findings: [Quality.Finding] = []
        var unusable = 0
        for (tag, label, isPlaceholder) in [
            (Tag.patientName, "Patient's Name", Placeholder.isName), (.patientID, "Patient ID", Placeholder.isID),
        ] {
            let written = places.filter { $0.header[tag] != nil }
            let stands = written.filter { isPlaceholder($0.header[tag] ?? "") }
            let lacking = places.first { $0.instance.isImage && $0.header[tag] == nil }
            if written.isEmpty {
                findings.append(finding(.review, first, "no \(label)"))
                unusable += 1
            } else if let place = stands.first {
                findings.append(finding(.review, place, "\(label) is a placeholder"))
                if stands.count == written.count { unusable += 1 }
            } else if let lacking, written.contains(where: \.instance.isImage) {
                findings.append(finding(.review, lacking, "no \(label) in some of the images"))
            }
        }
        if unusable == 2 { for index in findings.indices { findings[index].severity = .fail } }
        return findings + birthDate(places) + sex(places)
    }

    private func birthDate(_ places: [Place]) -> [Quality.Finding] {
        let written = places.filter { $0.header[.patientBirthDate] != nil }
        guard let first = written.first else {
            return places.first.map { [finding(.info, $0, "no Patient's Birth Date")] } ?? []
        }
        let day = CalendarDay(dicom: first.header[.patientBirthDate] ?? "")
        for place in written {
            let text = place.header[.patientBirthDate] ?? ""
            if Placeholder.birthDates.contains(text) {
                return [finding(.review, place, "Patient's Birth Date is a placeholder")]
            }
            if CalendarDay(dicom: text) == nil {
                return [finding(.review, place, "Patient's Birth Date is not a date")]
            }
        }
        let exam = places.lazy.compactMap { $0.header[.studyDate].flatMap(CalendarDay.init(dicom:)) }.first
        guard let day, let exam else { return [] }
        let years = Double(day.days(to: exam)) / 365.2425
        guard years > parameters.age else { return [] }
        return [
            finding(
                .review, first, value: years.rounded(.down), threshold: parameters.age, unit: "years",
                "by Patient's Birth Date the patient is older than anybody")
        ]
    }

    private func sex(_ places: [Place]) -> [Quality.Finding] {
        let written = places.filter { $0.header[.patientSex] != nil }
        guard let first = written.first else {
            return places.first.map { [finding(.info, $0, "no Patient's Sex")] } ?? []
        }
        if let place = written.first(where: { Sex($0.header[.patientSex] ?? "") == nil }) {
            return [finding(.review, place, "Patient's Sex is none of M, F and O")]
        }
        let isOther = written.allSatisfy { Sex($0.header[.patientSex] ?? "") == .other }
        return isOther ? [finding(.info, first, "Patient's Sex is O")] : []
    }

    // MARK: The same

    private func agreement(_ places: [Place]) -> [Quality.Finding] {
        let ids = patientIDs(places)
        let names = differing(places, .patientName, "Patient's Names") { name in
            Placeholder.isName(name) ? nil : PersonName(name)
        } contradicts: {
            $0.contradicts($1)
        }
        let days = differing(places, .patientBirthDate, "Patient's Birth Dates") { text in
            Placeholder.birthDates.contains(text) ? nil : CalendarDay(dicom: text)
        } contradicts: {
            $0 != $1
        }
        // Images of one study come from one order; in a report O often says no more than nothing.
        let telling = places.filter { $0.instance.isImage || $0.header[.patientSex].flatMap(Sex.init) != .other }
        let sexes = differing(telling, .patientSex, "Patient's Sexes", read: { Sex($0) }, contradicts: { $0 != $1 })
        return [ids, names, days, sexes].compactMap { $0 }
    }

    /// Two IDs of one issuer, of which none is named as an other ID of the patient, are two patients.
    private func patientIDs(_ places: [Place]) -> Quality.Finding? {
        let others = Set(
            places.flatMap { place in
                place.header.strings(.otherPatientIDs)
                    + place.header.items(.otherPatientIDsSequence).compactMap { $0[.patientID] }
            }.map(Placeholder.bareID))
        struct Key: Hashable {
            let id: String
            let issuer: String
        }
        var found: [Key: (place: Place, count: Int)] = [:]
        for place in places {
            guard let id = place.header[.patientID], !Placeholder.isID(id) else { continue }
            let issuer = place.header[.issuerOfPatientID]?.lowercased() ?? ""
            found[Key(id: Placeholder.bareID(id), issuer: issuer), default: (place, 0)].count += 1
        }
        let distinct = Set(found.keys.map(\.id))
        guard distinct.count > 1,
            let odd = found.values.min(by: { ($0.count, $0.place.uid) < ($1.count, $1.place.uid) })?.place
        else {
            return nil
        }
        let isExplained = distinct.subtracting(others).count <= 1
        // Each issuer numbers patients by itself: one ID an issuer is what a study that travelled may have.
        let issuers = Dictionary(grouping: found.keys, by: \.issuer)
        let isOfIssuers = issuers[""] == nil && issuers.values.allSatisfy { Set($0.map(\.id)).count == 1 }
        return finding(
            isExplained || isOfIssuers ? .info : .fail, odd, value: Double(distinct.count), threshold: 1,
            unit: "Patient IDs", "\(distinct.count) different Patient IDs")
    }

    /// A finding when some objects of the study contradict the most frequent value of an Attribute.
    ///
    /// - Parameter read: nil for a value that says nothing.
    private func differing<Value: Hashable>(
        _ places: [Place], _ tag: Tag, _ label: String, read: (String) -> Value?,
        contradicts: (Value, Value) -> Bool
    ) -> Quality.Finding? {
        var cache: [String: Value?] = [:]
        var found: [Value: (place: Place, count: Int)] = [:]
        for place in places {
            guard let text = place.header[tag] else { continue }
            let value = cache[text] ?? read(text)
            cache[text] = .some(value)
            if let value { found[value, default: (place, 0)].count += 1 }
        }
        var kinds: [(value: Value, place: Place)] = []
        let byCount = found.sorted {
            ($1.value.count, $0.value.place.uid) < ($0.value.count, $1.value.place.uid)
        }
        for (value, seen) in byCount where !kinds.contains(where: { !contradicts($0.value, value) }) {
            kinds.append((value, seen.place))
            // A name for each image is said as well by a few of them; each more is held against all before.
            if kinds.count == Self.kindLimit { break }
        }
        guard kinds.count > 1, let odd = kinds.last else { return nil }
        return finding(
            .review, odd.place, value: Double(kinds.count), threshold: 1, unit: label,
            "\(kinds.count)\(kinds.count == Self.kindLimit ? " or more" : "") different \(label)")
    }

    private static let kindLimit = 20
}

/// What Patient's Sex (0010,0040) says, in the words people write into it too.
private enum Sex: Hashable {
    case male, female, other

    init?(_ text: String) {
        switch text.uppercased() {
        case "M", "MALE", "男", "NAM": self = .male
        case "F", "FEMALE", "女", "NỮ", "NU": self = .female
        // U and N (unknown, neuter) are of HL7 table 0001, and reach images through gateways.
        case "O", "OTHER", "U", "N": self = .other
        default: return nil
        }
    }
}

/// What people and programs write when they don't know, or don't want to tell.
private enum Placeholder {
    /// A name in which every word is one of these, numbers left out.
    static func isName(_ text: String) -> Bool {
        let words = text.lowercased().split { !$0.isLetter }.map(String.init)
        // Letters that were lost on the way are no sign that nobody wrote a name.
        if words.isEmpty { return !text.contains("?") && !text.contains("\u{FFFD}") }
        // 某 is "a certain": 张某某 is any Zhang.
        let isAnybody = words.contains { $0.hasSuffix("某") }
        return isAnybody || words.allSatisfy(isNameless) || phrases.contains(plain(text))
    }

    private static func isNameless(_ word: String) -> Bool {
        nameWords.contains(word) || isRepeated(word) && (word.count > 2 || word == "xx")
    }

    static func isID(_ text: String) -> Bool {
        let id = bareID(text)
        if id.isEmpty || isRepeated(id) && id.count >= 4 { return true }
        if isCounted(id) { return true }
        let words = text.lowercased().split { !$0.isLetter }.map(String.init)
        return id.allSatisfy(\.isLetter) && words.allSatisfy { idWords.contains($0) || isRepeated($0) }
    }

    /// Without what systems add or leave out: case, leading zeros, separators, and an issuer behind `^`.
    static func bareID(_ text: String) -> String {
        let id = text.prefix { $0 != "^" }.lowercased().filter { $0.isLetter || $0.isNumber }
        return String(id.drop { $0 == "0" })
    }

    /// The least dates of programs, and days nobody was born on in their files.
    static let birthDates: Set<String> = [
        "00000000", "00010101", "11111111", "16010101", "17530101", "18000101", "18581117", "18991230", "18991231",
        "19000101", "19010101", "99991231", "99999999",
    ]

    /// `xxx`, `aaaa`, `0000`: one character again and again. Doubled ideographs are given names.
    private static func isRepeated(_ text: String) -> Bool {
        text.count >= 2 && text.allSatisfy(\.isASCII) && Set(text).count == 1
    }

    /// `123456`, `1234567890`: six digits or more in the order of the keyboard.
    private static func isCounted(_ id: String) -> Bool { id.count >= 6 && "1234567890".hasPrefix(id) }

    private static func plain(_ text: String) -> String {
        text.lowercased().split { !$0.isLetter }.joined(separator: " ")
    }

    private static let nameWords: Set<String> = [
        "anonymous", "anonymized", "anonymised", "anonym", "anonymus", "anonymize", "anon", "deidentified", "removed",
        "deleted", "noname", "nameless", "unknown", "unnamed", "unidentified", "none", "null", "nil", "undefined",
        "test", "testing", "dummy", "demo", "patient", "name", "lastname", "firstname", "familyname", "givenname",
        "unbekannt", "inconnu", "desconocido",
        "匿名", "无名", "無名", "无名氏", "無名氏", "未知", "不详", "不詳", "测试", "測試", "测试病人", "测试患者", "病人", "患者",
    ]

    private static let phrases: Set<String> = [
        "john doe", "doe john", "jane doe", "doe jane", "no name", "not known", "not available", "n a", "de identified",
        "khuyết danh", "vô danh", "không tên", "không rõ", "ẩn danh", "bệnh nhân",
    ]

    private static let idWords: Set<String> = nameWords.union(["id", "patientid", "na", "n", "a", "no", "noid"])
}
