import Catalogue
import DICOMCore
import Testing

@testable import Recall

@Suite struct RecognitionJudgeTests {
    private static let policy = Result { try RecognitionPolicy.bundled() }

    private static func day(_ text: String) -> CalendarDay { CalendarDay(dicom: text)! }

    private func facts(_ change: (inout RecognitionFacts) -> Void = { _ in }) -> RecognitionFacts {
        var facts = RecognitionFacts(
            relation: .same, isListed: true, link: .same, examDay: Self.day("20261101"),
            referenceDay: Self.day("20261121"), today: Self.day("20261121"), completeness: "complete",
            quality: "pass", report: .present, isSameInstitution: true)
        change(&facts)
        return facts
    }

    private func judged(_ facts: RecognitionFacts) throws -> Recognition {
        try RecognitionJudge(policies: RecognitionPolicies(Self.policy.get())).judge(facts, in: .english)
    }

    @Test(arguments: [
        ("20261101", "20261130", true), ("20261101", "20261201", true), ("20261101", "20261202", false),
        ("20261101", "20261101", true), ("20280201", "20280302", true), ("20280201", "20280303", false),
        ("20270201", "20270303", true), ("20270201", "20270304", false), ("20271215", "20280114", true),
        ("20271215", "20280115", false),
    ])
    func `thirty calendar days are inside, thirty-one are not`(prior: String, exam: String, holds: Bool) throws {
        let recognition = try judged(
            facts {
                $0.examDay = Self.day(prior)
                $0.referenceDay = Self.day(exam)
                $0.today = Self.day(exam)
            })
        #expect(recognition.rules.first { $0.id == "ZR-30" }?.holds == holds)
        #expect(recognition.verdict == (holds ? .recognised : .notRecognised))
    }

    enum Place: Sendable {
        case above(assessed: Bool)
        case below, ungraded
        case thirdParty(assessed: Bool)
        case unknown

        func institution(_ id: String) -> Institution? {
            let valid = [Institution.Period(from: day("20260101"), until: day("20261231"))]
            return switch self {
            case .above(let assessed):
                Institution(
                    id: id, name: id, standing: .graded(HospitalGrade("3A")!), assessed: assessed ? valid : [])
            case .below: Institution(id: id, name: id, standing: .graded(HospitalGrade("二级乙等")!))
            case .ungraded: Institution(id: id, name: id, standing: .ungraded)
            case .thirdParty(let assessed):
                Institution(id: id, name: id, standing: .thirdParty, assessed: assessed ? valid : [])
            case .unknown: nil
            }
        }
    }

    /// Where the prior was made, where the new exam would be, what follows, and the sentence that carries it.
    @Test(
        arguments: [
            (.above(assessed: true), .above(assessed: true), .recognised, "ZR-10"),
            (.thirdParty(assessed: true), .above(assessed: true), .recognised, "ZR-10"),
            (.above(assessed: false), .above(assessed: true), .notRecognised, nil),
            (.above(assessed: true), .above(assessed: false), .notRecognised, nil),
            (.below, .below, .recognised, "ZR-11"), (.ungraded, .below, .recognised, "ZR-11"),
            (.above(assessed: true), .below, .recognised, "ZR-12"),
            (.above(assessed: false), .below, .notRecognised, nil),
            (.below, .above(assessed: true), .notRecognised, nil),
            (.ungraded, .above(assessed: true), .notRecognised, nil),
            (.unknown, .above(assessed: true), .doctorDecides, nil), (.below, .unknown, .doctorDecides, nil),
        ] as [(Place, Place, Recognition.Verdict, String?)])
    func `institutions recognise each other as the notice says`(
        prior: Place, own: Place, verdict: Recognition.Verdict, rule: String?
    ) throws {
        let recognition = try judged(
            facts {
                $0.isSameInstitution = false
                $0.institution = prior.institution("prior")
                $0.ownInstitution = own.institution("own")
            })
        #expect(recognition.verdict == verdict)
        let sentences = recognition.rules.filter { ["ZR-10", "ZR-11", "ZR-12", "ZR-13"].contains($0.id) }
        #expect(sentences.first { $0.holds == true }?.id == rule)
        #expect(sentences.count == 4)
    }

    @Test(arguments: [
        ("20260601", "20270101", true), ("20261102", "20270101", false), ("20260601", "20261110", false),
        ("20260601", "20261121", true), ("20261101", "20261121", true),
    ])
    func `members of one alliance recognise each other while both belong to it`(
        from: String, until: String, holds: Bool
    ) throws {
        func member(_ id: String, _ period: Institution.Period) -> Institution {
            Institution(
                id: id, name: id, standing: .ungraded, memberships: [.init(alliance: "East", period: period)])
        }
        let recognition = try judged(
            facts {
                $0.isSameInstitution = false
                $0.institution = member("prior", .init(from: Self.day(from), until: Self.day(until)))
                $0.ownInstitution = Institution(
                    id: "own", name: "own", standing: .graded(HospitalGrade("3A")!),
                    memberships: [.init(alliance: "East")])
            })
        #expect(recognition.rules.first { $0.id == "ZR-13" }?.holds == holds)
        #expect(recognition.verdict == (holds ? .recognised : .notRecognised))
    }

