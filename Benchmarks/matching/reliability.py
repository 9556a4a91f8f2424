#!/usr/bin/env python3
"""Holds the confidence of answers against labelled descriptions.

    python3 Benchmarks/matching/reliability.py [--priorctl PATH] [--fit] GOLD.jsonl ...

Runs `priorctl map --jsonl` over the records of the files (their form: eval/README.md of the labelled sets) and prints, for
the answers given with about each confidence, how many were right, the expected calibration error, and the same by doubt.
With --fit it fits the weights of the logistic model in Sources/Matching/Confidence.swift to these answers, each pulled
towards the present weight, and prints them; keep a part of the rows out when you do.
"""
import argparse
import json
import math
import subprocess
import sys


def codes(text):
    return frozenset() if text in (None, "NONE") else frozenset(text.split("+"))


def is_right(gold, answer):
    accepted = [codes(gold["code"])] + [codes(also) for also in gold["also"]]
    return answer in accepted or any(len(one) > 1 and answer < one for one in accepted)


def answers(priorctl, path):
    """(confidence, doubts, right) of each answer to the records of a file."""
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if line.strip()]
    output = subprocess.run(
        [priorctl, "map", "--jsonl"], input="".join(lines), capture_output=True, text=True, check=True).stdout
    for line, predicted in zip(lines, output.splitlines(), strict=True):
        record, prediction = json.loads(line), json.loads(predicted)
        if record["id"] != prediction["id"]:
            sys.exit(f"{path}: {record['id']} was answered as {prediction['id']}")
        if prediction["code"] is not None:
            yield prediction["confidence"], prediction["doubts"], is_right(record["gold"], codes(prediction["code"]))


def print_table(rows):
    bounds = [0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.97, 1.01]
    error = 0.0
    print("confidence    answers  mean   right")
    for low, high in zip(bounds, bounds[1:]):
        part = [row for row in rows if low <= row[0] < high]
        if not part:
            continue
        mean = sum(row[0] for row in part) / len(part)
        right = sum(row[2] for row in part) / len(part)
        error += abs(mean - right) * len(part) / len(rows)
        print(f"{low:.2f}-{min(high, 1):.2f} {len(part):10d}  {mean:.3f}  {right:.3f}")
    print(f"expected calibration error {error:.3f} over {len(rows)} answers")
    print("doubt               answers  right")
    for doubt in sorted({name for row in rows for name in row[1]} | {"(none)"}):
        part = [row for row in rows if doubt in row[1] or (doubt == "(none)" and not row[1])]
        if part:
            print(f"{doubt:20s} {len(part):6d}  {sum(row[2] for row in part) / len(part):.3f}")


def fit(rows, rounds=4000, rate=0.05, pull=2.0):
    """Weights by gradient descent; `pull` holds each to its prior, the more so the fewer rows tell of it."""
    names = sorted({name for row in rows for name in row[1]})
    prior = {name: -0.8 for name in names}
    weights = dict(prior)
    certain = 4.0
    for _ in range(rounds):
        gradient = {name: pull * (weights[name] - prior[name]) for name in names}
        base = 0.0
        for _, doubts, right in rows:
            odds = certain + sum(weights[name] for name in doubts)
            slope = 1 / (1 + math.exp(-odds)) - right
            base += slope
            for name in doubts:
                gradient[name] += slope
        certain -= rate * base / len(rows) * 10
        for name in names:
            weights[name] = min(0.0, weights[name] - rate * gradient[name] / len(rows) * 10)
    print(f"certain {certain:.2f}")
    for name in names:
        print(f"{name:20s} {weights[name]:+.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="+")
    parser.add_argument("--priorctl", default=".build/release/priorctl")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    rows = [row for path in options.gold for row in answers(options.priorctl, path)]
    if not rows:
        sys.exit("nothing was answered")
    print_table(rows)
    if options.fit:
        fit(rows)


main()
