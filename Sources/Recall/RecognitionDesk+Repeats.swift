internal import Archive
public import DICOMCore
public import Foundation

extension RecognitionDesk {
    /// Writes that a study repeats an exam whose result had been offered, if it does: before its first image came, a prior
    /// that every rule recognises was shown or decided on for this person and item by an order, the prior is still inside
    /// the window on the exam's day, and no reason against it stands.
    ///
    /// What was offered beside another study, to read that, says nothing of this one. A study repeats one order at most,
    /// and is taken down once, however often it is assessed.
    ///
    /// - Returns: the new entry; nil when there is nothing to take down.
    public func noteRepeat(by uid: StudyInstanceUID) throws(DeskError) -> Entry? {
        guard let study = try reading({ () throws(ArchiveError) in try index.study(uid) }), let match = study.match,
            let day = CalendarDay(dicom: study.study.date)
        else { return nil }
        let person = try asking { () throws(RecallError) in try recall.priors(forStudy: uid) }.person
        guard !person.personID.isEmpty else { return nil }
        var filter = DecisionFilter(record: RecognitionEvent.recordName)
        (filter.persons, filter.limit) = (formerIDs(person.personID), Self.historyLimit)
        filter.isNewestFirst = true
        let history = try entries(filter).reversed().map(\.event).filter { $0.proposal.item == match.code }
        if history.contains(where: { $0.study == uid }) { return nil }
        let occasions = Dictionary(grouping: history) { $0.proposal.occasion }.values.filter { events in
            events.allSatisfy { $0.kind != .repeated } && !Self.isDeclined(events)
        }
        var offers: [RecognitionEvent] = []
        for events in occasions {
            let offer = events.last { event in
                event.isOffer && event.verdict == .recognised && event.at < study.firstInstanceAt
                    && CalendarDay(of: event.at, in: zone) <= day && isInside(event, on: day)
                    && event.proposal.priorStudyInstanceUID != uid
            }
            if let offer, try !isBesideAnother(offer, than: uid) { offers.append(offer) }
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
            for offer in page.map(\.event) where looked.insert(offer.proposal.priorStudyInstanceUID).inserted {
                for study in try candidates(beside: offer.proposal.priorStudyInstanceUID)
                where looked.insert(study).inserted {
                    if try noteRepeat(by: study) != nil { count += 1 }
                }
            }
            guard page.count == filter.limit, let last = page.last else { return count }
            filter.after = last.line
        }
    }

    /// Studies that the person has beside the prior, of the days in which they could repeat it.
    private func candidates(beside prior: StudyInstanceUID) throws(DeskError) -> [StudyInstanceUID] {
        guard let stored = try reading({ () throws(ArchiveError) in try index.study(prior) }),
            let first = CalendarDay(dicom: stored.study.date)
        else { return [] }
        let studies = try reading { () throws(ArchiveError) in
            try index.studies(
                ofPatient: stored.patient.patientID, issuer: stored.patient.issuer, excluding: prior)
        }
        let window = policy.windowDays ?? Self.openWindow
        return studies.filter { study in
            CalendarDay(dicom: study.study.date).map { (0...window).contains(first.days(to: $0)) } ?? false
        }.map(\.studyInstanceUID)
    }

    /// Whether something was offered to read another stored study by: an order's number names none, unless it is this one,
    /// announced before it came.
    private func isBesideAnother(
        _ offer: RecognitionEvent, than uid: StudyInstanceUID
    ) throws(DeskError) -> Bool {
        let reference = offer.proposal.reference
        guard reference != uid.value, let other = try? StudyInstanceUID(reference) else { return false }
        return try reading { () throws(ArchiveError) in try index.study(other) } != nil
    }

    private func isInside(_ event: RecognitionEvent, on day: CalendarDay) -> Bool {
        guard let prior = CalendarDay(dicom: event.prior.examDate) else { return false }
        return (0...(policy.windowDays ?? Self.openWindow)).contains(prior.days(to: day))
    }

    /// Whether a reason stands against what was offered, and nothing of it was recognised.
    private static func isDeclined(_ events: [RecognitionEvent]) -> Bool {
        var stands: [StudyInstanceUID: RecognitionEvent.Kind] = [:]
        for event in events where event.kind == .recognised || event.kind == .declined {
            stands[event.proposal.priorStudyInstanceUID] = event.kind
        }
        return stands.values.contains(.declined) && !stands.values.contains(.recognised)
    }

    /// Events of one person that are looked at, newest first.
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
