"""What describes one study before it becomes data sets."""

from dataclasses import dataclass, field

from .identifiers import uid
from .people import Institution, Person


@dataclass
class Series:
    """A series and its images: pairs of (attributes, pixels), in Instance Number order.

    `numbers` are the Instance Numbers received; `announced` is (0020,1209), `announced_in_acquisition` (0020,1002).
    """

    modality: str
    description: str
    body_part: str
    images: list
    numbers: list | None = None
    protocol: str = ""
    laterality: str | None = None
    patient_position: str | None = None
    announced: int | None = None
    announced_in_acquisition: int | None = None


@dataclass(frozen=True)
class Expected:
    """A verdict, the rule that decides it (None: no rule does), and what is missing or found."""

    verdict: str
    rule: str | None = None
    detail: object = None


COMPLETE_VIEWS = Expected("complete", "missing-view")
COMPLETE_COUNT = Expected("complete", "announced-count")
UNKNOWN = Expected("unknown")
PASS = Expected("pass")


@dataclass(frozen=True)
class Study:
    """One study: who, where, when, what, and what priord must say of it."""

    folder: str
    person: Person
    institution: Institution
    date: str
    time: str
    description: str
    modality: str
    syntax: str
    content: object
    shows: str
    code: str | None = None
    # What a person would be offered when `code` is None for good reasons.
    candidates: tuple = ()
    completeness: Expected = UNKNOWN
    quality: Expected = PASS
    # Matches in other catalogues: (catalogue, number).
    other_matches: tuple = ()
    # (0020,1208), in every instance.
    announced: int | None = None
    # Less than 1: so much of the uncompressed Pixel Data is kept.
    kept_pixel_fraction: float = 1.0
    uid: str = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "uid", uid("study " + self.folder))
