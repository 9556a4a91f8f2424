public import Archive
internal import Catalogue
internal import DICOMCore
public import Foundation
internal import Logging
internal import Matching

/// Studies of one description whose name changes in the same way.
public struct RemapChange: Sendable, Equatable {
    public var description: String
    public var modality: String
    /// What they were named and what they are named now, each as `catalogue/key` joined by `+`; "" for nothing, `NONE`
    /// for what a person said is none of the items.
    public var from: String
    public var to: String
    /// Their Study Instance UIDs, at most ``Remapping/stepCount`` of them; further ones come in further changes.
    public var studies: [String]
}

/// What a walk through all studies found.
public struct RemapReport: Sendable, Equatable {
    /// Distinct descriptors that were matched.
    public var descriptorCount = 0
    public var studyCount = 0
    /// Of these, studies that an earlier version assessed and whose objects had to be read.
    public var readCount = 0
    public var changedCount = 0
    /// Studies whose new assessment was published; 0 when nothing was to be changed.
    public var publishedCount = 0
}

/// Names every study anew and tells, or publishes, what changes.
///
/// Distinct descriptors are matched once. Memory does not grow with the number of studies.
public struct Remapping: Sendable {
    static let stepCount = 500
    private let archive: Archive
    private let assessor: StudyAssessor
    private let namer: StudyNamer
    private let aliases: AliasesInForce.State
    private let onChange: @Sendable () -> Void

    /// - Parameters:
    ///   - namer: the rules to name by.
    ///   - onChange: called when studies wait to be assessed anew.
    init(
        archive: Archive, assessor: StudyAssessor, namer: StudyNamer, aliases: AliasesInForce,
        onChange: @escaping @Sendable () -> Void
    ) {
        self.archive = archive
        self.assessor = assessor
        self.namer = namer
        self.aliases = aliases.state
        self.onChange = onChange
    }

    /// Blocks for the disk.
    ///
    /// - Parameters:
    ///   - isDryRun: change nothing.
    ///   - found: gets the changes as they are found, by description; false stops the walk.
    /// - Throws: ``ArchiveError/stopped`` when `found` or `progress` says so.
    public func run(
        isDryRun: Bool, at date: Date, progress: ArchiveProgress, found: (RemapChange) -> Bool
    ) throws -> RemapReport {
        let total = try archive.index.counts().studies
        var report = RemapReport()
        var cursor: DescriptorCursor? = .start
        defer { if report.publishedCount > 0 { onChange() } }
        while let start = cursor {
            let (next, changes) = try walk(after: start, &report)
            cursor = next
            for (key, ids) in changes.byKey {
                for ids in ids.steps(of: Self.stepCount) {
                    try settle(ids, key, isDryRun, date, &report, found)
                }
            }
            guard progress(report.studyCount, total) else { throw ArchiveError.stopped }
        }
        try readRest(isDryRun, date, total, &report, progress, found)
        return report
    }

    private var renaming: Renaming {
        Renaming(archive: archive, assessor: assessor, namer: namer, aliases: aliases)
    }

    // MARK: Studies with a descriptor

    private struct ChangeKey: Hashable {
        let description: String
        let modality: String
        let from: String
        let to: String
    }

    /// Rows of the studies that change, in the order they were met.
    private struct ChangedStudies {
        private(set) var byKey: [(key: ChangeKey, ids: [Int64])] = []
        private var places: [ChangeKey: Int] = [:]

        mutating func add(_ id: Int64, _ key: ChangeKey) {
            if let place = places[key] {
                byKey[place].ids.append(id)
            } else {
                places[key] = byKey.count
                byKey.append((key, [id]))
            }
        }
    }

