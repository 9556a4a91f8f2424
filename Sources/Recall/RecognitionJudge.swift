public import Catalogue
internal import DICOMCore

/// Says of a prior what each rule of the notice says that holds on the exam's day, and whether it may stand in for that exam.
///
/// The verdict is a proposal: what only a doctor can say counts as not raised, and is shown as a question. Of the sentences
/// about institutions one is enough; the same institution always passes.
public struct RecognitionJudge: Sendable {
    public let policies: RecognitionPolicies

    public init(policies: RecognitionPolicies) { self.policies = policies }

    /// - Parameter language: of the details.
    public func judge(_ facts: RecognitionFacts, in language: Language) -> Recognition {
        let policy = policies.policy(on: facts.referenceDay)
        guard policy.holds(on: facts.referenceDay) else { return Self.ended(policy, language) }
        var rules: [Recognition.Rule] = []
        var questions: [String] = []
        var verdicts: [Bool?] = []
        var sentences: [Bool?] = []
        for rule in policy.rules {
            guard let check = rule.check else { continue }
            if check == .question {
                questions.append(rule.id)
                continue
            }
            let finding = finding(check, facts, policy)
            rules.append(Recognition.Rule(id: rule.id, holds: finding.holds, detail: finding.reason[language]))
            if check.isOfInstitutions { sentences.append(finding.holds) } else { verdicts.append(finding.holds) }
        }
        if !sentences.isEmpty {
            verdicts.append(sentences.contains(true) ? true : sentences.contains(nil) ? nil : false)
        }
        let verdict: Recognition.Verdict =
            verdicts.contains(false) ? .notRecognised : verdicts.contains(nil) ? .doctorDecides : .recognised
        return Recognition(
            verdict: verdict, rules: rules.sorted { $0.id < $1.id }, questions: questions, policy: policy.id.value)
    }

    /// No notice says anything of the day.
    private static func ended(_ policy: RecognitionPolicy, _ language: Language) -> Recognition {
        let reason = LocalizedName(
            zh: "该通知在检查当日已失效", en: "the notice had ended by the exam's day",
            vi: "quy định đã hết hiệu lực vào ngày chụp")
        let rule = Recognition.Rule(id: policy.id.value, holds: nil, detail: reason[language])
        return Recognition(verdict: .doctorDecides, rules: [rule], questions: [], policy: policy.id.value)
    }

    private struct Finding {
        let holds: Bool?
        let reason: LocalizedName

        init(_ holds: Bool?, _ zh: String, _ en: String, _ vi: String) {
            self.holds = holds
            reason = LocalizedName(zh: zh, en: en, vi: vi)
        }
    }

    private func finding(
        _ check: RecognitionRule.Check, _ facts: RecognitionFacts, _ policy: RecognitionPolicy
    ) -> Finding {
        switch check {
        case .coded: relation(facts)
        case .listed:
            facts.isListed
                ? Finding(true, "项目在互认清单内", "the item is on the list", "hạng mục có trong danh mục")
                : Finding(false, "项目不在互认清单内", "the item is not on the list", "hạng mục không có trong danh mục")
        case .accreditedAbove, .bothBelow, .fromAbove, .allied: institutions(check, facts)
        case .reliable: reliability(facts, policy)
        case .itemComplete, .seriesComplete: completeness(facts)
        case .carriedOut, .fit: quality(facts, canFail: false)
        case .clear: quality(facts, canFail: true)
        case .identityAndDate: identity(facts)
        case .reported: report(facts)
        case .withinDays(let days): age(facts, days)
        case .question: Finding(nil, "", "", "")
        }
    }

    private func relation(_ facts: RecognitionFacts) -> Finding {
        switch facts.relation {
        case .same: Finding(true, "同一项目", "the same item", "cùng hạng mục")
        case .contains: Finding(true, "既往检查包含本项目", "the prior contains the item", "lần chụp trước bao gồm hạng mục này")
        case .part:
            Finding(
                false, "既往检查只是本项目的一部分", "the prior is only part of the item",
                "lần chụp trước chỉ là một phần của hạng mục")
        case .related, .none:
            Finding(false, "既往检查是另一项目", "the prior is another item", "lần chụp trước là hạng mục khác")
        }
    }

    // MARK: Institutions

    private func institutions(_ check: RecognitionRule.Check, _ facts: RecognitionFacts) -> Finding {
        if facts.isSameInstitution == true {
            return Finding(true, "同一机构", "the same institution", "cùng cơ sở")
        }
        guard let prior = facts.institution, let own = facts.ownInstitution else {
            return Finding(
                nil, "机构未登记,等级、室间质评和医联体未知",
                "an institution is not registered: its grade, quality assessment and alliances are not known",
                "cơ sở chưa được khai báo: chưa biết hạng, ngoại kiểm và liên minh")
        }
        if check == .allied { return alliance(prior, own, facts) }
        return tiers(check, prior, own, facts)
    }

    private func alliance(_ prior: Institution, _ own: Institution, _ facts: RecognitionFacts) -> Finding {
        guard let day = facts.examDay else { return Self.noDay }
        let shared = prior.alliances(on: day).intersection(prior.alliances(on: facts.today))
            .intersection(own.alliances(on: day)).intersection(own.alliances(on: facts.today))
        if let name = shared.min() {
            return Finding(true, "同属\(name)", "both belong to \(name)", "cùng thuộc \(name)")
        }
        return Finding(
            false, "检查当日及今日不在同一医联体", "no alliance both belong to on the exam's date and today",
            "không cùng liên minh vào ngày chụp và hôm nay")
    }

