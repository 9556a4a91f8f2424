internal import CDCMTK
internal import Foundation

/// The far side: the process that decodes. `priord pixel-worker` runs it and nothing else.
public enum PixelWorkerMain {
    /// Added to the nice value, so that receiving comes first.
    private static let niceness: Int32 = 10
    /// Of the CPU time that an object may take, how much may be gone before its other frames are no longer decoded.
    private static let checkShare = 0.4
    /// Above so much the allocator gives back what it keeps.
    private static let keptByteCount: UInt64 = 192 << 20

    /// Answers requests on the channel until the daemon closes it.
    ///
    /// - Parameter memoryByteLimit: of address space.
    public static func run(memoryByteLimit: UInt64) -> Never {
        warmUp()
        let channel = PixelWorkerChannel(descriptor: Int32(CDCMTK_WORKER_CHANNEL))
        do throws(PixelWorkerChannel.Failure) {
            try channel.send(PixelWorkerGreeting(missing: enterSandbox(memoryByteLimit)))
            while true { try answer(channel) }
        } catch {
            // The daemon is gone, or speaks another language: either way nobody waits for an answer.
            _exit(error == .closed ? 0 : 1)
        }
    }

    /// Attempts what the sandbox has to prevent, and prints what became of each attempt without and within it.
    ///
    /// - Returns: whether everything was prevented.
    public static func selfTest(memoryByteLimit: UInt64) -> Bool {
        var limits = limits(memoryByteLimit)
        var isTight = true
        print("without  within")
        for index in 0..<cdcmtk_sandbox_trial_count() {
            let (outside, inside) = (
                cdcmtk_sandbox_trial(index, &limits, false), cdcmtk_sandbox_trial(index, &limits, true)
            )
            if inside != CDCMTK_TRIAL_REFUSED, inside != CDCMTK_TRIAL_KILLED { isTight = false }
            print(name(outside), name(inside), String(cString: cdcmtk_sandbox_trial_name(index)), separator: "  ")
        }
        return isTight
    }

    /// In seven letters.
    private static func name(_ result: cdcmtk_trial_result) -> String {
        switch result {
        case CDCMTK_TRIAL_REFUSED: "refused"
        case CDCMTK_TRIAL_KILLED: "killed "
        case CDCMTK_TRIAL_ALLOWED: "ALLOWED"
        default: "UNKNOWN"
        }
    }

    private static func answer(_ channel: PixelWorkerChannel) throws(PixelWorkerChannel.Failure) {
        let (request, descriptors) = try channel.receiveWithAttachments(PixelWorkerRequest.self)
        cdcmtk_sandbox_allow_cpu(request.seconds)
        let result: Result<PixelWorkerOutcome, PixelError>
        do throws(PixelError) {
            result = .success(try outcome(of: request.task, descriptors, seconds: request.seconds))
        } catch {
            result = .failure(error)
        }
        for descriptor in descriptors { close(descriptor) }
        if cdcmtk_sandbox_resident_bytes() > keptByteCount { cdcmtk_sandbox_trim() }
        try channel.send(PixelWorkerAnswer(result, residentByteCount: cdcmtk_sandbox_resident_bytes()))
    }

    private static func outcome(
        of task: PixelWorkerTask, _ descriptors: [Int32], seconds: UInt32
    ) throws(PixelError) -> PixelWorkerOutcome {
        let (input, output) = (descriptors.first ?? -1, descriptors.dropFirst().first ?? -1)
        switch task {
        case .figures(var request):
            // What is worth knowing of other frames must not cost what is known of the first.
            request.checkSeconds = min(request.checkSeconds, checkShare * Double(seconds))
            return .figures(try ImageFigures(descriptor: input, request))
        case .conversion(let conversion): return .written(try conversion.run(from: input, to: output))
        case .frames(let export): return .frames(try export.run(from: input, to: output))
        case .picture(let request):
            return .picture(try PictureRenderer(request: request).run(from: input, to: output))
        }
    }

    private static func enterSandbox(_ memoryByteLimit: UInt64) -> String? {
        var limits = limits(memoryByteLimit)
        var report = cdcmtk_sandbox_report()
        if cdcmtk_sandbox_enter(&limits, &report) { return nil }
        return withUnsafeBytes(of: report.missing, PixelDescription.text)
    }

    private static func limits(_ memoryByteLimit: UInt64) -> cdcmtk_sandbox_limits {
        cdcmtk_sandbox_limits(address_space_bytes: memoryByteLimit, niceness: niceness)
    }

    /// What Foundation prepares when it is first used is prepared while files can still be read.
    private static func warmUp() {
        let answer = PixelWorkerAnswer(.failure(.absent), residentByteCount: 0)
        guard let data = try? JSONEncoder().encode(answer) else { return }
        _ = try? JSONDecoder().decode(PixelWorkerAnswer.self, from: data)
    }
}
