import Archive
import Assessment
import Catalogue
import DICOMCore
import Foundation
import Matching
import TestCatalogues
import TestImages
import Testing

@testable import Ingestion

@Suite struct AliasTeachingTests {
    /// Assessed studies and everything that teaches and names them anew.
    private final class School {
        let test: TestIngest
        let aliases: AliasesInForce
        let teaching: AliasTeaching
        let assessor: StudyAssessor

        init() throws {
            test = try TestIngest()
            aliases = try AliasesInForce(index: test.archive.index)
            assessor = StudyAssessor(
                archive: test.archive,
                catalogues: try CataloguesInForce(
                    archive: test.archive, namer: Bundled.namer, logger: TestIngest.logger),
                aliases: aliases, assessor: Assessor(lexicon: Bundled.lexicon))
            teaching = AliasTeaching(
                archive: test.archive, aliases: aliases, assessor: assessor, namer: { Bundled.namer },
                logger: TestIngest.logger,
                onChange: {})
        }

        var index: StudyIndex { test.archive.index }

        /// Stores study `number`; it still receives.
        func store(
            _ number: Int, _ description: String, modality: String = "DX", site: String = "First Hospital",
            laterality: String = ""
        ) throws {
            let instance = "1.2.\(number).1.1"
            let file = TestIngest.file(instance: instance) { file in
                file.set(.specificCharacterSet, "CS", "ISO_IR 192")
                file.set(.studyInstanceUID, "UI", "1.2.\(number)")
                file.set(.seriesInstanceUID, "UI", "1.2.\(number).1")
                file.set(.modality, "CS", modality)
                file.set(.studyDescription, "LO", description)
                file.set(.institutionName, "LO", site)
                file.set(.studyDate, "DA", "20261101")
                if !laterality.isEmpty { file.set(.laterality, "CS", laterality) }
            }
            try test.store(file, as: instance)
        }

        /// Settles and assesses until nothing waits.
        @discardableResult
        func assessAll() throws -> [PublishOutcome] {
            let due = try index.studiesDueToSettle(lastInstanceBefore: .distantFuture)
            try index.settle(due, reason: "quiet period", at: Date())
            var outcomes: [PublishOutcome] = []
            while true {
                let waiting = try index.studiesAwaitingAssessment()
                if waiting.isEmpty { return outcomes }
                for study in waiting {
                    outcomes.append(
                        try index.publish(assessor.assess(study, at: Date()), of: study.studyInstanceUID))
                }
            }
        }

        func code(_ number: Int) throws -> String? {
            try index.study(StudyInstanceUID("1.2.\(number)"))?.match?.code
        }

        func version(_ number: Int) throws -> Int {
            try index.study(StudyInstanceUID("1.2.\(number)"))?.assessmentVersion ?? 0
        }

        func timeline(_ number: Int) throws -> [String] {
            try index.timeline(of: StudyInstanceUID("1.2.\(number)")).map { "\($0.kind.rawValue) \($0.detail)" }
        }
    }

    private static let author = AliasAuthor(person: "zhao", reason: "asked the department", at: Date())

