internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import Ingestion
internal import Recall
internal import Sources

/// Judges a ``Snapshot``: what is worth a person's attention, and how much.
struct StatusReport {
    /// Free space below so many times the reserve is a warning: time to act before instances are refused.
    static let diskWarningFactor = 1.5
    /// A study should be assessed within so many seconds of its last instance.
    static let backlogPatience: TimeInterval = 15 * 60
    /// A failed attempt of an unknown caller is news for so many seconds.
    static let strangerPatience: TimeInterval = 24 * 60 * 60
    /// A certificate that ends within so many seconds is a warning: time to get another.
    static let certificatePatience: TimeInterval = 30 * 24 * 60 * 60

    let facts: DaemonFacts
    let snapshot: Snapshot

    var answer: StatusAnswer {
        StatusAnswer(
            checks: [
                listener, storage, disk, backlog, pixels, associations, peers, studies, persons, text, quarantine,
                commitments, forwards, sources, catalogues, lexicon, decisions,
            ],
            version: facts.version, aeTitle: facts.aeTitle.value, startedAt: facts.startedAt, at: snapshot.at)
    }

    private var listener: StatusAnswer.Check {
        let associations = snapshot.associations
        guard associations.isListening else {
            return .init(name: "listener", state: .critical, summary: "no DICOM port is listening")
        }
        var check = StatusAnswer.Check(
            name: "listener", state: .ok, summary: "\(facts.aeTitle) listens on port \(facts.dicomPort)")
        guard let port = associations.securePort, let end = associations.certificateEnd else { return check }
        let left = end.timeIntervalSince(snapshot.at)
        check.summary += ", by TLS on \(port)"
        if left < 0 {
            check.state = .critical
            check.summary += ": its certificate has ended"
        } else if left < Self.certificatePatience {
            check.state = .warning
            check.summary += ": its certificate ends in \(Self.counted(Int(left / 86_400), "day"))"
        }
        return check
    }

    private var storage: StatusAnswer.Check {
        if let failure = snapshot.failure {
            return .init(name: "storage", state: .critical, summary: "nothing is stored: \(failure)")
        }
        return .init(
            name: "storage", state: .ok, summary: "\(Self.counted(snapshot.counts.instances, "instance")) stored",
            value: snapshot.counts.bytes, unit: "bytes")
    }

    private var disk: StatusAnswer.Check {
        let (available, reserve) = (snapshot.availableByteCount, snapshot.reserveByteCount)
        let figures = "\(Self.size(available)) free, reserve \(Self.size(reserve))"
        var check = StatusAnswer.Check(name: "disk", state: .ok, summary: figures, value: available, unit: "bytes")
        if available < reserve {
            check.state = .critical
            check.summary = "instances are refused: \(figures)"
        } else if Double(available) < Double(reserve) * Self.diskWarningFactor {
            check.state = .warning
            check.summary = "near the reserve: \(figures)"
        }
        return check
    }

    private var backlog: StatusAnswer.Check {
        let waiting = snapshot.counts.awaitingAssessment
        let assessments = snapshot.assessments
        var check = StatusAnswer.Check(
            name: "backlog", state: .ok,
            summary: "\(waiting) waiting for an assessment, \(assessments.running) under way, "
                + "\(assessments.completedLastHour) done in the last hour",
            value: Int64(waiting), unit: "studies")
        if let oldest = snapshot.oldestWaiting, snapshot.at.timeIntervalSince(oldest) > Self.backlogPatience {
            let minutes = Int(snapshot.at.timeIntervalSince(oldest) / 60)
            check.state = .warning
            check.summary += ", the oldest since \(minutes) min"
        }
        return check
    }

    /// Images that took a worker down have a finding each; what needs an operator is a worker that cannot be had, or not
    /// within its walls.
    private var pixels: StatusAnswer.Check {
        let pixels = snapshot.pixels
        var check = StatusAnswer.Check(
            name: "pixels", state: .ok,
            summary: "\(Self.counted(pixels.measured, "image")) measured by \(Self.counted(pixels.running, "worker"))",
            value: Int64(pixels.measured), unit: "images")
        if pixels.crashed > 0 { check.summary += ", \(pixels.crashed) crashed" }
        if pixels.timedOut > 0 { check.summary += ", \(pixels.timedOut) took too long" }
        if let failure = pixels.failure {
            check.state = .warning
            check.summary = "no image is measured: \(failure); " + check.summary
        } else if let missing = pixels.missingWalls {
            check.state = .warning
            check.summary = "the sandbox of the workers lacks \(missing); " + check.summary
        }
        return check
    }

