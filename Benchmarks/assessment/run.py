"""What an assessment costs on one core, beside a pure decode of the same files by us and by DCMTK, and the worker's memory.

    python3 run.py [--rounds N] [--only PREFIX …] [--python PYTHON] [--keep DIR] [--no-hostile]

Times are processor time (the judging process and its pixel worker), so that a busy machine falsifies little; --wall adds the
time on the clock, where a worker at its nice value waits for others. The programs take turns within a round; medians are
printed. PYTHON needs the packages of requirements.txt and Debian's `dcmtk`: it makes the images.
"""

import argparse
import copy
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Target in milliseconds for one image, or for the study.
SETS = {
    "CT 512 x 512": ("ct", 8.0, "image"),
    "DX 3000 x 2500": ("dx", 150.0, "image"),
    "CT study of 500": ("study", 5000.0, "study"),
}
SYNTAXES = [
    "explicit", "implicit", "big-endian", "deflated", "rle", "jpeg-baseline", "jpeg-extended", "jpeg-lossless", "jpeg-ls",
    "jpeg-2000",
]
# Syntaxes of the whole study: the usual one and the slowest two.
STUDY_SYNTAXES = ["explicit", "jpeg-ls", "jpeg-2000"]
MEMORY_LIMIT = 512 << 20


def make(root):
    """Writes the sets; run by the Python that has pydicom."""
    sys.path.insert(0, str(HERE))
    import numpy as np
    from cases import encode, radiographs
    from cases.draft import EXPLICIT, new_uid, put_values, stored_values, write
    from pydicom import dcmread
    from scipy import ndimage

    lossless = dict(zip([s for s in SYNTAXES if s not in LOSSY], [EXPLICIT, *encode.SYNTAXES]))
    fixture = HERE.parents[1] / "Fixtures/studies/14-ct-head"
    sources = {}

    def slice_of(index, count):
        place = index * 16 // count
        if place not in sources:
            ds = dcmread(sorted(fixture.glob("*.dcm"))[place])
            sources[place] = ds, ndimage.zoom(stored_values(ds).astype(float), 512 / ds.Rows, order=1)
        ds, values = copy.deepcopy(sources[place][0]), sources[place][1]
        values = values + np.random.default_rng(index).normal(0, 6, values.shape)
        ds.file_meta.TransferSyntaxUID = EXPLICIT
        ds.BitsStored, ds.HighBit = 12, 11
        put_values(ds, np.clip(values, 0, 4095))
        ds.PixelSpacing = [0.45, 0.45]
        ds.SOPInstanceUID, ds.InstanceNumber = new_uid(f"cost {count} {index}"), index + 1
        ds.ImagePositionPatient, ds.SliceThickness = [-115, -115, round(0.3 * index, 2)], 0.6
        for keyword in ("NumberOfSeriesRelatedInstances", "SpacingBetweenSlices", "SliceLocation"):
            if keyword in ds:
                delattr(ds, keyword)
        return ds

    def lossy(kind):
        """DCT, which only dcmcjpeg makes here; extended keeps the 12 bits, baseline has 8."""
        for name, option in LOSSY.items():
            for source in sorted((root / f"{kind}-explicit").glob("*.dcm")):
                target = root / f"{kind}-{name}" / source.name
                target.parent.mkdir(parents=True, exist_ok=True)
                subprocess.run(["dcmcjpeg", option, "+q", "95", str(source), str(target)], check=True)

    for name, syntax in lossless.items():
        for k in range(12):
            ds = slice_of(k, 12)
            encode.transcode(ds, syntax)
            write(ds, root / f"ct-{name}/{k:03d}.dcm")
    lossy("ct")
    console = radiographs.CONSOLES[0]
    base = radiographs.image("chest", "PA", "cost", "U", console, 1, "胸部正位", "cost", 3000 / 1536)
    values = stored_values(base)
    values = np.pad(values, ((0, max(0, 3000 - values.shape[0])), (0, max(0, 2500 - values.shape[1]))), mode="edge")
    put_values(base, values[:3000, :2500])
    write(base, root / "dx-explicit/000.dcm")
    for name, syntax in lossless.items():
        ds = dcmread(root / "dx-explicit/000.dcm")
        encode.transcode(ds, syntax)
        write(ds, root / f"dx-{name}/000.dcm")
    lossy("dx")
    for name in STUDY_SYNTAXES:
        for k in range(500):
            ds = slice_of(k, 500)
            encode.transcode(ds, lossless[name])
            write(ds, root / f"study-{name}/{k:03d}.dcm")
    make_hostile(root)
    (root / "complete").touch()