    private static func alias(
        _ description: String, _ code: String = "BW03ZZZ8B", modality: String = "DX", site: String? = nil,
        ae: String? = nil
    ) throws -> Alias {
        try Alias(
            description: description, scope: .init(modality: modality, site: site, aeTitle: ae),
            meaning: try #require(Alias.Meaning(code: code)))
    }

    @Test func `a lesson names its studies at once, says so in their timeline, and taking it back restores them`()
        throws
    {
        let school = try School()
        try school.store(1, "Routine 7")
        try school.store(2, "ＲＯＵＴＩＮＥ 7")
        try school.store(3, "Routine 8")
        try school.assessAll()
        #expect(try school.code(1) == nil)
        #expect(try school.index.reviewGroups().groups.map(\.count) == [2, 1])

        let lesson = try school.teaching.teach(Self.alias("routine 7"), by: Self.author, isForced: false)
        #expect(lesson.renamedCount == 2)
        #expect(try [school.code(1), school.code(2), school.code(3)] == ["BW03ZZZ8B", "BW03ZZZ8B", nil])
        #expect(try school.version(1) == 2)
        #expect(try school.version(3) == 1)
        #expect(try school.timeline(1).contains("aliasTaught alias 1"))
        #expect(
            try school.timeline(1).contains {
                $0.hasPrefix("assessed version 2, BW03ZZZ8B") && $0.hasSuffix("alias 1 taught")
            })
        #expect(try school.index.reviewGroups().groups.map(\.description) == ["Routine 8"])

        // What depends on the item is judged anew: a lateral view is missing now, which makes a third version.
        try school.assessAll()
        #expect(try school.code(1) == "BW03ZZZ8B")
        let settled = try school.version(1)

        let removal = try school.teaching.remove(1, by: Self.author)
        #expect(removal.renamedCount == 2)
        #expect(try school.code(1) == nil)
        #expect(try school.version(1) == settled + 1)
        #expect(try school.timeline(1).contains("aliasRemoved alias 1"))
        try school.assessAll()
        let first = try school.index.assessments(of: StudyInstanceUID("1.2.1"))
        #expect(first.first?.verdicts.json == first.last?.verdicts.json)
        #expect(try school.index.aliasHistory().map(\.kind) == [.taught, .removed])
        #expect(throws: AliasTeachingError.notInForce(1)) { try school.teaching.remove(1, by: Self.author) }
    }

    @Test func `an assessment that says the same makes no new version`() throws {
        let school = try School()
        try school.store(1, "胸部正侧位")
        try school.assessAll()
        try school.teaching.teach(Self.alias("胸部正侧位", ae: "OTHER"), by: Self.author, isForced: false).expect(0)
        // Not reached, so not even asked again.
        #expect(try school.assessAll().isEmpty)
        try school.teaching.teach(Self.alias("胸部正侧位"), by: Self.author, isForced: false).expect(1)
        #expect(try school.assessAll() == [.unchanged(version: 2)])
        #expect(try school.version(1) == 2)
    }

    @Test func `a lesson reaches only its scope`() throws {
        let school = try School()
        try school.store(1, "Routine 7")
        try school.store(2, "Routine 7", site: "Second Hospital")
        try school.store(3, "Routine 7", modality: "CR")
        try school.assessAll()
        _ = try school.teaching.teach(
            Self.alias("routine 7", site: "second  hospital", ae: "CT1"), by: Self.author, isForced: false)
        #expect(try [school.code(1), school.code(2), school.code(3)] == [nil, "BW03ZZZ8B", nil])
    }

    @Test func `none of the items takes studies out of the review and taking it back brings them in`() throws {
        let school = try School()
        try school.store(1, "Routine 7")
        try school.assessAll()
        #expect(try school.index.counts().unmappedStudies == 1)
        _ = try school.teaching.teach(Self.alias("routine 7", "NONE"), by: Self.author, isForced: false)
        #expect(try school.index.reviewGroups().studyCount == 0)
        #expect(try school.index.counts().unmappedStudies == 0)
        try school.assessAll()
        #expect(try school.index.reviewGroups().studyCount == 0)
        _ = try school.teaching.remove(1, by: Self.author)
        #expect(try school.index.reviewGroups().studyCount == 1)
    }

