/// How long a CT scan of a region is at least, along the body.
///
/// Lengths of what the items' coverage names ("apices to the adrenal glands"), in a small adult, less a tenth for angled
/// scans and the half slice at either end. They are anatomy rounded to 10 mm (Gray's Anatomy; ICRP 89 reference heights
/// of organs; usual scan lengths of AAPM's protocols are a third longer), so that what is shorter cannot be whole.
struct ScanLength {
    /// In an adult, millimetres.
    let least: Double
    let growth: Growth

    /// What the length grows with.
    enum Growth {
        case body, head
    }

    /// By the leading anatomy concept of an item; regions that are scanned at angles or in no one direction are absent.
    static let ofAdults: [String: ScanLength] = [
        "brain": ScanLength(least: 95, growth: .head),
        "intracranial_artery": ScanLength(least: 80, growth: .head),
        "head_neck": ScanLength(least: 180, growth: .body),
        "neck": ScanLength(least: 120, growth: .body),
        "nasopharynx": ScanLength(least: 50, growth: .head),
        "mandible": ScanLength(least: 50, growth: .head),
        "maxilla": ScanLength(least: 35, growth: .head),
        "larynx": ScanLength(least: 30, growth: .body),
        "chest": ScanLength(least: 200, growth: .body),
        "lung": ScanLength(least: 200, growth: .body),
        "rib": ScanLength(least: 220, growth: .body),
        "coronary_artery": ScanLength(least: 80, growth: .body),
        "whole_abdomen": ScanLength(least: 320, growth: .body),
        "small_bowel": ScanLength(least: 300, growth: .body),
        "urinary_tract": ScanLength(least: 260, growth: .body),
        "upper_abdomen": ScanLength(least: 140, growth: .body),
        "liver": ScanLength(least: 120, growth: .body),
        "pancreas": ScanLength(least: 110, growth: .body),
        "kidney": ScanLength(least: 90, growth: .body),
        "adrenal": ScanLength(least: 40, growth: .body),
        "lower_abdomen": ScanLength(least: 60, growth: .body),
        "pelvic_cavity": ScanLength(least: 140, growth: .body),
        "bony_pelvis": ScanLength(least: 150, growth: .body),
        "hip": ScanLength(least: 80, growth: .body),
        "sacroiliac_joint": ScanLength(least: 60, growth: .body),
        "cervical_spine": ScanLength(least: 90, growth: .body),
        "thoracic_spine": ScanLength(least: 200, growth: .body),
        "lumbar_spine": ScanLength(least: 140, growth: .body),
        "humerus": ScanLength(least: 220, growth: .body),
        "forearm": ScanLength(least: 180, growth: .body),
        "femur": ScanLength(least: 310, growth: .body),
        "tibia_fibula": ScanLength(least: 270, growth: .body),
        "shoulder": ScanLength(least: 80, growth: .body),
        "knee": ScanLength(least: 60, growth: .body),
    ]

    /// From the first slice's middle to the last's, of a head in any direction: the narrowest way is across, some 140 mm
    /// of which the brain takes 130.
    static let ofHeadByMR = ScanLength(least: 85, growth: .head)

    /// For a patient of `age` years, by the height, or the size of the head, a child of that age has at the least
    /// (WHO growth standards, third percentile, over those of an adult).
    func least(atAge age: Double?) -> Double {
        guard let age else { return least }
        let share: [(age: Double, share: Double)] =
            switch growth {
            case .body: [(0, 0.27), (1, 0.41), (2, 0.47), (5, 0.59), (10, 0.74), (14, 0.86), (18, 1)]
            case .head: [(0, 0.58), (1, 0.78), (2, 0.83), (5, 0.89), (10, 0.94), (18, 1)]
            }
        guard let next = share.firstIndex(where: { $0.age > age }), next > 0 else { return least }
        let (before, after) = (share[next - 1], share[next])
        let part = (age - before.age) / (after.age - before.age)
        return least * (before.share + part * (after.share - before.share))
    }
}
