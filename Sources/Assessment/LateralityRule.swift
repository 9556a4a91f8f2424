import Catalogue
import DICOMCore
import DICOMImaging

/// `laterality`: whether radiographs of a part that has two sides say which one they show, and the one that was asked for.
///
/// The side is Image Laterality (0020,0062), which PS3.3 C.8.11.5 requires of DX, else Laterality (0020,0060), which C.7.3.1
/// requires of paired parts, else the modifier of the anatomic region. U on a paired part says nothing. What the item
/// has no side for is looked at for contradictions within itself alone.
struct LateralityRule: QualityRule {
    let name = QualityRuleName.laterality
    let sides: SideWords
    let views: ViewWords

    func findings(in study: StudyContent) -> [Quality.Finding] {
        let images = study.series.filter(\.isRadiography).flatMap { series in
            series.instances.filter { $0.isImage && !$0.isCapture && !$0.isLocalizer }.map { (series, $0) }
        }
        let judged = images.map { series, instance in
            Judged(series: series, instance: instance, stated: instance.statedSide, told: told(instance))
        }
        let wanted: ImagedSide? =
            switch study.item?.laterality {
            case .left: .left
            case .right: .right
            case .both: .both
            case .some(.none), nil: nil
            }
        return judged.compactMap { finding($0, wanted: wanted) } + lacking(judged, wanted: wanted)
    }

    private struct Judged {
        let series: SeriesContent
        let instance: InstanceContent
        /// What the attributes say.
        let stated: ImagedSide?
        /// What the series' own texts say.
        let told: ImagedSide?
    }

    private func finding(_ image: Judged, wanted: ImagedSide?) -> Quality.Finding? {
        func finding(_ severity: Quality.Severity, _ detail: String) -> Quality.Finding {
            Quality.Finding(
                rule: name, severity: severity, seriesInstanceUID: image.series.seriesInstanceUID,
                sopInstanceUID: image.instance.sopInstanceUID, detail: detail)
        }
        if image.instance.contradictsItself {
            return finding(.review, "Image Laterality and Laterality name opposite sides")
        }
        let stated = image.stated == .unpaired ? nil : image.stated
        guard let wanted else {
            // Without an item the words of the series are all there is to compare with.
            guard let stated, let told = image.told, told == stated.opposite else { return nil }
            return finding(.review, "the image says \(stated), its series description \(told)")
        }
        if let stated {
            if wanted == stated.opposite {
                return finding(.fail, "the image says \(stated), the study is of the \(wanted)")
            }
            guard let told = image.told, told == stated.opposite else { return nil }
            return finding(.review, "the image says \(stated), its series description \(told)")
        }
        if let told = image.told {
            return told == wanted.opposite
                ? finding(.fail, "the series description says \(told), the study is of the \(wanted)")
                : finding(.info, "the side is told by the series description alone")
        }
        return finding(.review, "the study is of a part with sides (\(wanted)), and the image names none")
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
        return texts.lazy.compactMap { views.view(in: $0)?.side == nil ? sides.side(in: $0) : nil }.first
    }
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
