"""Measure the engine beside what else one might use: ``python -m benchmarks``; ``make bench`` installs and calls it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import assignment
from benchmarks.compare import Bench, measured, postgres
from benchmarks.intake import section as intake_section
from benchmarks.report import DOCUMENT, Section, progress, write

HERE: Final = Path(__file__).parent
OTHERS: Final[dict[str, tuple[str, list[str]]]] = {
    "credentials": ("Credentials", ["--badges", "10000", "--trials", "400"]),
    "screening": ("Screening", ["--out", "docs/pictures"]),
    "delivery": ("Delivery of letters", ["--letters", "1000"]),
    "fairness": ("Fairness of decisions", ["--elections", "200"]),
    "encryption": ("Encryption at rest", ["--applications", "600"]),
}
"""The benchmarks that stand for themselves."""
PICTURES: Final = {"screening": ("screening-pr.png",)}


def pipeline(given: argparse.Namespace) -> Section:
    with tempfile.TemporaryDirectory(prefix="accredit-bench-") as folder, postgres() as databases:
        kinds = (given.pictures,) if given.pictures else ("checked", "trusted")
        bench = Bench(Path(folder), given.applications, given.large, kinds, given.rounds, given.count, databases)
        return measured(bench)


def intake(given: argparse.Namespace) -> Section:
    with tempfile.TemporaryDirectory(prefix="accredit-bench-") as folder:
        return intake_section(
            Path(folder), applications=given.intake_applications, most=given.intake_rows, rounds=given.rounds
        )


def plans(given: argparse.Namespace) -> Section:
    picture = DOCUMENT.parent / "pictures" / "assignment-cost.svg"
    found = assignment.found(given.observers, picture if given.observers >= 20_000 else None)
    shown = f"![Cost against size](pictures/{picture.name})" if picture.is_file() else ""
    return Section("assignment", "Assignment", [*found, shown])


def other(name: str) -> Section:
    """Run one of the other benchmarks as it stands and keep what it prints."""
    title, words = OTHERS[name]
    command = [sys.executable, "-m", f"benchmarks.{name}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parent)
    said = done.stdout if done.returncode == 0 else f"{done.stdout}\n{done.stderr.strip().splitlines()[-1:]}"
    table = said if said.startswith("|") else f"```text\n{said.rstrip()}\n```"
    pictures = [picture for picture in PICTURES.get(name, ()) if (DOCUMENT.parent / "pictures" / picture).exists()]
    shown = [f"![{title}](pictures/{picture})" for picture in pictures]
    return Section(name, title, [table, *shown], command=" ".join(["python -m", f"benchmarks.{name}", *words]))


def commands(given: argparse.Namespace) -> Section:
    from benchmarks.commands import found

    with tempfile.TemporaryDirectory(prefix="accredit-bench-") as folder:
        sheet = found(Path(folder), applications=min(given.applications, 300), rounds=3 * given.rounds)
    return Section("commands", "Commands", [sheet])


OURS: Final = {"pipeline": pipeline, "intake": intake, "assignment": plans, "commands": commands}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--only", choices=[*OURS, *OTHERS], action="append", help="measure this section anew")
    words.add_argument("--applications", type=int, default=1500)
    words.add_argument("--large", type=int, default=12_000, help="how many applications memory is compared with")
    words.add_argument("--pictures", choices=("checked", "trusted"), help="one of the two kinds of runs only")
    words.add_argument("--rounds", type=int, default=3, help="how often the sides take turns")
    words.add_argument("--count", type=int, default=25, help="flow runs of the usual idiom")
    words.add_argument("--intake-applications", type=int, default=12_000, help="rows with photographs; 0: none")
    words.add_argument("--intake-rows", type=int, default=150_000, help="rows without; also a tenth of them; 0: none")
    words.add_argument("--observers", type=int, default=50_000, help="size of the largest deployment plan")
    given = words.parse_args()
    for name in given.only or [*OURS, *OTHERS]:
        progress(f"{name} ...")
        section = OURS[name](given) if name in OURS else other(name)
        section.command = section.command or " ".join(["python -m benchmarks", *sys.argv[1:]])
        section.show()
        write([section])


if __name__ == "__main__":
    main()
