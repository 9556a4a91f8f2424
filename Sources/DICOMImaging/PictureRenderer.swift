internal import CDCMTK
internal import Glibc

/// Makes a picture of one frame: stored values, modality units, window or VOI LUT, presentation (PS3.4 N.2).
struct PictureRenderer {
    let request: PictureRequest

    /// Reads the Part-10 file that is open at `input` and writes the picture to `output`.
    ///
    /// - Throws: ``PixelError``; what `output` holds then means nothing.
    func run(from input: Int32, to output: Int32) throws(PixelError) -> WrittenPicture {
        var picture = try picture(of: input)
        let grey = picture.grey
        if let region = request.region {
            guard let part = picture.cropped(to: region) else { throw .unsupported(detail: "nothing in the region") }
            picture = part
        }
        if let viewport = request.viewport {
            let sides = 1...PictureRequest.Viewport.limit
            guard sides.contains(viewport.columns), sides.contains(viewport.rows) else {
                throw .tooLarge(detail: "a viewport of \(viewport.columns) x \(viewport.rows)")
            }
            picture = picture.fitted(to: viewport)
        }
        var message = cdcmtk_pixels_message()
        var byteCount: UInt64 = 0
        let quality: Int32 =
            switch request.format {
            case .png: 0
            case .jpeg(let quality): Int32(clamping: min(max(quality, 1), 100))
            }
        let result = cdcmtk_image_write(
            picture.samples, Int32(picture.columns), Int32(picture.rows), Int32(picture.components), quality, output,
            &byteCount, &message)
        guard result == CDCMTK_PIXELS_OK else { throw PixelError(result, message) }
        return WrittenPicture(columns: picture.columns, rows: picture.rows, byteCount: byteCount, grey: grey)
    }

    func picture(of input: Int32) throws(PixelError) -> Picture {
        var reader = try PixelReader(descriptor: input, frameByteLimit: request.frameByteLimit)
        let samples = try reader.frame(request.frame)
        let description = reader.description
        let photometric = reader.decodedPhotometricInterpretation
        let presentation = try Presentation(of: input, frame: request.frame)
        let (components, shown): (Int, [UInt8])
        var told: WrittenPicture.Grey?
        switch (photometric, description.samplesPerPixel) {
        case ("PALETTE COLOR", 1):
            guard let palette = presentation.palette else { throw .unsupported(detail: "a palette without its tables") }
            (components, shown) = (3, palette.colours(of: samples))
        case (_, 1):
            components = 1
            (shown, told) = grey(samples, description, presentation)
        case (_, 3):
            let narrow = PictureRenderer.narrowed(samples, bitsStored: description.bitsStored)
            (components, shown) = (3, PictureRenderer.redGreenBlue(narrow, photometric))
        default: throw .unsupported(detail: "\(description.samplesPerPixel) samples per pixel of \(photometric)")
        }
        return Picture(
            columns: description.columns, rows: description.rows, components: components, samples: shown, grey: told)
    }

    /// What the header says of one frame.
    struct Presentation {
        let window: PictureRequest.Window?
        let table: LookUpTable?
        let isInverse: Bool
        let rescale: (slope: Double, intercept: Double)?
        let palette: Palette?

        init(of input: Int32, frame: Int) throws(PixelError) {
            var read: UnsafeMutablePointer<cdcmtk_presentation>?
            var message = cdcmtk_pixels_message()
            let result = cdcmtk_presentation_read(input, Int32(clamping: frame), &read, &message)
            guard let read else { throw PixelError(result, message) }
            defer { cdcmtk_presentation_free(read) }
            let raw = read.pointee
            let function: PictureRequest.Window.Function =
                switch raw.window_function {
                case CDCMTK_VOI_SIGMOID: .sigmoid
                case CDCMTK_VOI_LINEAR_EXACT: .linearExact
                default: .linear
                }
            window =
                raw.has_window == 0
                ? nil : .init(center: raw.window_center, width: raw.window_width, function: function)
            table = LookUpTable(raw.voi_table)
            isInverse = raw.is_inverse != 0
            rescale = raw.has_rescale == 0 ? nil : (raw.rescale_slope, raw.rescale_intercept)
            palette = Palette(
                LookUpTable(raw.palette.0), LookUpTable(raw.palette.1), LookUpTable(raw.palette.2))
        }
    }

