internal import Catalogue

/// Headings and verdicts in the three languages: every word that tables print. A verdict's raw value is its name in JSON.
enum Word: String, CaseIterable {
    // Headings
    case study, patient, name, issuer, date, modality, description, institution, item, code, state, series, instances
    case size, completeness, quality, match, confidence, evidence, timeline, versions, version, source, sourceAE
    case reason, candidates, received, failed, peer, host, setting, value, relation, recognition, score, detail
    case event, department, doctor, prior, reference, numerator, denominator, year, operators, mayBe, requirement,
        threshold
    case level3, level4, cases, first, assisting, techniqueTypes, withoutOperator, vietnamList, angiographies
    case text, accession, check, object, alternatives, rule, missing, number, axis, time
    // Catalogues
    case catalogue, kind, from, until, items, origin, program, refused, faults, staysInForce, right, period
    case comparedWith, added, removed, changed, imaging, procedures, techniques, inForce, upcoming, past
    // Codes
    case listed, unlisted, wrong, place, character, meaning, notAllowed, allowedAt, nearestCodes, listedIn, proposed
    case readAs, lowerCase, fullWidth, separators, unstated, notInGrammar, contradicting
    // Lessons
    case count, sites, senders, scope, by, grade, before, after, overridden
    // Reports
    case station, month, decidedBy
    case raisedBy, unit, median, historyCount, historyMedian, spread, drift, awaitingAssessment
    // Commitments
    case requested, uncommitted, attempts, next, queued, checked, reported, givenUp, dropped
    // Forwards
    case destination, waiting, sent, partlyRefused, paused, unreachable, forwards, noForwards, noDestinations
    case committing, retried, noFailures
    // Sources
    case here, toldDifferently, sources, noSources, noFetches, fetching, fetched, partial, answered, deadline, tooMany
    case unreadable, cause, asked, order, firstImage, questions
    // Checks of the status
    case listener, storage, disk, backlog, pixels, associations, peers, studies, quarantine, commitments, catalogues
    case lexicon, daemon, persons, decisions
    // Persons
    case person, birthDate, sex, link, weight, different, noPerson, noReviews, studiesInFuture, studiesPending
    case identities, pairs, nationalID
    // Verdicts and states
    case ok, warning, critical, receiving, settled, complete, incomplete, unknown, pass, review, fail, notAssessed
    case recognised, notRecognised, doctorDecides, same, contains, part, related, possible, exact, nearest, unmapped
    case declared, repaired, guessed, undecodable, learned, configured
    // Sentences
    case taught, noItem, everywhere
    case noStudies, noPriors, noObjects, never, considered, notUnderstood, fitsLess, lessSure
    case takenDown, saidBefore, noteNeeded, noDecisions, informed, notInformed, agreeing, disagreeing, passedOver
    case accepted, reminded, opened, declined, followedUp, repeated, reached, notReached, partOfYear, needsOutsideData,
        proxy
    case noCommitments, noAliases, noChanges, nothingToReview, wordCount, noWords

    /// The word in `language`.
    func callAsFunction(_ language: Language) -> String {
        let words = Self.words[self] ?? (rawValue, rawValue, rawValue)
        return switch language {
        case .chinese: words.zh
        case .english: words.en
        case .vietnamese: words.vi
        }
    }

    /// A verdict or check as the daemon names it; as it is when there is no word for it.
    static func verdict(_ name: String, _ language: Language) -> String { Word(rawValue: name)?(language) ?? name }

