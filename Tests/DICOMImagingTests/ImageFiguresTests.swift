import Foundation
import TestImages
import Testing

@testable import DICOMImaging

/// What a worker answers is checked before rules calculate with it: hostile pixels may have taken it over.
@Suite struct ImageFiguresTests {
    /// An honest answer, as it goes over the channel.
    private func answer() throws -> Data {
        let folder = try TestFolder()
        let figures = try ImageFigures(
            file: TestRadiograph(.chest).file.write(in: folder.url), ImageRequest(measures: .radiograph))
        return try JSONEncoder().encode(PixelWorkerAnswer(.success(.figures(figures)), residentByteCount: 1))
    }

    private func result(_ data: Data) throws -> Result<PixelWorkerOutcome, PixelError>? {
        try JSONDecoder().decode(PixelWorkerAnswer.self, from: data).result
    }

    @Test func `an honest answer is taken`() throws {
        #expect(try result(answer()) != nil)
    }

    @Test(arguments: [
        (#""quantiles":\[[^\]]*\]"#, #""quantiles":[]"#),
        (#""quantiles":\[[0-9-]+"#, #""quantiles":[9223372036854775807"#),
        (#""sampleCount":\d+"#, #""sampleCount":9223372036854775807"#),
        (#""minimumCount":\d+"#, #""minimumCount":-1"#),
        (#""columns":\d+"#, #""columns":9223372036854775807"#), (#""rows":\d+"#, #""rows":-1"#),
        (#""announcedByteCount":\d+"#, #""announcedByteCount":18446744073709551615"#),
        (#""framesPresent":\d+"#, #""framesPresent":-9223372036854775808"#),
        (#""rows":\[\d+,"#, #""rows":[-9223372036854775808,"#),
        (#""tileCount":\d+"#, #""tileCount":9223372036854775807"#),
        (#""index":\d+"#, #""index":-9223372036854775808"#),
    ])
    func `an answer that no object can have is nonsense`(pattern: String, lie: String) throws {
        let honest = String(decoding: try answer(), as: UTF8.self)
        let told = honest.replacingOccurrences(of: pattern, with: lie, options: .regularExpression)
        #expect(told != honest)
        #expect(try result(Data(told.utf8)) == nil)
    }
}
