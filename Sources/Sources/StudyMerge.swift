internal import Archive
internal import DICOMCore
internal import Foundation
internal import Recall

/// What is told of one study, by whom, in the order of the configuration. "" is this priord.
struct StudyMerge {
    private(set) var tellings: [(source: String, study: SourceStudy)] = []

    mutating func add(_ study: SourceStudy, from source: String) { tellings.append((source, study)) }

    /// Whose telling stands for the study: the first that assesses it, else the first.
    var best: (source: String, study: SourceStudy)? {
        tellings.first { $0.study.assessed != nil } ?? tellings.first
    }

    /// Facts that are told differently. What somebody does not tell contradicts nothing.
    var differences: [FactDifference] {
        guard tellings.count > 1 else { return [] }
        return FactDifference.Fact.allCases.compactMap { fact in
            let told = tellings.compactMap { source, study in
                StudyFact(fact, of: study).map { (source: source, fact: $0) }
            }
            guard let first = told.first, told.contains(where: { !$0.fact.agrees(with: first.fact) }) else {
                return nil
            }
            return FactDifference(
                fact, told: told.map { FactDifference.Told(source: $0.source, value: $0.fact.text) })
        }
    }
}

/// A fact as one telling has it, ready to be held against another's.
private struct StudyFact {
    let text: String
    private let forms: Set<String>
    private let issuer: String

    /// Nil when it is not told.
    init?(_ fact: FactDifference.Fact, of study: SourceStudy) {
        var issuer = ""
        let text: String
        var forms: Set<String> = []
        switch fact {
        case .patientID:
            issuer = study.patient.issuer
            text = study.patient.patientID
        case .patientName:
            text = study.patient.name
            // Some systems keep only one of the groups.
            forms = Set(text.split(separator: "=").map(Self.folded)).subtracting([""])
            if forms.isEmpty { return nil }
        case .birthDate: text = study.patient.birthDate
        case .sex: text = study.patient.sex
        case .studyDate: text = CalendarDay(dicom: study.study.date)?.description ?? study.study.date
        case .description: text = study.study.description
        case .instanceCount: text = study.instanceCount.map(String.init) ?? ""
        }
        guard !text.isEmpty else { return nil }
        self.issuer = issuer
        self.text = issuer.isEmpty ? text : "\(text) (\(issuer))"
        self.forms = forms.isEmpty ? [Self.folded(text)] : forms
    }

    func agrees(with other: StudyFact) -> Bool {
        !forms.isDisjoint(with: other.forms) && (issuer == other.issuer || issuer.isEmpty || other.issuer.isEmpty)
    }

    /// Without case, width, and what separates words.
    private static func folded(_ text: some StringProtocol) -> String {
        String(text).precomposedStringWithCompatibilityMapping.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}

extension SourceStudy {
    /// As it is here.
    init(_ stored: StudySummary) {
        self.init(
            stored.studyInstanceUID, patient: stored.patient, study: stored.study, modalities: stored.modalities)
        instanceCount = stored.instanceCount
    }
}
