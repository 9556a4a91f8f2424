import DICOMCore

/// `secondary-capture`: a study of nothing but screens, pages or films.
///
/// A dose page or a 3D picture beside real images is normal and not noted.
struct SecondaryCapture: QualityRule {
    let name = QualityRuleName.secondaryCapture

    func findings(in study: StudyContent) -> [Quality.Finding] {
        let images = study.series.flatMap { series in series.instances.filter(\.isImage).map { (series, $0) } }
        guard let (series, instance) = images.first, images.allSatisfy({ $0.1.isCapture }) else { return [] }
        return [
            Quality.Finding(
                rule: name, severity: images.allSatisfy(isPlausiblyOriginal) ? .review : .fail,
                seriesInstanceUID: series.seriesInstanceUID, sopInstanceUID: instance.sopInstanceUID,
                value: Double(images.count), threshold: 0, unit: "images",
                detail: "all \(images.count) images are secondary captures")
        ]
    }

    /// Older ultrasound, endoscopy and photography devices send their originals as captures, as do digitisers of film
    /// (Conversion Type (0008,0064), PS3.3 C.8.6.1).
    private func isPlausiblyOriginal(_ series: SeriesContent, _ instance: InstanceContent) -> Bool {
        if ["DF", "DI"].contains(instance.attributes[.conversionType]?.uppercased()) { return true }
        return ["US", "ES", "XC", "GM", "OP", "SM"].contains(series.modality?.uppercased())
    }
}
