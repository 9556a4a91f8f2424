"""Who and where. Every person, hospital and number here is invented."""

from dataclasses import dataclass

GB18030 = "GB18030"
IR_58 = ["", "ISO 2022 IR 58"]
UTF_8 = "ISO_IR 192"
LATIN_1 = "ISO_IR 100"


@dataclass(frozen=True)
class Institution:
    """A hospital as its machines name it."""

    key: str
    name: str
    character_set: object
    timezone: str
    language: str


@dataclass(frozen=True)
class Person:
    """One identity: issuer + Patient ID. The same human under two issuers is two of these."""

    key: str
    name: str
    issuer: str
    patient_id: str
    birth_date: str
    sex: str
    width: float = 1.0


HUBIN = Institution("hubin", "杭州湖滨医院", GB18030, "+0800", "zh")
YUNXI = Institution("yunxi", "云溪县第九人民医院", IR_58, "+0800", "zh")
SONGHONG = Institution("songhong", "Bệnh viện Sông Hồng", UTF_8, "+0700", "vi")
DOITRANG = Institution("doitrang", "Bệnh viện Đồi Trăng Bạc", UTF_8, "+0700", "vi")
RIVERSIDE = Institution("riverside", "Riverside General", LATIN_1, "+0000", "en")

# Regional issuers: both Chinese hospitals use one number for a person, and so do both Vietnamese ones.
ZH_REGION, VI_REGION, EN_LOCAL = "HUXI-REGION", "SONGDOI-REGION", "RIVERSIDE"

WANG = Person("wang", "Wang^Xiaomei=王^小梅", ZH_REGION, "HX00010234", "19680412", "F", 0.94)
LI = Person("li", "Li^Jianguo=李^建国", ZH_REGION, "HX00010571", "19550830", "M", 1.03)
CHEN = Person("chen", "Chen^Zhiqiang=陈^志强", ZH_REGION, "HX00011893", "19600119", "M")
ZHAO = Person("zhao", "Zhao^Wei=赵^𬀩", ZH_REGION, "HX00012046", "19751105", "F")
ZHOU = Person("zhou", "Zhou^Bing=周^昞", ZH_REGION, "HX00012777", "19820623", "M", 0.98)
SUN = Person("sun", "Sun^Lifang=孙^丽芳", ZH_REGION, "HX00013310", "19900214", "F", 0.92)
NGUYEN_HOA = Person("nguyen-hoa", "Nguyễn^Thị Hoa", VI_REGION, "SD-204417", "19720918", "F")
TRAN_DUC = Person("tran-duc", "Trần^Văn Đức", VI_REGION, "SD-204982", "19490307", "M", 1.02)
LE_MINH = Person("le-minh", "Lê^Quang Minh", VI_REGION, "SD-205113", "19580527", "M")
PHAM_LAN = Person("pham-lan", "Phạm^Thị Ngọc Lan", VI_REGION, "SD-205640", "19841211", "F", 0.93)
MULLER = Person("muller", "Müller^Zoë", EN_LOCAL, "R-77120", "19610704", "F", 0.96)
HOLLOWAY = Person("holloway", "Holloway^Frank^E", EN_LOCAL, "R-77431", "19530222", "M", 1.05)
# The number of Wang Xiaomei, given by another hospital to somebody else.
OTHER_WANG = Person("other-wang", "Ashdown^Clara", EN_LOCAL, "HX00010234", "19680412", "F", 0.97)
