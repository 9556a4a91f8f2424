internal import Assessment
internal import DICOMCore

extension SeriesContent {
    /// Images of a series that plans others lie in several planes, and are few.
    private static let localizerImageLimit = 9

    /// The planes of the series' images, each once: `AX`, `SAG`, `COR`, or `OBL` more than 30° from all of them.
    /// `LOCALIZER` alone for a series that only plans others; empty where images have no orientation.
    var planes: Set<String> {
        let types = instances.first?.attributes.strings(.imageType) ?? []
        let planes = Set(instances.compactMap(\.attributes.plane))
        let isPlan = planes.count > 1 && instances.count <= SeriesContent.localizerImageLimit
        return isPlan || types.contains("LOCALIZER") ? ["LOCALIZER"] : planes
    }
}

extension AttributeSet {
    /// The plane of Image Orientation (Patient) (0020,0037), by the axis of the body its normal lies along.
    fileprivate var plane: String? {
        guard let cosines = decimals(.imageOrientationPatient), cosines.count == 6 else { return nil }
        let (row, column) = (Array(cosines[0..<3]), Array(cosines[3..<6]))
        let normal = [
            row[1] * column[2] - row[2] * column[1], row[2] * column[0] - row[0] * column[2],
            row[0] * column[1] - row[1] * column[0],
        ]
        return zip(["SAG", "COR", "AX"], normal).first { abs($0.1) > 0.866 }?.0 ?? "OBL"
    }
}
