import DICOMCore
import DICOMImaging

/// Thresholds of `lossy-compression`.
public struct LossyCompressionParameters: RuleParameters {
    /// Images that lost no more than this, as original bytes for one stored, are only noted. At 1 every lossy image is
    /// raised. (ACR–AAPM–SIIM Technical Standard for Electronic Practice of Medical Imaging: "compression ... should be
    /// performed under the supervision of a qualified physician"; it names no ratio.)
    public var ratio = 1.0

    public static var settings: [RuleSetting<Self>] { [RuleSetting("ratio", \.ratio, unit: "to 1", range: 1...1000)] }

    public init() {}
}

/// `lossy-compression`: images that lost something when they were encoded, now or at any time before.
///
/// Once lost stays lost: Lossy Image Compression (0028,2110) "01" counts whatever the objects are encoded in now
/// (PS3.3 C.7.6.1.1.5), and so does a codestream that is lossy although the header denies it. Pages (dose reports, 3D
/// pictures in colour) are no images to diagnose from and don't count.
struct LossyCompression: QualityRule {
    let name = QualityRuleName.lossyCompression
    let parameters: LossyCompressionParameters

    func findings(in series: InspectedSeries) -> [Quality.Finding] {
        let judged = series.images.filter { !isPage($0) }
        let losses = judged.compactMap { image in loss(of: image).map { (image: image, loss: $0) } }
        let lost = losses.filter { $0.loss.isSure }
        if let worst = lost.max(by: { ($0.loss.ratio ?? 0) < ($1.loss.ratio ?? 0) }) {
            let isTolerated = lost.allSatisfy { $0.loss.ratio.map { $0 <= parameters.ratio } ?? false }
            let subject =
                judged.count == 1
                ? "the image"
                : lost.count == judged.count
                    ? "all \(lost.count) images"
                    : "\(lost.count) of \(judged.count) images"
            return [finding(worst.image, worst.loss, isTolerated ? .info : .review, subject)]
        }
        return losses.first.map { [finding($0.image, $0.loss, .info, "the image")] } ?? []
    }

    private func finding(
        _ image: InspectedImage, _ loss: Loss, _ severity: Quality.Severity, _ subject: String
    ) -> Quality.Finding {
        image.finding(
            name, severity, value: loss.ratio, threshold: parameters.ratio, unit: "to 1", "\(subject): \(loss.reason)")
    }

    private struct Loss {
        /// Original bytes for one stored; nil when nothing tells.
        let ratio: Double?
        let reason: String
        /// Whether something was lost for certain; else the header only contradicts itself.
        let isSure: Bool
    }

    private func loss(of image: InspectedImage) -> Loss? {
        let header = image.instance.attributes
        let pixels = try? image.pixels.get()
        let syntax = image.instance.transferSyntaxUID.value
        let isDeclared = header[.lossyImageCompression] == "01"
        let isDenied = header[.lossyImageCompression] == "00"
        // A codestream that tells is believed before the syntax, which may hold either.
        let isEncodedSo = pixels?.isIrreversible ?? LossyCompression.alwaysLossy.contains(syntax)
        let isDerivedSo = header.items(.derivationCodeSequence).contains {
            $0[.codeValue] == LossyCompression.derivationCode
        }
        let method = header.strings(.lossyImageCompressionMethod).first { !$0.isEmpty }
        let isMethodLossy = method.map(LossyCompression.lossyMethods.contains) ?? false
        let written = header.decimals(.lossyImageCompressionRatio)?.max().flatMap { $0 > 1 ? $0 : nil }
        let measured = isEncodedSo ? pixels.flatMap(storedRatio) : nil
        // A written ratio far below what the bytes show is a slip; bits allocated and stored differ by less than two.
        let ratio = written.flatMap { written in (measured ?? 0) > 2 * written ? measured : written } ?? measured

        if isEncodedSo {
            let how = isDenied ? "encoded with loss although the header says without" : "encoded with loss"
            return Loss(ratio: ratio, reason: how, isSure: true)
        }
        if isDeclared || isDerivedSo {
            let now = LossyCompression.alwaysLossy.contains(syntax) ? "" : " earlier"
            return Loss(ratio: ratio, reason: "the header says that it was compressed with loss\(now)", isSure: true)
        }
        if isMethodLossy, !isDenied {
            return Loss(ratio: ratio, reason: "the header names a lossy compression method", isSure: true)
        }
        if isMethodLossy || (written != nil && method == nil && !isDenied) {
            return Loss(
                ratio: ratio, reason: "the header has a ratio or method of lossy compression and no loss", isSure: false
            )
        }
        return nil
    }

    /// Bytes the stored frames would take uncompressed, for one byte they take.
    private func storedRatio(_ pixels: PixelDescription) -> Double? {
        guard pixels.isEncapsulated, pixels.presentByteCount > 0 else { return nil }
        let (rows, columns, samples) = (pixels.rows, pixels.columns, pixels.samplesPerPixel)
        let bits = [rows, columns, samples, pixels.bitsAllocated, max(pixels.framesPresent, 1)].map(Double.init)
        let ratio = bits.reduce(1 / 8, *) / Double(pixels.presentByteCount)
        return ratio > 1 ? (ratio * 10).rounded() / 10 : nil
    }

    private func isPage(_ image: InspectedImage) -> Bool {
        if image.instance.isCapture { return true }
        let isColour = image.instance.attributes.integer(.samplesPerPixel) == 3
        let isGrayModality =
            image.series.isRadiography || ["CT", "MR", "XA", "RF"].contains(image.series.modality?.uppercased())
        return isColour && isGrayModality
    }

    /// Baseline, extended, the retired DCT processes, JPEG recompressed in JPEG XL, MPEG, H.264 and H.265 (PS3.5 A.4, 8.2).
    /// Not near-lossless JPEG-LS and JPEG 2000: those may be without loss, and their codestream tells.
    private static let alwaysLossy: Set<String> = Set(
        ["50", "51", "52", "53", "54", "55", "56", "59", "60", "61", "62", "63", "64", "100", "100.1", "101", "101.1"]
            .map { "1.2.840.10008.1.2.4." + $0 }
            + ["102", "103", "104", "105", "106", "107", "108", "111"].flatMap { number in
                ["1.2.840.10008.1.2.4.\(number)", "1.2.840.10008.1.2.4.\(number).1"]
            })

    /// Methods that cannot be without loss (PS3.3 C.7.6.1.1.5.1); ISO_14495_1 and ISO_15444_1 can.
    private static let lossyMethods: Set<String> = [
        "ISO_10918_1", "ISO_13818_2", "ISO_14496_10", "ISO_23008_2",
    ]

    /// "Lossy Compression" of CID 7203 in Derivation Code Sequence (0008,9215).
    private static let derivationCode = "113040"
}
