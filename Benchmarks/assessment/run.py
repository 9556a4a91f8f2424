"""What an assessment costs on one core, beside a pure decode of the same files and DCMTK's, and the worker's memory.

    python3 run.py [--rounds N] [--evaluator PATH] [--python PYTHON] [--keep DIR]

Everything runs pinned to one core, a round of every program after the other, so that a busy machine hurts all of them alike;
medians are printed. PYTHON needs the packages of requirements.txt: it makes the images.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Target in milliseconds for one image, or for the study.
SETS = {
    "CT 512 x 512": ("ct", 8.0, "image"),
    "DX 3000 x 2500": ("dx", 150.0, "image"),
    "CT study of 500": ("study", 5000.0, "study"),
}
SYNTAXES = ["explicit", "implicit", "big-endian", "deflated", "rle", "jpeg-lossless", "jpeg-ls", "jpeg-2000"]
# What of DCMTK decodes a syntax to nothing but an uncompressed file.
PEERS = {"rle": "dcmdrle", "jpeg-lossless": "dcmdjpeg", "jpeg-ls": "dcmdjpls"}


def make(root):
    """Writes the sets; run by the Python that has pydicom."""
    sys.path.insert(0, str(HERE))
    import numpy as np
    from cases import encode, radiographs
    from cases.draft import EXPLICIT, new_uid, put_values, stored_values, write
    from pydicom import dcmread
    from scipy import ndimage

    names = dict(zip(SYNTAXES, [EXPLICIT, *encode.SYNTAXES]))
    fixture = HERE.parents[1] / "Fixtures/studies/14-ct-head"

    def slice_of(index, count):
        ds = dcmread(sorted(fixture.glob("*.dcm"))[index * 16 // count])
        values = ndimage.zoom(stored_values(ds).astype(float), 512 / ds.Rows, order=1)
        values += np.random.default_rng(index).normal(0, 6, values.shape)
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

    for name, syntax in names.items():
        for k in range(12):
            ds = slice_of(k, 12)
            encode.transcode(ds, syntax)
            write(ds, root / f"ct-{name}/{k:03d}.dcm")
    for name, syntax in names.items():
        console = radiographs.CONSOLES[0]
        if name == "explicit":
            base = radiographs.image("chest", "PA", "cost", "U", console, 1, "胸部正位", "cost", 3000 / 1536)
            values = stored_values(base)
            values = np.pad(values, ((0, max(0, 3000 - values.shape[0])), (0, max(0, 2500 - values.shape[1]))), mode="edge")[:3000, :2500]
            put_values(base, values)
            write(base, root / "dx-source/000.dcm")
        ds = dcmread(root / "dx-source/000.dcm")
        encode.transcode(ds, syntax)
        write(ds, root / f"dx-{name}/000.dcm")
    shutil.rmtree(root / "dx-source")
    for k in range(500):
        ds = slice_of(k, 500)
        write(ds, root / f"study-explicit/{k:03d}.dcm")


class Evaluator:
    """One process that answers lines with lines."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            [*PINNED, path, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


PINNED = ["taskset", "-c", "0"] if shutil.which("taskset") else []


def peer_seconds(program, files, scratch):
    """Time of DCMTK's decoder on all files, less what it takes to start as often."""
    start = time.monotonic()
    for file in files:
        subprocess.run([*PINNED, program, str(file), str(scratch)], check=True, stderr=subprocess.DEVNULL)
    middle = time.monotonic()
    for _ in files:
        subprocess.run([*PINNED, program, "--version"], check=True, stdout=subprocess.DEVNULL)
    return max(0.0, (middle - start) - (time.monotonic() - middle))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--evaluator", default=str(HERE / ".build/release/AssessmentEvaluator"))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--keep", type=Path, help="make the images there and use them again")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        make(arguments.make)
        return
    root = arguments.keep or Path(tempfile.mkdtemp(prefix="priord-assessment-"))
    if not (root / "study-explicit/499.dcm").exists():
        subprocess.run([arguments.python, __file__, "--make", str(root)], check=True)
    evaluator = Evaluator(arguments.evaluator)
    print(f"{'set':18} {'syntax':14} {'assess ms':>10} {'decode ms':>10} {'ratio':>6} {'DCMTK ms':>9} {'target':>7}")
    for title, (prefix, target, unit) in SETS.items():
        for syntax in SYNTAXES:
            folder = root / f"{prefix}-{syntax}"
            if not folder.exists():
                continue
            files = sorted(folder.glob("*.dcm"))
            assess, decode, peer = [], [], []
            evaluator.ask(str(folder))
            for _ in range(arguments.rounds if unit == "image" else max(3, arguments.rounds // 2)):
                assess.append(evaluator.ask(str(folder))["seconds"])
                decode.append(evaluator.ask("d " + str(folder))["seconds"])
                if syntax in PEERS and shutil.which(PEERS[syntax]) and unit == "image":
                    peer.append(peer_seconds(PEERS[syntax], files, root / "scratch.dcm"))
            per = len(files) if unit == "image" else 1
            a, d = (1000 * statistics.median(x) / per for x in (assess, decode))
            p = f"{1000 * statistics.median(peer) / per:9.1f}" if peer else " " * 9
            print(f"{title:18} {syntax:14} {a:10.1f} {d:10.1f} {a / d:6.2f} {p} {target:7.0f}{'  ABOVE' if a > target else ''}", flush=True)
    print(f"memory of the worker after its largest answer: {evaluator.ask('m')['bytes'] / 2**20:.0f} MB (limit 512)")
    if not arguments.keep:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
