"""The manifest: every study with what priord is expected to say of it."""

import json

from pydicom.uid import UID


def _verdict(expected, words):
    entry = {"verdict": expected.verdict, "rule": expected.rule}
    if expected.detail is not None:
        entry[words] = expected.detail
    return entry


def _priors(study, studies):
    """Earlier studies of the same identity (issuer + Patient ID) and code, newest first."""
    same = [
        s
        for s in studies
        if study.code
        and s.code == study.code
        and s.date < study.date
        and (s.person.issuer, s.person.patient_id) == (study.person.issuer, study.person.patient_id)
    ]
    return [s.uid for s in sorted(same, key=lambda s: s.date, reverse=True)]


def _entry(study, studies, files):
    return {
        "folder": "studies/" + study.folder,
        "shows": study.shows,
        "studyInstanceUID": study.uid,
        "studyDate": study.date,
        "studyDescription": study.description,
        "institution": study.institution.name,
        "issuer": study.person.issuer,
        "patientID": study.person.patient_id,
        "patientName": study.person.name,
        "specificCharacterSet": study.institution.character_set,
        "transferSyntax": {"uid": str(study.syntax), "name": UID(study.syntax).name},
        "files": files,
        "expected": {
            "modality": study.modality,
            "code": study.code,
            "candidates": list(study.candidates),
            "otherMatches": [{"catalogue": c, "no": n} for c, n in study.other_matches],
            "completeness": _verdict(study.completeness, "missing"),
            "quality": _verdict(study.quality, "found"),
            "priors": _priors(study, studies),
        },
    }


def text(studies, files) -> str:
    """`files` maps a folder to the number of its files."""
    document = {
        "catalogue": "zhejiang-imaging-2021",
        "studies": [_entry(s, studies, files[s.folder]) for s in studies],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
