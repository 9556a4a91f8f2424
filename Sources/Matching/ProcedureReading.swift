import Catalogue

/// A study as lists of procedures see it: what was done, to what, for what, and guided by what.
public struct ProcedureReading: Sendable {
    /// Everything named, in the order of the text, with what that implies.
    var named: [Int] = []
    /// The same with everything those lie inside.
    var all: Set<Int> = []
    /// Actions and techniques that ask for a procedure.
    var deeds: [Int] = []
    /// Parts and diseases, the particular ones only.
    var subjects: [Int] = []
    /// Ways of guidance the text names.
    var saidGuidance: Set<Procedure.Guidance> = []
    /// Values of Modality (0008,0060), capitals.
    var modalities: Set<String> = []
    /// Modalities the text names, as concepts of the lexicon.
    var saidModalities: Set<String> = []
    var contrast: Contrast?
    /// Contrast agent or series show that contrast was given.
    var showsContrast = false
    /// Words nothing is known of.
    var unknownCount = 0
    var isReadable = true
    var evidence: [Int: Evidence] = [:]
    var outcome: MatchOutcome = .unmapped(.noDescription, candidates: [])
    var language = Language.english

    enum Contrast { case without, with, intraarticular, luminal }
}