    private static let words: [Word: (zh: String, en: String, vi: String)] = [
        .study: ("检查", "Study", "Ca chụp"), .patient: ("患者", "Patient", "Người bệnh"),
        .name: ("姓名", "Name", "Họ tên"), .issuer: ("发号机构", "Issuer", "Nơi cấp mã"),
        .date: ("日期", "Date", "Ngày"), .modality: ("设备", "Modality", "Loại máy"),
        .description: ("描述", "Description", "Mô tả"), .institution: ("医疗机构", "Institution", "Cơ sở"),
        .item: ("项目", "Item", "Danh mục"), .code: ("编码", "Code", "Mã"), .state: ("状态", "State", "Trạng thái"),
        .series: ("序列", "Series", "Chuỗi"), .instances: ("图像数", "Instances", "Số ảnh"),
        .size: ("大小", "Size", "Dung lượng"), .completeness: ("完整性", "Completeness", "Đầy đủ"),
        .quality: ("质量", "Quality", "Chất lượng"), .match: ("匹配", "Match", "Khớp"),
        .confidence: ("置信度", "Confidence", "Độ tin cậy"), .evidence: ("依据", "Evidence", "Căn cứ"),
        .timeline: ("时间线", "Timeline", "Diễn tiến"), .versions: ("评估版本", "Assessments", "Các lần đánh giá"),
        .version: ("版本", "Version", "Phiên bản"), .source: ("来源", "Source", "Nguồn"),
        .sourceAE: ("来源AE", "Source AE", "AE nguồn"), .reason: ("原因", "Reason", "Lý do"),
        .candidates: ("候选", "Candidates", "Mã gợi ý"), .received: ("最近接收", "Received", "Nhận gần nhất"),
        .failed: ("最近失败", "Failed", "Lỗi gần nhất"), .peer: ("对端", "Peer", "Máy bạn"),
        .host: ("地址", "Host", "Địa chỉ"), .setting: ("设置", "Setting", "Thiết lập"),
        .value: ("值", "Value", "Giá trị"), .relation: ("关系", "Relation", "Quan hệ"),
        .recognition: ("互认", "Recognition", "Công nhận"), .score: ("得分", "Score", "Điểm"),
        .detail: ("说明", "Detail", "Chi tiết"), .accession: ("检查号", "Accession", "Số phiếu"),
        .check: ("检查项", "Check", "Mục kiểm tra"), .object: ("对象", "Object", "Đối tượng"),
        .alternatives: ("其他可能", "Alternatives", "Khả năng khác"), .rule: ("规则", "Rule", "Quy tắc"),
        .missing: ("缺少", "Missing", "Còn thiếu"),
        .number: ("编号", "No.", "Số"), .axis: ("维度", "Axis", "Trục"),
        .time: ("时间", "Time", "Thời điểm"), .count: ("数量", "Count", "Số lượng"),
        .sites: ("医疗机构", "Sites", "Cơ sở"), .senders: ("发送方", "Senders", "Bên gửi"),
        .scope: ("适用范围", "Scope", "Phạm vi"), .by: ("操作人", "By", "Người"),
        .grade: ("等级", "Grade", "Mức"), .before: ("原结果", "Before", "Trước"), .after: ("新结果", "After", "Sau"),
        .station: ("设备站", "Station", "Máy"), .month: ("月份", "Month", "Tháng"),
        .raisedBy: ("提出问题的规则", "Raised by", "Quy tắc phát hiện"), .unit: ("单位", "Unit", "Đơn vị"),
        .median: ("当前中位数", "Median", "Trung vị"), .historyCount: ("历史数量", "Before", "Số lần trước"),
        .historyMedian: ("历史中位数", "Median before", "Trung vị trước"), .spread: ("离散度", "Spread", "Độ phân tán"),
        .drift: ("漂移", "Drift", "Trôi"),
        .awaitingAssessment: ("等待重新评估", "Waiting to be judged again", "Chờ đánh giá lại"),
        .decidedBy: ("判定规则", "Decided by", "Quy tắc quyết định"),
        .overridden: ("强制忽略的异议", "Overridden", "Phản đối đã bỏ qua"),
        .taught: ("已教授", "taught", "đã dạy"),
        .noItem: ("不属于任何项目", "none of the items", "không thuộc danh mục"), .everywhere: ("全部", "everywhere", "mọi nơi"),
        .listener: ("监听", "listener", "cổng DICOM"), .storage: ("存储", "storage", "lưu trữ"),
        .disk: ("磁盘", "disk", "đĩa"), .backlog: ("待评估", "backlog", "chờ đánh giá"),
        .pixels: ("图像解码", "pixels", "giải mã ảnh"),
        .associations: ("连接", "associations", "kết nối"), .peers: ("对端", "peers", "máy bạn"),
        .studies: ("检查", "studies", "ca chụp"), .quarantine: ("隔离区", "quarantine", "cách ly"),
        .commitments: ("存储承诺", "commitments", "cam kết lưu trữ"), .requested: ("请求时间", "Requested", "Yêu cầu lúc"),
        .uncommitted: ("未承诺", "Not committed", "Không cam kết"), .attempts: ("尝试次数", "Tries", "Số lần thử"),
        .next: ("下次", "Next", "Lần tới"), .queued: ("待核对", "queued", "chờ kiểm tra"),
        .checked: ("待送达", "checked", "chờ gửi"), .reported: ("已送达", "reported", "đã gửi"),
        .givenUp: ("已放弃", "givenUp", "đã bỏ cuộc"), .dropped: ("已取消", "dropped", "đã huỷ"),
        .destination: ("目的地", "Destination", "Nơi nhận"), .waiting: ("等待中", "waiting", "đang chờ"),
        .sent: ("已发送", "sent", "đã gửi"), .partlyRefused: ("部分被拒收", "partlyRefused", "bị từ chối một phần"),
        .paused: ("已暂停", "paused", "đã tạm dừng"), .unreachable: ("无法送达", "failing", "không gửi được"),
        .forwards: ("转发", "forwards", "chuyển tiếp"), .committing: ("等待承诺", "committing", "chờ cam kết"),
        .retried: ("将重试", "retried", "sẽ thử lại"),
        .noFailures: ("没有未送达的图像", "every instance was delivered", "mọi ảnh đều đã được giao"),
        .noForwards: ("没有等待转发的检查", "nothing waits to be forwarded", "không có ca nào chờ chuyển tiếp"),
        .noDestinations: ("未配置转发目的地", "no destination is configured", "chưa cấu hình nơi nhận"),
        .persons: ("人员", "persons", "người"), .person: ("人员", "Person", "Người"),
        .birthDate: ("出生日期", "Birth date", "Ngày sinh"), .sex: ("性别", "Sex", "Giới tính"),
        .link: ("关联", "Link", "Liên kết"), .weight: ("权重", "Weight", "Trọng số"),
        .different: ("不同人", "different", "khác người"), .noPerson: ("没有找到此人", "nobody was found", "không tìm thấy ai"),
        .noReviews: ("没有待复核的身份", "no identities wait for a look", "không có danh tính nào chờ xem lại"),
        .studiesInFuture: ("个检查的日期在今天之后", "studies are dated after today", "ca có ngày sau hôm nay"),
        .studiesPending: (
            "个检查尚未确定属于谁", "studies are not resolved to persons yet", "ca chưa xác định được là của ai"
        ),
        .identities: ("身份", "Identities", "Danh tính"), .pairs: ("身份对", "Pairs", "Cặp danh tính"),
        .nationalID: ("证件末四位", "National ID ends", "Đuôi số căn cước"),
        .here: ("本机", "here", "tại đây"), .sources: ("外部来源", "sources", "nguồn ngoài"),
        .toldDifferently: ("各来源说法不一", "Told differently", "Các nguồn nói khác nhau"),
        .noSources: ("未配置外部来源", "no source is configured", "chưa cấu hình nguồn ngoài"),
        .noFetches: ("没有等待或失败的调取", "nothing waits or failed to be fetched", "không có ca nào chờ lấy hay lấy lỗi"),
        .fetching: ("调取中", "fetching", "đang lấy"), .fetched: ("已调取", "fetched", "đã lấy"),
        .partial: ("部分调取", "partial", "lấy một phần"), .answered: ("已答复", "answered", "đã trả lời"),
        .deadline: ("超时", "deadline", "quá hạn"), .tooMany: ("结果过多", "tooMany", "quá nhiều"),
        .unreadable: ("答复无法解读", "unreadable", "không đọc được"), .cause: ("缘由", "Cause", "Lý do lấy"),
        .asked: ("人工请求", "asked", "có người yêu cầu"), .order: ("申请单", "order", "y lệnh"),
        .firstImage: ("首幅图像", "firstImage", "ảnh đầu tiên"), .questions: ("查询次数", "Questions", "Số lần hỏi"),
        .event: ("事件", "Event", "Sự kiện"), .department: ("科室", "Department", "Khoa"),
        .doctor: ("医生", "Doctor", "Bác sĩ"), .prior: ("既往检查", "Prior", "Ca trước"),
        .reference: ("本次检查或申请", "Exam or order", "Ca chụp hoặc phiếu"),
        .numerator: ("分子", "Numerator", "Tử số"), .denominator: ("分母", "Denominator", "Mẫu số"),
        .year: ("年份", "Year", "Năm"), .operators: ("术者", "Operator", "Người thực hiện"),
        .mayBe: ("可能同一人", "May be the same", "Có thể là cùng người"),
        .requirement: ("要求", "Requirement", "Yêu cầu"), .threshold: ("标准", "Threshold", "Ngưỡng"),
        .level3: ("三级", "Level 3", "Loại 3"), .level4: ("四级", "Level 4", "Loại 4"),
        .cases: ("例数", "Cases", "Số ca"), .first: ("第一术者", "First", "Chính"),
        .assisting: ("助手", "Assisting", "Phụ"), .techniqueTypes: ("技术种类", "Types", "Loại kỹ thuật"),
        .withoutOperator: ("无术者", "Nobody named", "Không ghi tên"),
        .vietnamList: ("越南目录", "Vietnam's list", "Danh mục VN"), .angiographies: ("XA检查", "XA studies", "Ca XA"),
        .takenDown: ("已记录", "taken down", "đã ghi"),
        .saidBefore: ("此前已记录", "taken down before", "đã được ghi trước đó"),
        .noteNeeded: ("须填写说明", "needs a note", "cần ghi rõ"),
        .noDecisions: ("没有记录", "nothing was taken down", "chưa ghi gì"),
        .informed: ("已告知患者", "patient told", "đã báo người bệnh"),
        .notInformed: ("未告知患者", "patient not told", "chưa báo người bệnh"),
        .agreeing: ("与后续诊断符合", "agrees", "phù hợp"), .disagreeing: ("与后续诊断不符", "does not agree", "không phù hợp"),
        .passedOver: ("未识别的记录", "not understood", "không hiểu"),
        .reminded: ("已提醒", "reminded", "đã nhắc"), .opened: ("已调阅", "opened", "đã mở xem"),
        .declined: ("不予认可", "declined", "không công nhận"), .followedUp: ("已随访", "followedUp", "đã theo dõi"),
        .accepted: ("予以认可", "recognised", "đã công nhận"),
        .repeated: ("重复检查", "repeated", "làm lại"), .reached: ("达到", "reached", "đạt"),
        .notReached: ("未达到", "notReached", "chưa đạt"),
        .partOfYear: ("非整年", "part of a year", "chưa trọn năm"),
        .needsOutsideData: ("需要外部数据", "needs outside data", "cần dữ liệu bên ngoài"),
        .proxy: ("替代指标", "proxy", "chỉ số thay thế"),
        .decisions: ("互认决定", "decisions", "quyết định"),
        .daemon: ("守护进程", "daemon", "tiến trình nền"),
        .catalogues: ("目录", "catalogues", "danh mục"), .lexicon: ("词库", "lexicon", "bộ từ"),
        .wordCount: ("词数", "Words", "Số từ"),
        .noWords: ("没有本院词库", "no words of this site are in force", "không có từ riêng nào đang dùng"),
        .catalogue: ("目录", "Catalogue", "Danh mục"), .kind: ("类别", "Kind", "Loại"),
        .from: ("生效", "From", "Từ ngày"), .until: ("终止", "Until", "Đến ngày"), .items: ("项目数", "Items", "Số mục"),
        .origin: ("文件", "File", "Tệp"), .program: ("程序自带", "program", "theo chương trình"),
        .refused: ("已拒绝", "refused", "bị từ chối"), .faults: ("错误", "faults", "lỗi"),
        .staysInForce: ("继续有效", "stays in force", "vẫn có hiệu lực"),
        .right: ("无错误", "no fault", "không có lỗi"), .period: ("有效期", "Period", "Hiệu lực"),
        .comparedWith: ("对比", "Compared with", "So với"), .added: ("新增", "added", "thêm"),
        .removed: ("移除", "removed", "bỏ"), .changed: ("变更", "changed", "thay đổi"),
        .imaging: ("影像检查", "imaging", "chẩn đoán hình ảnh"), .procedures: ("操作", "procedures", "quy trình"),
        .techniques: ("介入技术", "techniques", "kỹ thuật can thiệp"), .inForce: ("有效", "in force", "có hiệu lực"),
        .upcoming: ("未生效", "upcoming", "chưa có hiệu lực"), .past: ("已过期", "past", "đã hết hiệu lực"),
        .listed: ("目录内编码", "listed", "có trong danh mục"),
        .unlisted: ("结构正确, 但目录中没有", "well formed, in no list", "đúng cấu trúc, không có trong danh mục"),
        .wrong: ("错误", "wrong", "sai"), .place: ("位", "Position", "Vị trí"), .character: ("字符", "Character", "Ký tự"),
        .meaning: ("含义", "Meaning", "Ý nghĩa"),
        .notAllowed: ("此处不允许", "not allowed here", "không được phép ở đây"),
        .allowedAt: ("允许的字符, 位", "Allowed at position", "Được phép ở vị trí"),
        .nearestCodes: ("最接近的目录编码", "Nearest listed codes", "Mã gần nhất trong danh mục"),
        .listedIn: ("所在目录", "Listed in", "Có trong"),
        .proposed: ("建议编码, 任何目录均未收录", "proposed, given by no list", "mã đề xuất, chưa có danh mục nào cấp"),
        .readAs: ("已按此读取", "Read in spite of", "Đã đọc dù có"), .lowerCase: ("小写字母", "lower case", "chữ thường"),
        .fullWidth: ("全角字符", "full-width characters", "ký tự toàn chiều rộng"),
        .separators: ("空格或分隔符", "spaces or separators", "dấu cách hoặc dấu phân tách"),
        .unstated: ("未说明, 需要其一", "not stated; one is needed of", "chưa nêu; cần một trong"),
        .notInGrammar: ("编码规则中没有", "the grammar has none for it", "quy tắc mã không có"),
        .contradicting: ("互相矛盾", "contradict each other", "mâu thuẫn nhau"),
        .ok: ("正常", "ok", "tốt"), .warning: ("警告", "warning", "cảnh báo"),
        .critical: ("严重", "critical", "nghiêm trọng"), .receiving: ("接收中", "receiving", "đang nhận"),
        .settled: ("已稳定", "settled", "đã ổn định"), .complete: ("完整", "complete", "đầy đủ"),
        .incomplete: ("不完整", "incomplete", "thiếu"), .unknown: ("未知", "unknown", "chưa rõ"),
        .pass: ("合格", "pass", "đạt"), .review: ("待复核", "review", "cần xem lại"),
        .fail: ("不合格", "fail", "không đạt"), .notAssessed: ("未评估", "notAssessed", "chưa đánh giá"),
        .recognised: ("可互认", "recognised", "được công nhận"),
        .notRecognised: ("不可互认", "notRecognised", "không công nhận"),
        .doctorDecides: ("由医生决定", "doctorDecides", "bác sĩ quyết định"), .same: ("相同", "same", "giống"),
        .contains: ("包含", "contains", "bao gồm"), .part: ("部分", "part", "một phần"),
        .related: ("相关", "related", "liên quan"), .possible: ("可能", "possible", "có thể"),
        .exact: ("精确", "exact", "chính xác"), .nearest: ("最接近", "nearest", "gần nhất"),
        .unmapped: ("未匹配", "unmapped", "chưa khớp"),
        .text: ("文字", "Text", "Văn bản"), .declared: ("按声明", "as declared", "như khai báo"),
        .repaired: ("已修复", "repaired", "đã sửa"), .guessed: ("推测", "guessed", "phỏng đoán"),
        .undecodable: ("无法解码", "undecodable", "không giải mã được"), .learned: ("已学到", "learned", "đã học"),
        .configured: ("已配置", "configured", "đã cấu hình"),
        .noStudies: ("没有符合条件的检查", "no such studies", "không có ca chụp nào"),
        .noPriors: ("没有可比较的既往检查", "no comparable priors", "không có ca cũ để so sánh"),
        .noObjects: ("隔离区为空", "nothing is in quarantine", "khu cách ly trống"),
        .considered: ("考虑过的项目", "Considered and why they lost", "Các mục đã xét và lý do loại"),
        .lessSure: ("把握降低的原因", "Less sure because", "Kém chắc chắn vì"),
        .notUnderstood: ("未能理解", "Not understood", "Không hiểu"),
        .fitsLess: ("也符合，但不如所选项目", "fits too, less well than the answer", "cũng phù hợp nhưng kém hơn mục đã chọn"),
        .never: ("从未", "never", "chưa từng"),
        .noCommitments: ("没有待送达的存储承诺", "no result waits to be delivered", "không có kết quả nào chờ gửi"),
        .noAliases: ("没有生效的别名", "no alias is in force", "không có bí danh nào đang dùng"),
        .noChanges: ("没有变化", "nothing changes", "không có gì thay đổi"),
        .nothingToReview: ("没有待复核的检查", "nothing waits for review", "không có ca nào chờ xem lại"),
    ]
}