    private func walk(
        after start: DescriptorCursor, _ report: inout RemapReport
    ) throws -> (next: DescriptorCursor?, ChangedStudies) {
        let turningDays = namer.turningDays
        var changes = ChangedStudies()
        var descriptorCount = 0
        var studyCount = 0
        let next = try archive.index.walkDescriptors(after: start, limit: Self.stepCount) { stored in
            descriptorCount += 1
            let record = stored.record
            let study = StudyDescriptor(json: record.json)
            let mayBeTaught = study.map { DescriptionKey($0.title).map(aliases.book.has) ?? false } ?? false
            // What the study's name depends on beside its descriptor.
            struct Circumstance: Hashable {
                let period: Int
                let site: String
                let aeTitle: String
            }
            var known: [Circumstance: String] = [:]
            return { row in
                studyCount += 1
                guard let study else { return }
                let day = CalendarDay(dicom: row.date) ?? row.arrivedAt.map(CalendarDay.init(localDayOf:))
                let circumstance = Circumstance(
                    period: day.map { day in turningDays.count { $0 <= day } } ?? -1,
                    site: mayBeTaught ? row.institution : "", aeTitle: mayBeTaught ? row.sourceAETitle : "")
                let to: String
                if let text = known[circumstance] {
                    to = text
                } else {
                    to = renaming.name(study, on: day, site: row.institution, aeTitle: row.sourceAETitle).outcomeText
                    known[circumstance] = to
                }
                guard to != row.outcome else { return }
                changes.add(
                    row.id,
                    ChangeKey(
                        description: record.description, modality: record.modality, from: row.outcome, to: to))
            }
        }
        report.descriptorCount += descriptorCount
        report.studyCount += studyCount
        return (next, changes)
    }

    private func settle(
        _ ids: [Int64], _ key: ChangeKey, _ isDryRun: Bool, _ date: Date, _ report: inout RemapReport,
        _ found: (RemapChange) -> Bool
    ) throws {
        let uids: [String]
        if isDryRun {
            uids = try archive.index.settledStudyUIDs(ids).map(\.value)
        } else {
            let changes = try renaming.changes(of: ids)
            report.publishedCount += try publish(changes, date)
            uids = changes.map(\.study.studyInstanceUID.value)
        }
        guard !uids.isEmpty else { return }
        report.changedCount += uids.count
        let change = RemapChange(
            description: key.description, modality: key.modality, from: key.from, to: key.to, studies: uids)
        guard found(change) else { throw ArchiveError.stopped }
    }

    private func publish(_ changes: [Renaming.Change], _ date: Date) throws(ArchiveError) -> Int {
        try archive.index.publish(renamed: changes.map(\.draft), note: "remap", at: date)
    }

    // MARK: Studies without one

    private func readRest(
        _ isDryRun: Bool, _ date: Date, _ total: Int, _ report: inout RemapReport, _ progress: ArchiveProgress,
        _ found: (RemapChange) -> Bool
    ) throws {
        var last: Int64 = 0
        while true {
            // Few at a time, as the objects of each are read.
            let ids = try archive.index.studiesWithoutDescriptor(after: last, limit: 10)
            guard let next = ids.last else { return }
            last = next
            let changes = try renaming.changes(of: ids).filter { $0.old.outcomeText != $0.new.outcomeText }
            report.studyCount += ids.count
            report.readCount += ids.count
            report.changedCount += changes.count
            if !isDryRun { report.publishedCount += try publish(changes, date) }
            for change in changes {
                let summary = try archive.index.study(change.study.studyInstanceUID)
                let isTold = found(
                    RemapChange(
                        description: summary?.study.description ?? "",
                        modality: summary?.modalities.joined(separator: "+") ?? "", from: change.old.outcomeText,
                        to: change.new.outcomeText, studies: [change.study.studyInstanceUID.value]))
                guard isTold else { throw ArchiveError.stopped }
            }
            guard progress(report.studyCount, total) else { throw ArchiveError.stopped }
        }
    }
}

extension Array {
    /// The elements in order, at most `count` together.
    fileprivate func steps(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
