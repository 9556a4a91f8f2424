#!/usr/bin/env python3
"""How soon a person's priors are answered in a region's index. See README.md beside this file.

python3 Benchmarks/priors/run.py [--studies N ...] [--questions N] [--peer-seconds S] [--binaries DIRECTORY]
    [--scratch DIRECTORY] [--keep]
"""

import argparse
import csv
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib
from multiprocessing import Process, Queue
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))
from daemon import Daemon  # noqa: E402
from figures import at_share, load, machine, table  # noqa: E402
from finder import RETURNED, Finder  # noqa: E402
from idc import ACCOMPANYING, descriptor, predictions, real_studies  # noqa: E402
from objects import small_file  # noqa: E402
from plain_http import PlainHTTP  # noqa: E402
from population import Names, persons  # noqa: E402
from servers import DcmQRSCP, OrthancNoDelay, clean_environment  # noqa: E402

LIST = REPOSITORY / "Sources/Catalogue/Resources/zhejiang-imaging-2021.tsv"
STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1"
STUDIES_A_PERSON = 5
CLIENTS, PROCESSES = 16, 4
#: Questions of one client a second. All together ask more than a region's doctors do.
PACE = 10
#: New studies a second, and how many come in one Association.
INGEST, SENT_AT_ONCE = 150, 25
#: What an assessment that found nothing leaves of quality, as far as verdicts read it.
VERDICTS = json.dumps({"completeness": {"verdict": "complete", "evidence": []}, "quality": {"verdict": "pass", "findings": []}})


def arguments():
    parser = argparse.ArgumentParser(description="How soon a person's priors are answered.")
    parser.add_argument("--studies", type=int, nargs="+", default=[100_000, 10_000_000])
    parser.add_argument("--questions", type=int, default=4000, help="of each kind")
    parser.add_argument("--peer-seconds", type=float, default=60, help="for loading each peer; 0 for none")
    parser.add_argument("--binaries", type=Path, default=REPOSITORY / ".build/release")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "priord-priors")
    parser.add_argument("--keep", action="store_true", help="keep the indexes, and use those that are there")
    return parser.parse_args()


# ---- The index -------------------------------------------------------------------------------------------------------


def items():
    """Codes of the list, by DICOM modality."""
    found = {}
    with LIST.open() as lines:
        for line in csv.DictReader(lines, delimiter="\t"):
            for modality in line["dicom_modality"].split("/"):
                found.setdefault(modality, []).append(line["code"])
    return found


def named(records, binaries):
    """Of each record: modalities, code, description; and how many of them the matcher named.

    Trials describe their studies for themselves; what the matcher leaves open gets an item of its modality, the same for
    the same body part and description, so that a person's studies relate as those of a hospital do. Modalities that the
    list does not have stay without.
    """
    distinct, order = {}, []
    for record in records:
        one = descriptor(record) | {"series_descriptions": []}
        text = json.dumps(one, sort_keys=True)
        order.append((distinct.setdefault(text, (len(distinct), one))[0], one))
    answers = predictions(binaries, [one for _, one in distinct.values()])
    codes, found, known = items(), [], 0
    for number, one in order:
        code = (answers[number]["code"] or "").split("+")[0]
        known += bool(code)
        choice = codes.get(one["modality"])
        if not code and choice:
            code = choice[zlib.crc32(f"{one['body_part']} {one['study_description']}".encode()) % len(choice)]
        found.append((sorted(set(one["modalities_in_study"]) - ACCOMPANYING) or ["OT"], code, one["study_description"][:64]))
    return found, known


