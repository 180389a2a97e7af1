"""Intake beside the bare sum of its work, and its memory over ten times the rows; every run in a process of its own.

python -m benchmarks.intake engine|sum|memory --home FOLDER --rows FOLDER-OR-FILE
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, Final

from benchmarks.pipeline import AS_OF, peak_megabytes, prepared, run_stages
from benchmarks.report import Section, Sheet, progress
from benchmarks.rows import SEED, write_rows

WANTED_TIME: Final = 1.5
WANTED_MEMORY: Final = 1.3
COLUMNS: Final = (
    "reference", "role", "surname", "given_names", "sex", "birth_date", "nationality", "document_kind",
    "document_number", "document_issuer", "document_expiry", "email", "phone", "letter_language",
)  # fmt: skip
Figures = dict[str, Any]


def people(count: int) -> Iterator[tuple[str, ...]]:
    """Yield so many people without pictures; one row in fifty names no role and goes back."""
    for number in range(1, count + 1):
        role = "" if number % 50 == 0 else "short_term_observer"
        yield (
            f"{number:06d}", role, "KELARAL", f"VISANDER {number}", "F",
            f"19{50 + number % 50}-01-{1 + number % 28:02d}",
            "XAD", "passport", f"B{number:08d}", "XAD", "2031-01-31", f"person.{number}@mission.example",
            "+999 555 0100", "en",
        )  # fmt: skip


def write_people(path: Path, count: int) -> None:
    """Write a file of so many rows in the form that its ending names: CSV or JSON Lines."""
    with path.open("w", encoding="utf-8", newline="") as out:
        if path.suffix == ".csv":
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            writer.writerows(people(count))
        else:
            out.writelines(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in people(count))


def on_one_core() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def engine(home: Path, rows: Path) -> Figures:
    """Take the whole package in as ``accredit intake`` does, with one worker; its Prefect server has the other core."""
    from flows.runtime.server.lifetime import temporary_server

    election = prepared(home, rows, workers=1)
    with temporary_server():
        on_one_core()
        return run_stages(election, rows, ["intake"]) | {"rows": _rows(election)}


def bare_sum(home: Path, rows: Path) -> Figures:
    """Decode and validate every row and check its pictures, keep nothing, write nothing."""
    from db.store import open_reader
    from flows.context import database
    from flows.intake.arrivals import arrivals
    from flows.intake.reading.rows import read_nomination
    from flows.intake.reading.tables import raw_rows

    election = prepared(home, rows)
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
    on_one_core()
    started, worked, count = perf_counter(), process_time(), 0
    for arrival in arrivals(rows / "nominations", organisation="", received_at=None):
        folder = arrival.path.with_suffix("")
        for raw in raw_rows(arrival.path, name=arrival.path.name):
            count += 1
            read_nomination(raw, arrival.organisation, folder, profile, keep=False)
    return {"rows": count, "seconds": {"sum": perf_counter() - started}, "processor": {"sum": process_time() - worked}}


def memory(home: Path, rows: Path) -> Figures:
    """Take one large file in, in this process with one worker, and say the most memory that it ever held."""
    from flows.cli.stage_display import run_flow
    from flows.intake.flow import intake
    from flows.runtime.server.lifetime import temporary_server

    election = prepared(home, rows.parent / "package", workers=1)
    taken_in: Any = intake
    call = partial(taken_in, [str(rows)], election, "ORG-01", as_of=AS_OF, return_state=True)
    started = perf_counter()
    with temporary_server():
        state = run_flow(call)
    assert state.is_completed(), state.message
    return {"rows": _rows(election), "seconds": {"intake": perf_counter() - started}, "megabytes": peak_megabytes()}


def _rows(election: str) -> int:
    from flows.oversight.counts import status_of

    return int(status_of(election)["intake"]["rows"])


def run(work: Path, side: str, rows: Path) -> Figures:
    """Run one side in an empty home and return what it said."""
    home = work / f"home-{side}-{rows.name}"
    settings = ["env", f"ACCREDIT_PREFECT_HOME={work / 'prefect'}"]
    command = [*settings, sys.executable, "-m", "benchmarks.intake", side, "--home", str(home), "--rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    subprocess.run(["rm", "-rf", str(home)], check=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    seconds = sum(figures["seconds"].values())
    progress(f"{side} {rows.name}: {figures['rows']:,} rows, {seconds:.1f} s, {figures.get('megabytes', '')} MB")
    return figures


def section(work: Path, *, applications: int, most: int, rounds: int) -> Section:
    """Measure both: time with pictures over *applications* rows, memory of *most* rows against a tenth of them."""
    made = Section("intake", "Intake", [])
    if applications:
        made.parts.append(_time(work, applications, rounds))
    if most:
        made.parts.append(_memory(work, most))
    return made


def _time(work: Path, applications: int, rounds: int) -> Sheet:
    rows = work / f"rows-{applications}"
    script = "import sys, pathlib, benchmarks.rows as r; r.write_rows(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", script, str(rows), str(applications)], check=True)
    found: dict[str, list[Figures]] = {"sum": [], "engine": []}
    for _ in range(rounds):
        for side, runs in found.items():
            runs.append(run(work, side, rows))
    heads = ["side", "rows", "seconds", "seconds of processor", "times the sum", "wanted"]
    sheet = Sheet(f"{applications:,} applications with photographs and pages, one core, seed {SEED}", heads)
    sums = [_seconds(figures, "seconds") for figures in found["sum"]]
    for side, runs in found.items():
        ratios = [_seconds(one, "seconds") / base for one, base in zip(runs, sums, strict=True)]
        sheet.add(
            {"sum": "decoding, validation, photo checks", "engine": "intake"}[side], f"{runs[0]['rows']:,}",
            f"{median(_seconds(figures, 'seconds') for figures in runs):.1f}",
            f"{median(_seconds(figures, 'processor') for figures in runs):.1f}",
            f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if side == "engine" else "1",
            f"at most {WANTED_TIME}" if side == "engine" else "",
        )  # fmt: skip
    return sheet


def _seconds(figures: Figures, kind: str) -> float:
    return float(sum(figures[kind].values()))


def _memory(work: Path, most: int) -> Sheet:
    package = work / "package"
    write_rows(package, 60)
    sheet = Sheet(
        "Peak memory of a whole intake without photographs, in MB",
        ["form", f"{most // 10:,} rows", f"{most:,} rows", "ratio", "wanted", f"seconds, {most:,} rows"],
    )
    for ending in ("csv", "jsonl"):
        figures: list[Figures] = []
        for count in (most // 10, most):
            write_people(path := work / f"people-{count}.{ending}", count)
            figures.append(run(work, "memory", path))
            path.unlink()
        few, many = (figure["megabytes"] for figure in figures)
        seconds = _seconds(figures[1], "seconds")
        name = {"csv": "CSV", "jsonl": "JSON Lines"}[ending]
        sheet.add(name, f"{few:.0f}", f"{many:.0f}", f"{many / few:.2f}", f"at most {WANTED_MEMORY}", f"{seconds:.0f}")
    return sheet


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sides: dict[str, Callable[[Path, Path], Figures]] = {"engine": engine, "sum": bare_sum, "memory": memory}
    words.add_argument("side", choices=sides)
    words.add_argument("--home", type=Path, required=True, help="an empty folder")
    words.add_argument("--rows", type=Path, required=True, help="a package, or for memory one file beside a package")
    given = words.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    print(json.dumps(sides[given.side](given.home, given.rows)))


if __name__ == "__main__":
    main()
