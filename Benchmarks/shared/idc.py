"""The studies of the Imaging Data Commons, as the package `idc-index-data` lists them: real descriptions, no patients' names."""

import json
import subprocess
import venv
from pathlib import Path

PACKAGES = ["idc-index-data", "pandas", "pyarrow"]

EXTRACT = """
import json, sys
from collections import defaultdict
import pandas
from idc_index_data import IDC_INDEX_PARQUET_FILEPATH as path
columns = ["StudyInstanceUID", "Modality", "StudyDescription", "SeriesDescription", "BodyPartExamined", "collection_id",
           "PatientID", "PatientSex", "StudyDate"]
index = pandas.read_parquet(path, columns=columns).fillna("")
studies = defaultdict(lambda: {"modalities": [], "series": [], "body": "", "description": ""})
for uid, modality, description, series, body, collection, patient, sex, date in index.itertuples(index=False):
    study = studies[uid]
    if modality not in study["modalities"]: study["modalities"].append(modality)
    if series and series not in study["series"]: study["series"].append(series)
    study["body"] = study["body"] or body
    study["description"] = study["description"] or description
    study["patient"], study["sex"], study["date"] = f"{collection}/{patient}", sex, str(date)
with open(sys.argv[1], "w") as out:
    for uid in sorted(studies):
        out.write(json.dumps(studies[uid], ensure_ascii=False) + "\\n")
"""

ACCOMPANYING = {"SR", "PR", "KO", "DOC", "SEG", "REG", "AU", "ECG"}


def real_studies(scratch):
    """The study level of the public index, one record a study; installs the package below `scratch` the first time."""
    records = scratch / "studies-of-patients.jsonl"
    if not records.exists():
        environment = scratch / "venv"
        if not (environment / "bin/python").exists():
            venv.create(environment, with_pip=True)
        python = str(environment / "bin/python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        part = records.with_suffix(".part")
        subprocess.run([python, "-c", EXTRACT, str(part)], check=True)
        part.rename(records)
    with records.open() as lines:
        return [json.loads(line) for line in lines]


def descriptor(study):
    """As the daemon keeps it: the keys of `priorctl map --jsonl`."""
    modalities = [m for m in study["modalities"] if m not in ACCOMPANYING] or study["modalities"]
    return {
        "modality": modalities[0] if modalities else "", "modalities_in_study": modalities,
        "study_description": study["description"], "series_descriptions": study["series"], "body_part": study["body"],
    }


def predictions(binaries, records):
    """What the rules say, so that the index holds what an assessment would have left there."""
    text = "".join(json.dumps(dict(record, id=str(i)), ensure_ascii=False) + "\n" for i, record in enumerate(records))
    done = subprocess.run(
        [Path(binaries) / "priorctl", "map", "--jsonl"], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
