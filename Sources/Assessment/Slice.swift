import DICOMCore

/// One slice of a series: an object of its own, or a frame of a multi-frame object.
struct Slice {
    let sopInstanceUID: SOPInstanceUID
    let plane: SlicePlane
    /// Instance Number (0020,0013), or In-Stack Position Number (0020,9057) of a frame.
    let number: Int?
    let acquisition: Int?
    /// Acquisition Time (0008,0032), else Content Time (0008,0033), seconds since midnight.
    let time: Double?
    /// Slice Thickness (0018,0050) and Pixel Spacing (0028,0030) from row to row, millimetres; nil when not told.
    let thickness: Double?
    let rowSpacing: Double?
    /// What makes one stack with others: a slice of another matrix or Frame of Reference, or a computed one, never belongs.
    let frame: FrameKey
    /// Values by which a series may hold several images of one place, in the order of ``labelNames``.
    let labels: [String?]

    struct FrameKey: Hashable {
        var frameOfReferenceUID: String?
        var rows: Int?
        var columns: Int?
        var pixelSpacing: [String]
        /// Of Image Type, ORIGINAL or DERIVED, PRIMARY or SECONDARY.
        var kind: [String]
    }

    /// How a label is called in reports, and whether one image with a value of its own is a group: an acquisition of one image
    /// may be a slice that was sent twice, an echo of one image is an echo.
    struct Label {
        let name: String
        let isDecisive: Bool
    }

    static let labelNames = [
        Label(name: "stack", isDecisive: true), Label(name: "image type", isDecisive: true),
        Label(name: "echo", isDecisive: true), Label(name: "echo time", isDecisive: true),
        Label(name: "b-value", isDecisive: true), Label(name: "gradient", isDecisive: true),
        Label(name: "temporal position", isDecisive: true), Label(name: "kernel", isDecisive: true),
        Label(name: "kVp", isDecisive: true), Label(name: "inversion time", isDecisive: true),
        Label(name: "flip angle", isDecisive: true), Label(name: "trigger time", isDecisive: false),
        Label(name: "thickness", isDecisive: false), Label(name: "acquisition", isDecisive: false),
        Label(name: "description", isDecisive: false), Label(name: "contrast", isDecisive: true),
    ]
}

extension Slice {
    /// Nil when the header tells no place.
    init?(_ instance: InstanceContent) {
        guard let plane = SlicePlane(instance.attributes) else { return nil }
        self.init(instance, plane: plane)
    }

    init(_ instance: InstanceContent, plane: SlicePlane) {
        let attributes = instance.attributes
        sopInstanceUID = instance.sopInstanceUID
        self.plane = plane
        number = instance.instanceNumber
        acquisition = attributes.integer(.acquisitionNumber)
        time = (attributes[.acquisitionTime] ?? attributes[.contentTime]).flatMap(Slice.seconds)
        thickness = attributes.decimal(.sliceThickness)
        rowSpacing = attributes.decimals(.pixelSpacing)?.first
        frame = FrameKey(instance)
        func joined(_ tag: Tag) -> String? {
            let values = attributes.strings(tag)
            return values.isEmpty ? nil : values.joined(separator: "\\")
        }
        labels = [
            attributes[.stackID], joined(.imageType), joined(.echoNumbers), joined(.echoTime),
            DiffusionWeighting(attributes).bValue.map { "\($0)" }, joined(.diffusionGradientOrientation),
            attributes[.temporalPositionIdentifier], joined(.convolutionKernel), joined(.kvp), joined(.inversionTime),
            joined(.flipAngle), joined(.triggerTime), joined(.sliceThickness), attributes[.acquisitionNumber],
            attributes[.seriesDescription], attributes[.contrastBolusAgent],
        ]
    }

    /// The frames of a multi-frame object that tell their place; none when its groups tell nothing. A single frame is not lost
    /// on the way, but a part of a concatenation is.
    static func frames(of instance: InstanceContent) -> [Slice] {
        guard let groups = instance.functionalGroups() else { return [] }
        let base = FrameKey(instance)
        return groups.frames.compactMap { frame in
            guard let plane = SlicePlane(position: frame.position, orientation: frame.orientation) else { return nil }
            return Slice(instance, frame, plane, base)
        }
    }

    private init(
        _ instance: InstanceContent, _ group: FunctionalGroups.Frame, _ plane: SlicePlane, _ base: FrameKey
    ) {
        sopInstanceUID = instance.sopInstanceUID
        self.plane = plane
        number = group.inStackPosition
        acquisition = nil
        time = nil
        thickness = group.thickness
        rowSpacing = group.spacing.first.flatMap { $0.isFinite ? $0 : nil }
        frame = base
        func text(_ numbers: [Double]) -> String? { numbers.isEmpty ? nil : "\(numbers)" }
        labels = [
            group.stackID, group.type.isEmpty ? nil : group.type.joined(separator: "\\"), nil,
            group.echoTime.map { "\($0)" }, group.bValue.map { "\($0)" }, text(group.gradient),
            group.temporalPosition.map { "\($0)" }, nil, nil, nil, nil, group.triggerDelay.map { "\($0)" }, nil, nil,
            nil,
            nil,
        ]
    }

    /// A value of VR TM (PS3.5 6.2), `HHMMSS.FFFFFF` as far as it is written.
    static func seconds(_ time: String) -> Double? {
        let digits = time.filter { $0 != ":" }
        guard digits.count >= 4, let hours = Double(digits.prefix(2)),
            let minutes = Double(digits.dropFirst(2).prefix(2))
        else { return nil }
        let seconds = digits.count > 4 ? Double(digits.dropFirst(4)) : 0
        return seconds.map { hours * 3600 + minutes * 60 + $0 }
    }
}

extension Slice.FrameKey {
    init(_ instance: InstanceContent) {
        let attributes = instance.attributes
        self.init(
            frameOfReferenceUID: attributes[.frameOfReferenceUID], rows: attributes.integer(.rows),
            columns: attributes.integer(.columns), pixelSpacing: attributes.strings(.pixelSpacing),
            kind: Array(instance.imageType.prefix(2)).map { $0.uppercased() })
    }
}