    private var associations: StatusAnswer.Check {
        let facts = snapshot.associations
        let isFull = facts.open >= facts.limit
        return .init(
            name: "associations", state: isFull ? .warning : .ok,
            summary: "\(facts.open) of \(facts.limit) open" + (isFull ? ", further ones are rejected" : ""),
            value: Int64(facts.open), unit: "associations",
            parts: facts.peers.map { peer in
                .init(
                    name: peer.name, state: .ok,
                    summary: "\(peer.open) open" + (peer.refused > 0 ? ", \(peer.refused) refused" : ""),
                    value: Int64(peer.open), unit: "associations")
            })
    }

    private var peers: StatusAnswer.Check {
        let silent = facts.peers.filter { title in !snapshot.peers.contains { $0.aeTitle == title } }
        let parts =
            snapshot.peers.map(part)
            + silent.map { .init(name: $0.value, state: .ok, summary: "nothing received yet") }
        let failing = parts.filter { $0.state != .ok }.count
        return .init(
            name: "peers", state: failing == 0 ? .ok : .warning,
            summary: failing == 0
                ? Self.counted(parts.count, "peer")
                : "\(failing) of \(Self.counted(parts.count, "peer")) failed last",
            value: Int64(parts.count), unit: "peers", parts: parts.sorted { $0.name < $1.name })
    }

    private func part(_ peer: PeerActivity) -> StatusAnswer.Check {
        var check = StatusAnswer.Check(
            name: peer.aeTitle.value, state: .ok, summary: "nothing received yet",
            value: Int64(peer.instanceCount), unit: "instances")
        if let received = peer.lastReceivedAt { check.summary = "received \(Self.ago(received, snapshot.at))" }
        guard let failed = peer.lastFailureAt else { return check }
        check.summary += ", failed \(Self.ago(failed, snapshot.at)): \(peer.lastFailure)"
        let isNewest = peer.lastReceivedAt.map { $0 < failed } ?? true
        let isNews = facts.peers.contains(peer.aeTitle) || snapshot.at.timeIntervalSince(failed) < Self.strangerPatience
        if isNewest, isNews { check.state = .warning }
        return check
    }

    private var studies: StatusAnswer.Check {
        let counts = snapshot.counts
        func part(_ name: String, _ count: Int) -> StatusAnswer.Check {
            .init(name: name, state: .ok, summary: "\(count)", value: Int64(count), unit: "studies")
        }
        return .init(
            name: "studies", state: .ok,
            summary: "\(counts.receivingStudies) receiving, \(counts.settledStudies) settled, "
                + "\(counts.unmappedStudies) unmapped",
            value: Int64(counts.studies), unit: "studies",
            parts: [
                part("receiving", counts.receivingStudies), part("settled", counts.settledStudies),
                part("unmapped", counts.unmappedStudies),
            ])
    }

    /// That somebody should look at pairs is no fault: nothing is joined meanwhile.
    private var persons: StatusAnswer.Check {
        let counts = snapshot.persons
        func part(_ name: String, _ count: Int, _ unit: String) -> StatusAnswer.Check {
            .init(name: name, state: .ok, summary: "\(count)", value: Int64(count), unit: unit)
        }
        func upTo(_ count: Int) -> String {
            count < PersonCounts.limit ? "\(count)" : "\(PersonCounts.limit) or more"
        }
        return .init(
            name: "persons", state: .ok,
            summary: "\(Self.counted(counts.persons, "person")) by \(counts.identities) identities, "
                + "\(upTo(counts.openReviews)) to review, "
                + "\(upTo(counts.pendingStudies)) \(counts.pendingStudies == 1 ? "study" : "studies") to resolve",
            value: Int64(counts.persons), unit: "persons",
            parts: [
                part("identities", counts.identities, "identities"), part("reviews", counts.openReviews, "pairs"),
                part("unresolved", counts.pendingStudies, "studies"),
            ])
    }

