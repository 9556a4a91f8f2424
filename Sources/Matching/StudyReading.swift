import Catalogue

/// What a study, or one clause of its text, says on each axis.
struct StudyReading {
    enum Contrast: String {
        case without, with, dynamic
        case withoutAndWith = "without_and_with"
    }

    let family: ModalityFamily
    /// Parts of the body, the particular ones only: an area that is named along with a part inside it is left out.
    var regions: [Int] = []
    /// The area named around the regions, which the study is of where the list has nothing for these.
    var area: Int?
    var regionIsArea = false
    var sides: SideSet = []
    /// Text and Attribute name opposite sides.
    var sideConflict = false
    /// The side stands in the leading text and not only in an Attribute, which senders fill for unpaired parts too.
    var sideIsSaid = false
    var views: ViewSet = []
    /// Sides that words for views name; on a paired part the side of the part (Lt lateral of a heel).
    var viewSides: SideSet = []
    var positions: Set<CatalogueItem.Position> = []
    var isBedside = false
    var contrast: Contrast?
    /// Text and series or agent contradict each other on contrast.
    var contrastConflict = false
    var contrastIsAssumed = false
    var contrastIsSettled = false
    /// A whole MR protocol without a word of contrast: plain, where the list has nothing else for the part.
    var showsPlainProtocol = false
    /// Techniques and actions that ask something of an item.
    var techniques: Set<Int> = []
    var hasAction = false
    /// An additive technique stands beside nothing it could be added to (头颅DWI): the text may mean it alone.
    var extraStandsAlone = false
    var language: Language
    /// The region stands only in a secondary Attribute or in series.
    var regionIsSecondary = false
    /// An Attribute names another part or projection than the text does.
    var attributeDiffers = false
    var evidence: [Evidence] = []
}