def fill(database, records, names, count):
    """Studies as assessments would have left them, without objects. Returns what questions are asked about."""
    pick = random.Random(7)
    db = sqlite3.connect(database)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "locking_mode = EXCLUSIVE"):
        db.execute("PRAGMA " + pragma)
    # Rows come in the order of persons; an index that is made afterwards is sorted once.
    tables = "('study', 'studyModality', 'series', 'patient', 'assessment', 'judgedStudy')"
    indexes = db.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name IN {tables}").fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    now, uid, patient, asked = 1_790_000_000_000, 0, 0, []
    studies, modalities, series, patients, assessments = [], [], [], [], []
    shown = time.monotonic()

    def write():
        db.executemany("INSERT INTO patient (id, patientID, issuer, name, birthDate, sex, studyCount) VALUES (?, ?, ?, ?, ?, ?, ?)", patients)
        db.executemany(
            """INSERT INTO study (id, uid, patient, patientID, issuer, patientName, foldedName, birthDate, sex, date, time,
                   accessionNumber, studyID, description, referringPhysicianName, institution, modalities, sourceAETitle,
                   seriesCount, instanceCount, byteCount, state, firstInstanceAt, lastInstanceAt, settledAt, identityDiffers,
                   awaitingAssessment, assessmentVersion, catalogue, code, confidence, completeness, quality)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, 1, 1, 1, 1, ?, ?, ?, 0, 0, 1, ?, ?, ?,
                   'complete', 'pass')""", studies)
        db.executemany("INSERT INTO studyModality (modality, date, time, study) VALUES (?, ?, ?, ?)", modalities)
        db.executemany(
            """INSERT INTO series (id, study, uid, modality, number, description, bodyPart, laterality, protocolName,
                   stationName, instanceCount, byteCount) VALUES (?, ?, ?, ?, 1, ?, '', '', '', '', 1, 1)""", series)
        db.executemany(
            """INSERT INTO assessment (study, version, instanceCount, at, catalogue, code, confidence, completeness, quality, json)
               VALUES (?, 1, 1, ?, ?, ?, ?, 'complete', 'pass', ?)""", assessments)
        for rows in (studies, modalities, series, patients, assessments):
            rows.clear()

    for person in persons(records, count // STUDIES_A_PERSON, STUDIES_A_PERSON):
        if uid >= count:
            break
        birth, folded = f"{person.birth:%Y%m%d}", person.name.lower()
        first = patient + 1
        shares = [sum(1 for *_, i in person.studies if i == n) for n in range(len(person.identities))]
        for (hospital, number), share in zip(person.identities, shares):
            patient += 1
            patients.append((patient, number, f"H{hospital:02}", person.name, birth, person.sex, share))
        newest = None
        for record, day, identity in person.studies:
            uid += 1
            hospital, number = person.identities[identity]
            kinds, code, title = names[record]
            date, clock = f"{day:%Y%m%d}", f"{8 + uid % 10:02}{uid % 60:02}00"
            catalogue, confidence = ("zhejiang-imaging-2021", 0.95) if code else ("", 0)
            studies.append((
                uid, f"2.25.1{uid:011}", first + identity, number, f"H{hospital:02}", person.name, folded, birth, person.sex, date,
                clock, f"A{uid:09}", f"S{uid}", title, f"医院{hospital:02}", "\\".join(kinds), f"AE{hospital:02}", now, now, now,
                catalogue, code, confidence))
            for number_of, kind in enumerate(kinds):
                modalities.append((kind, date, clock, uid))
                if number_of == 0:
                    series.append((uid, uid, f"2.25.2{uid:011}", kind, title))
            assessments.append((uid, now, catalogue, code, confidence, VERDICTS))
            if code and (newest is None or date >= newest[1]):
                newest = (uid, date, code, number, f"H{hospital:02}", len(person.studies), person.name, birth, person.sex)
        if newest and pick.random() < min(1, 60_000 * STUDIES_A_PERSON / count):
            asked.append(newest)
        if len(studies) >= 50_000:
            write()
            if time.monotonic() - shown > 20:
                shown = time.monotonic()
                print(f"  {uid:,} studies", file=sys.stderr, flush=True)
    write()
    # What reports read of verdicts; without it the daemon would write it at its start.
    db.execute("INSERT OR IGNORE INTO station (institution, name) SELECT DISTINCT institution, '' FROM study")
    db.execute(
        """INSERT INTO judgedStudy (study, date, station, quality) SELECT study.id, study.date, station.id, study.quality
               FROM study JOIN station ON station.institution = study.institution AND station.name = ''""")
    db.execute("UPDATE total SET studies = ?, series = ?, instances = ?", (uid, uid, uid))
    for _, sql in indexes:
        db.execute(sql)
    db.commit()
    db.execute("ANALYZE")
    db.commit()
    db.close()
    return asked


# ---- The questions ---------------------------------------------------------------------------------------------------


def by_study(one):
    return f"/api/v1/priors?study=2.25.1{one[0]:011}"


def by_order(one):
    return "/api/v1/priors?" + urllib.parse.urlencode({"patient": one[3], "issuer": one[4], "item": one[2]})


def ask(port, paths, interval, results):
    """One process of clients; each keeps a connection and asks at its pace, or at once when `interval` is 0."""
    def client(own):
        connection = PlainHTTP(port)
        times, found = [], 0
        due = time.perf_counter() + random.random() * interval
        for path in own:
            pause = due - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            due += interval
            start = time.perf_counter()
            status, body = connection.get(path)
            times.append((time.perf_counter() - start) * 1000)
            if status != 200:
                results.put(f"{path}: status {status}: {body[:300]}")
                return
            found += body.count(b'"relation"')
        gathered.append((times, found))

    gathered = []
    threads = [threading.Thread(target=client, args=(paths[n::CLIENTS // PROCESSES],)) for n in range(CLIENTS // PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(gathered)


def times(port, paths, interval):
    """Milliseconds of each question, priors found on average, questions a second."""
    results, all_times, found = Queue(), [], 0
    processes = [Process(target=ask, args=(port, paths[n::PROCESSES], interval, results)) for n in range(PROCESSES)]
    start = time.perf_counter()
    for process in processes:
        process.start()
    for _ in processes:
        result = results.get()
        if isinstance(result, str):
            sys.exit(result)
        for own, count in result:
            all_times += own
            found += count
    for process in processes:
        process.join()
    return all_times, found / len(all_times), len(all_times) / (time.perf_counter() - start)


class Ingest(threading.Thread):
    """Sends INGEST new studies a second, or as many as it can, half of them of persons that are known, until it is stopped."""

    def __init__(self, port, directory, asked):
        super().__init__()
        # Not seeded: in an index that was kept, the same studies would be duplicates.
        self.port, self.directory, self.asked, self.pick = port, directory, asked, random.Random()
        self.names = Names(self.pick)
        self.stopping, self.count, self.began, self.seconds = threading.Event(), 0, time.perf_counter(), 0

    def run(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir()
        while not self.stopping.is_set():
            time.sleep(max(0, self.began + self.count / INGEST - time.perf_counter()))
            files = []
            for _ in range(SENT_AT_ONCE):
                _, _, _, number, issuer, _, name, birth, sex = self.pick.choice(self.asked)
                if self.pick.random() < 0.5:
                    number, name = f"N{self.pick.randrange(10**9):09}", self.names.name()
                files.append(self.directory / f"{len(files)}.dcm")
                small_file(files[-1], f"2.25.3{self.pick.randrange(10**20):020}", number, issuer, name, birth, sex)
            done = subprocess.run(
                ["dcmsend", "-q", "-aec", "PRIORD", "127.0.0.1", str(self.port), *map(str, files)],
                env=clean_environment(TCP_NODELAY="1"))
            if done.returncode:
                sys.exit("a sender failed")
            self.count += len(files)
        self.seconds = time.perf_counter() - self.began

    def stop(self):
        self.stopping.set()
        self.join()


def figure(port, name):
    """One value of /metrics, or None."""
    connection = PlainHTTP(port)
    text = connection.get("/metrics")[1].decode()
    connection.close()
    for line in text.splitlines():
        if line.rpartition(" ")[0] == name:
            return float(line.rpartition(" ")[2])
    return None


def resolution(port):
    """What /metrics says of the last studies."""
    values = (figure(port, f'priord_person_resolution_seconds{{quantile="{share}"}}') for share in ("0.5", "0.99"))
    return " and ".join(f"{value * 1000:.1f} ms ({name})" for value, name in zip(values, ("p50", "p99")) if value is not None)


def row(name, values, found="", rate=""):
    return [name, *(f"{at_share(values, share):.2f}" for share in (0.5, 0.95, 0.99)), f"{max(values):.1f}", found, rate]


# ---- The peers -------------------------------------------------------------------------------------------------------


def load_peer(server, directory, asked, seconds, limit):
    """Sends one study of each person until time is up. Returns the Patient IDs it has."""
    sent, end = [], time.monotonic() + seconds
    while time.monotonic() < end and len(sent) < limit:
        files = []
        for one in asked[len(sent):len(sent) + min(200, limit - len(sent))]:
            files.append(directory / f"{len(files)}.dcm")
            small_file(files[-1], f"2.25.1{one[0]:011}", one[3], one[4], *one[6:9])
        if not files:
            break
        done = subprocess.run(
            ["dcmsend", "-q", "-aec", server.called, "127.0.0.1", str(server.port), *map(str, files)],
            env=clean_environment(TCP_NODELAY="1"))
        if done.returncode:
            sys.exit(f"{server.name} did not take what it was sent")
        sent += asked[len(sent):len(sent) + len(files)]
    return sent


def compare(port, options, asked, priord_name):
    """priord's priors beside each peer's study query, in turns, for the same patients."""
    rows = []
    for kind, limit in ((OrthancNoDelay, 10**9), (DcmQRSCP, 450)):
        directory = options.scratch / kind.__name__
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        server = kind(directory)
        server.start()
        try:
            patients = load_peer(server, directory, asked, options.peer_seconds, limit)
            finder = Finder(server.port, STUDY_ROOT, server.called)
            connection = PlainHTTP(port)
            theirs, ours, pick = [], [], random.Random(8)
            for _ in range(min(500, options.questions)):
                one = pick.choice(patients)
                start = time.perf_counter()
                matches = finder.find("STUDY", RETURNED | {(0x0010, 0x0020): one[3]})
                theirs.append((time.perf_counter() - start) * 1000)
                if not matches:
                    sys.exit(f"{server.name} has lost a study")
                start = time.perf_counter()
                connection.get(by_study(one))
                ours.append((time.perf_counter() - start) * 1000)
            finder.close()
            connection.close()
            median, other = at_share(ours, 0.5), at_share(theirs, 0.5)
            rows.append([f"{server.name}, {len(patients):,} studies", f"{other:.2f}", f"{median:.2f}", f"{other / median:.2f}"])
        finally:
            server.remove()
    print(table([f"study query of a patient ({priord_name})", "its median ms", "priord's priors ms", "ratio"], rows), flush=True)


def main():
    options = arguments()
    options.scratch.mkdir(parents=True, exist_ok=True)
    print("\n".join(f"# {name}: {value}" for name, value in machine().items()), flush=True)
    records = real_studies(options.scratch)
    names, known = named(records, options.binaries)
    coded = sum(1 for _, code, _ in names if code)
    print(f"# {len(records):,} real studies: {known:,} named by the matcher, {coded - known:,} by modality and body part", flush=True)
    worst = {}
    for count in options.studies:
        directory = options.scratch / f"{count}"
        data, known = directory / "data", directory / "asked.json"
        if not (options.keep and known.exists()):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            Daemon(options.binaries, data).stop()
            start = time.monotonic()
            asked = fill(data / "index.sqlite", records, names, count)
            print(f"# {count:,} studies written in {time.monotonic() - start:.0f} s", flush=True)
            known.write_text(json.dumps(asked))
        asked = json.loads(known.read_text())
        start = time.monotonic()
        daemon = Daemon(options.binaries, data)
        ingest = None
        try:
            while figure(daemon.http_port, "priord_persons_unresolved_studies"):
                time.sleep(1)
            resolved = time.monotonic() - start
            size = (data / "index.sqlite").stat().st_size / 1e9
            print(f"# {count:,} studies, {figure(daemon.http_port, 'priord_persons'):,.0f} persons, index {size:.2f} GB; "
                  f"resolved in {resolved:.0f} s; load {load()}", flush=True)
            pick = random.Random(9)
            chosen = [pick.choice(asked) for _ in range(options.questions)]
            many = max(asked, key=lambda one: one[5])
            rows = []
            for kind, path in (("of a study", by_study), ("of a person and item", by_order)):
                times(daemon.http_port, [path(one) for one in chosen[:400]], 0)
            ingest = Ingest(daemon.port, directory / "sent", asked)
            ingest.start()
            for pace, name in ((1 / PACE, "paced"), (0, "as fast as they can")):
                for kind, path in (("of a study", by_study), ("of a person and item", by_order)):
                    values, found, rate = times(daemon.http_port, [path(one) for one in chosen], pace)
                    if pace:
                        worst.setdefault(kind, {})[count] = at_share(values, 0.99)
                    rows.append(row(f"priors {kind}, {name}", values, f"{found:.1f}", f"{rate:.0f}"))
                print(f"# the last 1,000 new studies are given to their persons in {resolution(daemon.http_port)}, {name}", flush=True)
            if many[5] >= 1000:
                values, found, rate = times(daemon.http_port, [by_study(many)] * 100, 1 / PACE)
                rows.append(row(f"priors of a person with {many[5]:,} studies, paced", values, f"{found:.1f}", f"{rate:.0f}"))
            ingest.stop()
            print(table([f"{count:,} studies, 16 clients", "p50 ms", "p95", "p99", "max", "priors", "a second"], rows), flush=True)
            print(f"# {ingest.count} new studies were taken in meanwhile, {ingest.count / ingest.seconds:.0f} a second; "
                  f"memory {daemon.memory('VmRSS'):.0f} MB, at most {daemon.memory('VmHWM'):.0f} MB", flush=True)
            if options.peer_seconds and count == max(options.studies):
                compare(daemon.http_port, options, asked, f"priord with {count:,} studies")
        finally:
            if ingest and ingest.is_alive():
                ingest.stop()
            daemon.stop()
        if not options.keep:
            shutil.rmtree(directory)
    if len(options.studies) > 1:
        for kind, values in worst.items():
            least, most = min(values), max(values)
            print(f"# priors {kind}: p99 at {most:,} studies is {values[most] / values[least]:.2f} of that at {least:,}")


if __name__ == "__main__":
    main()
