import DICOMCore

/// What an instance is, as far as the rules care, read from its header.
extension InstanceContent {
    /// Whether it should have Pixel Data: its header describes a matrix, or its SOP Class is an image's.
    var isImage: Bool {
        attributes.contains(.rows) || InstanceContent.imageClasses.contains(sopClassUID.value)
    }

    /// A picture of a screen or a page, not of a patient (PS3.3 A.8; Image Type of scanners that save screens).
    var isCapture: Bool {
        let isClass = sopClassUID.value == InstanceContent.secondaryCapture
        if isClass || sopClassUID.value.hasPrefix(InstanceContent.secondaryCapture + ".") { return true }
        return imageType.contains { value in
            let letters = value.uppercased().filter(\.isLetter)
            return letters.contains("SCREENSAVE") || letters.contains("SCREENSHOT") || letters.contains("SCREENCAPTURE")
        }
    }

    /// Computed from other images: a reformat, a map, a projection (PS3.3 C.7.6.1.1.2).
    var isDerived: Bool { imageType.first?.uppercased() == "DERIVED" }

    /// Not taken by the device at all, only made from what it took: DERIVED and SECONDARY, or of a SOP Class that is
    /// always made so, whatever its Image Type.
    var isComputed: Bool {
        InstanceContent.computedClasses.contains(sopClassUID.value)
            || isDerived && imageType.dropFirst().first?.uppercased() == "SECONDARY"
    }

    /// A scout for planning the others.
    var isLocalizer: Bool { imageType.contains { $0.uppercased() == "LOCALIZER" } }

    /// Labels of regions, no intensities.
    var isSegmentation: Bool { sopClassUID.value == "1.2.840.10008.5.1.4.1.1.66.4" }

    var imageType: [String] { attributes.strings(.imageType) }

    var instanceNumber: Int? { attributes.integer(.instanceNumber) }

    /// Secondary Capture Image Storage; the multi-frame ones continue it (PS3.4 B.5).
    private static let secondaryCapture = "1.2.840.10008.5.1.4.1.1.7"

    /// Segmentation, Label Map Segmentation, Parametric Map and RT Dose Storage (PS3.4 B.5).
    private static let computedClasses: Set<String> = Set(
        ["66.4", "66.7", "30", "481.2"].map { "1.2.840.10008.5.1.4.1.1." + $0 })

    /// Image Storage of the modalities priord's catalogues name (PS3.4 B.5).
    private static let imageClasses: Set<String> = Set(
        ["1", "1.1", "1.1.1", "1.2", "1.2.1", "2", "2.1", "2.2", "4", "4.1", "4.3", "12.1", "12.1.1", "12.2", "12.2.1"]
            .map { "1.2.840.10008.5.1.4.1.1." + $0 })
}

extension SeriesContent {
    /// A projection radiograph: one exposure an image.
    var isRadiography: Bool { ["CR", "DX", "DR", "MG", "RG"].contains(modality?.uppercased() ?? "") }
}
