import DICOMImaging
import Foundation

/// `priord pixel-worker`: the process that decodes pixels, which the daemon starts for itself. People run it with
/// `--self-test`.
///
/// It is told by its first argument, before anything of the daemon is prepared: it has to start quickly, and to be one
/// thread when it enters its sandbox.
enum PixelWorkerCommand {
    static let name = "pixel-worker"

    /// - Parameter arguments: those after the name.
    static func run(_ arguments: ArraySlice<String>) -> Never {
        if arguments.first == "--self-test" {
            exit(PixelWorkerMain.selfTest(memoryByteLimit: PixelWorkerSettings().memoryByteLimit) ? 0 : 1)
        }
        guard let memoryByteLimit = arguments.first.flatMap(UInt64.init) else {
            FileHandle.standardError.write(Data("priord starts pixel-worker by itself; try --self-test\n".utf8))
            exit(64)
        }
        PixelWorkerMain.run(memoryByteLimit: memoryByteLimit)
    }
}
