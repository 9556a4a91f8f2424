public import DICOMCore
internal import Foundation
internal import Synchronization

extension Archive {
    /// Copies the Instances of a Study into ordinary Part-10 files: `directory/Study/Series/SOP Instance UID.dcm`.
    ///
    /// A file that is there already with the same bytes is left alone, so an interrupted export can be repeated.
    ///
    /// - Returns: how many Instances `directory` has now.
    /// - Throws: ``ArchiveError/unknownStudy``; ``ArchiveError/exportExists(name:)``; ``ArchiveError/stopped``.
    @discardableResult
    public func export(
        _ study: StudyInstanceUID, to directory: String, progress: ArchiveProgress = { _, _ in true }
    ) throws(ArchiveError) -> Int {
        guard let total = try index.study(study)?.instanceCount else { throw .unknownStudy }
        var done = 0
        for instance in try index.instances(inStudy: study) {
            try copy(instance, to: directory)
            done += 1
            guard progress(done, total) else { throw .stopped }
        }
        return done
    }

    /// Copies every Instance, as ``export(_:to:progress:)`` does.
    @discardableResult
    public func exportAll(
        to directory: String, progress: ArchiveProgress = { _, _ in true }
    ) throws(ArchiveError) -> Int {
        let total = try index.counts().instances
        let end = committer.state.withLock { $0.nextOrdinal }
        var done = 0
        for first in stride(from: Int64(0), to: end, by: ObjectLeaf.capacity) {
            for instance in try index.instances(in: store.leaf(holding: first).ordinals.clamped(to: 0...end - 1)) {
                try copy(instance, to: directory)
                done += 1
                guard progress(done, total) else { throw .stopped }
            }
        }
        return done
    }

    private func copy(_ instance: StoredInstance, to directory: String) throws(ArchiveError) {
        let folder = "\(directory)/\(instance.studyInstanceUID)/\(instance.seriesInstanceUID)"
        let path = "\(folder)/\(instance.sopInstanceUID).dcm"
        let object = try open(instance)
        if try DurableFiles.status(of: path) != nil {
            let existing = try StoredObject(path: path, dataSetOffset: 0, byteCount: 0)
            let theirs = try ObjectDigest.read(fileDescriptor: existing.fileDescriptor, from: 0).digest
            let ours = try ObjectDigest.read(fileDescriptor: object.fileDescriptor, from: 0).digest
            guard theirs == ours else { throw .exportExists(name: "\(instance.sopInstanceUID).dcm") }
            return
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .lastCall("mkdir")
        }
        try copy(object, to: path)
    }

    /// Writes under another name first, so that a file with its final name is complete.
    private func copy(_ object: StoredObject, to path: String) throws(ArchiveError) {
        let unfinished = path + ".part"
        let copy = DurableFiles.uninterrupted {
            Foundation.open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        }
        guard copy >= 0 else { throw .lastCall("create file") }
        do throws(ArchiveError) {
            defer { Foundation.close(copy) }
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
            defer { chunk.deallocate() }
            var offset: Int64 = 0
            while true {
                let count = try object.read(into: chunk, at: offset)
                if count == 0 { break }
                try DurableFiles.write(UnsafeRawBufferPointer(rebasing: chunk[..<count]), to: copy)
                offset += Int64(count)
            }
        } catch {
            unlink(unfinished)
            throw error
        }
        try DurableFiles.rename(unfinished, to: path)
    }
}
