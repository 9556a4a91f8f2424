"""Runs the evaluator over cases and counts: recall of clear and borderline faults a fault, false alarms of clean studies.

    python score.py CASES … [--evaluator PATH] [--half development|held-out|both] [--reports DIR] [--only NAME …]
    python score.py CASES … --removals

CASES is what generate.py wrote. `--reports` writes the failing cases of the development half, a file for each group of rules.
`--removals` takes slices out of every clean stack instead, at every interior place, and counts what completeness makes of it.
"""

import argparse
import collections
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Which group of rules is asked about a fault; reports are written by these.
GROUPS = {
    "completeness": {
        "slice-missing", "slices-missing", "end-missing", "series-missing", "numbers-missing", "slice-sent-twice", "time-missing",
        "frames-missing", "view-missing", "phase-missing", "b-value-missing", "b-value-slice-missing",
    },
    "radiography": {"blank", "deviation-index", "saturated", "flat", "blurred", "quantum-noise", "over-collimated", "not-collimated", "side-wrong"},
    "tomography": {
        "hu-offset", "hu-slope", "ct-noise", "slices-thick", "coverage-cut", "head-cut", "mr-noise", "ghost", "frame-gap", "mask-lost", "moved",
    },
    "headers": {
        "pixels-truncated", "codestream-truncated", "rows-wrong", "lossy", "screen-capture-only", "identity-missing", "identity-differs",
        "sex-differs", "in-the-future", "before-birth", "dates-contradict", "orientation-nonsense", "spacing-nonsense", "position-nonsense",
        "matrix-differs",
    },
}
RULE_GROUPS = {
    "completeness": {
        "announced-count", "instance-number-gap", "slice-gap", "duplicate-position", "frame-count", "temporal-positions", "missing-view",
        "missing-phase", "missing-b-value", "mpps", "commitment-list", "sender-count",
    },
    "radiography": {"blank-image", "exposure-index", "saturation", "contrast-range", "blur", "noise", "collimation", "laterality"},
    "tomography": {
        "hu-calibration", "slice-thickness", "coverage", "signal-to-noise", "ghosting", "frame-timing", "mask-frame", "motion",
    },
    "headers": {"pixel-data", "lossy-compression", "secondary-capture", "identity", "exam-date", "inconsistent-geometry"},
}


def group_of_fault(name):
    return next((group for group, names in GROUPS.items() if name in names), "headers")


def alarms(answer):
    """Rules that raise something: incomplete evidence that decided, and findings of review or fail."""
    raised = []
    if answer["completeness"]["verdict"] == "incomplete":
        raised += [e["rule"] for e in answer["completeness"]["evidence"] if e["verdict"] == "incomplete"]
    if answer.get("quality"):
        raised += [f["rule"] for f in answer["quality"]["findings"] if f["severity"] in ("review", "fail")]
    return raised


def found(case, answer):
    """Whether what the case expects was said."""
    expect = case["expect"]
    if expect.get("evidenceOnly"):
        return any(e["rule"] in expect["rules"] for e in answer["completeness"]["evidence"]) or bool(set(alarms(answer)) & set(expect["rules"]))
    if expect["part"] == "completeness":
        return answer["completeness"]["verdict"] == "incomplete" and bool(set(alarms(answer)) & set(expect["rules"]))
    return bool(set(alarms(answer)) & set(expect["rules"]))


def said(answer):
    """What was raised, in a line."""
    parts = [f"{e['rule']}: {e['verdict']}: {e.get('detail', '')}" for e in answer["completeness"]["evidence"]]
    if answer.get("quality"):
        parts += [
            f"{f['rule']} {f['severity']} value={f.get('value')} threshold={f.get('threshold')}: {f.get('detail', '')}"
            for f in answer["quality"]["findings"][:6]
        ]
    return f"[{answer['completeness']['verdict']}, {(answer.get('quality') or {}).get('verdict', '-')}, item {answer.get('code')}] " + " | ".join(parts)


