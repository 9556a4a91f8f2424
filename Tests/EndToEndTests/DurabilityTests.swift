import Testing

/// The promise: what was answered with success is never lost. Each failure prints the seed that repeats it.
@Suite(.serialized) struct DurabilityTests {
    @Test(.timeLimit(.minutes(5)))
    func `what was acknowledged to four senders survives SIGKILL at sixty random moments`() throws {
        let (trial, text) = try DurabilityTrial.run("rounds", "--rounds", "60", within: .seconds(280))
        #expect(trial.isKept, "\(text)")
        #expect(trial.acknowledged >= 60, "\(text)")
        #expect(trial.refused.isEmpty, "\(text)")
    }

    @Test(
        .enabled(if: DurabilityTrial.canMakeDisks, "needs root, loop devices and xfsprogs"), .timeLimit(.minutes(3)),
        arguments: ["ext4", "xfs"])
    func `what was acknowledged to four senders survives twelve power cuts`(fileSystem: String) throws {
        let (trial, text) = try DurabilityTrial.run(
            "rounds", "--rounds", "12", "--disk", fileSystem, within: .seconds(160))
        #expect(trial.isKept, "\(text)")
        #expect(trial.acknowledged >= 12, "\(text)")
        #expect(trial.refused.allSatisfy { $0 == "A700" }, "\(text)")
    }

    @Test(
        .enabled(if: DurabilityTrial.canMakeDisks, "needs root, loop devices and xfsprogs"), .timeLimit(.minutes(2)))
    func `the same power cuts take from storescp what it acknowledged`() throws {
        let (trial, text) = try DurabilityTrial.run(
            "rounds", "--server", "storescp", "--rounds", "3", "--disk", "ext4", within: .seconds(100))
        #expect(trial.lost > 0, "a trial that cannot see a loss proves nothing: \(text)")
    }

    @Test(
        .enabled(if: DurabilityTrial.canMakeDisks, "needs root and loop devices"), .timeLimit(.minutes(2)),
        arguments: ["reserve", "full"])
    func `without space an instance is answered A700, leaves nothing, and is taken once there is space`(
        fault: String
    ) throws {
        let (trial, text) = try DurabilityTrial.run("faults", fault, within: .seconds(100))
        #expect(trial.isKept, "\(text)")
        #expect(trial.before?.refused == [], "\(text)")
        #expect(trial.below == .init(acknowledged: 0, refused: ["A700"]), "\(text)")
        #expect(trial.after?.refused == [], "\(text)")
        #expect(trial.keptOfRefused == 0, "\(text)")
    }

    @Test(
        .enabled(if: DurabilityTrial.canMakeDisks, "needs root, loop devices and xfsprogs"), .timeLimit(.minutes(2)),
        arguments: ["storm", "io-error"])
    func `a disk that is full at random moments or fails is answered A700 and takes nothing that was acknowledged`(
        fault: String
    ) throws {
        let (trial, text) = try DurabilityTrial.run("faults", fault, within: .seconds(100))
        #expect(trial.isKept, "\(text)")
        #expect(trial.refused == ["A700"], "\(text)")
    }
}
