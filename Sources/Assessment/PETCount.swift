import DICOMCore

/// How many images a PET series should have (PS3.3 C.8.9.1): the slices of the volume, for each time slice, R-R interval and
/// time slot.
struct PETCount {
    let announced: Int
    let received: Int
    /// Image Index (0054,1330) of what came, where every image has one of its own within the announced.
    private let indices: Set<Int>

    /// Nil for a series that is not PET or announces nothing usable.
    init?(_ series: SeriesContent) {
        guard series.modality?.uppercased() == "PT" else { return nil }
        let images = series.instances.filter { $0.isImage && !$0.isCapture && !$0.isLocalizer && !$0.isComputed }
        func count(_ tag: Tag) -> Int? {
            images.compactMap { $0.attributes.integer(tag) }.max().flatMap { (1...1_000_000).contains($0) ? $0 : nil }
        }
        // Frames of enhanced PET are counted elsewhere.
        guard let slices = count(.numberOfSlices),
            !images.contains(where: { $0.attributes.integer(.numberOfFrames) ?? 1 > 1 })
        else { return nil }
        let factors = [Tag.numberOfTimeSlices, .numberOfRRIntervals, .numberOfTimeSlots].map { count($0) ?? 1 }
        let (announced, isOverflow) = factors.reduce((slices, false)) { product, factor in
            let (value, isOverflow) = product.0.multipliedReportingOverflow(by: factor)
            return (value, product.1 || isOverflow)
        }
        guard !isOverflow, announced < 1_000_000 else { return nil }
        self.announced = announced
        received = images.count - SeriesContent.copyCount(of: images)
        let told = Set(images.compactMap { $0.attributes.integer(.imageIndex) })
        indices = told.count == images.count && told.allSatisfy { (1...announced).contains($0) } ? told : []
    }

    func missing(limit: Int) -> [String] {
        let lack = announced - received
        guard lack > 0 else { return [] }
        guard !indices.isEmpty, lack <= limit else { return ["\(lack) images"] }
        return (1...announced).filter { !indices.contains($0) }.map { "image \($0)" }
    }
}
