"""The series of each kind of study. Each function returns a maker: called with the Study, it returns its Series."""

import numpy as np

from . import people
from .images import angiogram, breast, chest, head, knee, objects, thorax
from .iods import angiography, capture, common, radiography, tomography
from .study import Series

_WORDS = {
    "frontal": {"zh": "正位", "vi": "Thẳng", "en": "PA"},
    "lateral": {"zh": "侧位", "vi": "Nghiêng", "en": "LAT"},
    "plain": {"zh": "平扫", "vi": "Không tiêm", "en": "Non-contrast"},
    "enhanced": {"zh": "增强", "vi": "Sau tiêm", "en": "Post contrast"},
}


def _word(study, key):
    return _WORDS[key][study.institution.language]


def _build(study):
    return chest.Build(f"{study.person.key} {study.folder}", study.person.width, study.person.width)


def chest_views(*views, eight_bits=False, small=False):
    """DX of the chest: any of PA, LL (left lateral), in that order."""

    def make(study):
        build, images, size = _build(study), [], {"rows": 420, "columns": 380, "spacing": 0.1056} if small else {}
        for view in views:
            pixels = chest.pa(build, **size) if view == "PA" else chest.lateral(build)
            bits, window = 12, (1250, 2300)
            if eight_bits:
                pixels, bits, window = (
                    (np.minimum(pixels, 2399).astype(np.int64) * 255 // 2399).astype(np.uint8),
                    8,
                    (133, 245),
                )
            orientation = ["L", "F"] if view == "PA" else ["P", "F"]
            spacing = 1.056 if small else 0.66
            images.append((radiography.digital(pixels, "chest", view, orientation, "U", spacing, window, bits), pixels))
        name = " + ".join(_word(study, "frontal" if v == "PA" else "lateral") for v in views)
        return [Series("DX", name, "CHEST", images)]

    return make


def knee_views(side, views=("AP", "LAT")):
    """DX of one knee. The machines of one hospital say LAT, those of the other ML (mediolateral)."""

    def make(study):
        images = []
        for view in views:
            draw, orientation = (knee.ap, ["L", "F"]) if view == "AP" else (knee.lateral, ["P", "F"])
            pixels = draw(f"{study.person.key} {study.folder}", side)
            view_position = view if study.institution is people.SONGHONG or view == "AP" else "ML"
            images.append(
                (radiography.digital(pixels, "knee", view_position, orientation, side, 0.5, (1700, 3000)), pixels)
            )
        return [Series("DX", "", "KNEE", images)]

    return make


def knee_without_side(study):
    """CR of a knee AP and lateral; the picture has a marker, no attribute has the side."""
    name = f"{study.person.key} {study.folder}"
    views = [
        ("AP", ["L", "F"], knee.ap(name, "R", 420, 312, 0.0667)),
        ("LAT", ["P", "F"], knee.lateral(name, "R", 420, 312, 0.0667)),
    ]
    images = [(radiography.computed(pixels, "KNEE", "AP" if v == "AP" else "LL", o), pixels) for v, o, pixels in views]
    return [Series("CR", "", "KNEE", images, laterality="")]


def mammogram_right(study):
    """MG of the right breast, CC and MLO."""
    images = []
    for projection in ("CC", "MLO"):
        pixels = breast.view(study.person.key, projection)
        images.append((radiography.mammogram(pixels, projection), pixels))
    return [Series("MG", "右乳 CC + MLO", "BREAST", images)]


def _ct_geometry(z_mm, spacing_mm, size):
    corner = -(size - 1) / 2 * spacing_mm
    return (corner, corner, z_mm)


def ct_chest(slices=22, phases=("plain",), missing=(), announced=True, in_acquisition=False):
    """CT of the chest, 10 mm slices, one series a phase; `missing` Instance Numbers were never sent."""

    def make(study):
        result = []
        for phase in phases:
            images, numbers = [], [n for n in range(1, slices + 1) if n not in missing]
            for number in numbers:
                z = 1.2 + (number - 1) * 1.0
                hu = thorax.slice_hu(
                    f"{study.person.key} {study.folder} {phase}", z, phase == "enhanced", study.person.width
                )
                attributes = tomography.ct(_ct_geometry(-10.0 * z, 2.0, 192), 2.0, 10.0, (40, 400), "STANDARD")
                if phase == "enhanced":
                    common.put_contrast(attributes, "Iohexol 350", 80)
                images.append((attributes, thorax.stored(hu)))
            series = Series(
                "CT", _word(study, phase), "CHEST", images, numbers, "Chest routine", patient_position="HFS"
            )
            series.announced = slices if announced and not in_acquisition else None
            series.announced_in_acquisition = slices if in_acquisition else None
            result.append(series)
        return result

    return make


def ct_head(
    slices=16,
    received=None,
    announced=True,
    in_acquisition=None,
    size=192,
    series_description=True,
    protocol="Head routine",
):
    """CT of the head, 8 mm slices from the base up. `received` cuts the end off; `in_acquisition` announces (0020,1002)."""

    def make(study):
        images, spacing = [], 24.0 / size
        for number in range(1, (received or slices) + 1):
            z = -5.4 + (number - 1) * 12.8 / (slices - 1 or 1)
            hu = head.hu(head.axial(size, spacing, z), f"{study.person.key} {study.folder}")
            attributes = tomography.ct(
                _ct_geometry(10.0 * round(z, 4), 10 * spacing, size), 10 * spacing, 8.0, (40, 90), "HEAD", ctdi=42.0
            )
            images.append((attributes, head.stored(hu + 1024)))
        name = _word(study, "plain") if series_description else ""
        series = Series("CT", name, "HEAD", images, protocol=protocol, patient_position="HFS")
        series.announced = slices if announced else None
        series.announced_in_acquisition = in_acquisition
        return [series]

    return make


def mr_brain(lesion, levels=12, missing_after=None):
    """MR of the brain: T2 and FLAIR axial, T1 sagittal, DWI with b=0 and b=1000, ADC.

    With `missing_after` the DWI series stops after so many images and the ADC never came; the counts announced stay.
    """

    def make(study):
        name, step = study.person.key, 12.0 / (levels - 1)
        heights = [round(-5.0 + step * k, 4) for k in range(levels)]

        def axial(contrast, size, z, b_value=None, adc=False):
            spacing = 24.0 / size
            look = "ADC" if adc else contrast if b_value is None else f"B{b_value}"
            image = head.signal(head.axial(size, spacing, z), name, look, lesion)
            window = {"ADC": (1300, 2600), "B1000": (350, 700)}.get(look, (500, 1000))
            place = _ct_geometry(10 * z, 10 * spacing, size)
            return tomography.mr(contrast, "axial", place, 10 * spacing, 5.0, window, b_value, adc), head.stored(image)

        def sagittal(x):
            image = head.signal(head.sagittal(144, 24.0 / 144, x), name, "T1", lesion)
            corner = -(144 - 1) / 2 * 240.0 / 144
            place = (10 * x, corner, -corner - 8.0)
            return tomography.mr("T1", "sagittal", place, 240.0 / 144, 5.0, (450, 900)), head.stored(image)

        diffusion = [axial("DWI", 96, z, b) for b in (0, 1000) for z in heights]
        series = [
            Series("MR", "t2_tse_ax", "BRAIN", [axial("T2", 144, z) for z in heights]),
            Series("MR", "t1_se_sag", "BRAIN", [sagittal(round(-4.4 + 1.0 * k, 4)) for k in range(9)]),
            Series("MR", "t2_flair_ax", "BRAIN", [axial("FLAIR", 144, z) for z in heights]),
            Series("MR", "ep2d_diff_b0_b1000", "BRAIN", diffusion),
            Series("MR", "ep2d_diff_ADC", "BRAIN", [axial("DWI", 96, z, adc=True) for z in heights]),
        ]
        for one in series:
            one.announced, one.patient_position, one.protocol = len(one.images), "HFS", "Brain + DWI"
        if missing_after:
            series[3].images = series[3].images[:missing_after]
            series.pop()
        return series

    return make


def dsa_run(study):
    """XA: one run of the pelvic and thigh arteries."""
    frames = angiogram.run(study.person.key, frames=12, frames_per_second=4)
    return [
        Series("XA", "DSA chậu - đùi", "PELVIS", [(angiography.run(frames, 4, 1.05), frames)], protocol="DSA runoff")
    ]


def screenshot_only(study):
    """SC of modality CT: a picture of a screen, nothing else."""
    pixels = objects.screen()
    return [Series("CT", "Screen Save", "CHEST", [(capture.screenshot(study.date, study.time), pixels)])]


def test_object(study):
    """DX of a step wedge; neither region nor view is given."""
    pixels = objects.step_wedge(study.folder)
    return [
        Series("DX", "", "", [(radiography.digital(pixels, None, None, ["L", "F"], "U", 0.6, (700, 1400)), pixels)])
    ]


def blank(study):
    """DX said to be a PA chest, every pixel equal: a shot without exposure."""
    pixels = np.full((420, 380), 118, np.uint16)
    return [
        Series(
            "DX",
            _word(study, "frontal"),
            "CHEST",
            [(radiography.digital(pixels, "chest", "PA", ["L", "F"], "U", 1.056), pixels)],
        )
    ]
