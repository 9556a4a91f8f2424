internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import Ingestion
internal import Recall
internal import Sources

/// The page at `/metrics`.
struct Metrics {
    /// Peers shown, those that were active last: callers may name themselves as they like.
    static let peerLimit = 200

    let facts: DaemonFacts
    let snapshot: Snapshot

    var text: String {
        var page = MetricsText()
        page.add("priord_build_info", .gauge, "The version that runs.", by: "version", [(facts.version, "1")])
        page.add(
            "priord_start_time_seconds", .gauge, "When the daemon started, Unix time.",
            facts.startedAt.timeIntervalSince1970)
        addIngest(to: &page)
        addAssociations(to: &page)
        addStudies(to: &page)
        addPixelWorkers(to: &page)
        addStorage(to: &page)
        addPeers(to: &page)
        return page.text
    }

    private func addIngest(to page: inout MetricsText) {
        let ingest = snapshot.ingest
        page.add("priord_instances_stored_total", .counter, "Instances stored since the start.", ingest.stored)
        page.add(
            "priord_instances_duplicate_total", .counter, "Instances that came again with the same bytes.",
            ingest.duplicates)
        page.add(
            "priord_instances_conflicting_total", .counter, "Instances whose UID is stored with other bytes.",
            ingest.conflicts)
        let statuses: [DIMSEStatus] = [
            .outOfResources, .dataSetDoesNotMatchSOPClass, .cannotUnderstand, .processingFailure,
        ]
        let others = ingest.refused.keys.filter { !statuses.contains($0) }.sorted { $0.code < $1.code }
        page.add(
            "priord_instances_refused_total", .counter, "Instances refused, by the C-STORE Status answered.",
            by: "status", (statuses + others).map { ($0.description, String(ingest.refused[$0] ?? 0)) })
        page.add("priord_stored_bytes_total", .counter, "Data Set bytes stored since the start.", ingest.byteCount)
        if let last = ingest.lastStoredAt {
            page.add(
                "priord_last_stored_timestamp_seconds", .gauge, "When an instance was last stored, Unix time.",
                last.timeIntervalSince1970)
        }
    }

    private func addAssociations(to page: inout MetricsText) {
        let associations = snapshot.associations
        page.add(
            "priord_listener_up", .gauge, "1 while the DICOM port listens.", associations.isListening ? 1 : 0)
        page.add("priord_associations_open", .gauge, "Associations being served.", associations.open)
        page.add("priord_associations_limit", .gauge, "Associations served at once at most.", associations.limit)
        page.add(
            "priord_associations_waiting", .gauge, "Connections that have not asked for an Association yet.",
            associations.waiting)
        let peers = associations.peers.prefix(Self.peerLimit)
        page.add(
            "priord_peer_associations_open", .gauge, "Associations of a peer being served.", by: "peer",
            peers.map { ($0.name, String($0.open)) })
        page.add(
            "priord_peer_associations_refused_total", .counter,
            "Associations refused to a peer because a limit was reached.", by: "peer",
            peers.map { ($0.name, String($0.refused)) })
    }

    private func addStudies(to page: inout MetricsText) {
        let counts = snapshot.counts
        page.add(
            "priord_studies", .gauge, "Studies in the index, by state.", by: "state",
            [("receiving", String(counts.receivingStudies)), ("settled", String(counts.settledStudies))])
        page.add("priord_studies_unmapped", .gauge, "Assessed studies without a safe match.", counts.unmappedStudies)
        page.add("priord_series", .gauge, "Series in the index.", counts.series)
        page.add("priord_instances", .gauge, "Instances in the index.", counts.instances)
        page.add("priord_instance_bytes", .gauge, "Data Set bytes of all instances.", counts.bytes)
        page.add(
            "priord_assessments_pending", .gauge, "Settled studies that wait for an assessment.",
            counts.awaitingAssessment)
        page.add("priord_assessments_running", .gauge, "Studies being assessed.", snapshot.assessments.running)
        page.add(
            "priord_assessments_completed_total", .counter, "Assessments published since the start.",
            snapshot.assessments.completed)
        page.add(
            "priord_assessments_failed_total", .counter, "Assessments that failed since the start.",
            snapshot.assessments.failed)
        page.add(
            "priord_assessments_given_up_total", .counter,
            "Assessments published without a look, because looking ended the daemon again and again.",
            snapshot.assessments.givenUp)
        if let oldest = snapshot.oldestWaiting {
            page.add(
                "priord_assessments_oldest_pending_seconds", .gauge,
                "Time since the last instance of the study that waits longest for its assessment.",
                max(0, snapshot.at.timeIntervalSince(oldest)))
        }
        page.add(
            "priord_quarantined_objects", .gauge, "Objects in quarantine, by reason.", by: "reason",
            QuarantineReason.allCases.map { ($0.rawValue, String(counts.quarantined[$0] ?? 0)) })
        let commitments = snapshot.commitments
        page.add(
            "priord_commitments", .gauge, "Storage commitments whose result is not delivered, by state.", by: "state",
            [
                ("queued", String(commitments.queued)), ("checked", String(commitments.unreported)),
                ("givenUp", String(commitments.givenUp)),
            ])
        addPersons(to: &page)
        addForwards(to: &page)
        addSources(to: &page)
    }

