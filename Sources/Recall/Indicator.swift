public import Catalogue
internal import DICOMCore
public import Foundation

/// One of the four indicators the notice asks for (section 一(一)). It names them and gives no formula: these are ours.
public struct Indicator: Sendable, Equatable, Identifiable {
    /// `KI-01` to `KI-04`.
    public let id: String
    public let name: LocalizedName
    public let numerator: LocalizedName
    public let denominator: LocalizedName
    /// Section of the notice.
    public let source: String

    let counts: @Sendable (Case) -> (counted: Bool, ofAll: Bool)

    public static func == (left: Indicator, right: Indicator) -> Bool { left.id == right.id }

    /// 首次提醒调阅率: of the first reminders, those after which the prior was opened.
    public static let firstReminderRetrieval = Indicator(
        id: "KI-01",
        name: LocalizedName(zh: "首次提醒调阅率", en: "first-reminder retrieval rate", vi: "tỷ lệ mở xem sau lần nhắc đầu"),
        numerator: LocalizedName(
            zh: "首次提醒之后调阅了既往检查的次数", en: "first reminders after which the prior was opened",
            vi: "số lần nhắc đầu mà sau đó lần chụp trước được mở xem"),
        denominator: LocalizedName(zh: "首次提醒次数", en: "first reminders shown", vi: "số lần nhắc đầu"),
        source: "一(一)"
    ) { proposal in
        (proposal.isOpenedAfterReminder, proposal.isReminded)
    }

    /// 互认率: of the recognisable results offered, those accepted.
    public static let recognition = Indicator(
        id: "KI-02", name: LocalizedName(zh: "互认率", en: "recognition rate", vi: "tỷ lệ công nhận"),
        numerator: LocalizedName(zh: "被认可的结果数", en: "results accepted", vi: "số kết quả được công nhận"),
        denominator: LocalizedName(
            zh: "提供的符合互认规则的结果数", en: "results offered that the rules recognise",
            vi: "số kết quả đủ điều kiện được đưa ra"),
        source: "一(一)"
    ) { proposal in
        (proposal.isRecognisable && proposal.isRecognised, proposal.isRecognisable)
    }

    /// 诊断符合率: of the recognised results followed up, those that agree with the later diagnosis.
    public static let diagnosticAgreement = Indicator(
        id: "KI-03", name: LocalizedName(zh: "诊断符合率", en: "diagnostic agreement rate", vi: "tỷ lệ phù hợp chẩn đoán"),
        numerator: LocalizedName(
            zh: "与后续诊断符合的互认结果数", en: "recognised results that agree with the later diagnosis",
            vi: "số kết quả công nhận phù hợp chẩn đoán sau"),
        denominator: LocalizedName(
            zh: "有后续诊断的互认结果数", en: "recognised results followed up", vi: "số kết quả công nhận được theo dõi"),
        source: "一(一)"
    ) { proposal in
        (proposal.isRecognised && proposal.agrees == true, proposal.isRecognised && proposal.agrees != nil)
    }

    /// 互认不遵从率: of the recognisable results offered, those after which the exam was repeated without a reason.
    public static let nonCompliance = Indicator(
        id: "KI-04", name: LocalizedName(zh: "互认不遵从率", en: "non-compliance rate", vi: "tỷ lệ không tuân thủ công nhận"),
        numerator: LocalizedName(
            zh: "时限内无理由重复检查的次数", en: "repeats inside the window without a reason",
            vi: "số lần làm lại trong hạn không có lý do"),
        denominator: LocalizedName(
            zh: "提供的符合互认规则的结果数", en: "results offered that the rules recognise",
            vi: "số kết quả đủ điều kiện được đưa ra"),
        source: "一(一)"
    ) { proposal in
        (proposal.isRecognisable && proposal.isRepeated && !proposal.isDeclined, proposal.isRecognisable)
    }

    public static let all = [firstReminderRetrieval, recognition, diagnosticAgreement, nonCompliance]

    /// What became of one proposal, from its events up to a moment.
    struct Case {
        let first: RecognitionEvent
        private(set) var isReminded = false
        private(set) var isOpenedAfterReminder = false
        private(set) var isRecognisable = false
        private(set) var isRecognised = false
        private(set) var isDeclined = false
        private(set) var isRepeated = false
        private(set) var agrees: Bool?

        /// - Parameter events: of one proposal, in the order of the log; never empty.
        init?(_ events: [RecognitionEvent]) {
            guard let first = events.first else { return nil }
            self.first = first
            for event in events {
                isRecognisable = isRecognisable || event.verdict == .recognised
                switch event.kind {
                case .reminded: isReminded = true
                case .opened: isOpenedAfterReminder = isOpenedAfterReminder || isReminded
                // The last decision holds: a doctor may think again.
                case .recognised: (isRecognised, isDeclined) = (true, false)
                case .declined: (isRecognised, isDeclined) = (false, true)
                case .repeated: isRepeated = true
                case .followedUp: agrees = event.agrees ?? agrees
                }
            }
        }
    }
}

/// An indicator's value for one group.
public struct IndicatorValue: Sendable, Equatable {
    /// What proposals are grouped by.
    public enum Grouping: String, Sendable, CaseIterable {
        case institution, department, doctor, item, month
    }

    public let indicator: Indicator
    /// "" for all together.
    public let group: String
    public let numerator: Int
    public let denominator: Int

    /// In 0...1; nil where nothing was offered.
    public var rate: Double? { denominator == 0 ? nil : Double(numerator) / Double(denominator) }

    /// The four indicators of the proposals first made in `days`, all together and by group, as they stood at `moment`.
    ///
    /// - Parameters:
    ///   - events: the log, in its order.
    ///   - moment: later events do not count, so a past figure comes out as it was.
    ///   - zone: in which months begin.
    public static func all(
        of events: [RecognitionEvent], in period: Range<Date>, by grouping: Grouping?, asOf moment: Date,
        zone: TimeZone
    ) -> [IndicatorValue] {
        var proposals: [RecognitionEvent.Proposal: [RecognitionEvent]] = [:]
        for event in events where event.at <= moment { proposals[event.proposal, default: []].append(event) }
        let cases = proposals.values.compactMap(Indicator.Case.init).filter { period.contains($0.first.at) }
        var groups: [String: [Indicator.Case]] = ["": cases]
        if let grouping {
            for proposal in cases { groups[grouping.name(of: proposal.first, in: zone), default: []].append(proposal) }
        }
        return Indicator.all.flatMap { indicator in
            groups.sorted { $0.key < $1.key }.map { name, members in
                let counts = members.map(indicator.counts)
                return IndicatorValue(
                    indicator: indicator, group: name, numerator: counts.count { $0.counted && $0.ofAll },
                    denominator: counts.count(where: \.ofAll))
            }
        }
    }
}

extension IndicatorValue.Grouping {
    /// `-` for an event that names none.
    func name(of event: RecognitionEvent, in zone: TimeZone) -> String {
        let name =
            switch self {
            case .institution: event.institution
            case .department: event.department
            case .doctor: event.actor
            case .item: event.proposal.item
            case .month:
                String(
                    CalendarDay(
                        seconds: event.at.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: event.at))
                    ).iso.prefix(7))
            }
        return name.isEmpty ? "-" : name
    }
}
