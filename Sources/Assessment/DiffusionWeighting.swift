import DICOMCore

/// The diffusion weighting of an image, where its header gives it as a number.
struct DiffusionWeighting {
    /// Seconds per square millimetre; nil when not given.
    let bValue: Double?

    /// Diffusion b-value (0018,9087), on its own or in MR Diffusion Sequence (0018,9117) (PS3.3 C.8.13.5.9), else what the
    /// maker keeps it in.
    init(_ attributes: AttributeSet) {
        let standard =
            attributes.decimal(.diffusionBValue)
            ?? attributes.items(.mrDiffusionSequence).lazy.compactMap { $0.decimal(.diffusionBValue) }.first
        let given = standard ?? DiffusionWeighting.siemens(attributes) ?? DiffusionWeighting.generalElectric(attributes)
        bValue = given.flatMap { (0...DiffusionWeighting.greatest).contains($0) ? $0 : nil }
    }

    private static func siemens(_ attributes: AttributeSet) -> Double? {
        // Another maker may have taken the block (PS3.5 7.8.1).
        guard attributes[.siemensBValueCreator] == "SIEMENS MR HEADER" else { return nil }
        return attributes.decimal(.siemensBValue)
    }

    /// The first value carries flags in its upper digits: 1000000800 is b 800.
    private static func generalElectric(_ attributes: AttributeSet) -> Double? {
        guard attributes[.generalElectricBValueCreator] == "GEMS_PARM_01" else { return nil }
        return attributes.decimal(.generalElectricBValue).map { $0.truncatingRemainder(dividingBy: 100_000) }
    }

    /// Beyond what gradients reach.
    private static let greatest = 100_000.0
}
