internal import Archive
internal import Catalogue
public import DICOMCore
public import Foundation

extension RecognitionDesk {
    /// Writes that a study repeats an exam whose result had been offered, if it does: before it was made, a prior of the
    /// person that every rule recognised was shown or decided on for this item by an order, the prior is still inside the
    /// window on the exam's day, and no reason against it stands. Of several offers of one prior the last one tells.
    ///
    /// What was offered beside an exam already made, to read that, says nothing of this one. A study repeats one order at
    /// most, and is taken down once, however often it is assessed.
    ///
    /// - Returns: the new entry; nil when there is nothing to take down.
    public func noteRepeat(by uid: StudyInstanceUID) throws(DeskError) -> Entry? {
        guard let study = try reading({ () throws(ArchiveError) in try index.study(uid) }), let match = study.match,
            let exam = ExamMoment(study, zone)
        else { return nil }
        // By the priors and not by the person's name in the log: persons are joined and parted.
        let priors = try asking { () throws(RecallError) in try recall.priors(forStudy: uid) }.priors
            .filter { $0.identityLink == .same }.map(\.studyInstanceUID.value)
        guard !priors.isEmpty, try !isRepeat(uid) else { return nil }
        var filter = DecisionFilter(record: RecognitionEvent.recordName)
        (filter.priors, filter.limit, filter.isNewestFirst) = (priors, Self.historyLimit, true)
        let item = recall.item(match.catalogue, match.code)
        let history = try entries(filter).reversed().map(\.event).filter { isSame(item, as: $0) }
        let occasions = Dictionary(grouping: history) { $0.proposal.occasion }.values.filter { events in
            events.allSatisfy { $0.kind != .repeated } && !Self.isDeclined(events)
        }
        let offers = occasions.compactMap { events in
            let before = events.filter { $0.isOffer && !$0.isExamMade && exam.isAfter($0.at) }
            return Dictionary(grouping: before) { $0.proposal.priorStudyInstanceUID }.values.compactMap(\.last)
                .filter { $0.verdict == .recognised && isInside($0, on: exam.day) }.max { $0.at < $1.at }
        }
        func isOwn(_ offer: RecognitionEvent) -> Bool {
            let reference = offer.proposal.reference
            return reference == uid.value || (!reference.isEmpty && reference == study.study.accessionNumber)
        }
        guard let offer = offers.max(by: { (isOwn($0) ? 1 : 0, $0.at) < (isOwn($1) ? 1 : 0, $1.at) }) else {
            return nil
        }
        var event = offer
        (event.kind, event.at, event.study) = (.repeated, now(), uid)
        (event.actor, event.reason, event.note, event.isPatientInformed) = ("", nil, nil, nil)
        let outcome = try write(event)
        return outcome.isNew ? outcome.entry : nil
    }

    /// When an exam was made, as far as it is known.
    private struct ExamMoment {
        let day: CalendarDay
        /// Hours and minutes, from Study Time (0008,0030); nil when that is not known.
        private let clock: Int?
        private let firstInstanceAt: Date
        private let zone: TimeZone

        /// Nil for an exam that is not dated.
        init?(_ study: StudySummary, _ zone: TimeZone) {
            guard let day = CalendarDay(dicom: study.study.date) else { return nil }
            self.day = day
            self.zone = zone
            clock = Candidate.clock(study.study.time)
            firstInstanceAt = study.firstInstanceAt
        }

