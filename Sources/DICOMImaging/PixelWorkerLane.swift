internal import Dispatch
internal import Foundation
internal import Logging
internal import Synchronization

/// A thread of the daemon with its worker process: it starts one when asked, replaces one that died, and ends with it
/// when nobody has asked for a while.
final class PixelWorkerLane: Sendable {
    private struct Job: Sendable {
        /// Where the object is open.
        var descriptor: Int32
        var byteCount: UInt64
        var task: PixelWorkerTask
        /// An empty file to write to.
        var output: Int32?
    }

    private struct Desk {
        var isToPrepare = false
        var isToEnd = false
        var job: Job?
        var result: Result<PixelWorkerOutcome, PixelError>?
    }

    private let pool: PixelWorkerPool
    private let desk = Mutex(Desk())
    private let asked = DispatchSemaphore(value: 0)
    private let answered = DispatchSemaphore(value: 0)

    /// It only passes messages on.
    private static let stackByteCount = 512 << 10

    init(_ pool: PixelWorkerPool) {
        self.pool = pool
        let thread = Thread { self.live() }
        thread.name = "pixel-lane"
        thread.stackSize = PixelWorkerLane.stackByteCount
        thread.start()
    }

    /// Has something done with one object. One caller at a time, who keeps the descriptors open.
    func outcome(
        of task: PixelWorkerTask, _ descriptor: Int32, byteCount: UInt64, output: Int32?
    ) -> Result<PixelWorkerOutcome, PixelError> {
        desk.withLock { $0.job = Job(descriptor: descriptor, byteCount: byteCount, task: task, output: output) }
        asked.signal()
        answered.wait()
        return desk.withLock { desk in
            defer { desk.result = nil }
            return desk.result ?? .failure(.unavailable(detail: "no answer"))
        }
    }

    /// Has a process started, ahead of the first object.
    func prepare() {
        desk.withLock { $0.isToPrepare = true }
        asked.signal()
    }

    /// Ends a lane that nobody asks any more.
    func end() {
        desk.withLock { $0.isToEnd = true }
        asked.signal()
    }

    private func live() {
        var process: PixelWorkerProcess?
        let idlePeriod = pool.settings.idlePeriod
        while true {
            let limit = DispatchTime.now() + .milliseconds(Int(idlePeriod / .milliseconds(1)))
            if asked.wait(timeout: limit) == .timedOut {
                if pool.retire(self) { break }
                asked.wait()
            }
            let asked = desk.withLock { desk in
                defer { (desk.isToPrepare, desk.job) = (false, nil) }
                return desk
            }
            if asked.isToEnd { break }
            if asked.isToPrepare { prepare(&process) }
            guard let job = asked.job else { continue }
            let result = answer(job, &process)
            desk.withLock { $0.result = result }
            answered.signal()
        }
        discard(&process)
    }

    private func prepare(_ process: inout PixelWorkerProcess?) {
        do throws(PixelWorkerProcess.Failure) {
            process = try start()
        } catch {
            note(error)
        }
    }

    /// Asks the process, and a second one when the first died: it may have been killed for another's sake.
    private func answer(_ job: Job, _ process: inout PixelWorkerProcess?) -> Result<PixelWorkerOutcome, PixelError> {
        var failure = PixelError.unavailable(detail: "no worker")
        for isLast in [false, true] {
            do throws(PixelWorkerProcess.Failure) {
                return try attempt(job, &process)
            } catch {
                discard(&process)
                note(error)
                guard case .died(let end) = error, !isLast, !end.isFinal else { return .failure(PixelError(error)) }
                failure = PixelError(error)
            }
        }
        return .failure(failure)
    }

    private func attempt(
        _ job: Job, _ process: inout PixelWorkerProcess?
    ) throws(PixelWorkerProcess.Failure) -> Result<PixelWorkerOutcome, PixelError> {
        let settings = pool.settings
        if process == nil { process = try start() }
        guard let worker = process else { throw .notStarted("no process") }
        let seconds = settings.seconds(for: job.byteCount)
        // What a worker wrote that died counts for nothing.
        if let output = job.output { ftruncate(output, 0) }
        let result = try worker.outcome(
            of: job.task, [job.descriptor] + (job.output.map { [$0] } ?? []), seconds: seconds,
            patience: Int64(seconds) * 1000 * settings.patienceFactor)
        pool.note { activity in
            activity.answered += 1
            activity.greatestResidentByteCount = max(activity.greatestResidentByteCount, worker.residentByteCount)
        }
        if worker.answeredCount >= settings.imageLimit || worker.residentByteCount > settings.residentByteLimit {
            discard(&process)
        }
        return result
    }

    private func start() throws(PixelWorkerProcess.Failure) -> PixelWorkerProcess {
        let settings = pool.settings
        let worker = try PixelWorkerProcess(executable: settings.executable, memoryByteLimit: settings.memoryByteLimit)
        pool.note { activity in
            activity.started += 1
            activity.missingWalls = worker.missingWalls
            activity.failure = nil
            activity.processIDs.append(worker.processID)
        }
        guard let missing = worker.missingWalls else { return worker }
        pool.logger.warning("pixel worker lacks walls of its sandbox", metadata: ["missing": "\(missing)"])
        guard settings.requiresSandbox else { return worker }
        pool.note { activity in activity.processIDs.removeAll { $0 == worker.processID } }
        throw .notStarted("its sandbox does not hold: \(missing)")
    }

    private func discard(_ process: inout PixelWorkerProcess?) {
        guard let ended = process.take() else { return }
        pool.note { activity in activity.processIDs.removeAll { $0 == ended.processID } }
    }

    private func note(_ failure: PixelWorkerProcess.Failure) {
        let isSlow = PixelError(failure).isTimeOut
        pool.note { activity in
            if case .notStarted(let why) = failure {
                activity.failure = why
            } else if isSlow {
                activity.timedOut += 1
            } else {
                activity.crashed += 1
            }
        }
        var metadata: Logger.Metadata = ["why": "\(PixelError(failure))"]
        if case .died(let end) = failure, !end.said.isEmpty { metadata["said"] = "\(end.said)" }
        pool.logger.warning("pixel worker lost", metadata: metadata)
    }
}

extension PixelWorkerProcess.End {
    /// SIGXCPU: the limit that the worker set itself for the image.
    fileprivate var isTimeOut: Bool { signal == SIGXCPU }
    /// Swift's runtime stops the process when it gets no memory.
    fileprivate var isOutOfMemory: Bool { said.contains("memory") }
    /// Whether another attempt would end in the same way.
    fileprivate var isFinal: Bool { isTimeOut || isOutOfMemory }
}

extension PixelError {
    fileprivate init(_ failure: PixelWorkerProcess.Failure) {
        self =
            switch failure {
            case .notStarted(let why): .unavailable(detail: "no pixel worker: \(why)")
            case .died(let end) where end.isTimeOut: .timedOut(detail: "decoding took more CPU time than allowed")
            case .died(let end) where end.isOutOfMemory: .tooLarge(detail: "decoding took more memory than allowed")
            case .died(let end): .crashed(detail: "the decoder \(end)")
            case .timedOut: .timedOut(detail: "decoding took longer than allowed")
            case .nonsense(let what): .crashed(detail: "the decoder went wrong: \(what)")
            }
    }

    fileprivate var isTimeOut: Bool {
        if case .timedOut = self { true } else { false }
    }
}
