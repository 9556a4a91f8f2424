import DICOMCore
import Foundation
import Glibc
import Logging
import Synchronization
import TestImages
import Testing

@testable import DICOMImaging

/// The built program, which runs as a worker.
private enum Program {
    static let path = Bundle.main.bundleURL.appending(path: "priord").path
}

/// Workers and a folder of objects for one test.
private final class Bench: Sendable {
    let folder: TestFolder
    let workers: PixelWorkers

    init(_ change: (inout PixelWorkerSettings) -> Void = { _ in }) throws {
        folder = try TestFolder()
        var settings = PixelWorkerSettings()
        settings.executable = Program.path
        change(&settings)
        workers = PixelWorkers(settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    deinit { workers.endIdle() }

    func figures(
        _ path: String, _ request: ImageRequest = ImageRequest(), byteCount: UInt64 = 0
    ) throws(PixelError) -> ImageFigures {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        return try workers.figures(of: descriptor, byteCount: byteCount, request)
    }

    /// What a worker writes; nil where it refuses.
    func converted(_ path: String, to target: Target) throws -> Data? {
        let syntax = try target.transferSyntax
        return try? output { input, output in
            try self.workers.convert(input, byteCount: 0, to: syntax, into: output)
        }(path)
    }

    /// What `body` writes of an object: so many bytes as it returns.
    func output(_ body: @escaping (Int32, Int32) throws -> UInt64) -> (String) throws -> Data {
        { [folder] path in
            let input = open(path, O_RDONLY | O_CLOEXEC)
            let name = folder.url.appending(path: "output").path
            let output = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            unlink(name)
            defer {
                close(input)
                close(output)
            }
            let written = try body(input, output)
            return try FileHandle(fileDescriptor: output, closeOnDealloc: false).read(upToCount: Int(written)) ?? Data()
        }
    }

    func error(_ path: String, _ request: ImageRequest = ImageRequest(), byteCount: UInt64 = 0) -> PixelError? {
        do throws(PixelError) {
            _ = try figures(path, request, byteCount: byteCount)
            return nil
        } catch {
            return error
        }
    }

    func write(_ file: Part10File) throws -> String { try file.write(in: folder.url) }

    /// A small image that can be measured.
    func small() throws -> String { try write(TestImage().file) }

    /// An object of so many frames of 16 million single bits, which has no blocks on the disk: minutes of work.
    func long(frames: Int = 2000) throws -> String {
        var file = TestImage().file
        file.set(.rows, 4000)
        file.set(.columns, 4000)
        file.set(.bitsAllocated, 1)
        file.set(.bitsStored, 1)
        file.set(.numberOfFrames, "IS", String(frames))
        file.announcedPixelByteCount = UInt32(frames * 2_000_000)
        file.pixels = .uncompressed([])
        let path = try write(file)
        truncate(path, off_t(4096 + frames * 2_000_000))
        return path
    }

    static let everyFrame = ImageRequest(frameLimit: 2000)
}

/// Until `holds`, or ten seconds are over.
private func eventually(_ holds: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while !holds() {
        guard ContinuousClock.now < deadline else { return false }
        usleep(2000)
    }
    return true
}

/// CPU time that a process has used, in clock ticks.
private func ticks(of process: Int32) -> Int {
    let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
}

extension ImageFigures {
    fileprivate var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return try encoder.encode(self)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct PixelWorkerTests {
    @Test func `a worker measures what this process measures`() throws {
        let bench = try Bench()
        var paths = [try bench.small()]
        paths += RealFiles.paths(in: "ts-small", "mr-compressed")
        for path in paths {
            let here: Result<Data, PixelError> = Result { () throws(PixelError) in
                try ImageFigures(file: path, ImageRequest())
            }
            .map { (try? $0.json) ?? Data() }
            let there: Result<Data, PixelError> = Result { () throws(PixelError) in try bench.figures(path) }
                .map { (try? $0.json) ?? Data() }
            #expect(here == there, "\(path)")
        }
        #expect(bench.workers.activity.started == 1 && bench.workers.activity.answered == paths.count)
        #expect(bench.workers.activity.missingWalls == nil)
    }

    @Test func `why there are no figures comes from the worker as it is`() throws {
        let bench = try Bench()
        #expect(bench.error(try bench.write(Part10File())) == .absent)
        var video = TestImage().file
        video.transferSyntax = "1.2.840.10008.1.2.4.102"
        video.pixels = .fragments([[1, 2, 3, 4]])
        let figures = try bench.figures(bench.write(video))
        #expect(throws: PixelError.unsupported(detail: "transfer syntax 1.2.840.10008.1.2.4.102")) {
            _ = try #require(figures.frames.first).figures.get()
        }
        let empty = bench.folder.url.appending(path: "empty").path
        try Data().write(to: URL(filePath: empty))
        #expect(bench.error(empty) != nil && bench.error("/dev/null") != nil && bench.error("/nowhere") != nil)
        #expect(bench.workers.activity.crashed == 0)
    }

    @Test func `a worker writes an object in another Transfer Syntax`() throws {
        let bench = try Bench()
        let conversions = try Conversions()
        var image = TestImage()
        image.frames = 2
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.pixels = .fragments([image.rleFrame(0), image.rleFrame(1)])
        for path in [try bench.write(file)] + RealFiles.paths(in: "ts-small") {
            for target in Target.allCases {
                let here = try? Data(contentsOf: URL(filePath: conversions.convert(path, to: target)))
                #expect(try bench.converted(path, to: target) == here, "\(path)")
            }
        }
        #expect(bench.workers.activity.started == 1 && bench.workers.activity.crashed == 0)
    }

    @Test func `a worker writes frames and pictures within its walls`() throws {
        let bench = try Bench()
        var image = TestImage()
        image.frames = 2
        let small = try bench.write(image.file)
        let cells = try bench.output { input, output in
            try bench.workers.frames([1], of: input, byteCount: 0, .decoded, into: output)[0]
        }(small)
        #expect(cells == Data(image.cells[512...]))
        let many = [Int](repeating: 0, count: FrameExport.frameLimit + 1)
        #expect(throws: PixelError.tooLarge(detail: "100001 frames at once")) {
            try bench.workers.frames(many, of: 0, byteCount: 0, .stored, into: 1)
        }
        for path in [small] + RealFiles.paths(in: "ts-small") {
            for format in [PictureRequest.Format.png, .jpeg(quality: 80)] {
                let request = PictureRequest(format: format, viewport: .thumbnail)
                let here = try? bench.output { input, output in
                    try PictureRenderer(request: request).run(from: input, to: output).byteCount
                }(path)
                let there = try? bench.output { input, output in
                    try bench.workers.picture(of: input, byteCount: 0, request, into: output).byteCount
                }(path)
                #expect(here == there, "\(path)")
            }
        }
        #expect(bench.workers.activity.started == 1 && bench.workers.activity.crashed == 0)
    }

    @Test func `a worker writes nowhere but into the file it was given`() throws {
        let bench = try Bench()
        let path = try bench.small()
        let input = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(input) }
        let syntax = try Target.explicitLittleEndian.transferSyntax
        let before = try Data(contentsOf: URL(filePath: path))
        // The object itself cannot be written to: it is open for reading.
        guard
            case .unwritable? = error({ () throws(PixelError) in
                try bench.workers.convert(input, byteCount: 0, to: syntax, into: input)
            })
        else {
            Issue.record("written to a file that is open for reading")
            return
        }
        #expect(throws: PixelError.self) { try bench.workers.convert(input, byteCount: 0, to: syntax, into: -1) }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        #expect(bench.workers.activity.crashed == 0)
    }

