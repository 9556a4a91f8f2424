"""All studies, in folder order. This list is the whole story; manifest.json repeats it for programs."""

from . import content, people, syntaxes
from .study import COMPLETE_COUNT, COMPLETE_VIEWS, Expected, Study

CHEST_PA_LAT, CHEST_PA, CHEST_LEFT_LATERAL = "BW03ZZZ8B", "BW03ZZZZ1", "BW03ZZZZ8"
KNEE_RIGHT, KNEE_LEFT, BREAST_RIGHT = "BQ07ZZZ0B", "BQ08ZZZ0B", "BH00ZZZZG"
CT_CHEST, CT_CHEST_ENHANCED, CT_HEAD = "BW23ZYZZZ", "BW2310ZZZ", "B020ZYZZZ"
MR_BRAIN_DWI = "B030ZMZZZ"


def _chest_radiographs():
    yield Study(
        "01-dr-chest-pa-lat", people.WANG, people.HUBIN, "20260914", "083015", "胸部正侧位", "DX", syntaxes.JPEG_LS,
        content.chest_views("PA", "LL"), "A good chest PA and lateral; GB18030.",
        code=CHEST_PA_LAT, completeness=COMPLETE_VIEWS)
    yield Study(
        "02-dr-chest-pa-lat", people.WANG, people.YUNXI, "20261002", "101240", "DR胸部正侧位片", "DX", syntaxes.JPEG_LOSSLESS,
        content.chest_views("PA", "LL"), "The same person 18 days later at another hospital of the region; ISO 2022 IR 58.",
        code=CHEST_PA_LAT, completeness=COMPLETE_VIEWS)
    yield Study(
        "03-dr-chest-view-missing", people.WANG, people.HUBIN, "20261025", "094502", "胸部正侧位", "DX", syntaxes.JPEG_2000,
        content.chest_views("PA"), "PA and lateral were asked for, only the PA came.",
        code=CHEST_PA_LAT, completeness=Expected("incomplete", "missing-view", ["LAT"]))
    yield Study(
        "04-dr-chest-pa", people.MULLER, people.RIVERSIDE, "20260602", "141120", "Chest, PA", "DX", syntaxes.JPEG_2000,
        content.chest_views("PA"), "A single view; ISO_IR 100, umlaut and diaeresis in the name.",
        code=CHEST_PA, completeness=COMPLETE_VIEWS)
    yield Study(
        "05-dr-chest-pa-lat", people.TRAN_DUC, people.SONGHONG, "20260303", "075530", "Chụp X quang ngực thẳng và nghiêng", "DX",
        syntaxes.JPEG_LS, content.chest_views("PA", "LL"), "Chest PA and lateral in Vietnamese; UTF-8.",
        code=CHEST_PA_LAT, completeness=COMPLETE_VIEWS)


def _knees():
    yield Study(
        "06-dr-knee-right", people.NGUYEN_HOA, people.SONGHONG, "20260706", "090811", "Chụp X quang khớp gối phải thẳng và nghiêng",
        "DX", syntaxes.RLE, content.knee_views("R"), "Right knee, AP and lateral.",
        code=KNEE_RIGHT, completeness=COMPLETE_VIEWS)
    yield Study(
        "07-dr-knee-right", people.NGUYEN_HOA, people.DOITRANG, "20260725", "152744", "X quang gối phải thẳng nghiêng", "DX",
        syntaxes.JPEG_LS, content.knee_views("R"), "The same knee 19 days later at another hospital of the region.",
        code=KNEE_RIGHT, completeness=COMPLETE_VIEWS)
    yield Study(
        "08-dr-knee-left", people.NGUYEN_HOA, people.DOITRANG, "20260727", "084919", "Chụp X quang khớp gối trái thẳng và nghiêng",
        "DX", syntaxes.JPEG_LOSSLESS, content.knee_views("L"), "The other knee: studies 06 and 07 are no priors of the same item.",
        code=KNEE_LEFT, completeness=COMPLETE_VIEWS)
    yield Study(
        "09-cr-knee-side-unstated", people.SUN, people.YUNXI, "20260817", "103355", "膝关节正侧位", "CR", syntaxes.DEFLATED,
        content.knee_without_side, "A knee whose side neither text nor attributes give: two items are possible, so none is given.",
        candidates=(KNEE_RIGHT, KNEE_LEFT))


