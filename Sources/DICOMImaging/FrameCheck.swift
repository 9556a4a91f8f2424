internal import Glibc

/// Which frames of a compressed object decode, those measured and others: one broken codestream among a hundred is found
/// only by decoding it.
public struct FrameCheck: Codable, Sendable {
    /// Frames the file holds, and how many of them were decoded, well or not.
    public let frameCount: Int
    public let decodedCount: Int
    /// How many of these did not, the first of them, from 0, and why.
    public let faultCount: Int
    public let firstFault: Fault?

    public struct Fault: Codable, Sendable {
        public let frame: Int
        public let error: PixelError
    }

    var isPossible: Bool {
        [frameCount, decodedCount, faultCount, firstFault?.frame ?? 0].allSatisfy((0...Int(Int32.max)).contains)
    }

    /// How many times longer than other codes JPEG 2000 takes.
    private static let waveletFactor = 4

    /// Decodes what `measured` left, as far as `request` allows. Nil for an object of one frame, an uncompressed one, whose
    /// length tells as much, and one of whose frames already one did not decode for another reason than its own code.
    ///
    /// - Parameter start: ``processorSeconds`` when the object was begun.
    init?(
        _ reader: inout PixelReader, measured: [ImageFigures.Frame], _ request: ImageRequest, since start: Double
    ) {
        let description = reader.description
        let count = min(description.framesPresent, description.framesAnnounced)
        guard description.isEncapsulated, count > 1, measured.allSatisfy(FrameCheck.isToldByCode) else { return nil }
        let sampled = Set(measured.map(\.index))
        let rest = (0..<count).filter { !sampled.contains($0) }
        let isWavelet = ["1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"].contains(description.transferSyntaxUID)
        let samples = max(1, description.rows * description.columns * description.samplesPerPixel)
        let limit = request.checkedSampleLimit / samples / (isWavelet ? FrameCheck.waveletFactor : 1)
        let end = start + request.checkSeconds
        var decodedCount = measured.count { $0.index < count }
        var faults = measured.compactMap { frame -> Fault? in
            guard frame.index < count, case .failure(let error) = frame.figures else { return nil }
            return Fault(frame: frame.index, error: error)
        }
        for place in ImageRequest.spread(limit, over: rest.count) {
            guard FrameCheck.processorSeconds < end else { break }
            decodedCount += 1
            do throws(PixelError) {
                _ = try reader.frame(rest[place])
            } catch {
                faults.append(Fault(frame: rest[place], error: error))
            }
        }
        frameCount = count
        self.decodedCount = decodedCount
        faultCount = faults.count
        firstFault = faults.min { $0.frame < $1.frame }
    }

    /// Whether a frame decodes, or does not for what is wrong with its own code.
    private static func isToldByCode(_ frame: ImageFigures.Frame) -> Bool {
        switch frame.figures {
        case .success, .failure(.corrupt): true
        case .failure: false
        }
    }

    /// CPU time of this process.
    static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
