#!/usr/bin/env python3
"""Makes studies/, manifest.json and the table in README.md, or with --check tells whether they are what this code makes.

python3 -m venv venv && venv/bin/pip install -r requirements.txt
venv/bin/python generate.py [--check]
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

from generator import manifest, readme
from generator.builder import data_sets
from generator.part10 import part10
from generator.studies import all_studies

HERE = pathlib.Path(__file__).resolve().parent


def write(root: pathlib.Path) -> None:
    """Writes every study, the manifest and the README under `root`, replacing what is there."""
    shutil.rmtree(root / "studies", ignore_errors=True)
    studies, files = all_studies(), {}
    for study in studies:
        folder = root / "studies" / study.folder
        folder.mkdir(parents=True)
        files[study.folder] = 0
        for name, dataset in data_sets(study):
            (folder / name).write_bytes(part10(dataset, study.syntax))
            files[study.folder] += 1
    (root / "manifest.json").write_text(manifest.text(studies, files), encoding="utf-8")
    page = (HERE / "README.md").read_text(encoding="utf-8")
    (root / "README.md").write_text(readme.with_table(page, studies, files), encoding="utf-8")


def contents(root: pathlib.Path) -> dict:
    """Relative path and bytes of all that is generated."""
    paths = [root / "manifest.json", root / "README.md", *(root / "studies").rglob("*")]
    return {str(p.relative_to(root)): p.read_bytes() for p in paths if p.is_file()}


def differences(expected: dict, found: dict):
    """Yields one line for each file that is missing, unexpected or different."""
    for path in sorted(expected.keys() | found.keys()):
        if path not in found:
            yield f"missing: {path}"
        elif path not in expected:
            yield f"unexpected: {path}"
        elif expected[path] != found[path]:
            yield f"different: {path}"


def check() -> int:
    """0 when the files here equal a new run's, else 1 after listing the differences."""
    with tempfile.TemporaryDirectory() as directory:
        write(pathlib.Path(directory))
        expected = contents(pathlib.Path(directory))
    lines = list(differences(expected, contents(HERE)))
    print("\n".join(lines) or f"{len(expected)} files, all as generated")
    return 1 if lines else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with a new run instead of writing")
    if parser.parse_args().check:
        return check()
    write(HERE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