def _computed_tomography():
    yield Study(
        "10-ct-chest", people.LI, people.HUBIN, "20251210", "160312", "胸部平扫", "CT", syntaxes.JPEG_2000,
        content.ct_chest(), "CT chest eight months before studies 11 and 12.",
        code=CT_CHEST, completeness=COMPLETE_COUNT)
    yield Study(
        "11-ct-chest", people.LI, people.YUNXI, "20260803", "112048", "胸部CT平扫", "CT", syntaxes.JPEG_LS,
        content.ct_chest(), "CT chest at another hospital of the region.",
        code=CT_CHEST, completeness=COMPLETE_COUNT)
    yield Study(
        "12-ct-chest", people.LI, people.HUBIN, "20260821", "091533", "CT胸部平扫", "CT", syntaxes.JPEG_LOSSLESS,
        content.ct_chest(in_acquisition=True), "CT chest 18 days after study 11; the count is (0020,1002), and all came.",
        code=CT_CHEST, completeness=COMPLETE_COUNT)
    yield Study(
        "13-ct-chest-enhanced", people.TRAN_DUC, people.SONGHONG, "20260305", "133007",
        "Chụp CLVT lồng ngực trước và sau tiêm thuốc cản quang", "CT", syntaxes.JPEG_LS,
        content.ct_chest(21, ("plain", "enhanced")), "Plain and enhanced series; the second names the contrast agent.",
        code=CT_CHEST_ENHANCED, completeness=COMPLETE_COUNT)
    yield Study(
        "14-ct-head", people.TRAN_DUC, people.SONGHONG, "20260511", "221503", "Chụp CLVT sọ não không tiêm thuốc cản quang", "CT",
        syntaxes.IMPLICIT, content.ct_head(size=144), "CT head, uncompressed, implicit VR.",
        code=CT_HEAD, completeness=COMPLETE_COUNT)
    yield Study(
        "15-ct-head", people.TRAN_DUC, people.DOITRANG, "20260520", "064410", "CT sọ não không tiêm thuốc cản quang", "CT",
        syntaxes.DEFLATED, content.ct_head(), "CT head nine days later at another hospital of the region.",
        code=CT_HEAD, completeness=COMPLETE_COUNT)
    yield Study(
        "16-ct-chest-number-missing", people.ZHOU, people.HUBIN, "20260918", "143921", "胸部CT平扫", "CT", syntaxes.JPEG_LS,
        content.ct_chest(missing=(11,), announced=False),
        "Instance Number 11 of 22 never came and no count was announced. The name holds 昞, whose second GB18030 byte is a backslash.",
        code=CT_CHEST, completeness=Expected("incomplete", "slice-gap", [11]))
    yield Study(
        "17-ct-head-fewer-than-announced", people.HOLLOWAY, people.RIVERSIDE, "20260630", "181407", "CT head (brain), without contrast",
        "CT", syntaxes.JPEG_2000, content.ct_head(received=12, announced=False, in_acquisition=16),
        "(0020,1002) announces 16 images, 12 came, numbered 1 to 12 without a gap.",
        code=CT_HEAD, completeness=Expected("incomplete", "announced-count", {"announced": 16, "received": 12}))


def _other_modalities():
    yield Study(
        "18-mr-brain-dwi", people.CHEN, people.HUBIN, "20260920", "201836", "头颅平扫+DWI", "MR", syntaxes.JPEG_LS,
        content.mr_brain(lesion=True), "T2, T1 sagittal, FLAIR, DWI (b=0 and b=1000), ADC, with a small fresh infarct.",
        code=MR_BRAIN_DWI, completeness=COMPLETE_COUNT, announced=69)
    yield Study(
        "19-mr-brain-dwi-fewer-than-announced", people.CHEN, people.YUNXI, "20261012", "085200", "颅脑MRI平扫+DWI", "MR", syntaxes.RLE,
        content.mr_brain(lesion=True, levels=8, missing_after=11),
        "(0020,1208) announces 49 instances and (0020,1209) 16 for the DWI: 36 and 11 came, the ADC series not at all.",
        code=MR_BRAIN_DWI, announced=49,
        completeness=Expected("incomplete", "announced-count", {"announced": 49, "received": 36}))
    yield Study(
        "20-xa-dsa-legs", people.LE_MINH, people.SONGHONG, "20260415", "102650", "Chụp số hóa xóa nền động mạch chi dưới", "XA",
        syntaxes.RLE, content.dsa_run, "A run of 12 frames, iodine running down the vessel tree, frame 1 its mask. On no imaging list of Zhejiang.",
        other_matches=(("vietnam-25qd-byt-2014", 252),))
    yield Study(
        "21-mg-right", people.ZHAO, people.HUBIN, "20260528", "111809", "右侧乳腺", "MG", syntaxes.JPEG_2000,
        content.mammogram_right, "Mammography of one side, CC and MLO. The name holds 𬀩, four bytes in GB18030.",
        code=BREAST_RIGHT, completeness=COMPLETE_VIEWS)