    private func grey(
        _ samples: [Int32], _ description: PixelDescription, _ presentation: Presentation
    ) -> ([UInt8], WrittenPicture.Grey?) {
        let scale = description.scale
        func modality(_ stored: Int32) -> Double {
            guard let rescale = presentation.rescale, scale.table == nil else { return scale.modalityValue(stored) }
            return rescale.slope * Double(stored) + rescale.intercept
        }
        let stored = samples.withUnsafeBufferPointer {
            Histogram.range(of: $0, scale.padding?.lowerBound ?? 1, scale.padding?.upperBound ?? 0)
        }
        let ends = [modality(stored.minimum), modality(stored.maximum)]
        let (low, high) = (min(ends[0], ends[1]), max(ends[0], ends[1]))
        let shades: (Double) -> Double
        var window = request.window ?? presentation.window
        if let window {
            shades = window.shade
        } else if let table = presentation.table {
            shades = { table.shade(of: $0) }
        } else {
            shades = { high > low ? ($0 - low) / (high - low) : 0 }
            if high > low { window = .init(center: (low + high) / 2, width: high - low, function: .linearExact) }
        }
        let isTold = stored.minimum <= stored.maximum && low.isFinite && high.isFinite
        let told = isTold ? WrittenPicture.Grey(window: window, lowest: low, highest: high) : nil
        let isInverted = scale.isInverted != presentation.isInverse
        func shown(_ stored: Int32) -> UInt8 {
            // Padding is around the picture, and black whichever way the picture goes.
            if scale.isPadding(stored) { return 0 }
            let shade = min(max(shades(modality(stored)), 0), 1)
            return UInt8(((isInverted ? 1 - shade : shade) * 255).rounded())
        }
        let range = scale.range
        guard Int(range.upperBound) - Int(range.lowerBound) < 65_536 else { return (samples.map(shown), told) }
        let first = Int(range.lowerBound)
        let table = range.map(shown)
        return (samples.map { table[min(max(Int($0) - first, 0), table.count - 1)] }, told)
    }

    /// Colour samples as 8 bits.
    private static func narrowed(_ samples: [Int32], bitsStored: Int) -> [UInt8] {
        let shift = max(bitsStored - 8, 0)
        return samples.map { UInt8(truncatingIfNeeded: min(max(Int($0) >> shift, 0), 255)) }
    }

    /// PS3.3 C.7.6.3.1.2; what is neither of these is taken for red, green and blue.
    private static func redGreenBlue(_ samples: [UInt8], _ photometric: String) -> [UInt8] {
        let isPartial = photometric.hasPrefix("YBR_PARTIAL")
        guard isPartial || photometric.hasPrefix("YBR_FULL") else { return samples }
        var result = samples
        for pixel in stride(from: 0, to: samples.count - 2, by: 3) {
            let (blue, red) = (Double(samples[pixel + 1]) - 128, Double(samples[pixel + 2]) - 128)
            let luminance = Double(samples[pixel])
            let (light, gain) = isPartial ? ((luminance - 16) * 255 / 219, 255.0 / 224) : (luminance, 1)
            let values = [
                light + gain * 1.402 * red, light - gain * (0.344136 * blue + 0.714136 * red),
                light + gain * 1.772 * blue,
            ]
            for (offset, value) in values.enumerated() {
                result[pixel + offset] = UInt8(min(max(value, 0), 255).rounded())
            }
        }
        return result
    }
}

extension PictureRequest.Window {
    /// 0 is darkest and 1 lightest; beyond both is as dark or light (PS3.3 C.11.2.1.2, C.11.2.1.3).
    func shade(_ value: Double) -> Double {
        switch function {
        case .linear:
            guard width > 1 else { return value <= center - 0.5 ? 0 : 1 }
            return (value - (center - 0.5)) / (width - 1) + 0.5
        case .linearExact:
            guard width > 0 else { return value <= center ? 0 : 1 }
            return (value - center) / width + 0.5
        case .sigmoid:
            guard width > 0 else { return value <= center ? 0 : 1 }
            return 1 / (1 + exp(-4 * (value - center) / width))
        }
    }
}

/// A table of 8 or 16 bits; values beyond its ends map to these (PS3.3 C.11.1.1.1).
struct LookUpTable {
    let first: Int
    let entries: [UInt16]
    /// What the lightest entry may be.
    let maximum: Double

    init?(_ raw: cdcmtk_table) {
        guard raw.count > 0, let start = raw.entries else { return nil }
        first = Int(raw.first)
        entries = Array(UnsafeBufferPointer(start: start, count: Int(raw.count)))
        // Many tables say 16 bits and use fewer.
        let greatest = Int(entries.max() ?? 0)
        let bits = (8...16).first { greatest < 1 << $0 } ?? 16
        maximum = Double(1 << (raw.bits == 8 ? 8 : bits) - 1)
    }

    func shade(of value: Double) -> Double {
        guard value.isFinite else { return 0 }
        let index = min(max(value.rounded() - Double(first), 0), Double(entries.count - 1))
        return Double(entries[Int(index)]) / maximum
    }
}

/// The tables of PALETTE COLOR.
struct Palette {
    let tables: [LookUpTable]

    init?(_ red: LookUpTable?, _ green: LookUpTable?, _ blue: LookUpTable?) {
        guard let red, let green, let blue else { return nil }
        tables = [red, green, blue]
    }

    func colours(of samples: [Int32]) -> [UInt8] {
        // All three have as many bits; the widest tells of all whether 16 announced bits are used.
        let maximum = tables.map(\.maximum).max() ?? 255
        // Entries of 16 bits have their weight in the upper eight (PS3.3 C.7.6.3.1.5).
        let shift = maximum > 255 ? 8 : 0
        let narrow = tables.map { table in table.entries.map { UInt8(truncatingIfNeeded: $0 >> shift) } }
        var result = [UInt8](repeating: 0, count: samples.count * 3)
        for (pixel, sample) in samples.enumerated() {
            for colour in 0..<3 {
                let table = narrow[colour]
                result[pixel * 3 + colour] = table[min(max(Int(sample) - tables[colour].first, 0), table.count - 1)]
            }
        }
        return result
    }
}
