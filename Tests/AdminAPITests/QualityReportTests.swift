import Testing

@testable import AdminAPI

@Suite struct QualityReportTests {
    private func drift(_ now: [Double], _ history: [Double], minimum: Int = 20) -> QualityReport.Drift {
        QualityReport.Drift(
            group: "DR1", institution: nil, rule: "exposure-index", modality: "DX", unit: "DI", now: now,
            history: history, minimum: minimum)
    }

    /// Median 10, median absolute deviation 1.
    private let steady = (0..<40).map { [9.0, 10, 10, 11, 8, 12, 9, 11][$0 % 8] }

    @Test func `z is the distance of the medians in robust spreads`() throws {
        let found = drift([13, 14, 12, 13, 13], steady)
        #expect(found.median == 13 && found.historyMedian == 10)
        #expect(found.historySpread == 1.4826)
        let z = try #require(found.z)
        #expect(abs(z - 3 / 1.4826) < 1e-12)
        #expect(!found.isDrifting)
    }

    @Test(arguments: [(14.5, true), (14.4, false), (5.5, true), (5.6, false)])
    func `beyond three spreads a figure drifts, to either side`(now: Double, isDrifting: Bool) {
        #expect(drift(Array(repeating: now, count: 5), steady).isDrifting == isDrifting)
    }

    @Test func `single strays in the history change neither median nor spread much`() {
        let found = drift([10, 10, 10, 10, 10], steady + [1000, -1000, 5000])
        #expect(found.historyMedian == 10 && found.historySpread == 1.4826 && !found.isDrifting)
    }

    @Test func `with too few values nothing is claimed`() {
        #expect(drift([50, 50, 50, 50, 50], Array(steady.prefix(19))).z == nil)
        #expect(drift([50, 50, 50, 50], steady).z == nil)
        #expect(drift([50, 50, 50, 50], steady, minimum: 16).isDrifting)
        #expect(drift([], steady).median == nil)
        #expect(drift([1], []).historyMedian == nil)
    }

    @Test func `a figure that never changed drifts as soon as it does`() {
        let constant = Array(repeating: 7.0, count: 30)
        #expect(!drift([7, 7, 7, 7, 7], constant).isDrifting)
        let found = drift([8, 8, 8, 8, 8], constant)
        #expect(found.isDrifting && found.z == nil)
    }

    @Test func `the median of an even number lies between the middle two`() {
        #expect(QualityReport.Drift.median([4, 1, 3, 2]) == 2.5)
        #expect(QualityReport.Drift.median([3, 1, 2]) == 2)
        #expect(QualityReport.Drift.median([]) == nil)
    }

    @Test func `rates are among the judged studies`() {
        let row = QualityReport.Row(
            group: "A", institution: nil, verdicts: ["pass": 6, "review": 3, "fail": 1, "notAssessed": 5], rules: [])
        #expect(row.studies == 15)
        #expect(row.passRate == 0.6 && row.reviewRate == 0.3 && row.failRate == 0.1)
        #expect(QualityReport.Row(group: "", institution: nil, verdicts: ["notAssessed": 2], rules: []).passRate == nil)
    }
}
