#!/usr/bin/env python3
"""How soon a query is answered to its last match, with many studies indexed. See README.md beside this file.

python3 Benchmarks/query/run.py [--studies N] [--queries N] [--binaries DIRECTORY] [--scratch DIRECTORY] [--keep]
"""

import argparse
import http.client
import random
import shutil
import sqlite3
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))
from daemon import Daemon  # noqa: E402
from figures import at_share, load  # noqa: E402
from finder import RETURNED, Finder  # noqa: E402

STUDY_ROOT, PATIENT_ROOT = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.1.1"


def arguments():
    parser = argparse.ArgumentParser(description="How soon a query is answered.")
    parser.add_argument("--studies", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300, help="of each kind")
    parser.add_argument("--binaries", type=Path, default=REPOSITORY / ".build/release")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "priord-query")
    parser.add_argument("--keep", action="store_true", help="keep the index for the next run, and use one that is there")
    return parser.parse_args()


# ---- The index ------------------------------------------------------------------------------------------------------

CHINESE = [("Wang", "王"), ("Li", "李"), ("Zhang", "张"), ("Liu", "刘"), ("Chen", "陈"), ("Yang", "杨"), ("Zhao", "赵"),
           ("Huang", "黄"), ("Zhou", "周"), ("Wu", "吴"), ("Xu", "徐"), ("Sun", "孙")]
GIVEN = [("Xiao", "小"), ("Dong", "东"), ("Mei", "梅"), ("Hua", "华"), ("Jian", "建"), ("Guo", "国"), ("Li", "丽"),
         ("Qiang", "强"), ("Fang", "芳"), ("Min", "敏"), ("Jing", "静"), ("Wei", "伟"), ("Jun", "军"), ("Yan", "艳"),
         ("Ping", "平"), ("Gang", "刚"), ("Ying", "英"), ("Bo", "波"), ("Hui", "慧"), ("Tao", "涛")]
VIETNAMESE = ["Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"]
MIDDLE = ["Văn", "Thị", "Hữu", "Đức", "Minh", "Quang", "Ngọc", "Thanh"]
LAST = ["An", "Bình", "Châu", "Dũng", "Đức", "Giang", "Hà", "Hùng", "Khánh", "Lan", "Linh", "Long", "Mai", "Nam", "Phúc",
        "Quân", "Sơn", "Thảo", "Trang", "Tuấn", "Vinh", "Yến"]
DESCRIPTIONS = {"CT": ["胸部CT平扫", "头颅CT平扫", "CT ABDOMEN WITH CONTRAST", "Chụp CLVT sọ não"], "MR": ["头颅MR平扫", "MRI KNEE LEFT"],
                "DX": ["胸部正侧位", "CHEST PA AND LATERAL", "Chụp X-quang ngực thẳng"], "US": ["腹部超声"], "XA": ["冠状动脉造影"]}
CLASSES = {"CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4", "DX": "1.2.840.10008.5.1.4.1.1.1.1",
           "US": "1.2.840.10008.5.1.4.1.1.6.1", "XA": "1.2.840.10008.5.1.4.1.1.12.1"}
MODALITIES = ["DX"] * 9 + ["CT"] * 6 + ["MR"] * 2 + ["US"] * 2 + ["XA"]


