internal import Catalogue

/// What happened to a study, in the three languages; programs read the kind itself.
enum EventWords {
    /// The words for a kind of event; the kind as it is when it is one of a later version.
    static func name(of kind: String, in language: Language) -> String {
        names[kind].map { language.pick($0.zh, $0.en, $0.vi) } ?? kind
    }

    static let names: [String: (zh: String, en: String, vi: String)] = [
        "received": ("开始接收", "received", "bắt đầu nhận"),
        "reopened": ("收到迟到图像，重新打开", "reopened by a late instance", "mở lại do có ảnh đến muộn"),
        "settled": ("接收完毕", "settled", "đã ổn định"),
        "assessed": ("已评估", "assessed", "đã đánh giá"),
        "stepStarted": ("检查步骤开始", "procedure step started", "bắt đầu bước chụp"),
        "stepCompleted": ("检查步骤完成", "procedure step completed", "hoàn thành bước chụp"),
        "stepDiscontinued": ("检查步骤中断", "procedure step discontinued", "ngừng bước chụp"),
        "commitmentChecked": ("已核对存储确认清单", "commitment list checked", "đã kiểm tra danh sách cam kết"),
        "commitmentReported": ("已答复存储确认", "commitment reported", "đã trả lời cam kết lưu trữ"),
        "commitmentGivenUp": ("放弃答复存储确认", "commitment report given up", "bỏ việc trả lời cam kết"),
        "commitmentDropped": ("存储确认已取消", "commitment dropped", "đã bỏ cam kết lưu trữ"),
        "askedSender": ("已询问发送方", "sender asked", "đã hỏi bên gửi"),
        "retrievalRequested": ("请求补取缺失图像", "retrieval requested", "yêu cầu lấy phần còn thiếu"),
        "retrieved": ("补取结束", "retrieval ended", "kết thúc lấy bổ sung"),
        "fetchedFromSource": ("从外部来源调取", "fetched from a source", "lấy từ nguồn ngoài"),
        "forwardQueued": ("已排队转发", "queued to be forwarded", "đã xếp hàng chuyển tiếp"),
        "forwarded": ("已转发", "forwarded", "đã chuyển tiếp"),
        "forwardIncomplete": ("转发完毕，部分被拒收", "forwarded, some refused", "đã chuyển tiếp, một số bị từ chối"),
        "forwardFailed": ("转发完毕，部分已放弃", "forwarded, some given up", "đã chuyển tiếp, một số đã bỏ cuộc"),
        "forwardUncommitted": ("目的地未承诺存储", "destination never committed", "nơi nhận không cam kết lưu trữ"),
        "forwardsAdded": ("已对既有检查应用转发规则", "rule applied to earlier studies", "đã áp dụng quy tắc cho ca cũ"),
        "forwardDropped": ("已取消转发", "forward dropped", "đã bỏ chuyển tiếp"),
        "forwardsPaused": ("已暂停转发", "forwards paused", "đã tạm dừng chuyển tiếp"),
        "forwardsResumed": ("已恢复转发", "forwards resumed", "đã tiếp tục chuyển tiếp"),
        "identityDiffers": ("患者身份不一致", "identity differs", "thông tin người bệnh khác nhau"),
        "textUndecodable": ("文字无法解码", "text not decodable", "không giải mã được văn bản"),
        "quarantined": ("已隔离", "quarantined", "đã cách ly"),
        "released": ("已解除隔离", "released from quarantine", "đã đưa ra khỏi cách ly"),
        "discarded": ("已从隔离区删除", "discarded from quarantine", "đã xóa khỏi cách ly"),
        "recovered": ("已恢复", "recovered", "đã phục hồi"),
        "decisionsCut": ("互认记录被截断", "decision log cut", "nhật ký quyết định bị cắt"),
        "reindexed": ("已重建索引", "reindexed", "đã lập lại chỉ mục"),
    ]
}