        /// Of one day Study Time tells: images may come long after they were made.
        func isAfter(_ moment: Date) -> Bool {
            let offered = CalendarDay(of: moment, in: zone)
            guard moment < firstInstanceAt, offered <= day else { return false }
            guard offered == day, let clock else { return true }
            let seconds = moment.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: moment))
            let minutes = Int((seconds / 60).rounded(.down)) - offered.number * 24 * 60
            return minutes / 60 * 100 + minutes % 60 <= clock
        }
    }

    /// Whether it was taken down already, of whatever prior.
    private func isRepeat(_ uid: StudyInstanceUID) throws(DeskError) -> Bool {
        var filter = DecisionFilter(record: RecognitionEvent.recordName)
        (filter.study, filter.kinds) = (uid.value, [RecognitionEvent.Kind.repeated.rawValue])
        return try entries(filter).contains { $0.event.study == uid }
    }

    /// Lists and their editions may name one item differently.
    private func isSame(_ item: ExamItem, as event: RecognitionEvent) -> Bool {
        event.proposal.item == item.code
            || item.relation(to: recall.item(event.catalogue, event.proposal.item), recall.relations).kind == .same
    }

    /// Looks again at everything that was offered since `date`: what was assessed while nobody looked is found.
    ///
    /// - Returns: how many repeats were taken down.
    public func noteRepeats(since date: Date) throws(DeskError) -> Int {
        var filter = DecisionFilter(record: RecognitionEvent.recordName)
        filter.kinds = [RecognitionEvent.Kind.reminded, .recognised, .declined].map(\.rawValue)
        filter.times = date..<Date.distantFuture
        var looked: Set<StudyInstanceUID> = []
        var count = 0
        while true {
            let page = try entries(filter)
            for offer in page.map(\.event)
            where !offer.isExamMade && looked.insert(offer.proposal.priorStudyInstanceUID).inserted {
                for study in try candidates(beside: offer.proposal.priorStudyInstanceUID)
                where looked.insert(study).inserted {
                    if try noteRepeat(by: study) != nil { count += 1 }
                }
            }
            guard page.count == filter.limit, let last = page.last else { return count }
            filter.after = last.line
        }
    }

    /// Studies of the prior's person, under any of the identities, of the days in which they could repeat it.
    private func candidates(beside prior: StudyInstanceUID) throws(DeskError) -> [StudyInstanceUID] {
        guard let stored = try reading({ () throws(ArchiveError) in try index.study(prior) }),
            let first = CalendarDay(dicom: stored.study.date)
        else { return [] }
        let studies: [StudySummary]
        do throws(PersonError) {
            guard let id = try recall.persons.person(ofStudy: prior)?.person.personID else { return [] }
            studies = try recall.persons.studies(of: id, limit: Self.historyLimit)?.studies ?? []
        } catch {
            throw .recall(RecallError(error))
        }
        return studies.filter { study in
            CalendarDay(dicom: study.study.date).map { (0...longestWindow).contains(first.days(to: $0)) } ?? false
        }.map(\.studyInstanceUID)
    }

    /// Of all notices, in days.
    private var longestWindow: Int { policies.all.map { $0.windowDays ?? Self.openWindow }.max() ?? Self.openWindow }

    private func isInside(_ event: RecognitionEvent, on day: CalendarDay) -> Bool {
        guard let prior = CalendarDay(dicom: event.prior.examDate) else { return false }
        return (0...(policies.policy(on: day).windowDays ?? Self.openWindow)).contains(prior.days(to: day))
    }

    /// Whether a reason stands against what was offered, and nothing of it was recognised.
    private static func isDeclined(_ events: [RecognitionEvent]) -> Bool {
        var stands: [StudyInstanceUID: RecognitionEvent.Kind] = [:]
        for event in events where event.kind == .recognised || event.kind == .declined {
            stands[event.proposal.priorStudyInstanceUID] = event.kind
        }
        return stands.values.contains(.declined) && !stands.values.contains(.recognised)
    }

    /// Events about one person's priors that are looked at, and studies, newest first.
    private static let historyLimit = 1000
    /// Days in which a repeat is looked for where the notice sets no window.
    private static let openWindow = 3650
}

extension RecognitionEvent {
    /// Whether a prior was put before somebody by it.
    var isOffer: Bool { kind == .reminded || kind == .recognised || kind == .declined }
}

extension RecognitionEvent.Proposal {
    /// What the priors proposed for one exam or order share; without a number each stands for itself.
    var occasion: [String] { reference.isEmpty ? [item, "", priorStudyInstanceUID.value] : [item, reference] }
}

extension CalendarDay {
    /// The day of `date` by the clocks of `zone`.
    init(of date: Date, in zone: TimeZone) {
        self.init(seconds: date.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: date)))
    }
}
