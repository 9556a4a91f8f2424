internal import CDCMTK
internal import Foundation

/// One worker process as the daemon sees it. Ends with this value.
///
/// Used by the one thread that started it: the process is killed when that thread ends (PR_SET_PDEATHSIG), and so never
/// outlives a daemon that was killed.
final class PixelWorkerProcess {
    /// Why there is no answer. The process has ended by then.
    enum Failure: Error, Equatable {
        /// The system would not start it, or it did not come up.
        case notStarted(String)
        /// It ended by itself.
        case died(End)
        /// It neither answered nor ended in time.
        case timedOut
        /// It answered something else than it was asked.
        case nonsense(String)
    }

    /// How a process ended.
    struct End: Equatable {
        var signal: Int32?
        var exitStatus: Int32?
        /// The first line it wrote to standard error, for a log.
        var said: String
    }

    /// What of the sandbox does not hold; nil when all of it does.
    let missingWalls: String?
    private(set) var answeredCount = 0
    /// What it held in memory after its last answer.
    private(set) var residentByteCount: UInt64 = 0
    private var worker: cdcmtk_worker
    private let channel: PixelWorkerChannel
    private var hasEnded = false

    var processID: Int32 { worker.process_id }

    /// A worker that is slow to come up on a busy machine is waited for so many milliseconds.
    private static let startPatience: Int64 = 30_000
    /// One whose channel has closed gets so many milliseconds to end as it will.
    private static let endPatience: Int32 = 5000

    /// Starts `executable` as a worker and waits until it stands in its sandbox.
    init(executable: String, memoryByteLimit: UInt64) throws(Failure) {
        var started = cdcmtk_worker()
        let code = PixelWorkerProcess.withPointers(["priord", "pixel-worker", "\(memoryByteLimit)"]) { arguments in
            cdcmtk_worker_start(executable, arguments, &started)
        }
        guard code == 0 else { throw .notStarted(String(cString: strerror(code))) }
        worker = started
        channel = PixelWorkerChannel(descriptor: started.channel)
        do throws(PixelWorkerChannel.Failure) {
            missingWalls = try channel.receive(
                PixelWorkerGreeting.self, deadline: cdcmtk_monotonic_ms() + PixelWorkerProcess.startPatience
            ).missing
        } catch {
            missingWalls = nil
            throw .notStarted("\(error), \(finish(patience: PixelWorkerProcess.endPatience))")
        }
    }

    deinit {
        if !hasEnded { finish(patience: 0) }
    }

    /// Has something done with the object that is open at the first of `descriptors`.
    ///
    /// - Parameters:
    ///   - descriptors: then the one to write to, if the task writes.
    ///   - seconds: CPU time it may take.
    ///   - patience: time it may take, in milliseconds.
    func outcome(
        of task: PixelWorkerTask, _ descriptors: [Int32], seconds: UInt32, patience: Int64
    ) throws(Failure) -> Result<PixelWorkerOutcome, PixelError> {
        let deadline = cdcmtk_monotonic_ms() + patience
        do throws(PixelWorkerChannel.Failure) {
            try channel.send(
                PixelWorkerRequest(task: task, seconds: seconds), attachments: descriptors, deadline: deadline)
            let answer = try channel.receive(PixelWorkerAnswer.self, deadline: deadline)
            guard let result = answer.result else { throw .nonsense("an answer that cannot be") }
            answeredCount += 1
            residentByteCount = answer.residentByteCount
            return result
        } catch {
            switch error {
            case .timedOut:
                finish(patience: 0)
                throw .timedOut
            case .nonsense(let what):
                finish(patience: 0)
                throw .nonsense(what)
            case .closed, .system:
                throw .died(finish(patience: PixelWorkerProcess.endPatience))
            }
        }
    }

    /// Ends the process, which has `patience` milliseconds to do so by itself.
    @discardableResult
    private func finish(patience: Int32) -> End {
        hasEnded = true
        var number: Int32 = 0
        var said = [CChar](repeating: 0, count: 256)
        let kind = cdcmtk_worker_finish(&worker, patience, &number, &said, said.count)
        return End(
            signal: kind == CDCMTK_WORKER_KILLED ? number : nil,
            exitStatus: kind == CDCMTK_WORKER_EXITED ? number : nil,
            said: said.withUnsafeBytes(PixelDescription.text))
    }

    /// Lends `texts` as C has them: a null-terminated list.
    private static func withPointers<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { $0.map { UnsafePointer($0) } } + [nil]
        return pointers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("a list with an end is not empty") }
            return body(start)
        }
    }
}

extension PixelWorkerProcess.End: CustomStringConvertible {
    /// Such as `died of SIGSEGV`.
    var description: String {
        switch (signal, exitStatus) {
        case (let signal?, _): "died of \(String(cString: cdcmtk_signal_name(signal)))"
        case (_, let status?): "ended with exit status \(status)"
        default: "ended"
        }
    }
}
