"""Headers that contradict themselves: who, when, and where in space."""

from datetime import date, timedelta

from .draft import Expectation, new_uid
from .registry import fault

_DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")


@fault("identity-missing", excludes={"fragment"}, variants=4, bases=3, headers_only=False)
def identity_missing(draft, level, variant):
    """No name or no number (clear); a birth date that is none, or a name that is a stand-in (borderline)."""
    if level == "clear":
        draft.set(**({"PatientID": ""} if variant % 2 == 0 else {"PatientName": ""}))
        if variant >= 2:
            draft.set(PatientID="", PatientName="")
    else:
        draft.set(**[{"PatientBirthDate": "00000000"}, {"PatientName": "UNKNOWN"}, {"PatientName": "Anonymous"}, {"PatientID": "0000000"}][variant])
    return Expectation("quality", ("identity",), level)


@fault("identity-differs", excludes={"fragment"}, variants=3, bases=4)
def identity_differs(draft, level, variant):
    """Two persons in one study: another name, number or birth date in half the images (clear) or in one (borderline)."""
    if len(draft.images) < 2:
        return None
    images = draft.images[: len(draft.images) // 2] if level == "clear" else draft.images[-1:]
    for image in images:
        ds = image.edit()
        if variant == 0:
            ds.PatientID = "Q" + new_uid(draft.name)[-8:]
        elif variant == 1:
            ds.PatientName = "Other^Person"
        else:
            ds.PatientBirthDate = "19810909"
    return Expectation("quality", ("identity",), level)


@fault("sex-differs", excludes={"fragment"}, bases=2)
def sex_differs(draft, level, variant):
    """F and M in one study."""
    if len(draft.images) < 2:
        return None
    other = "M" if draft.images[0].ds.PatientSex == "F" else "F"
    for image in draft.images[: len(draft.images) // 2] if level == "clear" else draft.images[-1:]:
        image.edit().PatientSex = other
    return Expectation("quality", ("identity",), level)


@fault("in-the-future", excludes={"fragment"}, variants=1, bases=4)
def in_the_future(draft, level, variant):
    """Made a year from now (clear) or in five days."""
    day = (date.today() + timedelta(days=400 if level == "clear" else 5)).strftime("%Y%m%d")
    draft.set(**{keyword: day for keyword in _DATES})
    return Expectation("quality", ("exam-date",), level)


@fault("before-birth", excludes={"fragment"}, variants=1, bases=4)
def before_birth(draft, level, variant):
    """Made ten years (clear) or two days before the birth."""
    made = draft.images[0].ds.StudyDate
    made = date(int(made[:4]), int(made[4:6]), int(made[6:8]))
    birth = made + timedelta(days=3650 if level == "clear" else 2)
    draft.set(PatientBirthDate=birth.strftime("%Y%m%d"), PatientAge=None)
    return Expectation("quality", ("exam-date",), level)


@fault("dates-contradict", excludes={"fragment"}, variants=1, bases=4)
def dates_contradict(draft, level, variant):
    """Acquired 400 (clear) or 20 days before the day of the study."""
    made = draft.images[0].ds.StudyDate
    made = date(int(made[:4]), int(made[4:6]), int(made[6:8])) - timedelta(days=400 if level == "clear" else 20)
    draft.set(AcquisitionDate=made.strftime("%Y%m%d"), ContentDate=made.strftime("%Y%m%d"))
    return Expectation("quality", ("exam-date",), level)


GEOMETRY = ("inconsistent-geometry",)


@fault("orientation-nonsense", needs={"stack"}, variants=3, bases=3)
def orientation_nonsense(draft, level, variant):
    """Row and column directions that are no directions: zero, equal or text-book wrong lengths; in all images (clear) or in one."""
    wrong = [[0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 1.4, 0]][variant]
    stack = draft.stack()
    for image in stack if level == "clear" else stack[3:4]:
        image.edit().ImageOrientationPatient = wrong
    return Expectation("any", GEOMETRY, level)


@fault("spacing-nonsense", needs={"stack"}, variants=3, bases=3)
def spacing_nonsense(draft, level, variant):
    """Pixels of no, negative or 200 mm size (clear); borderline: one image of the stack has another pixel size, by a tenth."""
    stack = draft.stack()
    if level == "clear":
        for image in stack:
            image.edit().PixelSpacing = [[0, 0], [-0.5, 0.5], [200, 200]][variant]
    else:
        ds = stack[len(stack) // 2].edit()
        ds.PixelSpacing = [round(float(v) * (1.1, 0.9, 1.25)[variant], 6) for v in ds.PixelSpacing]
    return Expectation("any", GEOMETRY, level)


@fault("position-nonsense", needs={"stack"}, variants=2, bases=3)
def position_nonsense(draft, level, variant):
    """Positions a kilometre away (clear), or of one image shifted sideways by 60 mm (borderline)."""
    stack = draft.stack()
    ds = stack[len(stack) // 2].edit()
    position = [float(v) for v in ds.ImagePositionPatient]
    row = [float(v) for v in ds.ImageOrientationPatient[:3]]
    by = (1e6 if level == "clear" else 60.0) * (1 if variant == 0 else -1)
    ds.ImagePositionPatient = [round(p + by * r, 4) for p, r in zip(position, row)]
    return Expectation("any", GEOMETRY, level)


@fault("matrix-differs", needs={"stack"}, variants=1, bases=4, levels=("clear",))
def matrix_differs(draft, level, variant):
    """One slice of a stack has half the rows and columns, at the same pixel size."""
    from .draft import put_values, stored_values

    stack = draft.stack()
    ds = stack[len(stack) // 2].edit()
    values = stored_values(ds)
    put_values(ds, values[: values.shape[0] // 2, : values.shape[1] // 2])
    return Expectation("any", GEOMETRY, level)
