import Archive
import Catalogue
import DICOMCore
import Foundation

/// Says of a prior what each recognition rule says that the data can decide (zhejiang-recognition-rules.tsv).
///
/// What needs a register of institutions, or a reader, is left open. The clinician's exceptions (ZE) count as not
/// raised, and the choice that ZR-03 leaves to the doctor is the doctor's anyway: the verdict is a proposal.
struct RecognitionJudge: Sendable {
    private let listed: Set<String>
    private let recognitionDays: Int

    init(rules: [RecognitionRule], recognitionDays: Int) {
        listed = Set(rules.map(\.id))
        self.recognitionDays = recognitionDays
    }

    func judge(_ candidate: Candidate, detail: StudyDetail, hasReport: Bool) -> Recognition {
        let complaints = Complaints(detail)
        let rules =
            [Recognition.Rule(id: "ZR-01", holds: true, detail: "the same item code")]
            + institution(candidate)
            + [Recognition.Rule(id: "ZR-21", holds: true, detail: "the item is on the list")]
            + completeness(detail.summary) + quality(detail.summary, complaints)
            + [identity(candidate, complaints), report(detail, hasReport: hasReport), age(candidate)]
        return Recognition(rules: rules.filter { listed.contains($0.id) }.sorted { $0.id < $1.id })
    }

    /// The four ways two institutions may recognise each other, and the quality control they rest on. The same
    /// institution always passes.
    private func institution(_ candidate: Candidate) -> [Recognition.Rule] {
        let isSame = candidate.isSameInstitution == true
        let detail = isSame ? "the same institution" : "grade, quality assessment and alliances are not known"
        return ["ZR-10", "ZR-11", "ZR-12", "ZR-13", "ZQ-05"].map {
            Recognition.Rule(id: $0, holds: isSame ? true : nil, detail: detail)
        }
    }

    private func completeness(_ study: StudySummary) -> [Recognition.Rule] {
        let holds: Bool? =
            switch study.completeness {
            case "complete": true
            case "incomplete": false
            default: nil
            }
        let detail = study.completeness.isEmpty ? "not assessed yet" : "the study is \(study.completeness)"
        return ["ZQ-02", "ZQ-03"].map { Recognition.Rule(id: $0, holds: holds, detail: detail) }
    }

    /// Carried out to standard, clear, fit for diagnosis. A complaint about the date alone is ZQ-07's.
    private func quality(_ study: StudySummary, _ complaints: Complaints) -> [Recognition.Rule] {
        let holds: Bool? =
            switch study.quality {
            case "pass": true
            case "fail": complaints.areOnlyAboutDate ? nil : false
            default: nil
            }
        let detail = study.quality.isEmpty ? "not assessed yet" : "image quality: \(study.quality)"
        return [
            Recognition.Rule(id: "ZQ-01", holds: holds == true ? true : nil, detail: detail),
            Recognition.Rule(id: "ZQ-04", holds: holds, detail: detail),
            Recognition.Rule(id: "ZQ-06", holds: holds == true ? true : nil, detail: detail),
        ]
    }

    private func identity(_ candidate: Candidate, _ complaints: Complaints) -> Recognition.Rule {
        if complaints.failsOnDate {
            return Recognition.Rule(id: "ZQ-07", holds: false, detail: "the exam date is wrong")
        }
        if candidate.link != .same {
            return Recognition.Rule(id: "ZQ-07", holds: nil, detail: "the identity is only possibly the same")
        }
        guard candidate.day != nil else { return Recognition.Rule(id: "ZQ-07", holds: nil, detail: "no exam date") }
        return Recognition.Rule(id: "ZQ-07", holds: true, detail: "the same issuer and Patient ID, a plausible date")
    }

    private func report(_ detail: StudyDetail, hasReport: Bool) -> Recognition.Rule {
        if hasReport { return Recognition.Rule(id: "ZQ-08", holds: true, detail: "a report is in the study") }
        let hasStructured = detail.series.contains { $0.series.modality == "SR" }
        return Recognition.Rule(
            id: "ZQ-08", holds: nil,
            detail: hasStructured ? "whether the structured report is verified is not known" : "no report in the study")
    }

    private func age(_ candidate: Candidate) -> Recognition.Rule {
        guard let age = candidate.age else { return Recognition.Rule(id: "ZR-30", holds: nil, detail: "no exam date") }
        return Recognition.Rule(
            id: "ZR-30", holds: age <= recognitionDays, detail: "\(age) days old, \(recognitionDays) allowed")
    }
}

/// What the newest assessment's quality findings raise, as far as verdicts differ by it.
private struct Complaints {
    private struct Document: Decodable {
        struct Quality: Decodable {
            struct Finding: Decodable {
                let rule: String
                let severity: String
            }
            let findings: [Finding]
        }
        let quality: Quality
    }

    private let raised: [Document.Quality.Finding]

    init(_ detail: StudyDetail) {
        let json = detail.assessments.last?.verdicts.json ?? ""
        let document = try? JSONDecoder().decode(Document.self, from: Data(json.utf8))
        raised = (document?.quality.findings ?? []).filter { $0.severity != "info" }
    }

    var areOnlyAboutDate: Bool { !raised.isEmpty && raised.allSatisfy { $0.rule == "exam-date" } }

    var failsOnDate: Bool { raised.contains { $0.rule == "exam-date" && $0.severity == "fail" } }
}
