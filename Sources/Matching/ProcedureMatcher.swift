public import Catalogue

/// Names the procedures of one list that a study is, or none.
///
/// Every procedure is decided axis by axis (``ProcedureJudge``); one is answered only when none contradicts it and no
/// other fits as closely.
public struct ProcedureMatcher: Sendable {
    public let catalogue: ProcedureCatalogue
    private let vocabulary: ProcedureVocabulary
    private let profiles: [ProcedureProfile]
    private let profileOf: [String: ProcedureProfile]
    private let isOfTreatments: Bool
    /// By what is done.
    private let profilesOf: [Int: [ProcedureProfile]]
    /// Those a part alone may stand for.
    private let plainProfiles: [ProcedureProfile]
    private let isByDomain: Bool
    /// Techniques that a procedure of the list is defined by.
    private let defining: Set<Int>
    private let definingIDs: Set<ConceptID>
    private let outside: [Int]
    private let judge: ProcedureJudge

    public init(catalogue: ProcedureCatalogue, vocabulary: ProcedureVocabulary) {
        let changes = vocabulary.changes(in: catalogue.id)
        self.catalogue = catalogue
        self.vocabulary = vocabulary
        profiles = catalogue.procedures.map {
            ProcedureProfile($0, vocabulary: vocabulary, changes: changes[$0.id] ?? [])
        }
        profilesOf = Dictionary(
            grouping: profiles.flatMap { profile in Set(profile.techniques).map { ($0, profile) } }, by: \.0
        ).mapValues { $0.map(\.1) }
        plainProfiles = profiles.filter { profile in
            profile.isBare || profile.techniques.contains(where: vocabulary.unsaid.contains)
        }
        profileOf = Dictionary(profiles.map { ($0.procedure.id, $0) }) { first, _ in first }
        isOfTreatments = catalogue.procedures.allSatisfy(\.isInterventional)
        isByDomain = catalogue.procedures.contains { $0.domain != nil }
        defining = Set(profiles.flatMap(\.techniques)).subtracting(vocabulary.bare)
        let concepts = vocabulary.index.concepts
        definingIDs = Set(defining.map { concepts[$0] })
        outside = vocabulary.outside(catalogue.id)
        judge = ProcedureJudge(vocabulary: vocabulary)
    }

    /// What a study that was found to be an item of images is here, where its texts need not be read again: they name
    /// nothing done and no technique a procedure of the list is defined by. Nil when they must be.
    func matchByItem(_ study: ReadStudy) -> [ProcedureMatch]? {
        guard case .matched(let match, let others) = study.outcome, let leading = study.scan.leading else { return nil }
        let isPlain = leading.mentions.allSatisfy { mention in
            let concept = study.concept(mention)
            return concept.kind != .action && !definingIDs.contains(concept)
        }
        guard isPlain else { return nil }
        if isOfTreatments { return [] }
        let codes = [match.code] + others.map(\.code)
        let isRadiograph = study.scan.family == .radiograph || study.scan.family == .mammogram
        guard isRadiograph || codes.allSatisfy({ !catalogue.procedures(for: $0).isEmpty }) else { return nil }
        return procedures(for: study.outcome).map { profile in
            answer(profile.procedure, confidence: match.confidence, evidence: match.evidence)
        }
    }

    /// The procedures of a study, each once, best supported first; empty when none is safe.
    ///
    /// - Complexity: O(words of the study × procedures of the list).
    public func match(_ reading: ProcedureReading) -> [ProcedureMatch] {
        guard reading.isReadable, !outside.contains(where: reading.all.contains) else {
            return []
        }
        let deeds = deeds(reading)
        let isTreatment = deeds.contains { deed in
            deed.map { vocabulary.index.kind($0) == .action && !vocabulary.vague.contains($0) } ?? false
        }
        let byCode = isTreatment ? [] : procedures(for: reading.outcome)
        var found: [ProcedureJudgement] = []
        for deed in deeds {
            for judgement in best(for: deed, reading)
            where !found.contains(where: { $0.profile === judgement.profile }) {
                found.append(judgement)
            }
        }
        let isParticular = found.contains { !$0.profile.isBare && !$0.isUnsaid }
        guard !byCode.isEmpty, !isParticular else { return found.map { answer($0, reading) } }
        return byCode.map { answer(.init(profile: $0, cost: 0), reading) }
    }