    @Test func `studies, their Attributes and earlier lessons object, and force is kept in the history`() throws {
        let school = try School()
        try school.store(1, "胸部正侧位")
        try school.store(2, "膝 routine", laterality: "L")
        try school.assessAll()
        func objections(_ alias: Alias) throws -> [AliasObjection] {
            do {
                _ = try school.teaching.teach(alias, by: Self.author, isForced: false)
            } catch AliasTeachingError.refused(let objections) {
                return objections
            }
            return []
        }
        #expect(try objections(Self.alias("胸部正侧位", "NONE")) == [.safeMatches(code: "BW03ZZZ8B", studyCount: 1)])
        // BQ07ZZZ0B is the right knee.
        let knee = try objections(Self.alias("膝 routine", "BQ07ZZZ0B"))
        #expect(knee.contains { if case .contradiction(.laterality, _, 1) = $0 { true } else { false } }, "\(knee)")
        #expect(try school.index.aliasesInForce().isEmpty)

        let lesson = try school.teaching.teach(Self.alias("胸部正侧位", "NONE"), by: Self.author, isForced: true)
        #expect(lesson.event.overridden == "1 studies are safely matched to BW03ZZZ8B")
        #expect(try school.code(1) == nil)
        #expect(try objections(Self.alias("胸部正侧位")) == [.taughtOtherwise(id: 1, .noItem)])
        let second = try school.teaching.teach(Self.alias("胸部正侧位"), by: Self.author, isForced: true)
        #expect(try school.index.aliasesInForce().map(\.alias) == [second.event.alias])
        #expect(try school.index.aliasHistory(of: 1).map(\.kind) == [.taught, .removed])
        #expect(throws: AliasTeachingError.alreadyTaught(second.event.alias)) {
            try school.teaching.teach(Self.alias("胸部正侧位"), by: Self.author, isForced: true)
        }
    }

    @Test(arguments: [("", "why", AliasTeachingError.person), ("a\u{7}b", "why", .person), ("zhao", " ", .reason)])
    func `who and why are asked for in plain text`(person: String, reason: String, error: AliasTeachingError) throws {
        let school = try School()
        let author = AliasAuthor(person: person, reason: reason, at: Date())
        #expect(throws: error) { try school.teaching.teach(Self.alias("routine"), by: author, isForced: true) }
        #expect(throws: error) { try school.teaching.remove(1, by: author) }
        #expect(try school.index.aliasHistory().isEmpty)
    }

    @Test func `a study that was being assessed while something was taught is assessed again`() throws {
        let school = try School()
        try school.store(1, "Routine 7")
        try school.index.settle(
            school.index.studiesDueToSettle(lastInstanceBefore: .distantFuture), reason: "quiet", at: Date())
        let study = try #require(try school.index.studiesAwaitingAssessment().first)
        let draft = try school.assessor.assess(study, at: Date())
        _ = try school.teaching.teach(Self.alias("routine 7"), by: Self.author, isForced: false)
        #expect(try school.index.publish(draft, of: study.studyInstanceUID) == .aliasesChanged)
        #expect(try school.assessAll() == [.published(version: 1)])
        #expect(try school.code(1) == "BW03ZZZ8B")
    }

    @Test func `reindex keeps aliases, their history and what studies were matched by`() throws {
        let school = try School()
        try school.store(1, "Routine 7")
        try school.assessAll()
        _ = try school.teaching.teach(Self.alias("routine 7"), by: Self.author, isForced: false)
        try school.assessAll()
        let history = try school.index.aliasHistory()
        let version = try school.version(1)
        #expect(try school.test.archive.reindex().keptHistory)
        #expect(try school.index.aliasHistory() == history)
        #expect(try school.version(1) == version)
        #expect(
            try AliasesInForce(index: school.index).state.book.alias(
                for: StudyDescriptor(modality: "DX", studyDescription: "routine 7"), site: "", aeTitle: "")?.id == 1)
        #expect(try school.teaching.remove(1, by: Self.author).renamedCount == 1)
        #expect(try school.code(1) == nil)
    }

    @Test func `a table is taken whole or not at all, and again without effect`() throws {
        let school = try School()
        try school.store(1, "胸部正侧位")
        try school.store(2, "Routine 7")
        try school.assessAll()
        let good = try Self.alias("routine 7")
        let bad = try Self.alias("胸部正侧位", "NONE")
        func take(_ aliases: [Alias], force: Bool = false) throws -> AliasTeaching.TableReport {
            let text = AliasTable.text(aliases.map { ($0, "qian", "backup") })
            return try school.teaching.take(text, by: "zhao", isForced: force, at: Date())
        }
        do {
            _ = try take([good, bad])
            #expect(Bool(false), "taken")
        } catch let faults as AliasTable.Faults {
            #expect(faults.faults.map(\.line) == [3])
        }
        #expect(try school.index.aliasHistory().isEmpty)
        #expect(try take([good]) == .init(taughtCount: 1, unchangedCount: 0, renamedCount: 1))
        #expect(try take([good]) == .init(taughtCount: 0, unchangedCount: 1, renamedCount: 0))
        #expect(try take([good, bad], force: true).taughtCount == 1)
        #expect(try school.index.aliasHistory().last?.author.reason == "imported: backup (qian)")
        #expect(try AliasTable.rows(school.teaching.table()).count == 2)
    }

    // MARK: Naming all anew

    private static func changes(
        _ remapping: Remapping, isDryRun: Bool
    ) throws -> (RemapReport, [RemapChange]) {
        var changes: [RemapChange] = []
        let report = try remapping.run(
            isDryRun: isDryRun, at: Date(), progress: { _, _ in true },
            found: {
                changes.append($0)
                return true
            })
        return (report, changes)
    }

    private static let words = Array(
        "canonical_id\tlanguage\tterm\nanatomy.chest\ten\troutine thing\n".utf8)

    @Test func `by the rules in force nothing changes, by further words exactly the studies that have them`() throws {
        let school = try School()
        try school.store(1, "routine thing PA and lateral")
        try school.store(2, "Routine Thing PA AND LATERAL", site: "Second Hospital")
        try school.store(3, "胸部正侧位")
        try school.assessAll()
        let (idle, none) = try Self.changes(school.teaching.remapping(), isDryRun: true)
        #expect(none.isEmpty)
        #expect(idle.studyCount == 3)
        #expect(idle.descriptorCount == 3)

        let candidates = CandidateRules(lexicon: ("site.tsv", Self.words))
        let (dry, would) = try Self.changes(school.teaching.remapping(by: candidates), isDryRun: true)
        #expect(dry.changedCount == 2)
        #expect(dry.publishedCount == 0)
        #expect(would.allSatisfy { $0.from.isEmpty && $0.to.hasPrefix("zhejiang-imaging-2021/BW03ZZZ8B") }, "\(would)")
        #expect(try school.code(1) == nil)

        let (real, did) = try Self.changes(school.teaching.remapping(by: candidates), isDryRun: false)
        #expect(did == would)
        #expect(real.publishedCount == 2)
        #expect(try [school.code(1), school.code(2)] == ["BW03ZZZ8B", "BW03ZZZ8B"])
        #expect(try school.version(3) == 1)
        #expect(try Self.changes(school.teaching.remapping(by: candidates), isDryRun: true).1.isEmpty)
        // And back, by the rules in force.
        #expect(try Self.changes(school.teaching.remapping(), isDryRun: false).0.publishedCount == 2)
        #expect(try school.code(1) == nil)
    }

    @Test func `a word that stands for something else, and a concept there is not, are refused with their line`() throws
    {
        let school = try School()
        func fault(_ line: String) -> String {
            let text = "canonical_id\tlanguage\tterm\n\(line)\n"
            do {
                _ = try school.teaching.remapping(by: CandidateRules(lexicon: ("site.tsv", Array(text.utf8))))
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(fault("anatomy.chest\ten\troutine thing").isEmpty)
        #expect(fault("anatomy.chest\ten\tknee").hasPrefix("site.tsv:2: term"))
        #expect(fault("anatomy.tentacle\ten\ttentacle").hasPrefix("site.tsv:2: canonical_id"))
        #expect(fault("chest\ten\ttentacle").hasPrefix("site.tsv:2: canonical_id"))
        #expect(fault("anatomy.chest\ten").hasPrefix("site.tsv:2"))
    }

    @Test func `a walk stops when it is told to`() throws {
        let school = try School()
        try school.store(1, "胸部正侧位")
        try school.assessAll()
        #expect(throws: ArchiveError.stopped) {
            try school.teaching.remapping().run(
                isDryRun: true, at: Date(), progress: { _, _ in false }, found: { _ in true })
        }
    }
}

extension AliasTeaching.Lesson {
    fileprivate func expect(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(renamedCount == count, sourceLocation: sourceLocation)
    }
}
