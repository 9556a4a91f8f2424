public import Catalogue

extension AbstentionReason {
    /// Why nothing was matched, for people.
    public func words(in language: Language) -> String {
        switch self {
        case .noDescription: language.pick("没有任何描述", "nothing says what was examined", "không có mô tả")
        case .unreadableText: language.pick("文字损坏或过长", "the text is damaged or too long", "văn bản hỏng hoặc quá dài")
        case .modality: language.pick("设备类型缺失或不在目录内", "no listed modality", "loại máy thiếu hoặc ngoài danh mục")
        case .modalityConflict: language.pick("设备类型与文字矛盾", "text and modality disagree", "mô tả trái với loại máy")
        case .outOfList: language.pick("目录中没有此项目", "not in the list", "ngoài danh mục")
        case .ambiguousRegion: language.pick("部位不明确", "the region is not clear", "vùng chụp chưa rõ")
        case .multiPart:
            language.pick("多个部位，无对应项目", "several regions, no such item", "nhiều vùng, không có mục tương ứng")
        case .intervention: language.pick("介入操作", "an intervention", "thủ thuật can thiệp")
        case .technique: language.pick("技术不符", "another technique", "kỹ thuật khác")
        case .contrastNotInList:
            language.pick("对比剂方式不符", "other contrast than listed", "cách dùng thuốc không có trong danh mục")
        case .contrastNotStated:
            language.pick("未说明平扫或增强", "contrast is not stated", "không nêu có hay không tiêm thuốc")
        case .contrastConflict:
            language.pick("平扫增强互相矛盾", "statements on contrast disagree", "thông tin thuốc mâu thuẫn")
        case .ambiguousLaterality: language.pick("未说明左右", "the side is not stated", "không nêu bên")
        case .lateralityConflict:
            language.pick("左右互相矛盾", "text and Attribute name opposite sides", "bên trái phải mâu thuẫn")
        case .scope: language.pick("检查范围不同", "another extent", "phạm vi khác")
        case .viewsNotStated: language.pick("未说明投照位", "the views are not stated", "không nêu tư thế chụp")
        case .projection: language.pick("投照位不符", "other views", "tư thế chụp khác")
        case .ambiguousPosition: language.pick("未说明体位", "the posture is not stated", "không nêu tư thế người bệnh")
        case .ambiguousItem: language.pick("多个项目同样符合", "several items fit equally", "nhiều mục cùng phù hợp")
        case .lowConfidence: language.pick("有内容未能理解", "too much was not understood", "còn nhiều phần chưa hiểu")
        case .taughtNone:
            language.pick("经人工确认不属于任何项目", "taught as none of the items", "đã được xác định là ngoài danh mục")
        }
    }
}
