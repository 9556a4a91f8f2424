import Catalogue
import DICOMCore

/// The projection of one received radiograph, as far as its header tells.
struct ReceivedView: Hashable, Sendable {
    enum Projection: Hashable, Sendable {
        case frontal, lateral, oblique, flexion, `extension`, odontoid, axial, craniocaudal, mediolateralOblique
        /// A view that no item of the catalogues asks for.
        case other
    }

    var projection: Projection
    /// On the trunk the side nearest the detector; else the limb or breast imaged.
    var side: ItemView.Side?

    init(_ projection: Projection, _ side: ItemView.Side? = nil) {
        self.projection = projection
        self.side = side
    }

    /// Nil for a concept that stands for several views.
    init?(lexiconName: String) {
        switch lexiconName {
        case "FRONTAL": self.init(.frontal)
        case "LORDOTIC", "CALDWELL", "WATERS", "SCHULLER", "HIRTZ", "FROG", "Y", "CHAUSSE_III": self.init(.other)
        default:
            guard let view = ItemView(token: lexiconName) else { return nil }
            self.init(ReceivedView.projection(of: view), view.side)
        }
    }

    /// A defined term or usual value of View Position (0018,5101) (PS3.3 C.8.1.2.1.1, C.8.11.5).
    init?(viewPosition: String) {
        switch viewPosition.uppercased() {
        case "AP", "PA": self.init(.frontal)
        case "LLD", "RLD": self.init(.frontal)
        // Through a limb from either side; of a breast they are no view that an item asks for, as lateral is none.
        case "LAT", "LATERAL", "ML", "LM": self.init(.lateral)
        case "LL": self.init(.lateral, .left)
        case "RL": self.init(.lateral, .right)
        case "OBL", "OBLIQUE": self.init(.oblique)
        // The left front on the detector shows what the right back does.
        case "LLO", "LAO", "LO": self.init(.oblique, .left)
        case "RLO", "RAO", "RO": self.init(.oblique, .right)
        case "LPO", "RPO": self.init(.oblique)
        case "AXIAL", "AX", "TAN", "SUNRISE": self.init(.axial)
        case "CC": self.init(.craniocaudal)
        case "MLO": self.init(.mediolateralOblique)
        case "LMO", "XCC", "XCCL", "XCCM", "FB", "SIO", "ISO", "AT", "CV": self.init(.other)
        default: return nil
        }
    }

    /// A code of View Code Sequence (0054,0220), SNOMED CT or the older SNOMED RT (PS3.16 CID 4010, CID 4014).
    init?(viewCode: String) {
        switch viewCode {
        case "399348003", "R-10206", "272479007", "R-10214", "R-40888", "399033003", "R-10202":
            self.init(.frontal)
        case "399067008", "R-102CD", "399260004", "R-10224", "399352003", "R-10228": self.init(.lateral)
        case "399173006", "R-10236": self.init(.lateral, .left)
        case "399198007", "R-10232": self.init(.lateral, .right)
        case "399182000", "R-102C1", "399160007", "R-10204", "399312000", "R-10208", "399059000", "R-10216",
            "399006002", "R-10212", "399038007", "R-10210":
            self.init(.oblique)
        case "399135007", "R-10220", "399184004", "R-10238": self.init(.oblique, .left)
        case "399356000", "R-40985", "399236003", "R-10234": self.init(.oblique, .right)
        case "399061009", "R-10241", "399110001", "R-102C2", "399071006", "R-102C3": self.init(.axial)
        case "399162004", "R-10242": self.init(.craniocaudal)
        case "399368009", "R-10226": self.init(.mediolateralOblique)
        default: return nil
        }
    }

    /// What the header of `instance` tells: a special view its text names, else View Position, else the view code,
    /// else the text. Nil when the view can't be told.
    init?(_ instance: InstanceContent, words: ViewWords, item: CatalogueItem) {
        let attributes = instance.attributes
        let texts = [Tag.seriesDescription, .acquisitionDeviceProcessingDescription, .protocolName]
            .compactMap { attributes[$0] }
        // 仰卧 and ngửa can be read as extension: believe it only where the item is about flexion and extension.
        let asksMotion = item.views.contains { $0.projection == .flexion || $0.projection == .extension }
        let named = texts.lazy.compactMap(words.view).first {
            asksMotion || ($0.projection != .flexion && $0.projection != .extension)
        }
        let codes = attributes.items(.viewCodeSequence).compactMap { $0[.codeValue] }
        let coded =
            attributes[.viewPosition].flatMap { ReceivedView(viewPosition: $0) }
            ?? codes.lazy.compactMap { ReceivedView(viewCode: $0) }.first
        let isSpecial = named.map { [.flexion, .extension, .odontoid, .axial].contains($0.projection) } ?? false
        guard let chosen = isSpecial ? named : coded ?? named else { return nil }
        self = chosen
    }

    /// How surely the view is one the item asks for.
    enum Fit: Int {
        case no, perhaps, yes
    }

    func fit(_ asked: ItemView) -> Fit {
        switch (asked.projection, projection) {
        // Which way the beam went changes the posture, not what is seen: a bedside AP chest is a frontal view.
        case (.ap, .frontal), (.pa, .frontal), (.lateral, .lateral), (.oblique, .oblique), (.flexion, .flexion),
            (.extension, .extension), (.odontoid, .odontoid), (.axial, .axial), (.craniocaudal, .craniocaudal),
            (.mediolateralOblique, .mediolateralOblique):
            .yes
        // View Position has no word for these; devices name the direction of the beam.
        case (.flexion, .lateral), (.extension, .lateral), (.odontoid, .frontal), (.axial, .frontal): .perhaps
        default: .no
        }
    }

    private static func projection(of view: ItemView) -> Projection {
        switch view.projection {
        case .ap, .pa: .frontal
        case .lateral: .lateral
        case .oblique: .oblique
        case .flexion: .flexion
        case .extension: .extension
        case .odontoid: .odontoid
        case .axial: .axial
        case .craniocaudal: .craniocaudal
        case .mediolateralOblique: .mediolateralOblique
        }
    }
}
