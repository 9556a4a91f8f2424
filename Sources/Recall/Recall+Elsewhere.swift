public import Archive
public import Catalogue
public import DICOMCore

/// On whose behalf, and for which exam, other systems are asked for priors.
public struct PriorErrand: Sendable {
    /// Every identity of the person that is known here.
    public let person: Person
    /// The code of the item that is to be made, or was; of an order as it names the item.
    public let code: String
    /// The exam itself, which is no prior; nil for an order.
    public let study: StudyInstanceUID?
    let item: ExamItem
    let traits: PersonTraits
    let day: CalendarDay
    /// A TM value, "" when unknown.
    let time: String
    /// "" when unknown.
    let institution: String
    let register: Institution?

    /// Whole calendar days from a prior to the exam; nil when it is not dated.
    public func age(of prior: Prior) -> Int? { CalendarDay(dicom: prior.studyDate).map { $0.days(to: day) } }
}

extension Recall {
    /// What is to be asked elsewhere beside a stored study; nil when it is unmapped or names no patient.
    ///
    /// - Parameters:
    ///   - match: stands in for the item of a study that is not assessed yet.
    ///   - person: as the answer about priors that are here has it.
    public func errand(
        forStudy uid: StudyInstanceUID, as match: CatalogueMatch? = nil, of person: Person
    ) throws(RecallError) -> PriorErrand? {
        guard let current = try reading({ () throws(ArchiveError) in try index.study(uid) }) else {
            throw .unknownStudy(uid)
        }
        guard let match = current.match ?? match, !current.patient.patientID.isEmpty else { return nil }
        return PriorErrand(
            person: person.known(as: current.patient.patientID, issuer: current.patient.issuer), code: match.code,
            study: uid,
            item: ExamItem(catalogue: match.catalogue, code: match.code, in: library()),
            traits: PersonTraits(known: current.patient), day: CalendarDay(dicom: current.study.date) ?? today(),
            time: current.study.time, institution: current.study.institution,
            register: institutions.institution(named: current.study.institution, from: current.sourceAETitle))
    }

    /// What is to be asked elsewhere for an order that has no images yet.
    public func errand(
        patientID: String, issuer: String?, item text: String, institution: String? = nil, of person: Person
    ) throws(RecallError) -> PriorErrand? {
        let ordered = try orderedItem(text)
        guard !patientID.isEmpty else { return nil }
        let known = try reading { () throws(ArchiveError) in try index.patients(withID: patientID) }
        let patient =
            known.first { issuer == nil ? known.count == 1 : $0.patient.issuer == issuer }?.patient
            ?? PatientRecord(patientID: patientID, issuer: issuer ?? "")
        return PriorErrand(
            person: person.known(as: patientID, issuer: patient.issuer), code: text, study: nil,
            item: ExamItem(catalogue: ordered.catalogue, code: ordered.code, in: library()),
            traits: PersonTraits(known: patient), day: today(), time: "", institution: institution ?? "",
            register: institution.map { institutions.institution(called: $0) } ?? institutions.own)
    }

    /// Judges studies that are elsewhere like those that are here. What is somebody else's, concerns another item or is
    /// later is left out.
    ///
    /// - Returns: in no order.
    public func priors(
        of studies: [ElsewhereStudy], for errand: PriorErrand, by persons: PersonJudge, in language: Language = .english
    ) -> [Prior] {
        let library = library()
        return studies.compactMap { study in
            guard study.studyInstanceUID != errand.study, let match = study.match,
                let link = link(study, errand, persons)
            else { return nil }
            let item = ExamItem(catalogue: match.catalogue, code: match.code, in: library)
            let relation = item.relation(to: errand.item, relations).kind
            guard let kind = PriorRelation(relation),
                !Candidate.isLater(
                    CalendarDay(dicom: study.study.date), study.study.time, than: errand.day, errand.time)
            else { return nil }
            let institution = institutions.institution(named: study.study.institution, from: nil)
            let isSame = Candidate.isSame(
                institution, study.study.institution, as: errand.register, errand.institution)
            let day = CalendarDay(dicom: study.study.date)
            let facts = RecognitionFacts(
                relation: relation, isListed: errand.item.isListed, link: link, examDay: day,
                referenceDay: errand.day, today: today(), completeness: study.completeness, quality: study.quality,
                report: study.report, institution: institution, ownInstitution: errand.register,
                isSameInstitution: isSame)
            var prior = Prior(
                studyInstanceUID: study.studyInstanceUID, institution: study.study.institution,
                studyDate: study.study.date, accessionNumber: study.study.accessionNumber, code: item.code,
                identityLink: link, relation: kind,
                score: PriorScore.value(
                    link: link, relation: kind, completeness: study.completeness, quality: study.quality,
                    age: day.map { $0.days(to: errand.day) }, isSameInstitution: isSame),
                recognition: judge.judge(facts, in: language))
            prior.source = study.source
            note(study.differences, of: &prior, in: language)
            return prior
        }
    }

    /// Whose a study is: an identity that is known here needs no judge unless what is told contradicts; every other one
    /// is judged. Nil for somebody else's.
    private func link(_ study: ElsewhereStudy, _ errand: PriorErrand, _ persons: PersonJudge) -> IdentityLink? {
        let traits = PersonTraits(known: study.patient)
        let known = errand.person.identities.first {
            $0.issuer == study.patient.issuer && $0.patientID == study.patient.patientID
        }
        let isUnclear = study.isPossibleAtSource || study.differences.contains { $0.fact.isDecisive }
        if let known, !known.issuer.isEmpty {
            return known.link == .same && !isUnclear && !traits.contradicts(errand.traits) ? .same : .possible
        }
        switch persons.judge(errand.traits, traits).link {
        case .same: return isUnclear ? .possible : .same
        case .possible: return .possible
        case .different:
            // Nothing but the number is known of one of them, and who numbers so is not: it may be the person.
            let mayBe = errand.person.identities.contains { identity in
                identity.patientID == study.patient.patientID
                    && (identity.issuer.isEmpty || study.patient.issuer.isEmpty)
            }
            return mayBe && !traits.contradicts(errand.traits) ? .possible : nil
        }
    }
}

extension Person {
    /// With the number that is asked for: nobody here may have it, and somebody elsewhere.
    fileprivate func known(as patientID: String, issuer: String) -> Person {
        guard !identities.contains(where: { $0.patientID == patientID && (issuer.isEmpty || $0.issuer == issuer) })
        else { return self }
        var person = self
        person.identities.append(
            Identity(id: "", issuer: issuer, institution: "", patientID: patientID, link: .same))
        return person
    }
}
