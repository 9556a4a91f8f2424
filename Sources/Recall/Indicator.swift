public import Catalogue

/// One of the four indicators the notice asks for (section 一(一)). It names them and gives no formula: these are ours.
///
/// All count occasions: an exam or order with everything that was proposed for it. However many priors it had and however
/// often they were shown, it was one first reminder, and one exam that was or was not made again. An occasion counts from
/// when something was offered, that is shown as a reminder or decided on; what was only opened was not offered. A reminder
/// beside an exam already made counts as a reminder alone: nothing could be accepted in the place of that exam.
public struct Indicator: Sendable, Equatable, Identifiable {
    /// `KI-01` to `KI-04`.
    public let id: String
    public let name: LocalizedName
    public let numerator: LocalizedName
    public let denominator: LocalizedName
    /// Section of the notice.
    public let source: String

    let counts: @Sendable (Occasion) -> (counted: Bool, ofAll: Bool)

    public static func == (left: Indicator, right: Indicator) -> Bool { left.id == right.id }

    /// 首次提醒调阅率: of the first reminders, those after which a prior was opened.
    public static let firstReminderRetrieval = Indicator(
        id: "KI-01",
        name: LocalizedName(zh: "首次提醒调阅率", en: "first-reminder retrieval rate", vi: "tỷ lệ mở xem sau lần nhắc đầu"),
        numerator: LocalizedName(
            zh: "首次提醒之后调阅了既往检查的次数", en: "first reminders after which a prior was opened",
            vi: "số lần nhắc đầu mà sau đó lần chụp trước được mở xem"),
        denominator: LocalizedName(
            zh: "首次提醒次数(每次检查或申请计一次)", en: "first reminders shown, one for each exam or order",
            vi: "số lần nhắc đầu, mỗi ca chụp hoặc phiếu yêu cầu tính một lần"),
        source: "一(一)"
    ) { occasion in
        (occasion.isOpenedAfterReminder, occasion.isReminded)
    }

    /// 互认率: of the exams and orders with a recognisable result offered, those where one was accepted.
    public static let recognition = Indicator(
        id: "KI-02", name: LocalizedName(zh: "互认率", en: "recognition rate", vi: "tỷ lệ công nhận"),
        numerator: LocalizedName(
            zh: "其中认可了既往结果的次数", en: "of these, those where a result was accepted",
            vi: "trong đó số lần có kết quả được công nhận"),
        denominator: LocalizedName(
            zh: "检查前提供了(或已对其作出决定的)符合互认规则的结果的检查或申请数",
            en: "exams and orders offered a result that every rule recognises before the exam was made, or decided on",
            vi: "số ca chụp hoặc phiếu được đưa ra kết quả đủ điều kiện công nhận trước khi chụp, hoặc đã có quyết định"
        ),
        source: "一(一)"
    ) { occasion in
        (occasion.isRecognised, occasion.isRecognisable)
    }

    /// 诊断符合率: of the exams and orders whose recognised results were followed up, those where all agree with the later
    /// diagnosis.
    public static let diagnosticAgreement = Indicator(
        id: "KI-03", name: LocalizedName(zh: "诊断符合率", en: "diagnostic agreement rate", vi: "tỷ lệ phù hợp chẩn đoán"),
        numerator: LocalizedName(
            zh: "其中各互认结果均与后续诊断符合的次数", en: "of these, those whose results all agree with the later diagnosis",
            vi: "trong đó số lần mọi kết quả công nhận phù hợp chẩn đoán sau"),
        denominator: LocalizedName(
            zh: "互认结果有后续诊断的检查或申请数", en: "exams and orders whose recognised result was followed up",
            vi: "số ca chụp hoặc phiếu có kết quả công nhận được theo dõi"),
        source: "一(一)"
    ) { occasion in
        (occasion.agrees == true, occasion.agrees != nil)
    }

    /// 互认不遵从率: of the exams and orders with a recognisable result offered, those made again without a reason.
    public static let nonCompliance = Indicator(
        id: "KI-04", name: LocalizedName(zh: "互认不遵从率", en: "non-compliance rate", vi: "tỷ lệ không tuân thủ công nhận"),
        numerator: LocalizedName(
            zh: "其中时限内无理由重复检查的次数", en: "of these, those made again inside the window without a reason",
            vi: "trong đó số lần làm lại trong hạn không có lý do"),
        denominator: recognition.denominator,
        source: "一(一)"
    ) { occasion in
        (occasion.isRepeated && !occasion.isDeclined, occasion.isRecognisable)
    }

    public static let all = [firstReminderRetrieval, recognition, diagnosticAgreement, nonCompliance]
}

/// What became of one exam or order that something was offered for.
struct Occasion {
    var isReminded = false
    var isOpenedAfterReminder = false
    /// Whether a prior was offered that every rule recognises.
    var isRecognisable = false
    /// Whether a recognition stands.
    var isRecognised = false
    /// Whether a reason against it stands, and no recognition.
    var isDeclined = false
    var isRepeated = false
    /// Of the recognised priors that were followed up all; nil where none was.
    var agrees: Bool?
}
