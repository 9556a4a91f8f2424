public import Catalogue

extension RecognitionJudge {
    /// What is left of a proposal where facts of the prior are told differently here and there: it may be another exam, or
    /// another person's, so it is no more than a doctor's to decide.
    func doubting(
        _ recognition: Recognition, for differences: [FactDifference], in language: Language
    ) -> Recognition {
        guard !differences.isEmpty else { return recognition }
        let reason = Self.reason(differences.map(\.fact), language)
        let ids = Set((policies[recognition.policy]?.rules ?? []).filter { $0.check == .identityAndDate }.map(\.id))
        var recognition = recognition
        for place in recognition.rules.indices
        where ids.contains(recognition.rules[place].id) && recognition.rules[place].holds != false {
            let rule = recognition.rules[place]
            recognition.rules[place].holds = nil
            recognition.rules[place].detail = rule.holds == true ? reason : "\(rule.detail); \(reason)"
        }
        if recognition.verdict == .recognised { recognition.verdict = .doctorDecides }
        return recognition
    }

    private static func reason(_ facts: [FactDifference.Fact], _ language: Language) -> String {
        let (said, comma) =
            switch language {
            case .chinese: ("各来源不一致:", "、")
            case .english: ("told differently: ", ", ")
            case .vietnamese: ("các nguồn nói khác nhau: ", ", ")
            }
        return said + facts.map { $0.word[language] }.joined(separator: comma)
    }
}

extension Recall {
    /// Shows that others tell something else of a prior than is told here, and what that leaves of the proposal.
    public func note(_ differences: [FactDifference], of prior: inout Prior, in language: Language = .english) {
        prior.differences = differences
        prior.recognition = judge.doubting(prior.recognition, for: differences, in: language)
    }
}

extension FactDifference.Fact {
    fileprivate var word: LocalizedName {
        switch self {
        case .patientID: LocalizedName(zh: "患者编号", en: "Patient ID", vi: "mã bệnh nhân")
        case .patientName: LocalizedName(zh: "姓名", en: "name", vi: "họ tên")
        case .birthDate: LocalizedName(zh: "出生日期", en: "birth date", vi: "ngày sinh")
        case .sex: LocalizedName(zh: "性别", en: "sex", vi: "giới tính")
        case .studyDate: LocalizedName(zh: "检查日期", en: "study date", vi: "ngày chụp")
        case .description: LocalizedName(zh: "检查描述", en: "description", vi: "mô tả")
        case .instanceCount: LocalizedName(zh: "图像数", en: "number of instances", vi: "số ảnh")
        }
    }
}
