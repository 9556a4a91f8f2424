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
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))
from daemon import Daemon  # noqa: E402
from idc import descriptor, predictions, real_studies  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description="How fast indexed studies are matched again.")
    parser.add_argument("--studies", type=int, default=1_000_000)
    parser.add_argument("--real", type=int, help="only so many of the real studies; default all")
    parser.add_argument("--binaries", type=Path, default=REPOSITORY / ".build/release")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "priord-rematch")
    return parser.parse_args()


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
