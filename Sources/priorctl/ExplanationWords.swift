internal import Catalogue
internal import Matching

/// Puts the matcher's explanations into words of one language; what parts, views and techniques are called comes from the
/// lexicon.
struct ExplanationWords {
    let language: Language
    let catalogue: ImagingCatalogue
    let lexicon: Lexicon

    /// `部位 胸部 ← 检查描述 "胸部"`
    func line(_ evidence: Evidence) -> String {
        let found = "\(axis(evidence.axis)) \(value(evidence.value, on: evidence.axis))"
        let quoted = evidence.text.isEmpty ? "" : " \"\(Output.printable(evidence.text))\""
        return "\(found) ← \(source(evidence.source))\(quoted)"
    }

    /// `✗ 侧别: 项目 左侧, 检查 右侧 (…)`; `?` where the study is only silent.
    func objection(_ objection: Explanation.Objection, to code: ItemCode, _ explanation: Explanation) -> String {
        let sign = objection.isContradiction ? "✗" : "?"
        let said = explanation.axes.filter { $0.axis == objection.axis }.map { value($0.value, on: $0.axis) }
        let study = said.isEmpty ? Self.silent(language) : said.joined(separator: ", ")
        let wanted = catalogue[code].map { self.wanted(by: $0, on: objection.axis) } ?? ""
        let facts = wanted.isEmpty ? "" : ": " + Self.facts(item: wanted, study: study, language)
        return "\(sign) \(axis(objection.axis))\(facts) (\(reason(objection.reason)))"
    }

    func axis(_ axis: Evidence.Axis) -> String {
        switch axis {
        case .modality: pick("设备类型", "modality", "loại máy")
        case .region: pick("部位", "region", "vùng")
        case .laterality: pick("侧别", "side", "bên")
        case .views: pick("投照位", "views", "tư thế chụp")
        case .position: pick("体位", "position", "tư thế người bệnh")
        case .contrast: pick("对比剂", "contrast", "thuốc cản quang")
        case .technique: pick("技术", "technique", "kỹ thuật")
        case .item: pick("项目", "item", "danh mục")
        }
    }

    func source(_ source: Evidence.Source) -> String {
        switch source {
        case .modality: pick("设备类型", "Modality", "loại máy")
        case .studyDescription: pick("检查描述", "Study Description", "mô tả ca chụp")
        case .procedureDescription: pick("申请项目", "Requested Procedure", "chỉ định")
        case .procedureCode: pick("申请编码", "Procedure Code", "mã chỉ định")
        case .seriesDescription: pick("序列描述", "Series Description", "mô tả chuỗi")
        case .protocolName: pick("协议名称", "Protocol Name", "tên giao thức")
        case .bodyPart: pick("检查部位", "Body Part Examined", "bộ phận chụp")
        case .laterality: pick("侧别属性", "Laterality", "thuộc tính bên")
        case .viewPosition: pick("投照位属性", "View Position", "thuộc tính tư thế")
        case .contrastAgent: pick("对比剂属性", "Contrast Agent", "thuộc tính thuốc cản quang")
        case .anatomicRegion: pick("解剖部位编码", "Anatomic Region", "mã vùng giải phẫu")
        case .viewCode: pick("投照位编码", "View Code", "mã tư thế chụp")
        case .patientPosition: pick("患者体位属性", "Patient Position", "tư thế người bệnh")
        case .patientOrientation: pick("患者方向属性", "Patient Orientation", "hướng người bệnh")
        case .alias: pick("别名", "alias", "bí danh")
        case .convention: pick("惯例", "convention", "thông lệ")
        }
    }

    func reason(_ reason: AbstentionReason) -> String { reason.words(in: language) }

    /// One doubt of ``StudyMatch/doubts``.
    func doubt(_ doubt: Doubts) -> String {
        switch doubt {
        case .nearest: pick("目录中只有最接近的项目", "the list has nothing closer", "danh mục không có mục sát hơn")
        case .contrastAssumed:
            pick(
                "未提增强，按平扫理解", "contrast is not mentioned: plain by convention",
                "không nhắc đến thuốc: coi như không tiêm")
        case .regionElsewhere:
            pick("部位来自其他属性", "the region stands in another Attribute", "vùng chụp lấy từ thuộc tính khác")
        case .moreViews: pick("投照位多于项目要求", "more views than the item has", "nhiều tư thế hơn danh mục")
        case .techniqueUnsaid: pick("未说明技术", "the technique is not mentioned", "không nêu kỹ thuật")
        case .respelled: pick("文字经纠正后才能理解", "words had to be put right", "phải sửa chữ mới hiểu được")
        case .attributeDiffers: pick("属性与文字不一致", "an Attribute differs from the text", "thuộc tính khác với mô tả")
        case .unknownClause:
            pick(
                "未理解的词可能是另一项检查", "a word not understood may be another examination",
                "từ chưa hiểu có thể là một lần chụp khác")
        case .unknownWord: pick("有一个词未能理解", "one word was not understood", "có một từ chưa hiểu")
        case .unknownWords: pick("有多个词未能理解", "several words were not understood", "có nhiều từ chưa hiểu")
        case .textDiffers:
            pick("申请编码与描述不一致", "the ordered code and the description differ", "mã chỉ định khác với mô tả")
        default: doubt.names.joined(separator: ", ")
        }
    }

    /// A value of evidence as the lexicon names it; several joined by `+`.
    private func value(_ value: String, on axis: Evidence.Axis) -> String {
        value.split(separator: "+").map { part in
            for kind in Self.kinds(of: axis) {
                guard let concept = ConceptID(kind: kind, name: String(part)), let name = lexicon.names[concept] else {
                    continue
                }
                return name[language].isEmpty ? String(part) : name[language]
            }
            return String(part)
        }.joined(separator: "+")
    }

    private static func kinds(of axis: Evidence.Axis) -> [ConceptID.Kind] {
        switch axis {
        case .modality: [.modality]
        case .region: [.anatomy]
        case .laterality: [.laterality]
        case .views: [.view]
        case .position: [.position]
        case .contrast: [.contrast]
        case .technique: [.technique, .action]
        case .item: []
        }
    }

    /// What the item is on an axis, "" where that says nothing.
    private func wanted(by item: CatalogueItem, on axis: Evidence.Axis) -> String {
        switch axis {
        case .modality: item.modality
        case .region: item.anatomy.map { value($0.name, on: .region) }.joined(separator: "+")
        case .laterality: value(item.laterality.rawValue, on: .laterality)
        case .views: value(item.views.map(\.token).joined(separator: "+"), on: .views)
        case .position: value(item.positions.map(\.rawValue).joined(separator: "+"), on: .position)
        case .contrast: value(item.contrast.rawValue, on: .contrast)
        case .technique: value(item.technique.name, on: .technique)
        case .item: item.name[language]
        }
    }

    private static func facts(item: String, study: String, _ language: Language) -> String {
        switch language {
        case .chinese: "项目为 \(item)，检查为 \(study)"
        case .english: "the item is \(item), the study \(study)"
        case .vietnamese: "danh mục là \(item), ca chụp là \(study)"
        }
    }

    private static func silent(_ language: Language) -> String {
        switch language {
        case .chinese: "未说明"
        case .english: "does not say"
        case .vietnamese: "không nêu"
        }
    }

    private func pick(_ zh: String, _ en: String, _ vi: String) -> String { language.pick(zh, en, vi) }
}
