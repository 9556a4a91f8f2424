extension SettingFormat where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        Self(
            allowed: "a duration from \(written(range.lowerBound)) to \(written(range.upperBound)), "
                + "such as 250ms, 60s, 5m or 1h",
            parse: { read($0).flatMap { range.contains($0) ? $0 : nil } }, text: written)
    }

    /// Of a network wait: never 0, which would read as "none" and let a silent peer stay.
    static var deadline: Self { duration(.milliseconds(10) ... .seconds(3600)) }

    /// Milliseconds per unit.
    private static var units: [(suffix: String, milliseconds: Int64)] {
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    }

    private static func read(_ text: String) -> Duration? {
        scaled(text, units: units.map { ($0.suffix, $0.milliseconds) }).map { .milliseconds($0) }
    }

    @Sendable private static func written(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        // 60s and 60m stay as people write them; from two on, the larger unit is shorter and as clear.
        let unit = units.last {
            milliseconds.isMultiple(of: $0.milliseconds)
                && milliseconds / $0.milliseconds >= ($0.milliseconds > 1000 ? 2 : 1)
        }
        return unit.map { "\(milliseconds / $0.milliseconds)\($0.suffix)" } ?? "\(milliseconds)ms"
    }
}

extension SettingFormat where Value == Int64 {
    static func byteCount(_ range: ClosedRange<Int64>) -> Self {
        Self(
            allowed: "bytes from \(written(range.lowerBound)) to \(written(range.upperBound)), "
                + "such as 131072, 64KiB, 500MB or 2GB",
            parse: { scaled($0, units: units).flatMap { range.contains($0) ? $0 : nil } }, text: written)
    }

    static func byteRate(_ range: ClosedRange<Int64>) -> Self {
        Self(
            allowed: "bytes per second from \(written(range.lowerBound))/s to \(written(range.upperBound))/s, "
                + "such as 64KB/s or 1MiB/s",
            parse: { text in
                guard text.hasSuffix("/s") else { return nil }
                return scaled(text.dropLast(2), units: units).flatMap { range.contains($0) ? $0 : nil }
            }, text: { written($0) + "/s" })
    }

    /// Bytes per unit, ascending. KB is 1000 and KiB 1024, as in IEC 80000-13.
    private static var units: [(suffix: String, factor: Int64)] {
        [
            ("", 1), ("B", 1), ("KB", 1000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20),
            ("GB", 1_000_000_000), ("GiB", 1 << 30), ("TB", 1_000_000_000_000), ("TiB", 1 << 40),
        ]
    }

    @Sendable private static func written(_ byteCount: Int64) -> String {
        let unit = units.last { byteCount >= $0.factor && byteCount.isMultiple(of: $0.factor) }
        return unit.map { "\(byteCount / $0.factor)\($0.suffix)" } ?? String(byteCount)
    }
}

/// Reads digits followed by one of `units`, spaces between them allowed; nil when malformed or past Int64.
private func scaled(_ text: some StringProtocol, units: [(suffix: String, factor: Int64)]) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let suffix = text.dropFirst(digits.count).drop { $0 == " " }
    guard let number = decimal(digits), let unit = units.first(where: { $0.suffix == suffix }) else { return nil }
    let (value, overflow) = number.multipliedReportingOverflow(by: unit.factor)
    return overflow ? nil : value
}
