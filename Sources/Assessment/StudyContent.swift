public import Catalogue
public import DICOMCore
public import DICOMImaging
public import Foundation

/// What is assessed: a settled study's headers, and a way to its pixels.
public struct StudyContent: Sendable {
    public var studyInstanceUID: StudyInstanceUID
    /// When the last instance arrived.
    public var receivedAt: Date
    /// The peer that sent it, or nil when it came otherwise.
    public var sourceAETitle: AETitle?
    public var series: [SeriesContent]
    /// The item the study was matched to, or nil when it is unmapped.
    public var item: CatalogueItem?
    /// Whether the study, as described, is the item; else the list has nothing closer, and the item may ask for more.
    public var isItemExact = true
    /// What others said of it.
    public var testimony: StudyTestimony

    public init(
        studyInstanceUID: StudyInstanceUID, receivedAt: Date, sourceAETitle: AETitle? = nil, series: [SeriesContent],
        item: CatalogueItem? = nil, testimony: StudyTestimony = StudyTestimony()
    ) {
        self.studyInstanceUID = studyInstanceUID
        self.receivedAt = receivedAt
        self.sourceAETitle = sourceAETitle
        self.series = series
        self.item = item
        self.testimony = testimony
    }

    var instances: [InstanceContent] { series.flatMap(\.instances) }

    /// The stacks of each series, once they were laid out: several rules ask for them.
    private var stacks: [SeriesInstanceUID: SliceStacks] = [:]

    /// The same study with its series laid out as stacks.
    func laidOut(_ parameters: SliceGapParameters) -> StudyContent {
        var study = self
        for one in series { study.stacks[one.seriesInstanceUID] = SliceStacks(one, thresholds: parameters) }
        return study
    }

    func stacks(of series: SeriesContent, _ parameters: SliceGapParameters = SliceGapParameters()) -> SliceStacks {
        stacks[series.seriesInstanceUID] ?? SliceStacks(series, thresholds: parameters)
    }
}

public struct SeriesContent: Sendable {
    public var seriesInstanceUID: SeriesInstanceUID
    /// (0008,0060), or nil when it is missing.
    public var modality: String?
    public var instances: [InstanceContent]

    public init(seriesInstanceUID: SeriesInstanceUID, modality: String?, instances: [InstanceContent]) {
        self.seriesInstanceUID = seriesInstanceUID
        self.modality = modality
        self.instances = instances
    }
}

public struct InstanceContent: Sendable {
    public var sopInstanceUID: SOPInstanceUID
    public var sopClassUID: SOPClassUID
    public var transferSyntaxUID: TransferSyntaxUID
    /// The header without bulk data.
    public var attributes: AttributeSet
    /// When it arrived, or nil when that is not known.
    public var receivedAt: Date?
    /// Measures the object's pixels; called once, on the thread that assesses.
    public var measure: @Sendable (ImageRequest) throws(PixelError) -> ImageFigures
    /// Reads what a multi-frame object says of its frames one by one; asked for only by rules that need it. Nil for an object
    /// that says nothing, or whose groups cannot be read.
    public var functionalGroups: @Sendable () -> FunctionalGroups? = { nil }
    /// What a multi-frame object says of each of its frames; read anew each time, and never of an object of one image.
    var frames: [FunctionalGroups.Frame] {
        attributes[.numberOfFrames] == nil ? [] : functionalGroups()?.frames ?? []
    }
    /// Frames of a multi-frame object that are whole in its pixel data; nil while nobody has looked.
    var heldFrameCount: Int?

    public init(
        sopInstanceUID: SOPInstanceUID, sopClassUID: SOPClassUID, transferSyntaxUID: TransferSyntaxUID,
        attributes: AttributeSet, receivedAt: Date? = nil,
        measure: @escaping @Sendable (ImageRequest) throws(PixelError) -> ImageFigures
    ) {
        self.sopInstanceUID = sopInstanceUID
        self.sopClassUID = sopClassUID
        self.transferSyntaxUID = transferSyntaxUID
        self.attributes = attributes
        self.receivedAt = receivedAt
        self.measure = measure
    }
}