def fold(text):
    letters = [c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn"]
    return unicodedata.normalize("NFC", "".join(letters).replace("đ", "d").replace("Đ", "D").lower())


def pairs(text):
    return " ".join(sorted({a + b for a, b in zip(text, text[1:]) if min(a, b) >= "\u4e00" and max(a, b) <= "\u9fff"}))


def person(pick):
    if pick.random() < 0.5:
        family, given = pick.choice(CHINESE), [pick.choice(GIVEN) for _ in range(pick.randint(1, 2))]
        return f"{family[0]}^{''.join(g[0] for g in given)}={family[1]}^{''.join(g[1] for g in given)}"
    return f"{pick.choice(VIETNAMESE)}^{pick.choice(MIDDLE)} {pick.choice(LAST)}"


def fill(database, count):
    """Studies as assessments would have left them: three a patient on average, two series each, ten years."""
    pick = random.Random(5)
    db = sqlite3.connect(database)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    patients = count // 3 + 1
    names = [person(pick) for _ in range(patients)]
    now, batch, ordinal = 1_790_000_000_000, 20_000, 0
    shown = time.monotonic()
    db.executemany(
        "INSERT INTO patient (id, patientID, issuer, name, birthDate, sex, studyCount) VALUES (?, ?, 'H', ?, ?, ?, 3)",
        ((i + 1, f"P{i:07}", names[i], f"19{i % 90 + 10}0102", "FM"[i % 2]) for i in range(patients)))
    for start in range(1, count + 1, batch):
        studies, modalities, series, instances, texts, trigrams, twos = [], [], [], [], [], [], []
        for number in range(start, min(start + batch, count + 1)):
            patient = pick.randrange(patients)
            name, modality = names[patient], pick.choice(MODALITIES)
            date = f"{pick.randint(2017, 2026)}{pick.randint(1, 12):02}{pick.randint(1, 28):02}"
            moment = f"{pick.randint(7, 19):02}{pick.randint(0, 59):02}{pick.randint(0, 59):02}"
            title, hospital = pick.choice(DESCRIPTIONS[modality]), f"医院{number % 40}"
            uid = f"1.2.826.0.1.3680043.10.511.3.{number}"
            studies.append((
                number, uid, patient + 1, f"P{patient:07}", "H", name, fold(name), f"19{patient % 90 + 10}0102",
                "FM"[patient % 2], date, moment, f"A{number:08}", f"S{number}", title, hospital, modality,
                f"AE{number % 200}", now, now, now))
            modalities.append((modality, date, moment, number))
            for one in range(2):
                row = 2 * number + one
                series.append((row, number, f"{uid}.{one}", modality, one + 1, title))
                ordinal += 1
                instances.append((ordinal, f"{uid}.{one}.1", row, CLASSES[modality], bytes(32), now))
            text = " ".join(fold(part) for part in [name.replace("^", " ").replace("=", " "), f"P{patient:07}", f"A{number:08}",
                                                    title, hospital])
            texts.append((number, text))
            trigrams.append((number, text))
            twos.append((number, pairs(text)))
        db.executemany(
            """INSERT INTO study (id, uid, patient, patientID, issuer, patientName, foldedName, birthDate, sex, date, time,
                   accessionNumber, studyID, description, referringPhysicianName, institution, modalities, sourceAETitle,
                   seriesCount, instanceCount, byteCount, state, firstInstanceAt, lastInstanceAt, settledAt, identityDiffers,
                   awaitingAssessment, assessmentVersion, catalogue, code, confidence, completeness, quality)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, 2, 2, 1, 1, ?, ?, ?, 0, 0, 1, '', '', 0,
                   'unknown', 'pass')""", studies)
        db.executemany("INSERT INTO studyModality (modality, date, time, study) VALUES (?, ?, ?, ?)", modalities)
        db.executemany(
            """INSERT INTO series (id, study, uid, modality, number, description, bodyPart, laterality, protocolName,
                   stationName, instanceCount, byteCount) VALUES (?, ?, ?, ?, ?, ?, '', '', '', '', 1, 1)""", series)
        db.executemany(
            """INSERT INTO instance (ordinal, uid, series, sopClass, transferSyntax, digest, byteCount, dataSetOffset, number,
                   viewPosition, callingAETitle, host, receivedAt)
               VALUES (?, ?, ?, ?, '1.2.840.10008.1.2.1', ?, 1, 1, 1, '', 'M', '', ?)""", instances)
        db.executemany("INSERT INTO studyText (study, text) VALUES (?, ?)", texts)
        db.executemany("INSERT INTO studySearch (rowid, text) VALUES (?, ?)", trigrams)
        db.executemany("INSERT INTO studyPairs (rowid, text) VALUES (?, ?)", twos)
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(f"  {start:,} studies", file=sys.stderr, flush=True)
    db.execute("UPDATE total SET studies = ?, series = ?, instances = ?", (count, 2 * count, ordinal))
    db.commit()
    db.close()


# ---- Questions --------------------------------------------------------------------------------------------------------


def kinds(count):
    """Name, SOP Class, level and a maker of keys."""
    pick = random.Random(9)
    def day():
        return f"{pick.randint(2017, 2026)}{pick.randint(1, 12):02}{pick.randint(1, 28):02}"
    def patient():
        return f"P{pick.randrange(count // 3):07}"
    def study():
        return f"1.2.826.0.1.3680043.10.511.3.{pick.randint(1, count)}"
    series = {(0x0020, 0x000E): "", (0x0008, 0x0060): "", (0x0020, 0x0011): "", (0x0020, 0x1209): ""}
    return [
        ("patient ID", STUDY_ROOT, "STUDY", lambda: RETURNED | {(0x0010, 0x0020): patient()}),
        ("patient ID, PATIENT level", PATIENT_ROOT, "PATIENT",
         lambda: {(0x0010, 0x0010): "", (0x0010, 0x0020): patient(), (0x0020, 0x1200): ""}),
        ("accession number", STUDY_ROOT, "STUDY", lambda: RETURNED | {(0x0008, 0x0050): f"A{pick.randint(1, count):08}"}),
        ("series of a study", STUDY_ROOT, "SERIES", lambda: series | {(0x0020, 0x000D): study()}),
        ("instances of a series", STUDY_ROOT, "IMAGE",
         lambda: {(0x0008, 0x0018): "", (0x0020, 0x0013): "", (0x0020, 0x000E): study() + ".1"}),
        ("day", STUDY_ROOT, "STUDY", lambda: RETURNED | {(0x0008, 0x0020): day()}),
        ("day and modality", STUDY_ROOT, "STUDY",
         lambda: RETURNED | {(0x0008, 0x0020): day(), (0x0008, 0x0061): pick.choice(["CT", "DX", "MR"])}),
        ("name, Chinese", STUDY_ROOT, "STUDY",
         lambda: RETURNED | {(0x0010, 0x0010): "{1}^{3}{5}".format(*pick.choice(CHINESE), *pick.choice(GIVEN), *pick.choice(GIVEN)),
                             (0x0008, 0x0020): day() + "-"}),
        ("name and a day", STUDY_ROOT, "STUDY",
         lambda: RETURNED | {(0x0010, 0x0010): "nguyen*", (0x0008, 0x0020): day()}),
        ("description and a day", STUDY_ROOT, "STUDY",
         lambda: RETURNED | {(0x0008, 0x1030): "*CT*", (0x0008, 0x0020): day()}),
        ("part of a description", STUDY_ROOT, "STUDY", lambda: RETURNED | {(0x0008, 0x1030): "*nothing such*"}),
    ]


def searches(count):
    """Name and a maker of paths, for QIDO-RS."""
    pick = random.Random(9)
    def day():
        return f"{pick.randint(2017, 2026)}{pick.randint(1, 12):02}{pick.randint(1, 28):02}"
    return [
        ("QIDO-RS, patient ID", lambda: f"studies?PatientID=P{pick.randrange(count // 3):07}"),
        ("QIDO-RS, 100 of a day", lambda: f"studies?StudyDate={day()}&limit=100"),
        ("QIDO-RS, 100 of a modality", lambda: f"studies?ModalitiesInStudy=CT&limit=100&offset={pick.randrange(5) * 100}"),
    ]


def measure_web(port, count, queries):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for name, path in searches(count):
        times, matches = [], 0
        for _ in range(queries):
            target = "/dicomweb/" + path()
            start = time.perf_counter()
            connection.request("GET", target, headers={"Accept": "application/dicom+json"})
            answer = connection.getresponse()
            body = answer.read()
            times.append((time.perf_counter() - start) * 1000)
            if answer.status != 200:
                sys.exit(f"status {answer.status}: {body[:300]}")
            matches += body.count(b'"0020000D"')
        at = [at_share(times, share) for share in (0.5, 0.95, 0.99)]
        print(f"{name}\t{matches / queries:.0f}\t" + "\t".join(f"{value:.1f}" for value in at), flush=True)
    connection.close()


def measure(port, count, queries):
    print("query\tmatches\tp50 ms\tp95 ms\tp99 ms")
    for name, sop_class, level, keys in kinds(count):
        peer = Finder(port, sop_class)
        times, matches = [], 0
        for _ in range(queries):
            identifier = keys()
            start = time.perf_counter()
            matches += peer.find(level, identifier)
            times.append((time.perf_counter() - start) * 1000)
        peer.close()
        at = [at_share(times, share) for share in (0.5, 0.95, 0.99)]
        print(f"{name}\t{matches / queries:.0f}\t" + "\t".join(f"{value:.1f}" for value in at), flush=True)


def main():
    options = arguments()
    options.scratch.mkdir(parents=True, exist_ok=True)
    directory = options.scratch / f"{options.studies}"
    data = directory / "data"
    if not (options.keep and (directory / "filled").exists()):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        Daemon(options.binaries, data).stop()
        fill(data / "index.sqlite", options.studies)
        (directory / "filled").touch()
    daemon = Daemon(options.binaries, data)
    try:
        before = daemon.memory("VmRSS")
        print(f"# load average {load()}; {options.studies:,} studies, index {(data / 'index.sqlite').stat().st_size / 1e9:.2f} GB")
        measure(daemon.port, options.studies, options.queries)
        measure_web(daemon.http_port, options.studies, options.queries)
        peer = Finder(daemon.port, STUDY_ROOT)
        for pattern in ("*头颅*", "*ABDOMEN*", "*zz*"):
            start = time.perf_counter()
            found = peer.find("STUDY", {(0x0020, 0x000D): "", (0x0008, 0x1030): pattern})
            print(f"# {pattern} in every study: {found} matches in {time.perf_counter() - start:.1f} s")
        peer.close()
        print(f"# memory {before:.0f} MB before, {daemon.memory('VmHWM'):.0f} MB at most")
    finally:
        daemon.stop()
    if not options.keep:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