LOSSY = {"jpeg-baseline": "+eb", "jpeg-extended": "+ee"}


def make_hostile(root):
    """Images that ask for far more memory than they have bytes, and honest ones near what a worker may hold."""
    import zlib

    import numpy as np
    from cases import encode
    from cases.draft import EXPLICIT, put_values, write
    from pydicom import dcmread, uid
    from pydicom.encaps import encapsulate, generate_frames
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    def source():
        return dcmread(root / "dx-explicit/000.dcm")

    def folder(name):
        path = root / "hostile" / name
        path.mkdir(parents=True, exist_ok=True)
        return path / "000.dcm"

    ds = source()
    ds.Rows = ds.Columns = 65535
    ds.PixelData = b"\0" * 1024
    write(ds, folder("65535 x 65535 in 1 KB"))
    # Codestreams that say 65535 x 65535 themselves, so that nothing contradicts the header.
    side = (65535).to_bytes(2, "big")
    for name, marker in {"jpeg-baseline": 0xC0, "jpeg-lossless": 0xC3, "jpeg-ls": 0xF7}.items():
        ds = dcmread(root / f"dx-{name}/000.dcm")
        code = bytearray(next(generate_frames(ds.PixelData, number_of_frames=1)))
        at = code.index(bytes([0xFF, marker]))
        code[at + 5:at + 9] = side + side
        ds.Rows = ds.Columns = 65535
        ds.PixelData = encapsulate([bytes(code)])
        write(ds, folder(f"65535 x 65535 {name}"))
    ds = dcmread(root / "dx-jpeg-2000/000.dcm")
    code = bytearray(next(generate_frames(ds.PixelData, number_of_frames=1)))
    at = code.index(b"\xff\x51")
    code[at + 6:at + 14] = code[at + 22:at + 30] = 2 * (65535).to_bytes(4, "big")
    ds.Rows = ds.Columns = 65535
    ds.PixelData = encapsulate([bytes(code)])
    write(ds, folder("65535 x 65535 jpeg-2000"))
    for announced, rows in ((10_000, 512), (2_147_483_647, 512)):
        ds = source()
        ds.NumberOfFrames, ds.Rows, ds.Columns = announced, rows, rows
        ds.PixelData = b"\0" * (2 * rows * rows)
        write(ds, folder(f"{announced} frames announced, 1 there"))
    ds = source()
    ds.NumberOfFrames, ds.Rows, ds.Columns = 10_000, 64, 64
    ds.PixelData = np.random.default_rng(1).integers(0, 4096, 10_000 * 64 * 64, "<u2").tobytes()
    write(ds, folder("10000 frames, all there"))
    # Near the limit of a frame and honest.
    down, across = np.mgrid[0:8192, 0:8192]
    values = ((down + across) // 8 % 4096).astype(np.uint16)
    for name, syntax in {"explicit": EXPLICIT, "rle": uid.RLELossless, "jpeg-ls": uid.JPEGLSLossless,
                         "jpeg-2000": uid.JPEG2000Lossless}.items():
        ds = source()
        put_values(ds, values)
        encode.transcode(ds, syntax)
        write(ds, folder(f"8192 x 8192 {name}"))
    # A gigabyte of zeros in one megabyte.
    ds = source()
    ds.Rows, ds.Columns, ds.NumberOfFrames = 32768, 32768, 1
    ds.PixelData = b""
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, ds)
    head = buffer.getvalue()[:-4] + (0x7FFFFFFE).to_bytes(4, "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(head) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(1024)) + packer.flush()
    ds.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    path = folder("1 GB deflated to 1 MB")
    write(ds, path)
    plain = path.read_bytes()
    meta = 132 + 12 + int.from_bytes(plain[140:144], "little")
    path.write_bytes(plain[:meta] + body)


class Process:
    """A program that answers lines with lines, and what it and its children use."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [*PINNED, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.process.args[-2]} ended at {line!r}")
        return json.loads(answer)

    def processor_seconds(self, line):
        """Asks, and counts the processor time until the answer."""
        before = self.used()
        start = time.monotonic()
        answer = self.ask(line)
        if "error" in answer:
            raise SystemExit(f"{line}: {answer['error']}")
        return self.used() - before, time.monotonic() - start

    def children(self):
        pid = self.process.pid
        # A child belongs to the thread that started it.
        return [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()]

    def used(self):
        total = 0.0
        for pid in [self.process.pid, *self.children()]:
            try:
                total += time.clock_gettime((~pid << 3) | 2)
            except OSError:
                continue  # ended since
        return total

    def peak_while(self, line):
        """Asks, and watches the most memory a child ever held."""
        peak, done = 0, threading.Event()

        def watch():
            nonlocal peak
            while not done.wait(0.002):
                for pid in self.children():
                    try:
                        status = Path(f"/proc/{pid}/status").read_text()
                    except OSError:
                        continue
                    peak = max([peak, *(int(row.split()[1]) << 10 for row in status.splitlines() if row.startswith("VmHWM"))])

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            answer = self.ask(line)
        finally:
            done.set()
            thread.join()
        return answer, peak


PINNED = ["taskset", "-c", "0"] if shutil.which("taskset") else []


def measure(root, evaluator, peer, options):
    print(f"{'set':16} {'syntax':13} {'decode ms':>9} {'assess ms':>9} {'ratio':>6} {'peer ms':>8} {'ratio':>6} {'target':>7}"
          + ("  wall ms" if options.wall else ""))
    for title, (prefix, target, unit) in SETS.items():
        for syntax in SYNTAXES:
            folder = root / f"{prefix}-{syntax}"
            if not folder.exists() or (options.only and not any(folder.name.startswith(p) for p in options.only)):
                continue
            images = len(list(folder.glob("*.dcm")))
            programs = {
                "assess": lambda: evaluator.processor_seconds(str(folder)),
                "decode": lambda: evaluator.processor_seconds("d " + str(folder)),
                "peer": lambda: peer.processor_seconds(str(folder)),
            }
            for ask in programs.values():
                ask()  # files into the page cache, processes warm
            taken = {name: [] for name in programs}
            for _ in range(options.rounds if unit == "image" else max(3, options.rounds // 3)):
                for name, ask in programs.items():
                    taken[name].append(ask())
            per = 1000 / (images if unit == "image" else 1)
            a, d, p = (per * statistics.median(used for used, _ in taken[name]) for name in ("assess", "decode", "peer"))
            wall = per * statistics.median(wall for _, wall in taken["assess"])
            print(f"{title:16} {syntax:13} {d:9.1f} {a:9.1f} {a / d:6.2f} {p:8.1f} {a / p:6.2f} {target:7.0f}"
                  + (f" {wall:8.1f}" if options.wall else "") + ("  MISSED" if a > target else ""), flush=True)


def measure_memory(root, options):
    print(f"\n{'image':36} {'peak MB':>8} {'s':>6}  what it got")
    worst = 0
    for folder in [root / "dx-jpeg-2000", root / "study-explicit", *sorted((root / "hostile").iterdir())]:
        evaluator = Process(options.evaluator, "-")
        evaluator.ask(str(root / "ct-explicit"))
        start = time.monotonic()
        answer, peak = evaluator.peak_while(str(folder))
        worst = max(worst, peak)
        findings = (answer.get("quality") or {}).get("findings", [])
        said = next((f"{f['severity']}: {f['detail']}" for f in findings if f["rule"] == "pixel-data"), None)
        verdict = (answer.get("quality") or {}).get("verdict", "no verdict")
        print(f"{folder.name:36} {peak / 2**20:8.0f} {time.monotonic() - start:6.1f}  {said or verdict}", flush=True)
        evaluator.process.stdin.close()
        evaluator.process.wait()
    print(f"worker's greatest peak {worst / 2**20:.0f} MB, limit {MEMORY_LIMIT >> 20} MB{'  MISSED' if worst > MEMORY_LIMIT else ''}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", nargs="+", default=[], help="sets whose folder begins so, e.g. dx ct-jpeg")
    parser.add_argument("--evaluator", default=str(HERE / ".build/release/AssessmentEvaluator"))
    parser.add_argument("--peer", default=str(HERE / ".build/release/PeerDecoder"))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--keep", type=Path, help="make the images there and use them again")
    parser.add_argument("--wall", action="store_true", help="show the time on the clock too")
    parser.add_argument("--no-hostile", action="store_true", help="leave the memory of hostile images out")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make(options.make)
        return
    root = options.keep or Path(tempfile.mkdtemp(prefix="priord-assessment-"))
    try:
        if not (root / "complete").exists():
            subprocess.run([options.python, __file__, "--make", str(root)], check=True)
        print(f"load average {os.getloadavg()[0]:.1f}; milliseconds of one core, medians of {options.rounds} rounds\n")
        measure(root, Process(options.evaluator, "-"), Process(options.peer), options)
        if not options.no_hostile:
            measure_memory(root, options)
    finally:
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