    // MARK: What was done

    /// The deeds that ask for a procedure of this list; a nil one stands for the plain examination of the part.
    private func deeds(_ reading: ProcedureReading) -> [Int?] {
        let known = reading.deeds.filter { deed in
            vocabulary.index.kind(deed) == .action || vocabulary.wholes(of: deed).contains(where: defining.contains)
        }
        let done = known.filter { !vocabulary.diagnostic.contains($0) }
        let treatments = done.filter { deed in
            !done.contains { other in
                other != deed && (vocabulary.absorbs[other].map { vocabulary.isOne(deed, of: $0) } ?? false)
            }
        }
        if !treatments.isEmpty { return treatments }
        return known.isEmpty ? [nil] : known
    }

    private func best(for deed: Int?, _ reading: ProcedureReading) -> [ProcedureJudgement] {
        var left = candidates(for: deed).compactMap { judge.judge($0, as: deed, by: reading) }
        guard let least = left.map(\.cost).min() else { return [] }
        left.removeAll { $0.cost > least + (isByDomain ? 1 : 0) }
        var answers: [ProcedureJudgement] = []
        for domain in Procedure.Domain.allCases.map(Optional.some) + [nil] {
            let own = left.filter { $0.profile.procedure.domain == domain }
            guard let cost = own.map(\.cost).min() else { continue }
            answers += distinct(own.filter { $0.cost == cost })
        }
        return answers
    }

    private func candidates(for deed: Int?) -> [ProcedureProfile] {
        guard let deed else { return plainProfiles }
        var seen: Set<String> = []
        return vocabulary.wholes(of: deed).flatMap { profilesOf[$0] ?? [] }
            .filter { seen.insert($0.procedure.id).inserted }
    }

    /// Procedures that fit equally are all meant when each is of another part that the study names; otherwise the text
    /// is ambiguous and none is.
    private func distinct(_ tied: [ProcedureJudgement]) -> [ProcedureJudgement] {
        guard tied.count > 1 else { return tied }
        let parts = tied.compactMap(\.subject).filter { vocabulary.index.kind($0) == .anatomy }
        return parts.count == tied.count && Set(parts).count == parts.count ? tied : []
    }

    // MARK: Answering

    /// Procedures that are the same examination as the items the study was found to be.
    private func procedures(for outcome: MatchOutcome) -> [ProcedureProfile] {
        var seen: Set<String> = []
        return outcome.codes.flatMap { catalogue.procedures(for: $0) }.filter { seen.insert($0.id).inserted }
            .sorted { $0.number < $1.number }.compactMap { profileOf[$0.id] }
    }

    private func answer(_ judgement: ProcedureJudgement, _ reading: ProcedureReading) -> ProcedureMatch {
        let doubt = 0.02 * Double(judgement.cost) + 0.04 * Double(min(reading.unknownCount, 6))
        var seen: Set<Evidence> = []
        return answer(
            judgement.profile.procedure, confidence: (max(0.5, min(0.98, 0.98 - doubt)) * 100).rounded() / 100,
            evidence: reading.named.compactMap { reading.evidence[$0] }.filter { seen.insert($0).inserted })
    }

    private func answer(_ procedure: Procedure, confidence: Double, evidence: [Evidence]) -> ProcedureMatch {
        ProcedureMatch(
            catalogue: catalogue.id.value, procedure: procedure.id, number: procedure.number,
            domain: procedure.domain, surgicalLevel: procedure.surgicalLevel,
            isInterventional: procedure.isInterventional, confidence: confidence, evidence: evidence)
    }
}
