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
        let reader = RuleReader(facts: facts, policy: policy, language: language)
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
            let finding = reader.finding(check)
            rules.append(Recognition.Rule(id: rule.id, holds: finding.holds, detail: finding.reason))
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
}

/// What each rule of a notice says of one prior.
private struct RuleReader {
    let facts: RecognitionFacts
    let policy: RecognitionPolicy
    let language: Language

    struct Finding {
        let holds: Bool?
        let reason: String
    }

    /// Only the text of the language is made.
    private func found(
        _ holds: Bool?, _ zh: @autoclosure () -> String, _ en: @autoclosure () -> String,
        _ vi: @autoclosure () -> String
    ) -> Finding {
        let reason =
            switch language {
            case .chinese: zh()
            case .english: en()
            case .vietnamese: vi()
            }
        return Finding(holds: holds, reason: reason)
    }

    func finding(_ check: RecognitionRule.Check) -> Finding {
        switch check {
        case .coded: relation()
        case .listed:
            facts.isListed
                ? found(true, "项目在互认清单内", "the item is on the list", "hạng mục có trong danh mục")
                : found(false, "项目不在互认清单内", "the item is not on the list", "hạng mục không có trong danh mục")
        case .accreditedAbove, .bothBelow, .fromAbove, .allied: institutions(check)
        case .reliable: reliability()
        case .itemComplete, .seriesComplete: completeness()
        case .carriedOut, .fit: quality(canFail: false)
        case .clear: quality(canFail: true)
        case .identityAndDate: identity()
        case .reported: report()
        case .withinDays(let days): age(days)
        case .question: found(nil, "", "", "")
        }
    }

    private func relation() -> Finding {
        switch facts.relation {
        case .same: found(true, "同一项目", "the same item", "cùng hạng mục")
        case .contains: found(true, "既往检查包含本项目", "the prior contains the item", "lần chụp trước bao gồm hạng mục này")
        case .part:
            found(
                false, "既往检查只是本项目的一部分", "the prior is only part of the item",
                "lần chụp trước chỉ là một phần của hạng mục")
        case .related, .none:
            found(false, "既往检查是另一项目", "the prior is another item", "lần chụp trước là hạng mục khác")
        }
    }

    // MARK: Institutions

    private func institutions(_ check: RecognitionRule.Check) -> Finding {
        if facts.isSameInstitution == true {
            return found(true, "同一机构", "the same institution", "cùng cơ sở")
        }
        guard let prior = facts.institution, let own = facts.ownInstitution else {
            return found(
                nil, "机构未登记,等级、室间质评和医联体未知",
                "an institution is not registered: its grade, quality assessment and alliances are not known",
                "cơ sở chưa được khai báo: chưa biết hạng, ngoại kiểm và liên minh")
        }
        if check == .allied { return alliance(prior, own) }
        return tiers(check, prior, own)
    }

    private func alliance(_ prior: Institution, _ own: Institution) -> Finding {
        guard let day = facts.examDay else { return noDay }
        let shared = prior.alliances(on: day).intersection(prior.alliances(on: facts.today))
            .intersection(own.alliances(on: day)).intersection(own.alliances(on: facts.today))
        if let name = shared.min() {
            return found(true, "同属\(name)", "both belong to \(name)", "cùng thuộc \(name)")
        }
        return found(
            false, "检查当日及今日不在同一医联体", "no alliance both belong to on the exam's date and today",
            "không cùng liên minh vào ngày chụp và hôm nay")
    }

    private func tiers(_ check: RecognitionRule.Check, _ prior: Institution, _ own: Institution) -> Finding {
        guard let day = facts.examDay else { return noDay }
        func above(_ institution: Institution, _ grade: HospitalGrade) -> Bool? { institution.isAtLeast(grade) }
        let other = found(
            false, "本条不适用于这两家机构的等级", "the sentence is about other grades than these two institutions have",
            "điều này nói về các hạng khác")
        let unknown = found(
            nil, "机构等级未知", "an institution's grade is not known", "chưa biết hạng của cơ sở")
        switch check {
        case .accreditedAbove(let grade):
            guard let one = above(prior, grade), let two = above(own, grade) else { return unknown }
            guard one, two else { return other }
            return assessed([prior, own], on: day)
        case .bothBelow(let grade):
            guard let one = above(prior, grade), let two = above(own, grade) else { return unknown }
            return !one && !two
                ? found(true, "双方均低于\(grade)", "both are below \(grade)", "cả hai dưới hạng \(grade)") : other
        case .fromAbove(let grade):
            guard let one = above(prior, grade), let two = above(own, grade) else { return unknown }
            guard one, !two else { return other }
            return assessed([prior], on: day)
        default: return other
        }
    }