    private func error(_ body: () throws(PixelError) -> UInt64) -> PixelError? {
        do throws(PixelError) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a worker that is killed at work costs nothing but time`() throws {
        let bench = try Bench()
        _ = try bench.figures(bench.small())
        let victim = try #require(bench.workers.activity.processIDs.first)
        let before = ticks(of: victim)
        let path = try bench.long(frames: 60)
        let outcome = Mutex<Result<Int, PixelError>?>(nil)
        let thread = Thread {
            let result: Result<ImageFigures, PixelError> = Result { () throws(PixelError) in
                try bench.figures(path, Bench.everyFrame, byteCount: 120_000_000)
            }
            outcome.withLock { $0 = result.map(\.frames.count) }
        }
        thread.start()
        #expect(eventually { ticks(of: victim) > before + 5 })
        #expect(kill(victim, SIGKILL) == 0)
        let deadline = ContinuousClock.now + .seconds(120)
        while outcome.withLock({ $0 }) == nil, ContinuousClock.now < deadline { usleep(5000) }
        #expect(outcome.withLock { $0 } == .success(60))
        #expect(bench.workers.activity.crashed == 1 && bench.workers.activity.started == 2)
    }

    @Test func `an image whose workers die is reported once and the next image is measured`() throws {
        let bench = try Bench()
        let small = try bench.small()
        _ = try bench.figures(small)
        let path = try bench.long()
        let isOver = Mutex(false)
        let killer = Thread {
            while !isOver.withLock({ $0 }) {
                for process in bench.workers.activity.processIDs where ticks(of: process) > 0 { kill(process, SIGSEGV) }
                usleep(1000)
            }
        }
        killer.start()
        let error = bench.error(path, Bench.everyFrame)
        isOver.withLock { $0 = true }
        #expect(error == .crashed(detail: "the decoder died of SIGSEGV"))
        #expect(bench.workers.activity.crashed == 2)
        #expect(eventually { (try? bench.figures(small)) != nil })
    }

    @Test func `an image that takes too much CPU time is given up`() throws {
        let bench = try Bench {
            $0.timeLimit = .seconds(1)
            $0.patienceFactor = 100
        }
        #expect(
            bench.error(try bench.long(), Bench.everyFrame)
                == .timedOut(detail: "decoding took more CPU time than allowed"))
        #expect(bench.workers.activity.timedOut == 1 && bench.workers.activity.crashed == 0)
        _ = try bench.figures(bench.small())
    }

    @Test func `a worker that hangs is ended`() throws {
        let bench = try Bench {
            $0.timeLimit = .seconds(1)
            $0.patienceFactor = 10
        }
        let small = try bench.small()
        _ = try bench.figures(small)
        let hanging = try #require(bench.workers.activity.processIDs.first)
        #expect(kill(hanging, SIGSTOP) == 0)
        #expect(bench.error(small) == .timedOut(detail: "decoding took longer than allowed"))
        #expect(bench.workers.activity.timedOut == 1)
        #expect(kill(hanging, 0) != 0)
        _ = try bench.figures(small)
    }

    @Test func `an image larger than the memory of a worker is too large`() throws {
        let bench = try Bench { $0.memoryByteLimit = 300_000_000 }
        var file = TestImage().file
        file.set(.rows, 15_000)
        file.set(.columns, 15_000)
        file.announcedPixelByteCount = 450_000_000
        file.pixels = .uncompressed([])
        let path = try bench.write(file)
        truncate(path, 450_004_096)
        let figures = try? bench.figures(path, ImageRequest(frameByteLimit: 8 << 30))
        let error =
            figures.map { $0.frames.first?.figures }
            ?? bench.error(path, ImageRequest(frameByteLimit: 8 << 30)).map { .failure($0) }
        guard case .failure(.tooLarge)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        _ = try bench.figures(bench.small())
        #expect(bench.workers.activity.greatestResidentByteCount < 300_000_000)
    }

    @Test(arguments: [(0, 0), (0, 512), (512, 0), (65_535, 65_535)])
    func `absurd dimensions are an error of the image and take no worker down`(rows: Int, columns: Int) throws {
        let bench = try Bench()
        for syntax in [
            "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.90",
        ] {
            var file = TestImage().file
            file.set(.rows, rows)
            file.set(.columns, columns)
            file.transferSyntax = syntax
            if syntax != "1.2.840.10008.1.2.1" { file.pixels = .fragments([TestImage().rleFrame(0)]) }
            let figures = try? bench.figures(bench.write(file), ImageRequest(frameByteLimit: .max))
            #expect(figures?.frames.allSatisfy { (try? $0.figures.get()) == nil } ?? true)
        }
        #expect(bench.workers.activity.crashed == 0 && bench.workers.activity.timedOut == 0)
    }

    @Test func `ten thousand frames that are not there end soon`() throws {
        let bench = try Bench()
        var file = TestImage().file
        file.set(.numberOfFrames, "IS", "10000")
        let figures = try bench.figures(bench.write(file), ImageRequest(frameLimit: 10_000))
        #expect(figures.frames.count == 10_000)
        #expect(figures.frames.count { (try? $0.figures.get()) != nil } == 1)
    }

    @Test func `a deflated object that swells is bounded`() throws {
        let bench = try Bench { $0.timeLimit = .seconds(5) }
        guard let original = RealFiles.folder?.appending(path: "ts-small/image_dfl.dcm") else { return }
        // Half of it, so that inflating ends inside the pixels.
        let bytes = try Data(contentsOf: original)
        let cut = bench.folder.url.appending(path: "cut.dcm")
        try bytes.prefix(bytes.count / 2).write(to: cut)
        let figures = try? bench.figures(cut.path)
        #expect(figures.map { $0.description.presentByteCount < $0.description.expectedByteCount ?? 0 } ?? true)
        #expect(bench.workers.activity.crashed == 0)
    }

    @Test func `no damage to a real file takes the daemon's side down, nor long`() throws {
        let bench = try Bench { $0.timeLimit = .seconds(5) }
        var random = RealFileTests.SplitMix(state: 11)
        let start = ContinuousClock.now
        let url = bench.folder.url.appending(path: "damaged.dcm")
        for path in RealFiles.paths(in: "ts-small", "mr-compressed") {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
            guard bytes.count > 1000, bytes.count < 300_000 else { continue }
            for _ in 0..<6 {
                guard ContinuousClock.now - start < .seconds(60) else { return }
                var damaged = bytes
                if random.next() % 4 == 0 { damaged.removeLast(Int(random.next() % UInt64(bytes.count - 400))) }
                // Behind the header, where the codestreams are.
                for _ in 0..<4 {
                    let place = damaged.count / 2 + Int(random.next() % UInt64(damaged.count / 2))
                    damaged[place] = UInt8(random.next() % 256)
                }
                try Data(damaged).write(to: url)
                if case .unavailable(let detail)? = bench.error(url.path, ImageRequest(frameLimit: 2)) {
                    Issue.record("\(detail)")
                }
            }
        }
        _ = try bench.figures(bench.small())
    }