    private func addSources(to page: inout MetricsText) {
        func each(_ value: (SourceActivity, SourceFetchCounts) -> Int) -> [(name: String, value: String)] {
            snapshot.sources.map { activity in
                let name = activity.source.name
                return (name, String(value(activity, snapshot.fetches[name] ?? SourceFetchCounts())))
            }
        }
        page.add(
            "priord_source_questions_total", .counter, "Questions for priors that a source was asked.", by: "source",
            each { activity, _ in activity.questionCount })
        page.add(
            "priord_source_failures_total", .counter, "Questions that a source did not answer.", by: "source",
            each { activity, _ in activity.failureCount })
        page.add(
            "priord_source_breaker_open", .gauge, "1 while a source fails and is left alone.", by: "source",
            each { activity, _ in activity.breaker == .closed ? 0 : 1 })
        page.add(
            "priord_source_fetches_waiting", .gauge, "Studies waiting to be fetched.", by: "source",
            each { $1.waiting })
        page.add(
            "priord_source_fetches_partial", .gauge, "Studies of which only part was fetched.", by: "source",
            each { $1.partial })
        page.add(
            "priord_source_fetches_failed", .gauge, "Studies that were not fetched.", by: "source", each { $1.failed })
    }

    private func addPersons(to page: inout MetricsText) {
        let counts = snapshot.persons
        page.add("priord_persons", .gauge, "Persons the identities make.", counts.persons)
        page.add("priord_person_identities", .gauge, "Patients as issuers number them.", counts.identities)
        page.add(
            "priord_person_reviews_open", .gauge,
            "Pairs of identities that wait for a person's look; counted to \(PersonCounts.limit).",
            counts.openReviews)
        page.add(
            "priord_persons_unresolved_studies", .gauge,
            "Studies whose person is not resolved yet; counted to \(PersonCounts.limit).",
            counts.pendingStudies)
        if let times = snapshot.resolutionTimes {
            page.add(
                "priord_person_resolution_seconds", .gauge,
                "How long each of the last thousand studies took to be given to its person by itself: its header, its turn at the index, "
                    + "its decision and the commit.",
                by: "quantile",
                [("0.5", "\(times.median / .seconds(1))"), ("0.99", "\(times.ninetyNinth / .seconds(1))")])
        }
        page.add(
            "priord_person_overfull_keys_total", .counter,
            "How often so many identities shared a key that a finer one had to find candidates.", counts.overfullKeys)
    }

