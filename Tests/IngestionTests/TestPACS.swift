import DICOMCore
import DICOMNetwork
import Foundation
import Logging
import Synchronization

@testable import Ingestion

/// A sender that can be asked, on a free port of the loopback, with the manners that such systems have.
final class TestPACS: Sendable {
    enum Manner: Sendable {
        case listsAll
        /// Refuses IMAGE level.
        case countsSeries
        /// Refuses SERIES level too.
        case countsStudy
        case refuses
        /// Accepts the Association and says nothing more.
        case isSilent
        /// Answers with bytes that are no Data Set.
        case talksNonsense
        /// Returns everything it has, whatever is asked for.
        case ignoresKeys
        /// Lists fewer instances than it counts.
        case cutsLists
    }

    struct Instance: Sendable {
        var study = "1.2.1"
        var series = "1.2.1.1"
        var uid: String
        var number: Int
    }

    /// A C-MOVE-RQ as it came.
    struct Move: Sendable, Equatable {
        var level: String
        var series: String?
        var instances: [String]
        var destination: String
    }

    private let manner: Manner
    private let instances: [Instance]
    private let listener: AssociationListener
    private let running = DispatchGroup()
    private let seen = Mutex<(moves: [Move], associations: Int)>(([], 0))
    private let moveStatus: DIMSEStatus
    private let isOver = DispatchSemaphore(value: 0)

    /// - Parameter numbers: Instance Numbers of what it has of study 1.2.1; the UID is 1.2.1.1.N.
    init(_ manner: Manner = .listsAll, numbers: [Int], moveStatus: DIMSEStatus = .success) throws {
        try DICOMLibrary.prepare()
        self.manner = manner
        self.moveStatus = moveStatus
        instances =
            numbers.map { Instance(uid: "1.2.1.1.\($0)", number: $0) }
            + [Instance(study: "1.2.9", series: "1.2.9.1", uid: "1.2.9.1.1", number: 1)]
        listener = try AssociationListener(
            address: "127.0.0.1", port: 0, limits: AssociationLimits(), shares: AssociationShares(limit: 8),
            logger: TestIngest.logger)
        DispatchQueue(label: "pacs").async(group: running) { [self] in listener.run { self.serve($0) } }
    }

    func stop() {
        isOver.signal()
        listener.stop()
        running.wait()
    }

    var port: Int { listener.port }
    var moves: [Move] { seen.withLock { $0.moves } }
    var associationCount: Int { seen.withLock { $0.associations } }

    /// As it stands in priord's configuration.
    func sender(retrievesMissing: Bool = false) throws -> Sender {
        Sender(aeTitle: try AETitle("CT1"), ownAETitle: .priord, retrievesMissing: retrievesMissing) { [port] _ in
            ("127.0.0.1", port)
        }
    }

    private func serve(_ association: Association) {
        seen.withLock { $0.associations += 1 }
        do {
            try association.accept(as: "CT1") { .accepted(transferSyntax: $0.transferSyntaxes[0]) }
            while true {
                let command = try association.receive()
                var bytes: [UInt8] = []
                try association.receiveDataSet(of: command) {
                    bytes += $0
                    return true
                }
                let keys = try AttributeSet(encoded: bytes, transferSyntax: "1.2.840.10008.1.2")
                if command.field == .moveRequest {
                    try move(command, keys, over: association)
                } else {
                    try find(command, keys, over: association)
                }
            }
        } catch AssociationError.released {
            association.confirmRelease()
        } catch {
            association.abort()
        }
    }

    private func find(_ command: Command, _ keys: AttributeSet, over association: Association) throws {
        func send(_ match: AttributeSet) throws {
            try association.send(
                command.response(.findResponse, status: .pending),
                dataSet: match.encoded(transferSyntax: "1.2.840.10008.1.2"))
        }
        func end(_ status: DIMSEStatus) throws {
            try association.send(command.response(.findResponse, status: status))
        }
        let level = keys[.queryRetrieveLevel] ?? ""
        switch (manner, level) {
        case (.isSilent, _):
            isOver.wait()
            isOver.signal()
            return
        case (.talksNonsense, _):
            return try association.send(
                command.response(.findResponse, status: .pending), dataSet: Array("nonsense!".utf8))
        case (.refuses, _), (.countsSeries, "IMAGE"), (.countsStudy, "IMAGE"), (.countsStudy, "SERIES"):
            return try end(.dataSetDoesNotMatchSOPClass)
        default: break
        }
        var found = instances
        if manner != .ignoresKeys {
            found = found.filter { instance in
                instance.study == keys[.studyInstanceUID]
                    && (level != "IMAGE" || instance.series == keys[.seriesInstanceUID])
            }
        }
        if level == "IMAGE", manner == .cutsLists { found.removeLast() }
        for match in matches(found, level) { try send(match) }
        try end(.success)
    }

    private func matches(_ found: [Instance], _ level: String) -> [AttributeSet] {
        switch level {
        case "IMAGE":
            found.map { instance in
                AttributeSet(values: [
                    .studyInstanceUID: [instance.study], .seriesInstanceUID: [instance.series],
                    .sopInstanceUID: [instance.uid], .instanceNumber: ["\(instance.number)"],
                    .sopClassUID: [TestIngest.capture],
                ])
            }
        case "SERIES":
            Dictionary(grouping: found, by: \.series).map { uid, instances in
                AttributeSet(values: [
                    .studyInstanceUID: [instances[0].study], .seriesInstanceUID: [uid], .modality: ["OT"],
                    .numberOfSeriesRelatedInstances: ["\(instances.count)"],
                ])
            }
        default:
            Dictionary(grouping: found, by: \.study).map { uid, instances in
                AttributeSet(values: [
                    .studyInstanceUID: [uid], .numberOfStudyRelatedInstances: ["\(instances.count)"],
                    .modalitiesInStudy: ["OT"],
                ])
            }
        }
    }

    private func move(_ command: Command, _ keys: AttributeSet, over association: Association) throws {
        let instances = keys.strings(.sopInstanceUID)
        seen.withLock {
            $0.moves.append(
                Move(
                    level: keys[.queryRetrieveLevel] ?? "", series: keys[.seriesInstanceUID], instances: instances,
                    destination: command.moveDestination))
        }
        var last = command.response(.moveResponse, status: moveStatus)
        last.subOperations =
            moveStatus == .success ? SubOperations(completed: instances.count) : SubOperations(failed: instances.count)
        try association.send(last)
    }
}
