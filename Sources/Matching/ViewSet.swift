import Catalogue

/// A set of projections as texts and items name them.
struct ViewSet: OptionSet, Hashable {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Frontal without saying whether AP or PA.
    static let frontal = ViewSet(rawValue: 1 << 0)
    static let ap = ViewSet(rawValue: 1 << 1)
    static let pa = ViewSet(rawValue: 1 << 2)
    static let lateral = ViewSet(rawValue: 1 << 3)
    static let leftLateral = ViewSet(rawValue: 1 << 4)
    static let rightLateral = ViewSet(rawValue: 1 << 5)
    static let oblique = ViewSet(rawValue: 1 << 6)
    static let leftOblique = ViewSet(rawValue: 1 << 7)
    static let rightOblique = ViewSet(rawValue: 1 << 8)
    static let flexion = ViewSet(rawValue: 1 << 9)
    static let `extension` = ViewSet(rawValue: 1 << 10)
    static let odontoid = ViewSet(rawValue: 1 << 11)
    static let axial = ViewSet(rawValue: 1 << 12)
    static let craniocaudal = ViewSet(rawValue: 1 << 13)
    static let mediolateral = ViewSet(rawValue: 1 << 14)
    static let heartSeries = ViewSet(rawValue: 1 << 15)
    /// A projection no item is made of.
    static let other = ViewSet(rawValue: 1 << 16)
    /// A bare number of views.
    static let single = ViewSet(rawValue: 1 << 17)
    static let two = ViewSet(rawValue: 1 << 18)
    static let threeOrMore = ViewSet(rawValue: 1 << 19)
    /// More views than convention tells which.
    static let many = ViewSet(rawValue: 1 << 20)

    static let frontals: ViewSet = [.frontal, .ap, .pa]
    static let laterals: ViewSet = [.lateral, .leftLateral, .rightLateral]
    static let obliques: ViewSet = [.oblique, .leftOblique, .rightOblique]
    static let counts: ViewSet = [.single, .two, .threeOrMore, .many]

    /// The one side its views are of, if they are of one.
    var side: SideSet? {
        let isLeft = !isDisjoint(with: [.leftLateral, .leftOblique])
        let isRight = !isDisjoint(with: [.rightLateral, .rightOblique])
        return isLeft == isRight ? nil : (isLeft ? .left : .right)
    }

    var count: Int { rawValue.nonzeroBitCount }

    /// What a view concept of the lexicon stands for.
    init(concept: ConceptID) {
        self =
            switch concept.name {
            case "FRONTAL": .frontal
            case "AP": .ap
            case "PA": .pa
            case "AP_OR_PA": [.ap, .pa]
            case "LAT": .lateral
            case "LAT_L": .leftLateral
            case "LAT_R": .rightLateral
            case "AP_LAT": [.frontal, .lateral]
            case "OBL": .oblique
            case "OBL_L": .leftOblique
            case "OBL_R": .rightOblique
            case "OBL_LR": [.leftOblique, .rightOblique]
            case "AP_OBL": [.frontal, .oblique]
            case "AP_LAT_OBL": [.frontal, .lateral, .oblique]
            case "FLEX": .flexion
            case "EXT": .extension
            case "FLEX_EXT": [.flexion, .extension]
            case "ODONTOID": .odontoid
            case "AXIAL": .axial
            case "AXIAL_LAT": [.axial, .lateral]
            case "CC": .craniocaudal
            case "MLO": .mediolateral
            case "HEART3": .heartSeries
            case "COUNT1": .single
            case "COUNT2": .two
            case "COUNT3": .threeOrMore
            case "COUNT_MANY": .many
            default: .other
            }
    }

    /// What a value of View Position (0018,5101) stands for; empty for one that says nothing.
    init(viewPosition value: String) {
        self =
            switch value.uppercased() {
            case "AP": .ap
            case "PA": .pa
            case "LL", "LLAT": .leftLateral
            case "RL", "RLAT": .rightLateral
            case "LAT", "LATERAL", "ML", "LM", "MEDIOLATERAL": .lateral
            case "OBL", "OBLIQUE": .oblique
            case "LAO", "RPO", "LLO": .leftOblique
            case "RAO", "LPO", "RLO": .rightOblique
            case "AXIAL", "TAN", "SUNRISE": .axial
            case "CC": .craniocaudal
            case "MLO": .mediolateral
            default: []
            }
    }

    /// What Patient Orientation (0020,0020), row and column, tells of a projection: rows that run to a side of the patient
    /// are seen from the front or back, rows that run forwards or backwards from a side (PS3.3 C.7.6.1.1.1).
    init(patientOrientation value: String) {
        let parts = value.uppercased().split(separator: "\\")
        guard parts.count == 2, let column = parts[1].first, column == "F" || column == "H" else {
            self = []
            return
        }
        self =
            switch parts[0] {
            case "L", "R": .frontal
            case "A", "P": .lateral
            default: []
            }
    }

    /// The views of an item. On paired parts and on breasts the side of a view is the side of the part.
    init(_ item: CatalogueItem) {
        var set: ViewSet = []
        for view in item.views {
            let side = item.laterality == .none ? view.side : nil
            let one: ViewSet =
                switch (view.projection, side) {
                case (.ap, _): .ap
                case (.pa, _): .pa
                case (.lateral, nil): .lateral
                case (.lateral, .left): .leftLateral
                case (.lateral, .right): .rightLateral
                case (.oblique, nil): .oblique
                case (.oblique, .left): .leftOblique
                case (.oblique, .right): .rightOblique
                case (.flexion, _): .flexion
                case (.extension, _): .extension
                case (.odontoid, _): .odontoid
                case (.axial, _): .axial
                case (.craniocaudal, _): .craniocaudal
                case (.mediolateralOblique, _): .mediolateral
                }
            set.formUnion(one)
        }
        self = set
    }

    /// The tokens joined by `+`, as evidence shows them.
    var text: String {
        let names: [(ViewSet, String)] = [
            (.frontal, "FRONTAL"), (.ap, "AP"), (.pa, "PA"), (.lateral, "LAT"), (.leftLateral, "LAT_L"),
            (.rightLateral, "LAT_R"), (.oblique, "OBL"), (.leftOblique, "OBL_L"), (.rightOblique, "OBL_R"),
            (.flexion, "FLEX"), (.extension, "EXT"), (.odontoid, "ODONTOID"), (.axial, "AXIAL"),
            (.craniocaudal, "CC"), (.mediolateral, "MLO"), (.heartSeries, "HEART3"), (.other, "OTHER"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: "+")
    }
}
