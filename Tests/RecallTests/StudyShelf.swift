import Archive
import Catalogue
import DICOMCore
import Foundation
import Logging
import Synchronization
import TestCatalogues
import Testing

@testable import Recall

/// The day the tests run on.
let today = CalendarDay(dicom: "20261121")!

/// An archive with made-up studies that were already assessed.
final class StudyShelf: Sendable {
    private let directory = NSTemporaryDirectory() + "recall-" + UUID().uuidString
    let archive: Archive
    /// What the objects of a study say of its patient beyond the index, by its number.
    private let headers = Mutex<[StudyInstanceUID: PatientHeader]>([:])
    private let headerReads = Mutex(0)

    convenience init() throws { try self.init(filledBy: { _ in }) }

    private init(filledBy fill: (_ directory: String) throws -> Void) throws {
        try fill(directory)
        var settings = ArchiveSettings()
        settings.diskReserveByteCount = 0
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        archive = try Archive.open(directory: directory, settings: settings, logger: logger) { _, _ in
            throw CocoaError(.fileReadUnknown)
        }.archive
    }

    deinit {
        try? archive.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The archive after its power was cut at the end of `body`, by a disk that had not written any of the index meanwhile.
    func cuttingPower(after body: () throws -> Void) throws -> StudyShelf {
        let (files, kept) = (FileManager.default, directory + "-kept")
        defer { try? files.removeItem(atPath: kept) }
        let index = ["index.sqlite", "index.sqlite-wal"]
        try files.createDirectory(atPath: kept, withIntermediateDirectories: true)
        for name in index { try files.copyItem(atPath: directory + "/" + name, toPath: kept + "/" + name) }
        try body()
        let shelf = try StudyShelf { other in
            try files.copyItem(atPath: directory, toPath: other)
            try files.removeItem(atPath: other + "/index.sqlite-shm")
            for name in index {
                try files.removeItem(atPath: other + "/" + name)
                try files.copyItem(atPath: kept + "/" + name, toPath: other + "/" + name)
            }
        }
        let known = headers.withLock { $0 }
        shelf.headers.withLock { $0 = known }
        return shelf
    }

    struct Study {
        var patientID = "P1"
        var issuer = "H1"
        var birthDate = "19700101"
        var name = ""
        var sex = ""
        var sender: AETitle?
        var header: PatientHeader?
        var date = "20261101"
        var time = "080000"
        var institution = "First Hospital"
        var accessionNumber = ""
        var code: String? = "BW03ZZZ8B"
        var completeness = "complete"
        var quality = "pass"
        var json = "{}"
        var hasReport = true
        /// Modality and SOP Class of the report; an Encapsulated PDF unless something else is said.
        var report = ("DOC", "1.2.840.10008.5.1.4.1.1.104.1")
    }

    /// Stores and assesses study `number`.
    func add(_ number: Int, _ change: (inout Study) -> Void = { _ in }) throws {
        var study = Study()
        change(&study)
        let header = study.header
        try headers.withLock { $0[try .sample(number)] = header }
        let kinds = [("DX", "1.2.840.10008.5.1.4.1.1.1.1"), study.report]
        for (series, kind) in kinds.prefix(study.hasReport ? 2 : 1).enumerated() {
            let record = try InstanceRecord(
                sopInstanceUID: SOPInstanceUID("1.2.\(number).\(series).1"), sopClassUID: SOPClassUID(kind.1),
                seriesInstanceUID: SeriesInstanceUID("1.2.\(number).\(series)"),
                studyInstanceUID: .sample(number), transferSyntaxUID: TransferSyntaxUID("1.2.840.10008.1.2.1"),
                patient: PatientRecord(
                    patientID: study.patientID, issuer: study.issuer, name: study.name, birthDate: study.birthDate,
                    sex: study.sex),
                study: StudyRecord(
                    date: study.date, time: study.time, accessionNumber: study.accessionNumber,
                    institution: study.institution),
                series: SeriesRecord(modality: kind.0))
            let writer = try archive.begin()
            try [UInt8](repeating: 0, count: 140).withUnsafeBytes { try writer.writePreamble($0) }
            try Array(record.sopInstanceUID.value.utf8).withUnsafeBytes { try writer.write($0) }
            let origin = InstanceOrigin(
                callingAETitle: study.sender, calledAETitle: nil, host: "test", receivedAt: Date())
            _ = try archive.commit(writer.finish(), record: record, origin: origin)
        }
        try publish(study, of: number)
    }

    private func publish(_ study: Study, of number: Int) throws {
        let draft = AssessmentDraft(
            instanceCount: study.hasReport ? 2 : 1, at: Date(),
            match: study.code.map { CatalogueMatch(catalogue: "zhejiang-imaging-2021", code: $0, confidence: 1) },
            completeness: study.completeness, quality: study.quality, json: study.json)
        _ = try archive.index.publish(draft, of: .sample(number))
    }

    /// Assesses study `number` again.
    func assess(_ number: Int, quality: String) throws {
        var study = Study()
        study.quality = quality
        try publish(study, of: number)
    }

    /// Stores an angiography study that was named `entries`, as `catalogue/key`, and names who made it.
    func perform(
        _ number: Int, _ entries: [String], by names: [String], date: String = "20260601",
        institution: String = "First Hospital", operating: Bool = false
    ) throws {
        let record = try InstanceRecord(
            sopInstanceUID: SOPInstanceUID("1.2.\(number).0.1"),
            sopClassUID: SOPClassUID("1.2.840.10008.5.1.4.1.1.12.1"),
            seriesInstanceUID: SeriesInstanceUID("1.2.\(number).0"), studyInstanceUID: .sample(number),
            transferSyntaxUID: TransferSyntaxUID("1.2.840.10008.1.2.1"), patient: PatientRecord(patientID: "P1"),
            study: StudyRecord(date: date, institution: institution), series: SeriesRecord(modality: "XA"))
        let writer = try archive.begin()
        try [UInt8](repeating: 0, count: 140).withUnsafeBytes { try writer.writePreamble($0) }
        let origin = InstanceOrigin(callingAETitle: nil, calledAETitle: nil, host: "test", receivedAt: Date())
        _ = try archive.commit(writer.finish(), record: record, origin: origin)
        let descriptor = DescriptorRecord(foldedDescription: "", description: "", modality: "XA", json: "{}")
        var draft = AssessmentDraft(
            instanceCount: 1, at: Date(), match: nil, completeness: "unknown", quality: "pass", json: "{}",
            basis: AssessmentBasis(
                descriptor: descriptor, outcome: entries.joined(separator: "+"), awaitsReview: false, aliasEvent: 0))
        draft.operators = names.map { StudyOperator(operating ? .operating : .performing, name: $0) }
        _ = try archive.index.publish(draft, of: .sample(number))
    }

    var index: StudyIndex { archive.index }

    func recall(
        policies: RecognitionPolicies = RecognitionPolicies(Bundled.policy),
        institutions: InstitutionRegister = InstitutionRegister(), library: CatalogueLibrary = Bundled.library,
        primary: ListID = .zhejiangImaging, isToday: Bool = false, verified: Set<StudyInstanceUID> = []
    ) throws -> Recall {
        Recall(
            persons: try registry(institutions), policies: policies, coverage: Bundled.coverage, primary: primary,
            library: { library },
            today: { isToday ? CalendarDay(seconds: Date().timeIntervalSince1970) : today },
            isVerified: { verified.contains($0.studyInstanceUID) })
    }

    /// The registry as it is after a start.
    ///
    /// - Parameter whileReading: done when an object is read, before it is.
    func registry(
        _ institutions: InstitutionRegister = InstitutionRegister(), placeholders: Set<String> = [],
        whileReading: @escaping @Sendable (StoredInstance) -> Void = { _ in }
    ) throws -> PersonRegistry {
        try PersonRegistry(
            archive: archive, institutions: institutions, surnames: Surname.bundled(), placeholders: placeholders
        ) { instance in
            whileReading(instance)
            return self.header(of: instance)
        }
    }

    /// Another program's hand in the index.
    func change(index sql: String) throws {
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        python.arguments = [
            "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2]).close()",
            directory + "/index.sqlite", sql,
        ]
        try python.run()
        python.waitUntilExit()
        try #require(python.terminationStatus == 0)
    }

    /// A line in the log of decisions as a later version may write it.
    func append(decision record: String) throws { try archive.decisions.append(Data(record.utf8)) }

    private func header(of instance: StoredInstance) -> PatientHeader? {
        headerReads.withLock { $0 += 1 }
        return headers.withLock { $0[instance.studyInstanceUID] }
    }

    /// How many objects were read.
    var headerReadCount: Int { headerReads.withLock { $0 } }

    /// - Parameter isToday: whether ages count to the day it really is.
    func desk(
        isToday: Bool = false, of recall: Recall? = nil, now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> RecognitionDesk {
        try RecognitionDesk(archive: archive, recall: recall ?? self.recall(isToday: isToday), zone: .gmt, now: now)
    }

    /// The decision log as it lies there.
    func log() throws -> String { try String(contentsOfFile: directory + "/decisions.log", encoding: .utf8) }

    func append(_ record: String) throws { try archive.decisions.append(Data(record.utf8)) }

    /// Numbers of the priors of study `number`, best first.
    func priors(of number: Int) throws -> [Int] {
        try answer(number).priors.compactMap { Int($0.studyInstanceUID.value.dropFirst(4)) }
    }

    func answer(_ number: Int) throws -> Priors {
        try recall().priors(forStudy: .sample(number))
    }

    /// The verdict on study 1 as a prior of study 2, made at the same institution.
    func verdict(_ change: (inout Study) -> Void) throws -> Recognition {
        try add(1, change)
        try add(2) { $0.date = "20261120" }
        return try #require(answer(2).priors.first).recognition
    }
}

extension StudyInstanceUID {
    static func sample(_ number: Int) throws -> StudyInstanceUID { try StudyInstanceUID("1.2.\(number)") }
}