def _faulty():
    yield Study(
        "22-dr-blank", people.PHAM_LAN, people.DOITRANG, "20260608", "093312", "Chụp X quang ngực thẳng", "DX", syntaxes.DEFLATED,
        content.blank, "Every pixel is 118.",
        code=CHEST_PA, completeness=COMPLETE_VIEWS, quality=Expected("fail", "blank-image"))
    yield Study(
        "23-dr-pixel-data-truncated", people.CHEN, people.YUNXI, "20260707", "155020", "胸部正位", "DX", syntaxes.EXPLICIT,
        content.chest_views("PA", small=True), "Pixel Data ends after 60 % of the rows; its length says so too, so the file still parses.",
        code=CHEST_PA, completeness=COMPLETE_VIEWS, quality=Expected("fail", "pixel-data"), kept_pixel_fraction=0.6)
    yield Study(
        "24-sc-screenshot-only", people.HOLLOWAY, people.RIVERSIDE, "20260701", "080145", "CT chest, without contrast", "CT",
        syntaxes.RLE, content.screenshot_only, "A screen shot is all there is.",
        code=CT_CHEST, quality=Expected("fail", "secondary-capture"))
    yield Study(
        "25-dr-before-birth", people.LE_MINH, people.SONGHONG, "19480612", "094100", "Chụp X quang ngực thẳng", "DX",
        syntaxes.BIG_ENDIAN, content.chest_views("PA", small=True), "Study Date ten years before the Birth Date.",
        code=CHEST_PA, completeness=COMPLETE_VIEWS, quality=Expected("fail", "exam-date"))
    yield Study(
        "26-dr-in-the-future", people.SUN, people.HUBIN, "20990115", "120000", "胸部正位", "DX", syntaxes.JPEG_LOSSLESS,
        content.chest_views("PA", small=True), "Study Date 2099.",
        code=CHEST_PA, completeness=COMPLETE_VIEWS, quality=Expected("fail", "exam-date"))


def _hard_to_name():
    yield Study(
        "27-dr-test-object", people.HOLLOWAY, people.RIVERSIDE, "20260702", "070500", "Phantom QA weekly", "DX", syntaxes.IMPLICIT,
        content.test_object, "A step wedge: matches nothing.")
    yield Study(
        "28-ct-head-perfusion", people.CHEN, people.HUBIN, "20260921", "031530", "头颅CT灌注成像", "CT", syntaxes.EXPLICIT,
        content.ct_head(6, announced=False, size=96, series_description=False, protocol="Perfusion"),
        "Perfusion is on no list. No count is announced, so completeness is unknown.")
    yield Study(
        "29-dr-chest-pa-lossy", people.MULLER, people.RIVERSIDE, "20260620", "100930", "XR CHEST PA", "DX", syntaxes.JPEG_BASELINE,
        content.chest_views("PA", eight_bits=True), "JPEG baseline, 8 bits, marked as lossy; 18 days after study 04.",
        code=CHEST_PA, completeness=COMPLETE_VIEWS, quality=Expected("review", "lossy-compression"))
    yield Study(
        "30-dr-chest-pa-lat-other-issuer", people.OTHER_WANG, people.RIVERSIDE, "20261010", "131313", "Chest, PA and lateral", "DX",
        syntaxes.JPEG_LS, content.chest_views("PA", "LL"),
        "The Patient ID, birth date and sex of studies 01 to 03, another issuer and name: another person.",
        code=CHEST_PA_LAT, completeness=COMPLETE_VIEWS)
    yield Study(
        "31-dr-chest-left-lateral", people.LI, people.HUBIN, "20260919", "083000", "胸部左侧位", "DX", syntaxes.JPEG_2000,
        content.chest_views("LL"), "A single lateral view is an item of its own.",
        code=CHEST_LEFT_LATERAL, completeness=COMPLETE_VIEWS)


def all_studies():
    return [*_chest_radiographs(), *_knees(), *_computed_tomography(), *_other_modalities(), *_faulty(), *_hard_to_name()]