def ask(evaluator, requests):
    """The evaluator's answers to `requests`, in order."""
    process = subprocess.Popen([evaluator, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    answers = []
    for request in requests:
        process.stdin.write(request + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"the evaluator died on {request}")
        answers.append(json.loads(line))
    process.stdin.close()
    process.wait()
    return answers


def folder_of(case):
    return f"{case['root']}/{case['folder']}"


def removals(evaluator, cases):
    """Prints how many slices taken out of clean stacks were missed, a kind of stack and of removal."""
    clean = [case for case in cases if case["level"] == "clean"]
    kinds, ways, controls = (collections.defaultdict(collections.Counter) for _ in range(3))
    undecidable, notes = 0, []
    for case, answer in zip(clean, ask(evaluator, ["r " + folder_of(case) for case in clean])):
        answer = answer or {"removals": {}, "controls": {}, "notes": [], "undecidableCount": 0}
        undecidable += answer["undecidableCount"]
        for way, tally in answer["removals"].items():
            ways[way].update(tally)
            kinds[case["control"]].update(tally)
        for way, tally in answer["controls"].items():
            controls[way].update(tally)
        notes += [f"{case['case']}: {note}" for note in answer["notes"]]
    for title, tallies in (("stack", kinds), ("taken out", ways)):
        print(f"{title:34} {'losses':>8} {'seen':>9} {'right number':>13} {'right places':>13}")
        for name, tally in sorted(tallies.items()):
            shares = [f"{100 * tally[key] / tally['count']:.2f}%" for key in ("raised", "counted", "placed")]
            print(f"{name:34} {tally['count']:8} {shares[0]:>9} {shares[1]:>13} {shares[2]:>13}")
    total = sum(ways.values(), collections.Counter())
    if total["count"]:
        shares = [f"{total[key]} = {100 * total[key] / total['count']:.3f} %" for key in ("raised", "counted", "placed")]
        print(f"interior slices taken out: {total['count']}; seen {shares[0]}; right number {shares[1]}; right places {shares[2]}; not decidable {undecidable}")
    print(f"\n{'clean variation':34} {'count':>8} {'alarms':>8}")
    for name, tally in sorted(controls.items()):
        print(f"{name:34} {tally['count']:8} {tally['raised']:8}")
    total = sum(controls.values(), collections.Counter())
    print(f"clean variations: {total['count']}; false alarms {total['raised']}")
    for note in notes[:40]:
        print("  " + note)


def report(folder, cases, answers):
    """Writes what went wrong, a file a group of rules."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = collections.defaultdict(list)
    for case, answer in zip(cases, answers):
        if case["half"] != "development":
            continue
        if case["expect"]:
            if not found(case, answer):
                rules = " or ".join(case["expect"]["rules"])
                lines[group_of_fault(case["fault"])].append(
                    (f"MISSED {case['level']}", case["fault"], f"{case['root']}/{case['folder']}\n    {case['about']}\n    expected {rules}; said {said(answer)}"))
        else:
            for rule in sorted(set(alarms(answer))):
                group = next((g for g, rules in RULE_GROUPS.items() if rule in rules), "headers")
                if rule == "noise" and case["kind"] != "DX":
                    group = "tomography"
                lines[group].append((f"FALSE ALARM of {rule}", case["control"], f"{case['root']}/{case['folder']}\n    {case['about']}\n    said {said(answer)}"))
    for group in GROUPS:
        seen = collections.Counter()
        with open(folder / f"{group}.txt", "w") as file:
            kinds = collections.Counter((kind, name) for kind, name, _ in lines[group])
            for (kind, name), count in sorted(kinds.items()):
                file.write(f"{count:4d} {kind} {name}\n")
            file.write("\n")
            for kind, name, text in sorted(lines[group]):
                seen[kind, name] += 1
                if seen[kind, name] <= 5:
                    file.write(f"{kind} [{name}]\n    {text}\n")


def summary(cases, answers, out):
    """Prints the table; returns totals by level."""
    recall = collections.defaultdict(lambda: [0, 0])
    false, clean, alarm_rules = 0, 0, collections.Counter()
    named = [0, 0]
    for case, answer in zip(cases, answers):
        if case["expect"]:
            row = recall[case["fault"], case["level"]]
            row[1] += 1
            row[0] += found(case, answer)
            if case["fault"] in ("slice-missing", "slices-missing"):
                gaps = [e for e in answer["completeness"]["evidence"] if e["rule"] == "slice-gap"]
                named[1] += 1
                named[0] += any(len(e.get("missing", [])) == case["expect"]["missing"] for e in gaps)
        else:
            clean += 1
            rules = set(alarms(answer))
            false += bool(rules)
            alarm_rules.update(rules)
    totals = collections.defaultdict(lambda: [0, 0])
    print(f"{'fault':26} {'clear':>14} {'borderline':>14}", file=out)
    for fault in sorted({fault for fault, _ in recall}, key=lambda f: (group_of_fault(f), f)):
        cells = []
        for level in ("clear", "borderline"):
            hit, count = recall.get((fault, level), (0, 0))
            totals[level][0] += hit
            totals[level][1] += count
            cells.append(f"{hit}/{count} {100 * hit / count:5.1f}%" if count else "")
        print(f"{fault:26} {cells[0]:>14} {cells[1]:>14}", file=out)
    for level, (hit, count) in totals.items():
        print(f"recall {level}: {hit}/{count} = {100 * hit / max(1, count):.2f} %", file=out)
    interior = [recall[("slice-missing", "clear")], recall[("slices-missing", "clear")]]
    hit, count = (sum(row[i] for row in interior) for i in (0, 1))
    if count:
        print(f"missing interior slices: {hit}/{count} = {100 * hit / count:.2f} %, with the right number named {named[0]}/{named[1]}", file=out)
    print(f"false alarms: {false}/{clean} = {100 * false / max(1, clean):.2f} %  {dict(alarm_rules.most_common())}", file=out)
    return totals


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="+")
    parser.add_argument("--evaluator", default=str(HERE / ".build/release/AssessmentEvaluator"))
    parser.add_argument("--half", choices=["development", "held-out", "both"], default="both")
    parser.add_argument("--reports", type=Path)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--removals", action="store_true", help="take slices out of every clean stack")
    parser.add_argument("--every", type=int, default=1, help="only every so many cases")
    parser.add_argument("--answers", type=Path, help="write every answer there")
    arguments = parser.parse_args()
    cases = []
    for root in arguments.cases:
        with open(root / "cases.jsonl") as file:
            cases += [{**json.loads(line), "root": str(root)} for line in file]
    cases = [c for c in cases if arguments.half in ("both", c["half"]) and (not arguments.only or (c["fault"] or c["control"]) in arguments.only)]
    cases = cases[:: arguments.every]
    if arguments.removals:
        removals(arguments.evaluator, cases)
        return
    answers = ask(arguments.evaluator, [("h " if case["headersOnly"] else "") + folder_of(case) for case in cases])
    if arguments.answers:
        with open(arguments.answers, "w") as file:
            for case, answer in zip(cases, answers):
                file.write(json.dumps({"case": case["case"], **answer}, ensure_ascii=False) + "\n")
    for half in ("development", "held-out"):
        chosen = [(c, a) for c, a in zip(cases, answers) if c["half"] == half]
        if chosen:
            print(f"\n== {half}: {len(chosen)} cases")
            summary([c for c, _ in chosen], [a for _, a in chosen], sys.stdout)
    if arguments.reports:
        report(arguments.reports, cases, answers)


if __name__ == "__main__":
    main()