    private func addForwards(to page: inout MetricsText) {
        func each(_ value: (ForwardActivity, ForwardCounts) -> any CustomStringConvertible) -> [(
            name: String, value: String
        )] {
            snapshot.destinations.map { activity in
                let counts = snapshot.forwards[activity.destination] ?? ForwardCounts()
                return (activity.destination, "\(value(activity, counts))")
            }
        }
        page.add(
            "priord_forwards_waiting", .gauge, "Studies waiting to be sent.", by: "destination",
            each { $1.waiting })
        page.add(
            "priord_forwards_partly_refused", .gauge, "Studies of which a destination refused something.",
            by: "destination", each { $1.incomplete })
        page.add(
            "priord_forwards_failed", .gauge, "Studies of which instances were given up.", by: "destination",
            each { $1.failed })
        page.add(
            "priord_forwards_committing", .gauge, "Studies that a destination took and is to commit to.",
            by: "destination", each { $1.committing })
        page.add(
            "priord_forwards_uncommitted", .gauge, "Studies that a destination took and never committed to.",
            by: "destination", each { $1.uncommitted })
        page.add(
            "priord_forward_oldest_seconds", .gauge, "Age of the study that waits longest to be sent.",
            by: "destination",
            each { $1.oldest.map { max(0, Int(snapshot.at.timeIntervalSince($0))) } ?? 0 })
        page.add(
            "priord_forward_breaker_open", .gauge, "1 while a destination fails and is called seldom.",
            by: "destination", each { activity, _ in activity.breaker == .closed ? 0 : 1 })
        page.add(
            "priord_forwarded_instances_total", .counter, "Instances taken by a destination.", by: "destination",
            each { activity, _ in activity.instanceCount })
        page.add(
            "priord_forwarded_with_warning_total", .counter, "Instances taken by a destination with a warning.",
            by: "destination", each { activity, _ in activity.warningCount })
        page.add(
            "priord_forwarded_bytes_total", .counter, "Bytes of Data Sets taken by a destination.", by: "destination",
            each { activity, _ in activity.byteCount })
        page.add(
            "priord_forward_failed_attempts_total", .counter, "Attempts that ended before everything was answered.",
            by: "destination", each { activity, _ in activity.failedAttemptCount })
    }

    private func addPixelWorkers(to page: inout MetricsText) {
        let pixels = snapshot.pixels
        page.add("priord_pixel_workers", .gauge, "Processes that decode pixels.", pixels.running)
        page.add(
            "priord_pixel_workers_started_total", .counter, "Processes started to decode pixels.", pixels.started)
        page.add(
            "priord_pixel_workers_lost_total", .counter, "Processes lost while decoding.", by: "reason",
            [("crashed", String(pixels.crashed)), ("timed-out", String(pixels.timedOut))])
        page.add("priord_pixel_images_total", .counter, "Images measured since the start.", pixels.measured)
        page.add(
            "priord_pixel_worker_resident_bytes_max", .gauge, "The most a process held after an image.",
            pixels.greatestResidentByteCount)
        page.add(
            "priord_pixel_sandbox_complete", .gauge, "0 when a wall of the last process's sandbox did not hold.",
            pixels.missingWalls == nil ? 1 : 0)
    }

    private func addStorage(to page: inout MetricsText) {
        page.add(
            "priord_storage_failed", .gauge, "1 while nothing is stored until a restart.",
            snapshot.failure == nil ? 0 : 1)
        page.add(
            "priord_disk_available_bytes", .gauge, "Free bytes of the data directory's file system.",
            snapshot.availableByteCount)
        page.add(
            "priord_disk_reserve_bytes", .gauge, "Free bytes below which instances are refused.",
            snapshot.reserveByteCount)
    }

    private func addPeers(to page: inout MetricsText) {
        func activity(_ peer: PeerActivity) -> Date {
            max(peer.lastReceivedAt ?? .distantPast, peer.lastFailureAt ?? .distantPast)
        }
        let peers = snapshot.peers.sorted { activity($0) > activity($1) }.prefix(Self.peerLimit)
            .sorted { $0.aeTitle.value < $1.aeTitle.value }
        func times(_ time: (PeerActivity) -> Date?) -> [(name: String, value: String)] {
            peers.compactMap { peer in time(peer).map { (peer.aeTitle.value, String($0.timeIntervalSince1970)) } }
        }
        page.add(
            "priord_peer_last_received_timestamp_seconds", .gauge, "When a peer last stored, Unix time.", by: "peer",
            times(\.lastReceivedAt))
        page.add(
            "priord_peer_last_failure_timestamp_seconds", .gauge, "When a peer last failed, Unix time.", by: "peer",
            times(\.lastFailureAt))
        page.add(
            "priord_peer_instances_total", .counter, "Instances stored by a peer.", by: "peer",
            peers.map { ($0.aeTitle.value, String($0.instanceCount)) })
    }
}