    @Test func `an assessment counts on the exam's date, not today`() throws {
        func hospital(_ id: String, _ until: String) -> Institution {
            Institution(
                id: id, name: id, standing: .graded(HospitalGrade("2A")!),
                assessed: [.init(from: Self.day("20260101"), until: Self.day(until))])
        }
        for (until, verdict) in [("20261101", Recognition.Verdict.recognised), ("20261031", .notRecognised)] {
            let recognition = try judged(
                facts {
                    $0.isSameInstitution = false
                    $0.institution = hospital("prior", until)
                    $0.ownInstitution = hospital("own", until)
                })
            #expect(recognition.verdict == verdict)
        }
    }

    @Test(
        arguments: [
            (.contains, .recognised), (.part, .notRecognised), (.related, .notRecognised),
        ] as [(ExamRelation.Kind, Recognition.Verdict)])
    func `only the same or more may be recognised`(relation: ExamRelation.Kind, verdict: Recognition.Verdict) throws {
        #expect(try judged(facts { $0.relation = relation }).verdict == verdict)
    }

    @Test func `what is incomplete, failed or off the list is not recognised`() throws {
        #expect(try judged(facts { $0.completeness = "incomplete" }).verdict == .notRecognised)
        #expect(try judged(facts { $0.quality = "fail" }).verdict == .notRecognised)
        #expect(try judged(facts { $0.isListed = false }).verdict == .notRecognised)
        #expect(try judged(facts { $0.isDateWrong = true }).verdict == .notRecognised)
    }

    @Test func `what is not known is for the doctor`() throws {
        #expect(try judged(facts { $0.completeness = "unknown" }).verdict == .doctorDecides)
        #expect(try judged(facts { $0.quality = "review" }).verdict == .doctorDecides)
        #expect(try judged(facts { $0.link = .possible }).verdict == .doctorDecides)
        #expect(try judged(facts { $0.report = .absent }).verdict == .doctorDecides)
        #expect(try judged(facts { $0.report = .unverified }).verdict == .doctorDecides)
        #expect(try judged(facts { $0.examDay = nil }).verdict == .doctorDecides)
    }

    @Test func `what only a doctor can say is asked, and refuses nothing`() throws {
        let recognition = try judged(facts())
        #expect(recognition.verdict == .recognised)
        #expect(recognition.questions == ["ZR-32"] + (1...9).map { "ZE-0\($0)" } + ["ZE-10"])
    }

    @Test func `every rule is explained in every language`() throws {
        let judge = try RecognitionJudge(policies: RecognitionPolicies(Self.policy.get()))
        for language in Language.allCases {
            for rule in judge.judge(facts { $0.isSameInstitution = nil }, in: language).rules {
                #expect(!rule.detail.isEmpty)
            }
        }
        for rule in try Self.policy.get().rules {
            for language in Language.allCases { #expect(!rule.text[language].isEmpty, "\(rule.id)") }
        }
    }

    @Test func `another province's notice is a file`() throws {
        let file = """
            # id: elsewhere-2022
            # from: 2022-01-01
            id\tsection\tcategory\ttext_zh\tmeaning_en\tdata_needed\tdecidable_by\tnotes\tcheck\tvalue\tmeaning_vi
            E-1\t1\twindow\t十四天\tfourteen days\tStudyDate\tsoftware\t\twithin-days\t14\tmười bốn ngày
            """
        let policy = try RecognitionPolicy(file: "elsewhere.tsv", bytes: Array(file.utf8))
        let judge = RecognitionJudge(policies: RecognitionPolicies(policy))
        #expect(judge.judge(facts { $0.examDay = Self.day("20261107") }, in: .english).verdict == .recognised)
        #expect(judge.judge(facts { $0.examDay = Self.day("20261106") }, in: .english).verdict == .notRecognised)
    }

    @Test(arguments: [
        ("within-days\tmany", "value"), ("within-days\t-1", "value"), ("accredited-above\tbest", "value"),
        ("guess\t", "check"),
    ])
    func `a check the program does not have is refused with its place`(cells: String, column: String) throws {
        let file = """
            # id: elsewhere-2022
            # from: 2022-01-01
            id\tsection\tcategory\ttext_zh\tmeaning_en\tdata_needed\tdecidable_by\tnotes\tcheck\tvalue\tmeaning_vi
            E-1\t1\twindow\tx\tx\tx\tsoftware\t\t\(cells)\tx
            """
        do throws(CatalogueError) {
            _ = try RecognitionPolicy(file: "elsewhere.tsv", bytes: Array(file.utf8))
            Issue.record("taken")
        } catch {
            guard case .malformed(_, 4, column, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}

private func day(_ text: String) -> CalendarDay { CalendarDay(dicom: text)! }
