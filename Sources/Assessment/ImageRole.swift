import DICOMCore

/// What an image of CT, MR or angiography is of, read from Image Type (0008,0008) and the headers around it
/// (PS3.3 C.7.6.1.1.2, C.8.2.1.1.1, C.8.3.1.1.1).
extension InstanceContent {
    /// A reconstructed CT slice in Hounsfield units: no scout, picture, map, reformat or blend.
    var isHounsfieldSlice: Bool {
        guard !isCapture, !isLocalizer, !isSegmentation, (attributes.integer(.samplesPerPixel) ?? 1) == 1 else {
            return false
        }
        if let unit = attributes[.rescaleType], !["HU", "US"].contains(unit.uppercased()) { return false }
        let words = imageType.map { $0.uppercased() }
        guard !words.contains(where: InstanceContent.isComputedWord) else { return false }
        return words.count > 2 ? ["AXIAL", "VOLUME"].contains(words[2]) || !isDerived : !isDerived
    }

    /// A magnitude image of MR as acquired: no scout, phase, map, projection or difference.
    var isMagnitude: Bool {
        guard !isCapture, !isLocalizer, !isSegmentation, !isDerived,
            (attributes.integer(.samplesPerPixel) ?? 1) == 1
        else { return false }
        return !imageType.contains { word in
            let word = word.uppercased()
            return InstanceContent.isComputedWord(word) || InstanceContent.nonMagnitudes.contains(word)
        }
    }

    /// Echo-planar imaging, as most diffusion is.
    var isEchoPlanar: Bool {
        if isDiffusion || attributes.strings(.scanningSequence).contains(where: { $0.uppercased() == "EP" }) {
            return true
        }
        let name = attributes[.sequenceName]?.lowercased() ?? ""
        return name.contains("ep_") || name.contains("epfid") || name.contains("epse")
            || imageType.contains { ["EPI", "FMRI"].contains($0.uppercased()) }
    }

    /// Weighted by diffusion, or of a series for which it is, as far as headers and names tell.
    var isDiffusion: Bool {
        if DiffusionWeighting(attributes).bValue ?? 0 > 0 { return true }
        if attributes[.sequenceName]?.lowercased().contains("ep_b") == true { return true }
        if imageType.contains(where: { ["DIFFUSION", "TRACEW"].contains($0.uppercased()) }) { return true }
        let named = [Tag.seriesDescription, .protocolName].compactMap { attributes[$0]?.uppercased() }
        return named.contains { text in ["DWI", "DTI", "DIFF", "TENSOR", "弥散", "扩散"].contains(where: text.contains) }
    }

    /// Several slices laid out in one picture.
    var isMosaic: Bool { imageType.contains { $0.uppercased() == "MOSAIC" } }

    /// Image Type of what is computed from slices. Long words may go on, as REFORMATTED and MPR_THICK do.
    private static func isComputedWord(_ word: String) -> Bool {
        computedWords.contains { word == $0 || word.hasPrefix($0 + "_") || ($0.count > 4 && word.hasPrefix($0)) }
    }

    private static let computedWords = [
        "MPR", "CSA MPR", "REFORMAT", "MIP", "MINIP", "MNIP", "PROJECTION", "CPR", "VRT", "3D", "PERFUSION", "SUBTRACT",
        "MAP", "MATERIAL", "IODINE", "VNC", "ZEFF", "RHO", "FUSED", "FUSION", "OVERLAY", "PARAMETRIC", "RCB", "CBF",
        "CBV", "MTT", "TTP", "TMAX", "ADC", "FA", "TENSOR", "COLFA", "T1 MAP", "T2 MAP", "UNI", "ASL", "PWI", "SWI",
    ]
    private static let nonMagnitudes: Set<String> = [
        "P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY", "VELOCITY", "B0", "DIFF",
    ]
}

extension SeriesContent {
    var isCT: Bool { modality?.uppercased() == "CT" }
    /// Made of slices through a body.
    var isSliced: Bool { ["CT", "MR", "PT"].contains(modality?.uppercased() ?? "") }
    var isMR: Bool { modality?.uppercased() == "MR" }
    var isAngiography: Bool { ["XA", "RF"].contains(modality?.uppercased() ?? "") }
}

extension Double {
    /// In words of a report: without decimals, whatever size a header gives it.
    var whole: String { abs(self) < 1e9 ? String(Int(rounded())) : String(self) }

    /// Within what can be calculated with and written anywhere.
    var bounded: Double { Swift.min(Swift.max(self, -1e9), 1e9) }
}

extension Array where Element == Double {
    /// The middle value, of an even number the upper of the two; nil when empty.
    var median: Double? { isEmpty ? nil : sorted()[count / 2] }
}
