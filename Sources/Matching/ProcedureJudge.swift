import Catalogue

/// How one procedure stands against a reading that does not contradict it.
struct ProcedureJudgement {
    let profile: ProcedureProfile
    /// What is left open or less exact than it might be, weighed; the least is the closest procedure.
    var cost: Int
    /// The part or disease that makes the study the procedure's, nil where the procedure names none.
    var subject: Int?
    /// The technique is the department's habit and not in the text.
    var isUnsaid = false
}

/// Compares a procedure with a reading, axis by axis: deed, guidance, subject, disease, contrast.
struct ProcedureJudge {
    let vocabulary: ProcedureVocabulary

    /// Values of Modality whose images are X-ray projections, endoscopy with them.
    private static let projections: Set = ["DR", "DX", "CR", "RG", "MG", "RF", "PX", "IO", "XA", "ES"]

    private enum Cost {
        static let step = 2
        static let unsaidTechnique = 1
        static let noRegion = 7
        static let extraSubject = 1
        static let supportedFinding = -1
        static let unsupportedFinding = 1
        static let twin = 1
        static let assumedContrast = 1
    }

    /// Nil when an axis contradicts the procedure, or leaves open what it cannot be without.
    func judge(_ profile: ProcedureProfile, as deed: Int?, by reading: ProcedureReading) -> ProcedureJudgement? {
        guard profile.regions.isEmpty || profile.regions.contains(where: reading.all.contains),
            var judgement = judgeDeed(profile, deed, reading)
        else { return nil }
        guard let guidance = costOfGuidance(profile, reading), let contrast = costOfContrast(profile, reading),
            !profile.excludes.contains(where: { reading.all.contains($0) }),
            profile.requires.allSatisfy({ group in group.contains { reading.all.contains($0) } }),
            judgeSubject(profile, reading, &judgement), judgeFindings(profile, reading, &judgement)
        else { return nil }
        judgement.cost += guidance + contrast
        return judgement
    }

    // MARK: Axes

    private func judgeDeed(
        _ profile: ProcedureProfile, _ deed: Int?, _ reading: ProcedureReading
    ) -> ProcedureJudgement? {
        guard let deed else {
            if profile.isBare { return .init(profile: profile, cost: 0) }
            guard profile.techniques.contains(where: vocabulary.unsaid.contains),
                reading.unknownCount == 0 || !reading.saidModalities.isEmpty
            else { return nil }
            return .init(profile: profile, cost: Cost.unsaidTechnique, isUnsaid: true)
        }
        guard let steps = profile.techniques.compactMap({ vocabulary.steps(from: deed, to: $0) }).min() else {
            return nil
        }
        return .init(profile: profile, cost: steps * Cost.step)
    }

    /// What is said of guidance must be the procedure's; where nothing is, it follows the modality, subtraction
    /// angiography before fluoroscopy.
    private func costOfGuidance(_ profile: ProcedureProfile, _ reading: ProcedureReading) -> Int? {
        guard let wanted = profile.procedure.guidance else { return 0 }
        guard wanted != .none else { return costOfModality(profile.procedure.modality, reading) }
        var said = reading.saidGuidance
        if said.contains(.coneBeamCT) { said = [.coneBeamCT] }
        if said.contains(.fluoroscopy) { said.remove(.subtractionAngiography) }
        if !said.isEmpty {
            if said.contains(wanted) { return 0 }
            return nil
        }
        switch wanted {
        case .subtractionAngiography:
            if reading.modalities.isEmpty || reading.modalities.contains("XA") { return 0 }
            return reading.modalities.contains("RF") ? Cost.twin : nil
        case .fluoroscopy:
            if reading.modalities.contains("RF") { return 0 }
            return reading.modalities.contains("XA") || reading.modalities.isEmpty ? Cost.twin : nil
        case .ultrasound, .ct, .mr: return reading.modalities.contains(wanted.rawValue) ? 0 : nil
        case .coneBeamCT, .none: return nil
        }
    }

    private func costOfModality(_ modality: String, _ reading: ProcedureReading) -> Int? {
        let values = reading.modalities
        switch modality {
        case "DR", "RF":
            let isProjection = values.isEmpty ? reading.saidModalities : values
            return isProjection.isDisjoint(with: Self.projections) ? nil : 0
        case "CT", "MR", "US": return (values.isEmpty ? reading.saidModalities : values).contains(modality) ? 0 : nil
        default: return 0
        }
    }

    private func costOfContrast(_ profile: ProcedureProfile, _ reading: ProcedureReading) -> Int? {
        let isCrossSectional = ["CT", "MR"].contains(profile.procedure.modality) && !profile.procedure.isInterventional
        guard isCrossSectional, let wanted = profile.procedure.contrast else { return 0 }
        switch (wanted, reading.contrast) {
        case (.intraarticular, .intraarticular), (.with, .with), (.without, .without), (.none, _), (.luminal, _),
            (.unspecified, _):
            return 0
        case (.intraarticular, nil): return 0
        case (.intraarticular, _), (_, .intraarticular): return nil
        case (.with, .without), (.without, .with): return nil
        case (.with, _): return reading.showsContrast || !profile.isBare ? Cost.assumedContrast : nil
        case (.without, _):
            if reading.showsContrast { return nil }
            return reading.language == .english && profile.isBare ? nil : 0
        }
    }

    private func judgeSubject(
        _ profile: ProcedureProfile, _ reading: ProcedureReading, _ judgement: inout ProcedureJudgement
    ) -> Bool {
        guard !profile.regions.isEmpty else {
            judgement.cost += Cost.noRegion
            return !profile.isBare
        }
        var best: (steps: Int, subject: Int)?
        var covered = 0
        let subjects = reading.subjects
        for subject in subjects {
            guard let steps = profile.regions.compactMap({ vocabulary.steps(from: subject, to: $0) }).min() else {
                continue
            }
            covered += 1
            if best.map({ steps < $0.steps }) ?? true { best = (steps, subject) }
        }
        guard let best else { return false }
        judgement.subject = best.subject
        let parts = subjects.count { vocabulary.index.kind($0) == .anatomy }
        judgement.cost += best.steps * Cost.step + min(3, max(0, parts - covered)) * Cost.extraSubject
        return true
    }

    private func judgeFindings(
        _ profile: ProcedureProfile, _ reading: ProcedureReading, _ judgement: inout ProcedureJudgement
    ) -> Bool {
        func isNamed(_ finding: Int) -> Bool { reading.all.contains(finding) }
        if !profile.requiredFindings.isEmpty, !profile.requiredFindings.contains(where: isNamed) { return false }
        let supported = profile.findings.filter(isNamed)
        let steps = supported.flatMap { finding in
            reading.named.compactMap { vocabulary.steps(from: $0, to: finding) }
        }
        if let least = steps.min() {
            judgement.cost += Cost.supportedFinding + min(least, 1)
        } else if !profile.findings.isEmpty {
            judgement.cost += Cost.unsupportedFinding
        }
        return true
    }
}
