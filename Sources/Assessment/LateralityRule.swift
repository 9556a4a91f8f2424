import Catalogue
import DICOMCore
import DICOMImaging

/// `laterality`: whether images of a part that has two sides say which one they show, and the one that was asked for.
///
/// The side is Image Laterality (0020,0062), which PS3.3 C.8.11.5 requires of DX, else Laterality (0020,0060), which C.7.3.1
/// requires of paired parts, else the modifier of the anatomic region. U on a paired part says nothing. The side asked for is
/// the item's, else the one that the image's own order texts name: a header that contradicts its order is seldom matched to
/// an item, and is wrong whatever the item. That a side is lacking is said of radiographs with an item alone.
struct LateralityRule: QualityRule {
    let name = QualityRuleName.laterality
    let sides: SideWords
    let views: ViewWords

    func findings(in study: StudyContent) -> [Quality.Finding] {
        let wanted: ImagedSide? =
            switch study.item?.laterality {
            case .left: .left
            case .right: .right
            case .both: .both
            case .some(.none), nil: nil
            }
        var radiographs: [Judged] = []
        var findings: [Quality.Finding] = []
        for series in study.series {
            let images = series.instances.filter { $0.isImage && !$0.isCapture && !$0.isLocalizer }.map { instance in
                Judged(
                    series: series, instance: instance, stated: instance.statedSide, told: told(instance),
                    asked: wanted ?? asked(instance))
            }
            if series.isRadiography {
                radiographs += images
            } else {
                // Of a stack one image speaks for all.
                findings += images.lazy.compactMap { contradiction($0) }.prefix(1)
            }
        }
        return radiographs.compactMap { comparison($0, among: radiographs) ?? finding($0, wanted: wanted) }
            + lacking(radiographs, wanted: wanted) + findings
    }

    private struct Judged {
        let series: SeriesContent
        let instance: InstanceContent
        /// What the attributes say.
        let stated: ImagedSide?
        /// What the series' own texts say.
        let told: ImagedSide?
        /// The item's side, else that of the order's texts.
        let asked: ImagedSide?

        func finding(_ severity: Quality.Severity, _ detail: String) -> Quality.Finding {
            Quality.Finding(
                rule: .laterality, severity: severity, seriesInstanceUID: series.seriesInstanceUID,
                sopInstanceUID: instance.sopInstanceUID, detail: detail)
        }
    }

    /// An image whose attributes contradict each other or the order.
    private func contradiction(_ image: Judged) -> Quality.Finding? {
        if image.instance.contradictsItself {
            return image.finding(.review, "Image Laterality and Laterality name opposite sides")
        }
        guard let stated = image.stated, let asked = image.asked, asked == stated.opposite else { return nil }
        return image.finding(.fail, "the image says \(stated), the study is of the \(asked)")
    }

    /// A picture of the other side for comparison, as is taken of children: attributes and description both say so, and the
    /// side asked for is there too.
    private func comparison(_ image: Judged, among images: [Judged]) -> Quality.Finding? {
        guard let asked = image.asked, let stated = image.stated, stated == asked.opposite, image.told == stated,
            !image.instance.contradictsItself, images.contains(where: { ($0.stated ?? $0.told) == asked })
        else { return nil }
        return image.finding(.info, "an image of the \(stated) beside the \(asked) that was asked for")
    }

    private func finding(_ image: Judged, wanted: ImagedSide?) -> Quality.Finding? {
        if let finding = contradiction(image) { return finding }
        if let stated = image.stated, stated != .unpaired {
            guard let told = image.told, told == stated.opposite else { return nil }
            return image.finding(.review, "the image says \(stated), its series description \(told)")
        }
        if let told = image.told {
            if let asked = image.asked, told == asked.opposite {
                return image.finding(.fail, "the series description says \(told), the study is of the \(asked)")
            }
            return wanted == nil ? nil : image.finding(.info, "the side is told by the series description alone")
        }
        return wanted.map {
            image.finding(.review, "the study is of a part with sides (\($0)), and the image names none")
        }
    }

    /// Of a study of both sides, the one that no image shows.
    private func lacking(_ images: [Judged], wanted: ImagedSide?) -> [Quality.Finding] {
        let shown = images.map { $0.stated ?? $0.told }
        guard wanted == .both, !images.isEmpty, Set(shown).count == 1, let side = shown[0], let other = side.opposite
        else { return [] }
        return [
            Quality.Finding(
                rule: name, severity: .review, seriesInstanceUID: images[0].series.seriesInstanceUID,
                detail: "the study is of both sides, and every image is of the \(side): the \(other) is missing")
        ]
    }

    /// The side in the texts of the image's series. "Left lateral" is a view and no side.
    private func told(_ instance: InstanceContent) -> ImagedSide? {
        let texts = [Tag.seriesDescription, .protocolName, .acquisitionDeviceProcessingDescription]
            .compactMap { instance.attributes[$0] }
        return texts.lazy.compactMap(side).first
    }

    /// The one side in the texts of the order and the study, or nil when these name none or both.
    private func asked(_ instance: InstanceContent) -> ImagedSide? {
        let attributes = instance.attributes
        let places = [attributes] + attributes.items(.requestAttributesSequence)
        let codes = places.flatMap { $0.items(.procedureCodeSequence) + $0.items(.requestedProcedureCodeSequence) }
        let texts =
            [attributes[.studyDescription]].compactMap(\.self)
            + places.compactMap { $0[.requestedProcedureDescription] } + codes.compactMap { $0[.codeMeaning] }
        let sides = Set(texts.compactMap(side))
        return sides.count == 1 ? sides.first : nil
    }

    private func side(_ text: String) -> ImagedSide? { sides.side(in: views.withoutSidedViews(text)) }
}

extension InstanceContent {
    /// The side the attributes name, or nil when they name none that can be understood.
    fileprivate var statedSide: ImagedSide? {
        let values = [attributes[.imageLaterality], attributes[.laterality]].compactMap {
            $0.flatMap(ImagedSide.init(value:))
        }
        let coded = attributes.items(.anatomicRegionSequence)
            .flatMap { $0.items(.anatomicRegionModifierSequence) }
            .compactMap { $0[.codeValue].flatMap(ImagedSide.init(code:)) }
        let sides = values + coded
        return sides.first { $0 != .unpaired } ?? sides.first
    }

    /// Whether the image's attribute names the side opposite to its series'.
    fileprivate var contradictsItself: Bool {
        guard let image = attributes[.imageLaterality].flatMap(ImagedSide.init(value:)),
            let series = attributes[.laterality].flatMap(ImagedSide.init(value:))
        else { return false }
        return image.opposite == series && image.opposite != nil
    }
}
