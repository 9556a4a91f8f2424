internal import Catalogue

extension PageText {
    var words: LocalizedName {
        switch self {
        case .skip:
            LocalizedName(zh: "跳到内容", en: "Skip to the content", vi: "Chuyển đến nội dung")
        case .search:
            LocalizedName(zh: "检索", en: "Search", vi: "Tìm kiếm")
        case .searchField:
            LocalizedName(
                zh: "患者ID、姓名、检查号、描述、项目或日期", en: "Patient ID, name, accession number, description, item or date",
                vi: "Mã người bệnh, họ tên, số phiếu, mô tả, danh mục hoặc ngày")
        case .searchHint:
            LocalizedName(
                zh: "任意文字书写的姓名均可；声调、大小写和全半角不影响检索。", en: "Names in any script; accents, case and width do not matter.",
                vi: "Họ tên viết bằng chữ nào cũng được; không phân biệt dấu, hoa thường.")
        case .language:
            LocalizedName(zh: "语言", en: "Language", vi: "Ngôn ngữ")
        case .recent:
            LocalizedName(zh: "最近的检查", en: "Recent studies", vi: "Ca chụp gần đây")
        case .results:
            LocalizedName(zh: "检索结果", en: "Results", vi: "Kết quả")
        case .order:
            LocalizedName(zh: "开单查询", en: "Priors for an order", vi: "Ca cũ cho chỉ định")
        case .notForDiagnosis:
            LocalizedName(
                zh: "仅供参考，不得作为诊断依据", en: "Not for primary diagnosis", vi: "Chỉ để tham khảo, không dùng để chẩn đoán")
        case .keys:
            LocalizedName(
                zh: "按键：/ 检索，j k 移动，Enter 打开，o 展开规则", en: "Keys: / search, j k move, Enter opens, o unfolds rules",
                vi: "Phím: / tìm, j k di chuyển, Enter mở, o xem quy tắc")
        case .home:
            LocalizedName(zh: "首页", en: "Home", vi: "Trang đầu")
        case .from:
            LocalizedName(zh: "起始日期", en: "From", vi: "Từ ngày")
        case .to:
            LocalizedName(zh: "截止日期", en: "To", vi: "Đến ngày")
        case .modality:
            LocalizedName(zh: "设备", en: "Modality", vi: "Loại máy")
        case .institution:
            LocalizedName(zh: "医疗机构", en: "Institution", vi: "Cơ sở")
        case .find:
            LocalizedName(zh: "查找", en: "Find", vi: "Tìm")
        case .clear:
            LocalizedName(zh: "清除条件", en: "Clear", vi: "Xóa điều kiện")
        case .noResults:
            LocalizedName(zh: "没有符合条件的检查", en: "No study matches", vi: "Không có ca chụp nào phù hợp")
        case .previousPage:
            LocalizedName(zh: "上一页", en: "Previous page", vi: "Trang trước")
        case .nextPage:
            LocalizedName(zh: "下一页", en: "Next page", vi: "Trang sau")
        case .matchingItems:
            LocalizedName(zh: "相符的项目", en: "Matching items", vi: "Danh mục phù hợp")
        case .persons:
            LocalizedName(zh: "患者", en: "Persons", vi: "Người bệnh")
        case .filters:
            LocalizedName(zh: "筛选", en: "Filters", vi: "Bộ lọc")
        case .any:
            LocalizedName(zh: "不限", en: "Any", vi: "Tất cả")
        case .date:
            LocalizedName(zh: "日期", en: "Date", vi: "Ngày")
        case .patient:
            LocalizedName(zh: "患者", en: "Patient", vi: "Người bệnh")
        case .description:
            LocalizedName(zh: "描述", en: "Description", vi: "Mô tả")
        case .item:
            LocalizedName(zh: "项目", en: "Item", vi: "Danh mục")
        case .completeness:
            LocalizedName(zh: "完整性", en: "Completeness", vi: "Đầy đủ")
        case .quality:
            LocalizedName(zh: "质量", en: "Quality", vi: "Chất lượng")
        case .study:
            LocalizedName(zh: "检查", en: "Study", vi: "Ca chụp")
        case .studies:
            LocalizedName(zh: "检查", en: "Studies", vi: "Ca chụp")
        case .images:
            LocalizedName(zh: "图像", en: "Images", vi: "Ảnh")
        case .sex:
            LocalizedName(zh: "性别", en: "Sex", vi: "Giới tính")
        case .born:
            LocalizedName(zh: "出生", en: "Born", vi: "Ngày sinh")
        case .age:
            LocalizedName(zh: "年龄", en: "Age", vi: "Tuổi")
        case .accession:
            LocalizedName(zh: "检查号", en: "Accession", vi: "Số phiếu")
        case .issuer:
            LocalizedName(zh: "发号机构", en: "Issuer", vi: "Nơi cấp mã")
        case .patientID:
            LocalizedName(zh: "患者ID", en: "Patient ID", vi: "Mã người bệnh")
        case .state:
            LocalizedName(zh: "状态", en: "State", vi: "Trạng thái")
        case .years:
            LocalizedName(zh: "岁", en: "y", vi: "tuổi")
        case .noName:
            LocalizedName(zh: "未注明姓名", en: "no name", vi: "không có tên")
        case .complete:
            LocalizedName(zh: "完整", en: "complete", vi: "đầy đủ")
        case .incomplete:
            LocalizedName(zh: "不完整", en: "incomplete", vi: "thiếu")
        case .unknown:
            LocalizedName(zh: "未知", en: "unknown", vi: "chưa rõ")
        case .pass:
            LocalizedName(zh: "合格", en: "pass", vi: "đạt")
        case .review:
            LocalizedName(zh: "待复核", en: "review", vi: "cần xem lại")
        case .fail:
            LocalizedName(zh: "不合格", en: "fail", vi: "không đạt")
        case .notAssessed:
            LocalizedName(zh: "未评估", en: "not assessed", vi: "chưa đánh giá")
        case .receiving:
            LocalizedName(zh: "接收中", en: "receiving", vi: "đang nhận")
        case .unmapped:
            LocalizedName(zh: "未匹配", en: "unmapped", vi: "chưa khớp")
        case .recognised:
            LocalizedName(zh: "可互认", en: "recognised", vi: "được công nhận")
        case .notRecognised:
            LocalizedName(zh: "不可互认", en: "not recognised", vi: "không công nhận")
        case .doctorDecides:
            LocalizedName(zh: "由医生决定", en: "doctor decides", vi: "bác sĩ quyết định")
        case .same:
            LocalizedName(zh: "相同", en: "same", vi: "giống")
        case .contains:
            LocalizedName(zh: "包含", en: "contains", vi: "bao gồm")
        case .part:
            LocalizedName(zh: "部分", en: "part", vi: "một phần")
        case .related:
            LocalizedName(zh: "相关", en: "related", vi: "liên quan")
        case .possiblePerson:
            LocalizedName(zh: "可能是同一人", en: "possibly the same person", vi: "có thể cùng một người")
        case .exact:
            LocalizedName(zh: "精确", en: "exact", vi: "chính xác")
        case .nearest:
            LocalizedName(zh: "最接近", en: "nearest", vi: "gần nhất")
        case .info:
            LocalizedName(zh: "提示", en: "note", vi: "ghi chú")
        case .match:
            LocalizedName(zh: "匹配", en: "Match", vi: "Khớp")
        case .noFindings:
            LocalizedName(zh: "没有问题", en: "nothing raised", vi: "không có vấn đề")
        case .missing:
            LocalizedName(zh: "缺少", en: "missing", vi: "còn thiếu")
        case .candidates:
            LocalizedName(zh: "候选", en: "Candidates", vi: "Mã gợi ý")
        case .alternatives:
            LocalizedName(zh: "其他可能", en: "Alternatives", vi: "Khả năng khác")
        case .identityDiffers:
            LocalizedName(
                zh: "此检查中混有其他患者的图像", en: "Images of another patient came under this study",
                vi: "Có ảnh của người bệnh khác trong ca này")
        case .thumbnails:
            LocalizedName(zh: "序列预览", en: "Series", vi: "Các chuỗi ảnh")
        case .openImages:
            LocalizedName(zh: "打开图像", en: "Open images", vi: "Mở ảnh")
        case .decidedBy:
            LocalizedName(zh: "判定规则", en: "decided by", vi: "quyết định bởi")
        case .priors:
            LocalizedName(zh: "可比较的既往检查", en: "Comparable priors", vi: "Ca cũ có thể so sánh")
        case .noPriors:
            LocalizedName(zh: "没有可比较的既往检查", en: "No comparable priors", vi: "Không có ca cũ để so sánh")
        case .noPriorsUnmapped:
            LocalizedName(
                zh: "该检查尚未匹配到项目，无法比较既往检查。",
                en: "The study is not matched to an item, so nothing can be compared with it.",
                vi: "Ca chụp chưa khớp với danh mục nào nên chưa thể so sánh.")
        case .noPriorsNobody:
            LocalizedName(
                zh: "该检查没有患者ID，无法查找既往检查。", en: "The study names no patient, so there are no priors.",
                vi: "Ca chụp không có mã người bệnh nên không tìm được ca cũ.")
        case .relation:
            LocalizedName(zh: "关系", en: "Relation", vi: "Quan hệ")
        case .verdict:
            LocalizedName(zh: "互认", en: "Recognition", vi: "Công nhận")
        case .days:
            LocalizedName(zh: "天前", en: "days", vi: "ngày")
        case .today:
            LocalizedName(zh: "当天", en: "same day", vi: "cùng ngày")
        case .undated:
            LocalizedName(zh: "无日期", en: "undated", vi: "không rõ ngày")
        case .compare:
            LocalizedName(zh: "对比", en: "Compare", vi: "So sánh")
        case .rules:
            LocalizedName(zh: "规则", en: "Rules", vi: "Quy tắc")
        case .holds:
            LocalizedName(zh: "符合", en: "holds", vi: "thỏa")
        case .holdsNot:
            LocalizedName(zh: "不符合", en: "does not hold", vi: "không thỏa")
        case .undecided:
            LocalizedName(zh: "无法判定", en: "not decided", vi: "chưa xác định")
        case .questions:
            LocalizedName(zh: "由医生判断的问题", en: "Questions left to the doctor", vi: "Câu hỏi dành cho bác sĩ")
        case .openStudy:
            LocalizedName(zh: "打开检查", en: "Open the study", vi: "Mở ca chụp")
        case .proposalNote:
            LocalizedName(
                zh: "互认结论是给医生的建议，不代替医生的判断。", en: "Verdicts are proposals; the doctor decides.",
                vi: "Kết luận chỉ là đề xuất; bác sĩ quyết định.")
        case .notFetched:
            LocalizedName(zh: "尚未取回", en: "not fetched yet", vi: "chưa tải về")
        case .fetch:
            LocalizedName(zh: "取回图像", en: "Fetch", vi: "Tải về")
        case .sourceFailed:
            LocalizedName(zh: "未应答", en: "did not answer", vi: "không trả lời")
        case .fetching:
            LocalizedName(zh: "正在取回", en: "being fetched", vi: "đang tải về")
        case .fromSource:
            LocalizedName(zh: "来自", en: "from", vi: "từ")
        case .bestFirst:
            LocalizedName(zh: "最合适的在前", en: "best first", vi: "tốt nhất trước")
        case .decide:
            LocalizedName(zh: "记录决定", en: "Record a decision", vi: "Ghi quyết định")
        case .recognise:
            LocalizedName(zh: "互认此检查", en: "Recognise this prior", vi: "Công nhận ca này")
        case .decline:
            LocalizedName(zh: "不互认", en: "Decline", vi: "Không công nhận")
        case .reason:
            LocalizedName(zh: "不互认的原因", en: "Reason for declining", vi: "Lý do không công nhận")
        case .chooseReason:
            LocalizedName(zh: "请选择原因", en: "choose a reason", vi: "chọn lý do")
        case .note:
            LocalizedName(zh: "说明", en: "Note", vi: "Ghi chú")
        case .noteNeeded:
            LocalizedName(zh: "选择最后一项时须填写说明", en: "needed with the last reason", vi: "bắt buộc với lý do cuối")
        case .actor:
            LocalizedName(zh: "医生", en: "Doctor", vi: "Bác sĩ")
        case .department:
            LocalizedName(zh: "科室", en: "Department", vi: "Khoa")
        case .informed:
            LocalizedName(zh: "已告知患者或家属", en: "Patient or family were told", vi: "Đã báo người bệnh hoặc gia đình")
        case .recognisedBy:
            LocalizedName(zh: "已互认", en: "recognised", vi: "đã công nhận")
        case .declinedBy:
            LocalizedName(zh: "未互认", en: "declined", vi: "không công nhận")
        case .decisionFailed:
            LocalizedName(zh: "决定未能记录", en: "The decision was not recorded", vi: "Chưa ghi được quyết định")
        case .decisionNote:
            LocalizedName(
                zh: "决定写入不可更改的日志。", en: "Decisions are written to a log that is never changed.",
                vi: "Quyết định được ghi vào nhật ký không thể sửa.")
        case .person:
            LocalizedName(zh: "患者", en: "Person", vi: "Người bệnh")
        case .timeline:
            LocalizedName(zh: "检查时间线", en: "Timeline", vi: "Dòng thời gian")
        case .noDate:
            LocalizedName(zh: "无检查日期", en: "No date", vi: "Không có ngày")
        case .possibleStudies:
            LocalizedName(zh: "可能属于同一人", en: "possibly the same person", vi: "có thể cùng một người")
        case .reviewHint:
            LocalizedName(
                zh: "有身份等待人工核对：可能是同一人，尚未合并。", en: "Identities wait for review: possibly the same person, not joined.",
                vi: "Có định danh chờ duyệt: có thể cùng một người, chưa gộp.")
        case .orderHeading:
            LocalizedName(zh: "为新申请查找既往检查", en: "Priors for a new order", vi: "Ca cũ cho chỉ định mới")
        case .orderHint:
            LocalizedName(
                zh: "在拍摄之前查看：该患者是否已有可互认的检查。",
                en: "Before any image is made: has this person had the examination already?",
                vi: "Trước khi chụp: người bệnh đã có ca chụp dùng được chưa?")
        case .orderItem:
            LocalizedName(zh: "申请项目", en: "Item to be ordered", vi: "Danh mục chỉ định")
        case .orderItemHint:
            LocalizedName(zh: "项目编码或名称", en: "code or name of the item", vi: "mã hoặc tên danh mục")
        case .showPriors:
            LocalizedName(zh: "查看既往检查", en: "Show priors", vi: "Xem ca cũ")
        case .orderNoItem:
            LocalizedName(zh: "没有这样的项目", en: "There is no such item", vi: "Không có danh mục này")
        case .orderUnknownItem:
            LocalizedName(zh: "请从下列项目中选择", en: "Choose one of these items", vi: "Hãy chọn một trong các danh mục sau")
        case .viewer:
            LocalizedName(zh: "图像对比", en: "Compare images", vi: "So sánh ảnh")
        case .current:
            LocalizedName(zh: "当前", en: "Current", vi: "Hiện tại")
        case .prior:
            LocalizedName(zh: "既往", en: "Prior", vi: "Ca cũ")
        case .link:
            LocalizedName(zh: "联动", en: "Linked", vi: "Liên kết")
        case .reset:
            LocalizedName(zh: "复位", en: "Reset", vi: "Đặt lại")
        case .windowPreset:
            LocalizedName(zh: "窗宽窗位", en: "Window", vi: "Cửa sổ")
        case .presetDefault:
            LocalizedName(zh: "默认", en: "Default", vi: "Mặc định")
        case .presetLung:
            LocalizedName(zh: "肺窗", en: "Lung", vi: "Phổi")
        case .presetSoft:
            LocalizedName(zh: "软组织窗", en: "Soft tissue", vi: "Mô mềm")
        case .presetBone:
            LocalizedName(zh: "骨窗", en: "Bone", vi: "Xương")
        case .presetBrain:
            LocalizedName(zh: "脑窗", en: "Brain", vi: "Não")
        case .presetFull:
            LocalizedName(zh: "全范围", en: "Full range", vi: "Toàn dải")
        case .loading:
            LocalizedName(zh: "读取中…", en: "Loading…", vi: "Đang tải…")
        case .imageFailed:
            LocalizedName(zh: "无法显示此图像", en: "This image cannot be shown", vi: "Không thể hiển thị ảnh này")
        case .noImage:
            LocalizedName(zh: "该序列没有图像", en: "This series has no images", vi: "Chuỗi này không có ảnh")
        case .imageOf:
            LocalizedName(zh: "图像", en: "Image", vi: "Ảnh")
        case .frameOf:
            LocalizedName(zh: "帧", en: "frame", vi: "khung")
        case .windowOf:
            LocalizedName(zh: "窗", en: "W", vi: "CS")
        case .viewerKeys:
            LocalizedName(
                zh: "滚轮或 ↑↓ 翻页，拖动调窗，Shift 拖动平移，Ctrl 滚轮缩放，L 联动，R 复位",
                en: "Wheel or ↑↓ scroll, drag windows, Shift-drag pans, Ctrl-wheel zooms, L links, R resets",
                vi:
                    "Cuộn hoặc ↑↓ đổi ảnh, kéo chỉnh cửa sổ, Shift-kéo di chuyển, Ctrl-cuộn phóng, L liên kết, R đặt lại"
            )
        case .viewerNeedsScript:
            LocalizedName(
                zh: "未启用脚本：仅显示每个检查中间的一幅图像。", en: "Without scripts only the middle image of each study is shown.",
                vi: "Không có script: chỉ hiện ảnh giữa của mỗi ca.")
        case .chooseSeries:
            LocalizedName(zh: "序列", en: "Series", vi: "Chuỗi")
        case .back:
            LocalizedName(zh: "返回检查", en: "Back to the study", vi: "Quay lại ca chụp")
        case .searchTooLong:
            LocalizedName(zh: "检索时间过长，已停止", en: "The search took too long", vi: "Tìm kiếm quá lâu, đã dừng")
        case .searchTooLongHint:
            LocalizedName(
                zh: "请缩小范围：写全姓名或号码，或用至少三个字符，再加上日期或设备。",
                en: "Narrow it: a whole name or number, at least three characters, a range of dates or a modality.",
                vi: "Hãy thu hẹp: ghi đủ họ tên hoặc mã số, ít nhất ba ký tự, thêm ngày hoặc loại máy.")
        case .male:
            LocalizedName(zh: "男", en: "male", vi: "nam")
        case .female:
            LocalizedName(zh: "女", en: "female", vi: "nữ")
        case .otherSex:
            LocalizedName(zh: "其他性别", en: "other sex", vi: "giới tính khác")
        case .ofAll:
            LocalizedName(zh: "共", en: "of", vi: "trên tổng số")
        case .futureStudies:
            LocalizedName(
                zh: "项检查的日期晚于今天，日期有误，未列入",
                en: "studies are dated after today: their dates are wrong, and they are left out",
                vi: "ca chụp có ngày sau hôm nay: ngày sai nên không được liệt kê")
        case .pendingStudies:
            LocalizedName(
                zh: "项检查尚未确定属于哪位患者，其中可能有此患者的",
                en: "studies are not attributed to a person yet; some may be this person's",
                vi: "ca chụp chưa xác định thuộc về ai; có thể có ca của người bệnh này")
        case .differences:
            LocalizedName(zh: "各来源所述不一致", en: "Sources tell different facts", vi: "Các nguồn cho thông tin khác nhau")
        case .differ:
            LocalizedName(zh: "来源不一致", en: "sources differ", vi: "các nguồn khác nhau")
        case .here:
            LocalizedName(zh: "本机", en: "here", vi: "tại đây")
        case .deadline:
            LocalizedName(zh: "超时", en: "no answer in time", vi: "quá thời gian")
        case .refused:
            LocalizedName(zh: "被拒绝", en: "refused", vi: "bị từ chối")
        case .unreachable:
            LocalizedName(zh: "无法连接", en: "no connection", vi: "không kết nối được")
        case .unreadable:
            LocalizedName(zh: "应答无法读取", en: "unreadable answer", vi: "trả lời không đọc được")
        case .tooMany:
            LocalizedName(
                zh: "结果过多，仅取一部分", en: "too many matches, not all taken", vi: "quá nhiều kết quả, chỉ lấy một phần")
        case .paused:
            LocalizedName(
                zh: "多次失败，暂停查询", en: "failed repeatedly, left alone for a while", vi: "lỗi nhiều lần, tạm ngừng hỏi")
        case .notFoundHeading:
            LocalizedName(zh: "没有找到", en: "Not found", vi: "Không tìm thấy")
        case .badRequestHeading:
            LocalizedName(zh: "无法理解该请求", en: "This cannot be understood", vi: "Không hiểu yêu cầu này")
        case .failedHeading:
            LocalizedName(zh: "暂时无法显示", en: "This cannot be shown now", vi: "Hiện không thể hiển thị")
        case .traceHint:
            LocalizedName(zh: "日志中的跟踪号", en: "Trace id in the log", vi: "Mã dò trong nhật ký")
        case .backToSearch:
            LocalizedName(zh: "返回检索", en: "Back to search", vi: "Quay lại tìm kiếm")
        }
    }
}