    private func assessed(_ institutions: [Institution], on day: CalendarDay) -> Finding {
        if let without = institutions.first(where: { !$0.isAssessed(on: day) }) {
            return found(
                false, "\(without.name)在检查当日没有有效的室间质评",
                "\(without.name) had no valid external quality assessment on the exam's date",
                "\(without.name) không có ngoại kiểm còn hiệu lực vào ngày chụp")
        }
        return found(
            true, "检查当日室间质评有效", "external quality assessment was valid on the exam's date",
            "ngoại kiểm còn hiệu lực vào ngày chụp")
    }

    /// The notice asks for no assessment below the grade and inside an alliance, so none is asked for here either.
    private func reliability() -> Finding {
        let sentences = policy.rules.compactMap(\.check).filter(\.isOfInstitutions).map { institutions($0) }
        if let holding = sentences.first(where: { $0.holds == true }) {
            return holding
        }
        guard let prior = facts.institution, let day = facts.examDay, !sentences.contains(where: { $0.holds == nil })
        else {
            return found(nil, "室间质评情况未知", "quality assessment is not known", "chưa biết tình trạng ngoại kiểm")
        }
        return assessed([prior], on: day)
    }

    private var noDay: Finding { found(nil, "检查日期缺失", "no exam date", "không có ngày chụp") }

    // MARK: The study

    private func completeness() -> Finding {
        switch facts.completeness {
        case "complete": found(true, "检查完整", "the study is complete", "lần chụp đầy đủ")
        case "incomplete": found(false, "检查不完整", "the study is incomplete", "lần chụp không đầy đủ")
        case "": found(nil, "尚未评估", "not assessed yet", "chưa đánh giá")
        default: found(nil, "完整性未知", "completeness is not known", "chưa biết có đầy đủ không")
        }
    }

    /// - Parameter canFail: whether the rule is about the images themselves; the others only a reader can deny.
    private func quality(canFail: Bool) -> Finding {
        switch facts.quality {
        case "pass": found(true, "图像质量通过", "image quality: pass", "chất lượng ảnh: đạt")
        case "fail":
            // A complaint about the date alone belongs to the rule about dates.
            found(
                canFail && facts.dateComplaint != .only ? false : nil, "图像质量不合格", "image quality: fail",
                "chất lượng ảnh: không đạt")
        case "review": found(nil, "图像质量待复核", "image quality: for review", "chất lượng ảnh: cần xem lại")
        default: found(nil, "图像质量未评估", "image quality: not assessed", "chất lượng ảnh: chưa đánh giá")
        }
    }

    private func identity() -> Finding {
        if facts.isDateWrong { return found(false, "检查日期错误", "the exam date is wrong", "ngày chụp sai") }
        if facts.link != .same {
            return found(
                nil, "患者身份只是可能相同", "the identity is only possibly the same", "danh tính chỉ có thể là cùng một người")
        }
        guard facts.examDay != nil else { return noDay }
        return found(true, "身份一致,日期合理", "one person, a plausible date", "cùng một người, ngày hợp lý")
    }

    private func report() -> Finding {
        switch facts.report {
        case .present: found(true, "检查中有报告", "a report is in the study", "có phiếu kết quả")
        case .unverified:
            found(
                nil, "结构化报告未审核或是否审核未知", "the structured report is not verified, or that is not known",
                "báo cáo có cấu trúc chưa được duyệt, hoặc chưa biết")
        case .absent: found(nil, "检查中没有报告", "no report in the study", "không có phiếu kết quả")
        }
    }

    private func age(_ days: Int) -> Finding {
        guard let age = facts.age else { return noDay }
        return found(
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
