import Foundation
import Glibc

/// What one trial of `Clients/durability` counted.
///
/// Four pynetdicom senders write down every answer after it has come; a server is ended or its disk fails at random
/// moments; in the end what was acknowledged is compared, by SHA-256 of the Data Set, with what the server has.
struct DurabilityTrial: Decodable {
    let acknowledged: Int
    let lost: Int
    let changed: Int
    /// Every Status but 0000 that a sender got.
    let refused: [String]
    /// Of priord alone: exit status after SIGTERM, files in `incoming` then, files in quarantine, and `verify --full`.
    let exitStatus: Int32?
    let unfinishedAfterStop: Int?
    let quarantined: Int?
    let verifyStatus: Int32?
    /// Phases of the trials that fill the disk, and files that are left of refused instances.
    let before: Phase?
    let below: Phase?
    let after: Phase?
    let keptOfRefused: Int?

    struct Phase: Decodable, Equatable {
        let acknowledged: Int
        let refused: [String]
    }

    /// Whether priord ended as it should: nothing lost, nothing changed, nothing left lying about.
    var isKept: Bool {
        lost == 0 && changed == 0 && exitStatus == 0 && unfinishedAfterStop == 0 && quarantined == 0
            && verifyStatus == 0
    }

    /// Runs a script of `Clients/durability` that prints one JSON object.
    ///
    /// - Throws: ``PriordProcess/Failure`` with all that it printed when it did not come to its end.
    static func run(
        _ script: String, _ arguments: String..., within limit: Duration
    ) throws -> (trial: DurabilityTrial, text: String) {
        let path = Tool.root.appending(path: "Tests/EndToEndTests/Clients/durability/\(script).py").path
        let binaries = Tool.built("priord").deletingLastPathComponent().path
        // The script gives up a little earlier by itself, and then leaves no mount behind.
        let options = ["--binaries", binaries, "--within", "\(limit.components.seconds - 10)"]
        let output = try Tool.run(Tool.python, [path] + arguments + options, within: limit)
        guard output.isSuccess, let line = output.text.split(separator: "\n").last(where: { $0.hasPrefix("{") }) else {
            throw PriordProcess.Failure(description: "\(script) \(arguments): \(output.text)")
        }
        return (try JSONDecoder().decode(Self.self, from: Data(line.utf8)), String(line))
    }

    /// Whether this process may make disks of its own and take their power away.
    static let canMakeDisks =
        geteuid() == 0
        && ["losetup", "mount", "umount", "xfs_io", "mkfs.ext4", "mkfs.xfs"].allSatisfy { Tool.installed($0) != nil }
        && (try? Tool.run("losetup", ["--find"]))?.isSuccess == true
}
