import Catalogue

/// A procedure made ready to be compared with readings.
final class ProcedureProfile: Sendable {
    let procedure: Procedure
    let regions: [Int]
    /// What is done; imaging that goes along with a treatment is left out.
    let techniques: [Int]
    /// Diseases in the name, one of which the study must name.
    let requiredFindings: [Int]
    /// Diseases in the name that support the procedure where the study names them.
    let findings: [Int]
    /// Of each list one must be named.
    let requires: [[Int]]
    let excludes: [Int]
    let isBare: Bool

    init(
        _ procedure: Procedure, vocabulary: ProcedureVocabulary,
        changes: [(change: ProcedureRule.Change, concepts: [Int])]
    ) {
        let index = vocabulary.index
        func numbers(_ name: String, _ kinds: [ConceptID.Kind]) -> Int? {
            kinds.lazy.compactMap { ConceptID(kind: $0, name: name).flatMap(index.number(of:)) }.first
        }
        self.procedure = procedure
        var regions = procedure.regions.compactMap { numbers($0, [.anatomy, .finding]) }
        var techniques = procedure.techniques.compactMap { numbers($0, [.action, .technique]) }
        let treatments = techniques.filter { !vocabulary.diagnostic.contains($0) }
        if !treatments.isEmpty { techniques = treatments }
        var requires: [[Int]] = []
        var excludes: [Int] = []
        for (change, concepts) in changes {
            switch change {
            case .regions: regions = concepts
            case .techniques: techniques = concepts
            case .requires: requires.append(concepts)
            case .excludes: excludes += concepts
            }
        }
        var findings: [Int] = []
        for language in Language.allCases {
            for mention in index.words(in: FoldedText(procedure.name[language])).mentions
            where index.kind(mention.concept) == .finding && !findings.contains(mention.concept) {
                findings.append(mention.concept)
            }
        }
        self.regions = regions
        self.techniques = techniques
        self.findings = findings
        requiredFindings =
            requires.isEmpty ? findings.filter { !vocabulary.optional.contains($0) && !regions.contains($0) } : []
        self.requires = requires
        self.excludes = excludes
        isBare = techniques.contains(where: vocabulary.bare.contains)
    }
}