    @Test func `an idle worker ends and another starts when there is work`() throws {
        let bench = try Bench { $0.idlePeriod = .milliseconds(200) }
        let small = try bench.small()
        _ = try bench.figures(small)
        #expect(eventually { bench.workers.activity.processIDs.isEmpty })
        _ = try bench.figures(small)
        #expect(bench.workers.activity.started == 2 && bench.workers.activity.crashed == 0)
    }

    @Test func `a prepared worker is there before the first image and measures it`() throws {
        let bench = try Bench()
        bench.workers.prepare()
        #expect(eventually { bench.workers.activity.processIDs.count == 1 })
        for _ in 0..<3 { _ = try bench.figures(bench.small()) }
        #expect(bench.workers.activity.started == 1)
        let broken = try Bench { $0.executable = "/nowhere/priord" }
        broken.workers.prepare()
        #expect(eventually { broken.workers.activity.failure != nil })
    }

    @Test func `a worker is replaced after its number of images`() throws {
        let bench = try Bench { $0.imageLimit = 2 }
        let small = try bench.small()
        for _ in 0..<4 { _ = try bench.figures(small) }
        #expect(bench.workers.activity.started == 2)
    }

    @Test func `many callers share the workers there may be`() throws {
        let bench = try Bench { $0.limit = 2 }
        let small = try bench.small()
        DispatchQueue.concurrentPerform(iterations: 24) { _ in #expect((try? bench.figures(small)) != nil) }
        #expect(bench.workers.activity.answered == 24)
        #expect((1...2).contains(bench.workers.activity.started))
    }

    @Test(arguments: ["/nowhere/priord", "/bin/false", "/bin/echo", "/dev/null"])
    func `without a program to run there are no figures and a reason`(executable: String) throws {
        let bench = try Bench { $0.executable = executable }
        guard case .unavailable(let detail)? = bench.error(try bench.small()) else {
            Issue.record("measured by \(executable)")
            return
        }
        #expect(detail.hasPrefix("no pixel worker"))
        #expect(bench.workers.activity.failure != nil && bench.workers.activity.processIDs.isEmpty)
    }

    @Test(arguments: [true, false])
    func `where the system refuses the filter, the setting decides`(isRequired: Bool) throws {
        let folder = try TestFolder()
        // A parent filter, as a container may have one, lets no further filter be installed.
        let script = folder.url.appending(path: "refusing")
        try Data(Self.refusing(Program.path).utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        let bench = try Bench { settings in
            settings.executable = script.path
            settings.requiresSandbox = isRequired
        }
        let error = bench.error(try bench.small())
        let activity = bench.workers.activity
        #expect(activity.missingWalls == "system call filter (Operation not permitted)")
        if isRequired {
            guard case .unavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(activity.processIDs.isEmpty && activity.failure != nil)
        } else {
            #expect(error == nil && activity.failure == nil)
        }
    }

    /// A program that has prctl(PR_SET_SECCOMP) fail with EPERM and then becomes `program`.
    private static func refusing(_ program: String) -> String {
        """
        #!/usr/bin/env python3
        import ctypes, os, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        prctl = {"x86_64": 157, "aarch64": 167}[os.uname().machine]
        rules = [(0x20, 0, 0, 0), (0x15, 0, 3, prctl), (0x20, 0, 0, 16), (0x15, 0, 1, 22),
                 (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
        head = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code))
        libc.prctl(38, 1, 0, 0, 0)
        if libc.prctl(22, 2, head, 0, 0) != 0:
            sys.exit("no filter")
        os.execve("\(program)", sys.argv, dict(os.environ))
        """
    }
}
