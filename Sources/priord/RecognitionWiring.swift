import Archive
import Catalogue
import DICOMCore
import DICOMNetwork
import PriordConfig

extension RecognitionPolicies {
    /// The notices of the configuration; where it names none, the one that is part of the program.
    ///
    /// - Throws: ``CatalogueError``, or ``NoticeClash`` of two files.
    init(_ files: [NoticeFile]) throws {
        if files.isEmpty {
            self.init(try .bundled())
            return
        }
        let policies = try files.map { try RecognitionPolicy(file: $0.path, bytes: $0.bytes) }
        do {
            try self.init(policies)
        } catch {
            throw NoticeClash(path: files[error.place].path, cause: error)
        }
    }
}

/// Two notices that cannot stand beside each other, the later one by its file.
struct NoticeClash: Error, CustomStringConvertible {
    let path: String
    let cause: RecognitionPolicyClash

    var description: String { "\(path): \(cause)" }
}

extension [NoticeFile] {
    /// What is wrong with them; nil when all can be in force.
    var fault: String? {
        do {
            _ = try RecognitionPolicies(self)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

extension Archive {
    /// Whether a structured report says that somebody vouches for it; false too when it cannot be read any more, which
    /// `verify` tells.
    func isVerified(_ report: StoredInstance) -> Bool {
        guard let object = try? open(report) else { return false }
        let header = withExtendedLifetime(object) { try? ObjectHeader(descriptor: object.fileDescriptor) }
        return header?.attributes[.verificationFlag] == "VERIFIED"
    }
}
