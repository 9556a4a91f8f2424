import Catalogue
import DICOMCore
import DICOMImaging

/// `pixel-data`: whether an image's pixels are all there and decode.
///
/// Length is checked for every frame. Every frame of a compressed object is decoded as well, as long as that takes seconds:
/// a codestream may look whole and not be (of runs too large for that, as many frames as time allows, evenly spread, and it
/// is noted how many). What is intact but not decoded here (video, HTJ2K, JPEG XL) is noted and raises nothing.
struct PixelData: QualityRule {
    let name = QualityRuleName.pixelData

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { .everyFrame }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        switch image.pixels {
        case .failure(let error): [finding(image, error)]
        case .success(let pixels): examine(image, pixels)
        }
    }

    private func examine(_ image: InspectedImage, _ pixels: PixelDescription) -> [Quality.Finding] {
        guard pixels.rows > 0, pixels.columns > 0 else {
            return [
                image.finding(
                    name, .fail, value: Double(min(pixels.rows, pixels.columns)), threshold: 1, unit: "pixels",
                    "\(pixels.rows) rows of \(pixels.columns) pixels")
            ]
        }
        if let finding = length(image, pixels) { return [finding] }
        if let check = (try? image.figures.get())?.check { return frames(image, check) }
        // The first frame that does not decode tells; its fellows mostly share the fault.
        for frame in image.frames {
            if case .failure(let error) = frame.figures { return [finding(image, error, frame: frame.index)] }
        }
        return []
    }

    private func frames(_ image: InspectedImage, _ check: FrameCheck) -> [Quality.Finding] {
        let looked = "\(check.decodedCount) of \(check.frameCount) frames"
        guard let first = check.firstFault else {
            guard check.decodedCount < check.frameCount else { return [] }
            return [
                image.finding(
                    name, .info, value: Double(check.decodedCount), threshold: Double(check.frameCount), unit: "frames",
                    "\(looked) were decoded, and are whole")
            ]
        }
        var finding = finding(image, first.error, frame: first.frame)
        if check.faultCount > 1 { finding.detail += "; so are \(check.faultCount - 1) more, of \(looked) decoded" }
        return [finding]
    }

    private func length(_ image: InspectedImage, _ pixels: PixelDescription) -> Quality.Finding? {
        guard let expected = pixels.expectedByteCount else {
            let announced = max(pixels.framesAnnounced, 1)
            guard pixels.framesPresent != announced else { return nil }
            return image.finding(
                name, pixels.framesPresent < announced ? .fail : .review, value: Double(pixels.framesPresent),
                threshold: Double(announced), unit: "frames",
                "\(announced) frames announced, \(pixels.framesPresent) in the pixel data")
        }
        if pixels.presentByteCount < expected {
            return image.finding(
                name, .fail, value: Double(pixels.presentByteCount), threshold: Double(expected), unit: "bytes",
                "pixel data is shorter than rows, columns, samples, bits and frames ask for")
        }
        // One byte more makes the length even (PS3.5 8.1.1).
        guard pixels.announcedByteCount > expected + 1 else { return nil }
        let surplus = pixels.announcedByteCount - expected
        let rowByteCount = max(1, UInt64(pixels.columns * pixels.samplesPerPixel * pixels.bitsAllocated / 8))
        return image.finding(
            name, surplus >= rowByteCount ? .fail : .review, value: Double(pixels.announcedByteCount),
            threshold: Double(expected), unit: "bytes",
            "pixel data is longer than rows, columns, samples, bits and frames ask for")
    }

    private func finding(_ image: InspectedImage, _ error: PixelError, frame: Int? = nil) -> Quality.Finding {
        let severity: Quality.Severity =
            switch error {
            case .absent, .corrupt, .noSuchFrame: .fail
            // A person should look: at the image, or at what our decoder makes of it.
            case .tooLarge, .crashed, .timedOut: .review
            // The first is no fault of the image, the second is one of our storage, which `verify` reports, the third
            // one of our decoding process, which `status` reports. The last is no error of measuring.
            case .unsupported, .unreadable, .unavailable, .unwritable: .info
            }
        let place = frame.map { "frame \($0): " } ?? ""
        return image.finding(name, severity, place + error.description)
    }
}
