/// The languages catalogues and lexicon are written in.
public enum Language: String, Sendable, CaseIterable, Codable {
    case chinese = "zh"
    case english = "en"
    case vietnamese = "vi"
}

extension Language {
    /// The words of this language.
    public func pick(_ zh: String, _ en: String, _ vi: String) -> String {
        switch self {
        case .chinese: zh
        case .english: en
        case .vietnamese: vi
        }
    }
}

/// One text in the three languages of a catalogue.
public struct LocalizedName: Hashable, Sendable {
    public let zh: String
    public let en: String
    public let vi: String

    public init(zh: String, en: String, vi: String) {
        self.zh = zh
        self.en = en
        self.vi = vi
    }

    public subscript(language: Language) -> String {
        switch language {
        case .chinese: zh
        case .english: en
        case .vietnamese: vi
        }
    }
}

/// Which modality an item is made with, as rules of lexicon and matcher tell them apart.
public enum ModalityFamily: String, Sendable, Hashable, CaseIterable, Codable {
    case radiograph = "DR"
    case mammogram = "MG"
    case ct = "CT"
    case mr = "MR"

    /// The family of a value of Modality (0008,0060), or nil for one no imaging item is made with.
    public init?(dicomModality: String) {
        switch dicomModality {
        case "DX", "CR", "DR", "RG": self = .radiograph
        case "MG": self = .mammogram
        case "CT": self = .ct
        case "MR": self = .mr
        default: return nil
        }
    }
}

/// One coded examination of an imaging catalogue, with the axes it is made of.
public struct CatalogueItem: Sendable, Equatable {
    /// Which side of a paired part; `both` when name, definition or code names two sides.
    public enum Laterality: String, Sendable, CaseIterable {
        case none, left, right, both
    }

    /// Posture, as the text or position 8 of the code gives it.
    public enum Position: String, Sendable, CaseIterable {
        case standing = "STANDING"
        case supine = "SUPINE"
        case prone = "PRONE"
        case decubitus = "DECUBITUS"
    }

    /// Contrast as the item is defined; the list's enhanced items contain the plain scan.
    public enum Contrast: String, Sendable, CaseIterable {
        case none, without, with, dynamic, delayed
        case withoutAndWith = "without_and_with"
    }

    /// How far a value rests on the words of the source.
    public enum Basis: String, Sendable, CaseIterable {
        case stated, code, convention, none
        case statedAndConvention = "stated+convention"
        case unspecified = ""
    }

    public let number: Int
    public let code: ItemCode
    public let name: LocalizedName
    public let definitionZH: String
    /// The catalogue's own modality word: DR, CT or MR.
    public let modality: String
    public let family: ModalityFamily
    /// Values of Modality (0008,0060) the item's series have.
    public let dicomModalities: [String]
    /// Lexicon concepts of kind anatomy, the leading one first.
    public let anatomy: [ConceptID]
    public let laterality: Laterality
    /// Projections of a complete study; empty on CT and MR.
    public let views: [ItemView]
    public let viewsBasis: Basis
    /// Least number of images of a complete radiograph, or nil on CT and MR.
    public let viewCount: Int?
    /// Allowed postures; empty when none is specified.
    public let positions: [Position]
    public let positionBasis: Basis
    public let contrast: Contrast
    /// Lexicon concept of kind technique.
    public let technique: ConceptID
    /// Tokens a CT or MR study must contain, each a list of alternatives (Resources/README.md, "Series tokens").
    public let requiredSeries: [[String]]
    /// Tokens departments normally add.
    public let expectedSeries: [[String]]
    public let coverage: String
}

/// A projection, with the side it is taken from where the item says so.
public struct ItemView: Hashable, Sendable {
    public enum Projection: String, Sendable, CaseIterable {
        case ap = "AP"
        case pa = "PA"
        case lateral = "LAT"
        case oblique = "OBL"
        case flexion = "FLEX"
        case `extension` = "EXT"
        case odontoid = "ODONTOID"
        case axial = "AXIAL"
        case craniocaudal = "CC"
        case mediolateralOblique = "MLO"
    }

    public enum Side: String, Sendable {
        case left = "L"
        case right = "R"
    }

    public let projection: Projection
    /// On the trunk the side nearest the detector; on paired parts the limb or breast imaged.
    public let side: Side?

    public init(projection: Projection, side: Side? = nil) {
        self.projection = projection
        self.side = side
    }

    /// From the catalogue's token: `AP`, `LAT_R`, `MLO_L`. Nil for an unknown one.
    public init?(token: String) {
        let parts = token.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count <= 2, let projection = parts.first.flatMap({ Projection(rawValue: String($0)) }) else {
            return nil
        }
        var side: Side?
        if parts.count == 2 {
            guard let given = Side(rawValue: String(parts[1])) else { return nil }
            side = given
        }
        self.init(projection: projection, side: side)
    }

    public var token: String { side.map { "\(projection.rawValue)_\($0.rawValue)" } ?? projection.rawValue }
}
