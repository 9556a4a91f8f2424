import DICOMCore
import DICOMImaging

/// What the rules for projection radiographs look at.
extension InspectedImage {
    /// Figures of a single projection of a body: no screen, no scout, no run of frames (a slice of a tomosynthesis is
    /// smooth by nature). Nil when nothing was measured.
    var radiograph: RadiographFigures? {
        guard series.isRadiography, !instance.isCapture, !instance.isLocalizer,
            case .success(let pixels) = self.pixels, pixels.framesAnnounced <= 1
        else { return nil }
        return decoded.first?.figures.radiograph
    }

    /// Not yet processed for display (Presentation Intent Type (0008,0068)): values may run either way and far.
    var isForProcessing: Bool {
        instance.attributes[.presentationIntentType]?.uppercased() == "FOR PROCESSING"
    }

    /// Whether greater stored values are shown darker; as a rule, dark is what was exposed most.
    var isInverted: Bool { (try? pixels.get().scale.isInverted) ?? false }

    /// Distance of pixels in mm, at the detector or, without that, in the patient.
    var pixelSpacing: Double? {
        let spacing = [.imagerPixelSpacing, .pixelSpacing].lazy
            .compactMap { instance.attributes.decimals($0)?.first }.first
        return spacing.flatMap { (0.005...5).contains($0) ? $0 : nil }
    }
}

extension RadiographFigures {
    /// How far the picture's values spread, in stored values.
    var spread: Double { contrast.upperBound - contrast.lowerBound }
}
