internal import Archive
public import DICOMCore
internal import Foundation
internal import Synchronization

/// What one step of resolution did.
public struct ResolutionStep: Sendable {
    public var resolvedCount = 0
    /// Studies that could not be resolved, and are let alone for ``ResolutionProgress/pause``.
    public var failures: [Failure] = []

    public struct Failure: Sendable {
        public let study: StudyInstanceUID
        public let why: PersonError
    }
}

/// Who sent a study, as far as it tells where it was made.
struct Sender: Hashable {
    let institution: String
    let sourceAETitle: AETitle?
}

/// Where the resolution of studies stands.
struct ResolutionProgress {
    /// Until a study that could not be resolved is tried again.
    static let pause = Duration.seconds(60)
    private static let sizes = 16...1024

    /// Studies that are looked at in one step.
    private(set) var size = 64
    private(set) var setAside: [StudyInstanceUID: ContinuousClock.Instant] = [:]
    /// Who numbered the patients of a sender, which is asked for every study.
    var senders: [Sender: Institution?] = [:]
    /// How long the last studies took, in the order of a ring.
    private(set) var times: [Duration] = []
    private var nextTime = 0

    mutating func begin(at now: ContinuousClock.Instant = .now) {
        if !setAside.isEmpty { setAside = setAside.filter { $0.value > now } }
    }

    mutating func setAside(_ study: StudyInstanceUID) { setAside[study] = .now + Self.pause }

    /// Steps grow while they are short, and never much beyond what was done before time was up.
    mutating func note(done: Int, of count: Int, in time: Duration, allowed: Duration) {
        if done < count {
            size = max(Self.sizes.lowerBound, done)
        } else if done >= size, time < allowed / 2 {
            size = min(Self.sizes.upperBound, 2 * size)
        }
    }

    mutating func note(_ time: Duration) {
        if times.count < ResolutionTimes.count {
            times.append(time)
        } else {
            times[nextTime] = time
        }
        nextTime = (nextTime + 1) % ResolutionTimes.count
    }
}

extension PersonRegistry {
    /// How long one transaction may take while nobody else waits for the index.
    private static let stepTime = Duration.milliseconds(100)
    /// How long headers are read for one step, and studies resolved for one question.
    private static let (readingTime, askingTime) = (Duration.milliseconds(50), Duration.seconds(1))
    private static let senderLimit = 10_000
    /// Studies of a step before which the index is looked at.
    private static let lookAheadLimit = 128

    /// How long the last studies took; nil when there was none since the start.
    public var resolutionTimes: ResolutionTimes? { ResolutionTimes(progress.withLock { $0.times }) }

    /// Resolves studies that wait for it, oldest first, in one short transaction.
    ///
    /// - Returns: an empty step when none waits that can be resolved.
    /// - Throws: when none of several can be: then it is not for them.
    public func resolvePending() throws(PersonError) -> ResolutionStep {
        let (size, setAside) = progress.withLock { progress in
            progress.begin()
            return (progress.size, progress.setAside)
        }
        let studies = try reading { table in
            try table.pending(limit: size + setAside.count).filter { setAside[$0.studyInstanceUID] == nil }
        }
        guard !studies.isEmpty else { return ResolutionStep() }
        do throws(PersonError) {
            return ResolutionStep(resolvedCount: try resolve(studies))
        } catch {
            // One bad study must not keep the others waiting.
            var step = ResolutionStep()
            for study in studies {
                do throws(PersonError) {
                    step.resolvedCount += try resolve([study])
                } catch let failure {
                    progress.withLock { $0.setAside(study.studyInstanceUID) }
                    step.failures.append(.init(study: study.studyInstanceUID, why: failure))
                    if step.resolvedCount == 0, step.failures.count > 2 { throw error }
                }
            }
            return step
        }
    }

    /// Resolves what waits of one patient's number, so that an answer about it is whole.
    func resolvePending(patientID: String, issuer: String) throws(PersonError) {
        guard !patientID.isEmpty else { return }
        let end = ContinuousClock.now + Self.askingTime
        repeat {
            let studies = try reading { try $0.pending(patientID: patientID, issuer: issuer, limit: 64) }
            guard !studies.isEmpty, try resolve(studies) > 0 else { return }
        } while .now < end
    }

    /// A study as it was before the transaction that gives it to an identity.
    private struct Prepared {
        let study: IdentityStudy
        let origin: PersonOrigin
        let found: IdentityFinder.Finding
        /// Whether an object was read, or tried to be.
        var isRead = false
        var header: PatientHeader?
        /// How long was read for it.
        var time = Duration.zero
    }

