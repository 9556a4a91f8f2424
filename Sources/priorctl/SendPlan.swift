internal import DICOMNetwork
internal import Foundation

/// What goes over the same Associations: at most as many kinds of object as one can negotiate.
struct SendPlan {
    /// SOP Class and Transfer Syntax: one Presentation Context, since stored bytes are never transcoded.
    struct Kind: Hashable, Sendable {
        let sopClassUID: String
        let transferSyntaxUID: String
    }

    struct File: Sendable, Equatable {
        let path: String
        let kind: Kind
        let sopInstanceUID: String
        let dataSetOffset: Int
        let byteCount: Int
    }

    struct Batch: Sendable {
        var kinds: [Kind] = []
        var files: [File] = []
    }

    private(set) var batches: [Batch] = []
    /// Files whose header says too little to send them.
    private(set) var unreadable: [(path: String, reason: String)] = []
    var fileCount: Int { batches.reduce(0) { $0 + $1.files.count } }

    /// Reads the File Meta Information of every file; the Data Sets are left alone.
    init(paths: [String], kindLimit: Int = AssociationRequest.contextLimit) {
        var files: [File] = []
        var unreadable: [(path: String, reason: String)] = []
        for path in paths {
            do {
                files.append(try File(path: path))
            } catch {
                unreadable.append((path, "\(error)"))
            }
        }
        self.init(files: files, kindLimit: kindLimit, unreadable: unreadable)
    }

    init(files: [File], kindLimit: Int, unreadable: [(path: String, reason: String)] = []) {
        self.unreadable = unreadable
        var places: [Kind: Int] = [:]
        for file in files {
            if let place = places[file.kind] {
                batches[place].files.append(file)
                continue
            }
            if (batches.last?.kinds.count ?? kindLimit) >= kindLimit { batches.append(Batch()) }
            let place = batches.count - 1
            places[file.kind] = place
            batches[place].kinds.append(file.kind)
            batches[place].files.append(file)
        }
    }
}

extension SendPlan.File {
    /// - Throws: ``CommandFailure/file(path:reason:)``.
    init(path: String) throws(CommandFailure) {
        do {
            guard let file = FileHandle(forReadingAtPath: path) else {
                throw CommandFailure.file(path: path, reason: "cannot be read")
            }
            defer { try? file.close() }
            let start = try file.read(upToCount: FileMeta.byteCountLimit) ?? Data()
            let (meta, offset) = try FileMeta.parse(Array(start))
            let end = try file.seekToEnd()
            guard !meta.mediaStorageSOPClassUID.isEmpty, !meta.mediaStorageSOPInstanceUID.isEmpty,
                !meta.transferSyntaxUID.isEmpty, Int(end) > offset
            else { throw CommandFailure.file(path: path, reason: "its File Meta Information is not complete") }
            self.init(
                path: path,
                kind: SendPlan.Kind(
                    sopClassUID: meta.mediaStorageSOPClassUID, transferSyntaxUID: meta.transferSyntaxUID),
                sopInstanceUID: meta.mediaStorageSOPInstanceUID, dataSetOffset: offset,
                byteCount: Int(end) - offset)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
    }
}