    /// Text that was not as declared is nothing to act on; who sends it is worth knowing.
    private var text: StatusAnswer.Check {
        func summary(_ texts: [PeerText]) -> String {
            let states: [TextState] = [.repaired, .guessed, .undecodable]
            return states.map { state in "\(texts.reduce(0) { $0 + $1.count(state) }) \(state.name)" }
                .joined(separator: ", ")
        }
        func total(_ text: PeerText) -> Int64 { Int64(text.studies.values.reduce(0, +)) }
        let peers = snapshot.peers.filter { total($0.text) > 0 }
        return .init(
            name: "text", state: .ok, summary: peers.isEmpty ? "as declared" : summary(peers.map(\.text)),
            value: peers.reduce(0) { $0 + total($1.text) }, unit: "studies",
            parts: peers.map {
                .init(
                    name: $0.aeTitle.value, state: .ok, summary: summary([$0.text]), value: total($0.text),
                    unit: "studies")
            })
    }

    private var quarantine: StatusAnswer.Check {
        let reasons = snapshot.counts.quarantined.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
        let total = reasons.reduce(0) { $0 + $1.value }
        return .init(
            name: "quarantine", state: total == 0 ? .ok : .warning,
            summary: total == 0
                ? "empty" : reasons.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", "),
            value: Int64(total), unit: "objects",
            parts: reasons.map {
                .init(
                    name: $0.key.rawValue, state: .warning, summary: "\($0.value)", value: Int64($0.value),
                    unit: "objects")
            })
    }

    private var commitments: StatusAnswer.Check {
        let counts = snapshot.commitments
        var parts = ["\(Self.counted(counts.queued + counts.unreported, "commitment")) pending"]
        if counts.stuck > 0 { parts.append("\(counts.stuck) not delivered at the first try") }
        if counts.givenUp > 0 { parts.append("\(counts.givenUp) given up") }
        return .init(
            name: "commitments", state: counts.stuck + counts.givenUp == 0 ? .ok : .warning,
            summary: parts.joined(separator: ", "), value: Int64(counts.queued + counts.unreported + counts.givenUp),
            unit: "commitments")
    }

    private var forwards: StatusAnswer.Check {
        let parts = snapshot.destinations.map(destination)
        let waiting = snapshot.forwards.values.reduce(0) { $0 + $1.waiting }
        return .init(
            name: "forwards", state: parts.contains { $0.state != .ok } ? .warning : .ok,
            summary: parts.isEmpty
                ? "no destinations"
                : waiting == 0 ? "none waiting" : "\(Self.counted(waiting, "forward")) waiting",
            value: Int64(waiting), unit: "studies", parts: parts)
    }

    private func destination(_ activity: ForwardActivity) -> StatusAnswer.Check {
        let counts = snapshot.forwards[activity.destination] ?? ForwardCounts()
        let pausedAt = snapshot.pausedForwards[activity.destination]
        var words = ["\(counts.waiting) waiting"]
        if let pausedAt { words.append("paused \(Self.ago(pausedAt, snapshot.at))") }
        if activity.breaker != .closed { words.append("it fails and is called seldom") }
        if counts.stuck > 0 { words.append("\(counts.stuck) not sent at the first try") }
        if counts.incomplete > 0 { words.append("\(counts.incomplete) refused in part") }
        if counts.failed > 0 { words.append("\(counts.failed) given up in part") }
        if counts.committing > 0 { words.append("\(counts.committing) to be committed") }
        if counts.uncommitted > 0 { words.append("\(counts.uncommitted) never committed") }
        if let oldest = counts.oldest { words.append("the oldest queued \(Self.ago(oldest, snapshot.at))") }
        if let failure = activity.lastFailure { words.append("last failure: \(failure)") }
        let isWell =
            activity.breaker == .closed
            && counts.stuck + counts.incomplete + counts.failed + counts.uncommitted == 0
            && (pausedAt == nil || counts.waiting == 0)
        return .init(
            name: activity.destination, state: isWell ? .ok : .warning, summary: words.joined(separator: ", "),
            value: Int64(counts.waiting), unit: "studies")
    }

    private var sources: StatusAnswer.Check {
        let parts = snapshot.sources.map(source)
        let waiting = snapshot.fetches.values.reduce(0) { $0 + $1.waiting }
        return .init(
            name: "sources", state: parts.contains { $0.state != .ok } ? .warning : .ok,
            summary: parts.isEmpty
                ? "none is configured"
                : "\(Self.counted(parts.count, "source")), "
                    + (waiting == 0 ? "nothing waits" : "\(waiting) waiting to be fetched"),
            value: Int64(waiting), unit: "studies", parts: parts)
    }

    private func source(_ activity: SourceActivity) -> StatusAnswer.Check {
        let counts = snapshot.fetches[activity.source.name] ?? SourceFetchCounts()
        var words = ["\(Self.counted(activity.questionCount, "question")), \(activity.failureCount) without answer"]
        if activity.breaker != .closed { words.append("it fails and is left alone") }
        if let last = activity.last, last.state != .answered {
            words.append("last: \(last.state.rawValue), \(last.detail)")
        }
        if counts.waiting > 0 { words.append("\(counts.waiting) waiting to be fetched") }
        if counts.stuck > 0 { words.append("\(counts.stuck) not fetched at the first try") }
        if counts.partial > 0 { words.append("\(counts.partial) fetched in part") }
        if counts.failed > 0 { words.append("\(counts.failed) not fetched") }
        let isWell = activity.breaker == .closed && counts.stuck == 0
        return .init(
            name: activity.source.name, state: isWell ? .ok : .warning, summary: words.joined(separator: "; "),
            value: Int64(counts.waiting), unit: "studies")
    }

    private var catalogues: StatusAnswer.Check {
        let (rows, refused) = (snapshot.catalogues.catalogues, snapshot.catalogues.refused)
        let valid = rows.filter { $0.state == .inForce }
        var check = StatusAnswer.Check(
            name: "catalogues", state: .ok,
            summary: valid.isEmpty ? "none in force" : valid.map(\.id).joined(separator: ", "),
            value: Int64(valid.count), unit: "catalogues",
            parts: refused.map(Self.part))
        if !valid.contains(where: \.isPrimary) {
            check.state = .warning
            check.summary = "no primary catalogue is in force, studies stay unmapped; " + check.summary
        }
        if !refused.isEmpty {
            check.state = .warning
            check.summary = "\(Self.counted(refused.count, "file")) refused; " + check.summary
        }
        return check
    }

    private static func part(_ refused: RefusedCatalogueRow) -> StatusAnswer.Check {
        let fault = refused.faults.first.map { "line \($0.line), \($0.column): \($0.reason)" } ?? ""
        let kept = refused.kept.map { "; \($0) stays in force" } ?? ""
        return .init(name: refused.file, state: .warning, summary: fault + kept)
    }

    private var lexicon: StatusAnswer.Check {
        let (files, refused) = (snapshot.lexicon.files, snapshot.lexicon.refused)
        let count = files.reduce(0) { $0 + $1.wordCount }
        let words =
            files.isEmpty
            ? "no words of the site"
            : "\(Self.counted(count, "word")) of the site in \(Self.counted(files.count, "file"))"
        return .init(
            name: "lexicon", state: refused.isEmpty ? .ok : .warning,
            summary: refused.isEmpty ? words : "\(Self.counted(refused.count, "file")) refused; \(words)",
            value: Int64(count), unit: "words", parts: refused.map(Self.part))
    }

    private static func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
    /// Whoever changes what was decided is to be noticed by whoever looks here.
    private var decisions: StatusAnswer.Check {
        var check = StatusAnswer.Check(
            name: "decisions", state: .ok, summary: "\(Self.counted(snapshot.decisions.count, "event")) in the log",
            value: Int64(snapshot.decisions.count), unit: "events")
        if snapshot.unindexedDecisions > 0 {
            check.state = .warning
            check.summary += ", \(snapshot.unindexedDecisions) not indexed"
        }
        if let found = snapshot.decisionBreak {
            check.state = .critical
            check.summary = "the log does not hold: line \(found.line): \(found.reason)"
        }
        return check
    }

    static func size(_ byteCount: Int64) -> String { byteCount.formatted(.byteCount(style: .file)) }

    static func ago(_ date: Date, _ now: Date) -> String {
        let seconds = max(0, Int(now.timeIntervalSince(date)))
        return switch seconds {
        case ..<120: "\(seconds) s ago"
        case ..<7200: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3600) h ago"
        default: "\(seconds / 86_400) d ago"
        }
    }
}
