#!/usr/bin/env python3
"""How fast indexed studies are matched again. See README.md beside this file.

python3 Benchmarks/rematch/run.py [--studies N] [--real N] [--binaries DIRECTORY] [--scratch DIRECTORY]
"""

import argparse
import hashlib
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))
from daemon import Daemon  # noqa: E402

PACKAGE = "idc-index-data"

EXTRACT = """
import json, sys
from collections import defaultdict
import pandas
from idc_index_data import IDC_INDEX_PARQUET_FILEPATH as path
columns = ["StudyInstanceUID", "Modality", "StudyDescription", "SeriesDescription", "BodyPartExamined"]
index = pandas.read_parquet(path, columns=columns).fillna("")
studies = defaultdict(lambda: {"modalities": [], "series": [], "body": "", "description": ""})
for uid, modality, description, series, body in index.itertuples(index=False):
    study = studies[uid]
    if modality not in study["modalities"]: study["modalities"].append(modality)
    if series and series not in study["series"]: study["series"].append(series)
    study["body"] = study["body"] or body
    study["description"] = study["description"] or description
with open(sys.argv[1], "w") as out:
    for uid in sorted(studies):
        out.write(json.dumps(studies[uid], ensure_ascii=False) + "\\n")
"""

ACCOMPANYING = {"SR", "PR", "KO", "DOC", "SEG", "REG", "AU", "ECG"}


def arguments():
    parser = argparse.ArgumentParser(description="How fast indexed studies are matched again.")
    parser.add_argument("--studies", type=int, default=1_000_000)
    parser.add_argument("--real", type=int, help="only so many of the real studies; default all")
    parser.add_argument("--binaries", type=Path, default=REPOSITORY / ".build/release")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "priord-rematch")
    return parser.parse_args()


def real_studies(scratch):
    """The study level of the public index, one record a study."""
    records = scratch / "studies.jsonl"
    if not records.exists():
        environment = scratch / "venv"
        if not (environment / "bin/python").exists():
            venv.create(environment, with_pip=True)
        python = str(environment / "bin/python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE, "pandas", "pyarrow"], check=True)
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
    done = subprocess.run([binaries / "priorctl", "map", "--jsonl"], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def named(answer):
    """Everything a study was named, as the index keeps it: items first, then procedures and techniques."""
    names = [f"zhejiang-imaging-2021/{code}" for code in (answer["code"] or "").split("+") if code]
    names += [f"vietnam-25qd-byt-2014/{number}" for number in answer["vn_no"] or []]
    names += [f"cn-interventional-2019/{one['domain'][0].upper()}{one['level']}-{one['item']:02}" for one in answer["cn_items"] or []]
    return "+".join(names)


def fill(database, count, records, answers):
    """Studies of invented patients and dates, each with the descriptor of a real one and a published assessment."""
    pick = random.Random(1)
    db = sqlite3.connect(database)
    db.execute("PRAGMA journal_mode = MEMORY")
    db.execute("PRAGMA synchronous = OFF")
    distinct, outcomes, of_record = {}, {}, []
    for record, answer in zip(records, answers):
        text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        title = record["study_description"]
        folded = " ".join(unicodedata.normalize("NFKC", title).lower().split())
        modality = "+".join(sorted(set(record["modalities_in_study"])))
        if text not in distinct:
            distinct[text] = len(distinct) + 1
            db.execute("INSERT INTO descriptor (id, digest, description, modality, label, json) VALUES (?, ?, ?, ?, ?, ?)",
                       (distinct[text], hashlib.sha256(text.encode()).digest(), folded, modality, title, text))
        outcome = named(answer)
        if outcome not in outcomes:
            outcomes[outcome] = len(outcomes) + 1
            db.execute("INSERT INTO outcome (id, text) VALUES (?, ?)", (outcomes[outcome], outcome))
        of_record.append((distinct[text], outcomes[outcome], (answer["code"] or "").split("+")[0], modality, title))
    now = 1_790_000_000_000
    for number in range(1, count + 1):
        descriptor_id, outcome, code, modality, title = of_record[number % len(of_record)]
        date = f"{pick.randint(2018, 2026)}{pick.randint(1, 12):02}{pick.randint(1, 28):02}"
        db.execute(
            """INSERT INTO study (id, uid, patientID, issuer, patientName, foldedName, birthDate, sex, date, time,
                   accessionNumber, studyID, description, referringPhysicianName, institution, modalities,
                   sourceAETitle, seriesCount, instanceCount, byteCount, state, firstInstanceAt, lastInstanceAt,
                   settledAt, identityDiffers, awaitingAssessment, assessmentVersion, catalogue, code, confidence,
                   completeness, quality, descriptor, outcome, awaitsReview)
               VALUES (?, ?, ?, 'H', '', '', '', '', ?, '', '', '', ?, '', ?, ?, ?, 1, 1, 1, 1, ?, ?, ?, 0, 0, 1, ?, ?, ?,
                   'unknown', 'pass', ?, ?, ?)""",
            (number, f"2.25.{number}", f"P{pick.randint(1, count)}", date, title, f"Hospital {number % 40}",
             modality.replace("+", "\\"), f"AE{number % 200}", now, now, now,
             "zhejiang-imaging-2021" if code else "", code, 0.9 if code else 0, descriptor_id, outcome,
             0 if code else 1))
    db.execute("UPDATE total SET studies = ?", (count,))
    db.commit()
    db.execute("ANALYZE")
    db.commit()
    db.close()
    return len(distinct)


def main():
    options = arguments()
    options.scratch.mkdir(parents=True, exist_ok=True)
    records = [descriptor(study) for study in real_studies(options.scratch)[:options.real]]
    with tempfile.TemporaryDirectory(dir=options.scratch) as directory:
        data = Path(directory) / "data"
        Daemon(options.binaries, data).stop()
        distinct = fill(data / "index.sqlite", options.studies, records, predictions(options.binaries, records))
        print(f"studies\t{options.studies}\nreal_studies\t{len(records)}\ndistinct_descriptors\t{distinct}", flush=True)
        daemon = Daemon(options.binaries, data)
        try:
            before = daemon.memory("VmRSS")
            for name, command in [("remap_dry_run", ["remap", "--dry-run"]), ("review_list", ["review", "list"])]:
                start = time.monotonic()
                done = subprocess.run(
                    [options.binaries / "priorctl", *command, "--json", "--data-dir", data], stdout=subprocess.PIPE, check=True)
                seconds = time.monotonic() - start
                print(f"{name}_seconds\t{seconds:.1f}")
                if name == "remap_dry_run":
                    answer = json.loads(done.stdout)
                    print(f"studies_per_second\t{answer['studyCount'] / seconds:.0f}")
                    print(f"described\t{answer['descriptionCount']}\nchanged\t{answer['changedCount']}")
            print(f"memory_before_mb\t{before:.0f}\npeak_memory_mb\t{daemon.memory('VmHWM'):.0f}")
        finally:
            daemon.stop()


if __name__ == "__main__":
    main()