    /// What is new about a study, such that an object has to be read.
    private struct Description: Hashable {
        let origin: PersonOrigin
        let patientID: String
        let traits: [String]
    }

    /// - Returns: how many of the studies, in their order, were resolved before time was up. One that has changed meanwhile
    ///   is left for the next time.
    private func resolve(_ studies: [IdentityStudy]) throws(PersonError) -> Int {
        let prepared = try lookAhead(prepare(studies))
        let start = ContinuousClock.now
        let works = try changing { resolver in
            let begun = ContinuousClock.now
            var works: [(reading: Duration, resolving: Duration)] = []
            for one in prepared {
                let began = ContinuousClock.now
                guard try resolver.table.study(row: one.study.id) == one.study,
                    try resolver.resolve(one.study, from: one.origin, header: one.header, isRead: one.isRead)
                else { continue }
                works.append((one.time, began.duration(to: .now)))
                if begun.duration(to: .now) > (index.isAwaited ? StudyIndex.awaitedTime : Self.stepTime) { break }
            }
            return works
        }
        let whole = start.duration(to: .now)
        // What each would have taken by itself: waiting for the index and the commit are in every one of them.
        let shared = works.reduce(whole) { $0 - $1.resolving }
        progress.withLock { progress in
            progress.note(done: works.count, of: studies.count, in: whole, allowed: Self.stepTime)
            for work in works { progress.note(work.reading + work.resolving + shared) }
        }
        return works.count
    }

    /// Objects are read before the transaction, and few of each identity.
    private func prepare(_ studies: [IdentityStudy]) throws(PersonError) -> [Prepared] {
        var prepared = try reading { table in
            let finder = IdentityFinder(table: table, notation: notation)
            return try studies.map { study in
                let origin = origin(of: study)
                return Prepared(study: study, origin: origin, found: try finder.find(study, from: origin))
            }
        }
        var left: [Description: Int] = [:]
        let start = ContinuousClock.now
        for number in prepared.indices {
            let identity = prepared[number].found.known
            if let identity, !identity.wantsHeader { continue }
            let (study, patient) = (prepared[number].study, prepared[number].study.patient)
            let description = Description(
                origin: prepared[number].origin, patientID: patient.patientID,
                traits: [patient.name, patient.birthDate, patient.sex])
            let count = left[description] ?? (IdentityRecord.headerLimit - (identity?.studyCount ?? 0))
            guard count > 0 else { continue }
            let began = ContinuousClock.now
            if start.duration(to: began) > Self.readingTime { return Array(prepared[..<number]) }
            prepared[number].header = try header(of: study)
            prepared[number].isRead = true
            prepared[number].time = began.duration(to: .now)
            let identifies = prepared[number].header?.identifies(patient) ?? false
            left[description] = identifies ? 0 : count - 1
        }
        return prepared
    }

    /// Reads what the transaction is going to read, so that it finds it in memory: nobody then waits for it while the disk
    /// is read. A step becomes long where nobody waits, and is not worth it.
    private func lookAhead(_ studies: [Prepared]) throws(PersonError) -> [Prepared] {
        guard studies.count <= Self.lookAheadLimit else { return studies }
        return try reading { table in
            try studies.map { study in
                var one = study
                let began = ContinuousClock.now
                if let known = one.found.known {
                    try table.lookAhead(toStudyOf: known.id)
                } else if one.isRead {
                    let newcomer = IdentityFinder.newcomer(
                        one.study, from: one.origin, variant: one.found.variant, one.header, notation)
                    let keys = PersonKeys(newcomer)
                    try table.lookAhead(
                        toIdentity: newcomer.key, kept: keys.kept, sought: keys.sought, limit: PersonResolver.keyLimit)
                }
                one.time += began.duration(to: .now)
                return one
            }
        }
    }

    private func origin(of study: IdentityStudy) -> PersonOrigin {
        let sender = Sender(institution: study.institution, sourceAETitle: study.sourceAETitle)
        let known = progress.withLock { progress in
            if let known = progress.senders[sender] { return known }
            let found = institutions.institution(named: study.institution, from: study.sourceAETitle)
            if progress.senders.count >= Self.senderLimit { progress.senders = [:] }
            progress.senders[sender] = .some(found)
            return found
        }
        return PersonOrigin(
            issuer: study.patient.issuer, institution: study.institution, sourceAETitle: study.sourceAETitle,
            known: known)
    }

    private func header(of study: IdentityStudy) throws(PersonError) -> PatientHeader? {
        let instance: StoredInstance?
        do throws(ArchiveError) {
            instance = try index.instance(speakingFor: study.id)
        } catch {
            throw .index(error)
        }
        return instance.flatMap(readHeader)
    }
}