    private func tiers(
        _ check: RecognitionRule.Check, _ prior: Institution, _ own: Institution, _ facts: RecognitionFacts
    ) -> Finding {
        guard let day = facts.examDay else { return Self.noDay }
        func above(_ institution: Institution, _ grade: HospitalGrade) -> Bool? { institution.isAtLeast(grade) }
        let other = Finding(
            false, "本条不适用于这两家机构的等级", "the sentence is about other grades than these two institutions have",
            "điều này nói về các hạng khác")
        let unknown = Finding(
            nil, "机构等级未知", "an institution's grade is not known", "chưa biết hạng của cơ sở")
        switch check {
        case .accreditedAbove(let grade):
            guard let one = above(prior, grade), let two = above(own, grade) else { return unknown }
            guard one, two else { return other }
            return assessed([prior, own], on: day)
        case .bothBelow(let grade):
            guard let one = above(prior, grade), let two = above(own, grade) else { return unknown }
            return !one && !two
                ? Finding(true, "双方均低于\(grade)", "both are below \(grade)", "cả hai dưới hạng \(grade)") : other
        case .fromAbove(let grade):
            guard let one = above(prior, grade), let two = above(own, grade) else { return unknown }
            guard one, !two else { return other }
            return assessed([prior], on: day)
        default: return other
        }
    }

    private func assessed(_ institutions: [Institution], on day: CalendarDay) -> Finding {
        if let without = institutions.first(where: { !$0.isAssessed(on: day) }) {
            return Finding(
                false, "\(without.name)在检查当日没有有效的室间质评",
                "\(without.name) had no valid external quality assessment on the exam's date",
                "\(without.name) không có ngoại kiểm còn hiệu lực vào ngày chụp")
        }
        return Finding(
            true, "检查当日室间质评有效", "external quality assessment was valid on the exam's date",
            "ngoại kiểm còn hiệu lực vào ngày chụp")
    }

    /// The notice asks for no assessment below the grade and inside an alliance, so none is asked for here either.
    private func reliability(_ facts: RecognitionFacts, _ policy: RecognitionPolicy) -> Finding {
        let sentences = policy.rules.compactMap(\.check).filter(\.isOfInstitutions).map { institutions($0, facts) }
        if let holding = sentences.first(where: { $0.holds == true }) {
            return Finding(true, holding.reason.zh, holding.reason.en, holding.reason.vi)
        }
        guard let prior = facts.institution, let day = facts.examDay, !sentences.contains(where: { $0.holds == nil })
        else {
            return Finding(nil, "室间质评情况未知", "quality assessment is not known", "chưa biết tình trạng ngoại kiểm")
        }
        return assessed([prior], on: day)
    }

    private static let noDay = Finding(nil, "检查日期缺失", "no exam date", "không có ngày chụp")

    // MARK: The study

    private func completeness(_ facts: RecognitionFacts) -> Finding {
        switch facts.completeness {
        case "complete": Finding(true, "检查完整", "the study is complete", "lần chụp đầy đủ")
        case "incomplete": Finding(false, "检查不完整", "the study is incomplete", "lần chụp không đầy đủ")
        case "": Finding(nil, "尚未评估", "not assessed yet", "chưa đánh giá")
        default: Finding(nil, "完整性未知", "completeness is not known", "chưa biết có đầy đủ không")
        }
    }

    /// - Parameter canFail: whether the rule is about the images themselves; the others only a reader can deny.
    private func quality(_ facts: RecognitionFacts, canFail: Bool) -> Finding {
        switch facts.quality {
        case "pass": Finding(true, "图像质量通过", "image quality: pass", "chất lượng ảnh: đạt")
        case "fail":
            // A complaint about the date alone belongs to the rule about dates.
            Finding(
                canFail && facts.dateComplaint != .only ? false : nil, "图像质量不合格", "image quality: fail",
                "chất lượng ảnh: không đạt")
        case "review": Finding(nil, "图像质量待复核", "image quality: for review", "chất lượng ảnh: cần xem lại")
        default: Finding(nil, "图像质量未评估", "image quality: not assessed", "chất lượng ảnh: chưa đánh giá")
        }
    }

    private func identity(_ facts: RecognitionFacts) -> Finding {
        if facts.isDateWrong { return Finding(false, "检查日期错误", "the exam date is wrong", "ngày chụp sai") }
        if facts.link != .same {
            return Finding(
                nil, "患者身份只是可能相同", "the identity is only possibly the same", "danh tính chỉ có thể là cùng một người")
        }
        guard facts.examDay != nil else { return Self.noDay }
        return Finding(true, "身份一致,日期合理", "one person, a plausible date", "cùng một người, ngày hợp lý")
    }

    private func report(_ facts: RecognitionFacts) -> Finding {
        switch facts.report {
        case .present: Finding(true, "检查中有报告", "a report is in the study", "có phiếu kết quả")
        case .unverified:
            Finding(
                nil, "结构化报告未审核或是否审核未知", "the structured report is not verified, or that is not known",
                "báo cáo có cấu trúc chưa được duyệt, hoặc chưa biết")
        case .absent: Finding(nil, "检查中没有报告", "no report in the study", "không có phiếu kết quả")
        }
    }

    private func age(_ facts: RecognitionFacts, _ days: Int) -> Finding {
        guard let age = facts.age else { return Self.noDay }
        return Finding(
            (0...days).contains(age), "\(age)天前,允许\(days)天", "\(age) days old, \(days) allowed",
            "\(age) ngày trước, cho phép \(days) ngày")
    }
}

extension RecognitionRule.Check {
    /// Of these one that holds is enough.
    var isOfInstitutions: Bool {
        switch self {
        case .accreditedAbove, .bothBelow, .fromAbove, .allied: true
        default: false
        }
    }
}
