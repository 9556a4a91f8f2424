"""Makes cases: folders of DICOM files with one known fault, as many clean ones, and `cases.jsonl` that says which is which.

    python generate.py --out DIR [--series FOLDER …] [--half development|held-out|both] [--only NAME …] [--seed N]

Every FOLDER is searched for real series. Deterministic: the same series, seed and options give the same files.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from cases import angiograms, bases, controls, faults_completeness, faults_headers, faults_pixels, faults_radiography, faults_tomography, radiographs  # noqa: F401
from cases.draft import Draft, new_uid
from cases.registry import CONTROLS, FAULTS

REPOSITORY = Path(__file__).resolve().parents[2]

# Radiographs to compute: kind, number of it, options. Half of each are held out.
_RADIOGRAPHS = (
    [("chest-pair", k, {}) for k in range(4)]
    + [("chest", k, {}) for k in range(4, 10)]
    + [("knee", k, {}) for k in range(10, 16)]
    + [("chest", 16, {"metal": "pacemaker"}), ("chest", 17, {"metal": "pacemaker"}), ("knee", 18, {"metal": "plate"}), ("knee", 19, {"metal": "plate"})]
    + [("chest", 20, {"margins": (0.1, 0.12, 0.1, 0.08)}), ("chest", 21, {"margins": (0.0, 0.0, 0.0, 0.0)})]
    + [("knee", 22, {"margins": (0.15, 0.15, 0.22, 0.2)}), ("knee", 23, {"margins": (0.01, 0.01, 0.02, 0.02)})]
    + [("chest", 24, {"dose": 0.75}), ("chest", 25, {"dose": 1.4}), ("knee", 26, {"dose": 1.5}), ("knee", 27, {"dose": 0.7})]
)
_CONTROL_ONLY = {"metal", "margins", "dose"}


def gather(arguments):
    """All bases, real ones first; every second of a kind is held out."""
    found = []
    for folder in arguments.series:
        folder = Path(folder)
        series = bases.series_in(folder)
        found += bases.real(series, folder)
        found += bases.chest_stacks(series)
    found += bases.fixtures(REPOSITORY / "Fixtures")
    found = list({base.name: base for base in found}.values())
    counts = {}
    for base in sorted(found, key=lambda base: new_uid(base.name)):
        key = (base.kind, "fixture" in base.tags, "fragment" in base.tags, frozenset(t for t in base.tags if t.startswith("region")))
        counts[key] = counts.get(key, 0) + 1
        base.held_out = counts[key] % 2 == 0
    kept, sorts = [], {}
    for base in found:
        key = (base.held_out, base.kind, *(tag for tag in sorted(base.tags) if tag.startswith("region") or tag in ("stack", "dynamic", "irregular", "fragment", "fixture")))
        sorts[key] = sorts.get(key, 0) + 1
        if sorts[key] <= arguments.bases:
            kept.append((sorts[key], len(kept), base))
    # One of each sort after the other, so that faults put on a few bases are put on different sorts.
    return [base for _, _, base in sorted(kept, key=lambda entry: entry[:2])]


def radiograph_bases(half):
    for k, (kind, index, options) in enumerate(_RADIOGRAPHS):
        held_out = k % 2 == 1
        if half == "both" or held_out == (half == "held-out"):
            base = radiographs.base(kind, index, **options)
            base.held_out = held_out
            if options.keys() & _CONTROL_ONLY:
                base.tags |= {"variation"}
            yield base


def run_bases(half):
    for index in range(6):
        held_out = index % 2 == 1
        if half == "both" or held_out == (half == "held-out"):
            base = angiograms.base(index, frames=12 + 2 * index, rate=(4, 3, 6)[index % 3])
            base.held_out = held_out
            yield base


def make(base, maker, level, variant, arguments):
    half = "held-out" if base.held_out else "development"
    name = f"{maker.name}.{level}.{variant}.{base.name}"
    draft = Draft(base, f"{arguments.seed} {name}")
    answer = maker.make(draft, level, variant)
    if answer is False or (answer is None and level != "clean") or not draft.images:
        return None
    folder = arguments.out / half / name
    if folder.exists():
        shutil.rmtree(folder)
    draft.write(folder, maker.headers_only)
    return {
        "case": name, "half": half, "folder": f"{half}/{name}", "base": base.name, "kind": base.kind, "origin": base.origin,
        "fault": None if level == "clean" else maker.name, "control": maker.name if level == "clean" else None, "level": level,
        "headersOnly": maker.headers_only, "item": bases.item_of(draft.images[0].ds.get("StudyDescription", ""), base), "instances": len(draft.images),
        "expect": None if answer is None else {
            "part": answer.part, "rules": list(answer.rules), "missing": answer.missing, "evidenceOnly": answer.evidence_only,
        },
        "about": " ".join((maker.make.__doc__ or "").split()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--series", nargs="*", default=[], help="folders with real series")
    parser.add_argument("--half", choices=["development", "held-out", "both"], default="both")
    parser.add_argument("--only", nargs="*", default=None, help="names of faults and controls")
    parser.add_argument("--kinds", nargs="*", default=None, help="CT, MR, DX, XA")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bases", type=int, default=99, help="bases of one sort (modality, region, stack or not) in each half, at most")
    parser.add_argument("--each", type=int, default=99, help="bases that one fault or control is put on, at most")
    parser.add_argument("--variants", type=int, default=99, help="variants of one fault or control, at most")
    parser.add_argument("--computed", action=argparse.BooleanOptionalAction, default=True, help="radiographs and runs from the physics")
    parser.add_argument("--stacks", action="store_true", help="every stack there is and its clean variations, headers alone: for score.py --removals")
    parser.add_argument("--list", action="store_true", help="name the bases and stop")
    arguments = parser.parse_args()
    if arguments.stacks:
        arguments.kinds, arguments.computed = arguments.kinds or ["CT", "MR"], False
    found = gather(arguments)
    if arguments.stacks:
        found = [base for base in found if base.load_headers and base.tags & {"stack", "dynamic"}]
    if arguments.list:
        for base in found:
            print(base.kind, "held-out" if base.held_out else "development", base.count, sorted(base.tags), base.name, "<-", base.origin)
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    used, rows = {}, []

    def all_bases():
        wanted = lambda kind: not arguments.kinds or kind in arguments.kinds  # noqa: E731
        for base in found:
            if wanted(base.kind) and (arguments.half == "both" or base.held_out == (arguments.half == "held-out")):
                yield base
        if wanted("DX") and arguments.computed:
            yield from radiograph_bases(arguments.half)
        if wanted("XA") and arguments.computed:
            yield from run_bases(arguments.half)

    with open(arguments.out / "cases.jsonl", "w") as table:
        for base in all_bases():
            try:
                base.lay(arguments.out / "bases", headers_only=arguments.stacks)
            except Exception as error:
                print(f"{base.name}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            makers = [maker for maker in CONTROLS if maker.headers_only or maker.name == "as-it-is"] if arguments.stacks else CONTROLS + FAULTS
            for maker in makers:
                if arguments.only is not None and maker.name not in arguments.only:
                    continue
                if not maker.fits(base) or ("variation" in base.tags and maker.name != "as-it-is"):
                    continue
                key = (maker.name, base.held_out, base.kind)
                if used.get(key, 0) >= min(maker.bases, arguments.each):
                    continue
                made = 0
                for level in maker.levels:
                    for variant in range(min(maker.variants, arguments.variants)):
                        try:
                            row = make(base, maker, level, variant, arguments)
                        except Exception as error:
                            print(f"{maker.name} {level} {variant} on {base.name}: {type(error).__name__}: {error}", file=sys.stderr)
                            continue
                        if row:
                            table.write(json.dumps(row, ensure_ascii=False) + "\n")
                            made += 1
                used[key] = used.get(key, 0) + (1 if made else 0)
            table.flush()
            base.images = []
            print(base.name, flush=True)


if __name__ == "__main__":
    main()
