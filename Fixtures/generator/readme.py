"""The table of studies inside README.md, kept in step with studies.py."""

BEGIN, END = "<!-- table: written by generate.py -->\n", "<!-- end of table -->\n"

_SYNTAX_NAMES = {
    "1.2.840.10008.1.2": "implicit LE",
    "1.2.840.10008.1.2.1": "explicit LE",
    "1.2.840.10008.1.2.2": "explicit BE",
    "1.2.840.10008.1.2.1.99": "deflated",
    "1.2.840.10008.1.2.5": "RLE",
    "1.2.840.10008.1.2.4.70": "JPEG lossless",
    "1.2.840.10008.1.2.4.50": "JPEG baseline",
    "1.2.840.10008.1.2.4.80": "JPEG-LS",
    "1.2.840.10008.1.2.4.90": "JPEG 2000",
}


def _row(study, files):
    character_set = study.institution.character_set
    cells = [
        study.folder,
        f"{study.person.key}, {study.institution.key}",
        study.date,
        study.description,
        study.code or "none",
        f"{_SYNTAX_NAMES[str(study.syntax)]}, {character_set if isinstance(character_set, str) else character_set[-1]}",
        str(files[study.folder]),
        study.shows,
    ]
    return "| " + " | ".join(cells) + " |\n"


def with_table(text, studies, files) -> str:
    """`text` with everything between the two marks replaced."""
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    table = "| folder | who, where | date | description | code | encoding | files | shows |\n|---|---|---|---|---|---|---|---|\n"
    return head + BEGIN + table + "".join(_row(s, files) for s in studies) + END + tail
