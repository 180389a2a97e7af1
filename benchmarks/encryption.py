"""What encryption at rest costs: the same stages with and without it, in turn, each run in a process of its own.

    python -m benchmarks.encryption [--applications 600] [--rounds 3]

Photographs are taken as they are and badges are not drawn, so that what is left to compare is recording and reading.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfileobj
from statistics import median
from typing import IO, Any, Final
from unittest.mock import patch

from benchmarks.pipeline import STAGES, Figures, measure

SIDES: Final = ("encrypted", "open")


@contextmanager
def in_the_open() -> Generator[None]:
    """Let everything be stored and read as it is."""
    from db.application import people
    from db.tables.encryption import EncryptedDocument, EncryptedText
    from flows.storage import files

    def plain(source: IO[bytes], target: IO[bytes], **_: object) -> None:
        copyfileobj(source, target)

    def segments(source: IO[bytes], **_: object) -> Iterator[bytes]:
        yield source.read()

    def whole(content: bytes, **_: object) -> bytes:
        return content

    with ExitStack() as stack:
        for kind in (EncryptedDocument, EncryptedText):
            stack.enter_context(patch.object(kind, "is_private", lambda _kind, _value: False))
        stack.enter_context(patch.object(EncryptedText, "_read", lambda _kind, kept, _place: kept))
        stack.enter_context(patch.object(people, "index_of", lambda _address: None))
        for name, stand_in in (("encrypt", plain), ("decrypt", segments), ("decrypted", whole)):
            stack.enter_context(patch.object(files, name, stand_in))
        yield


def run(side: str, rows: Path, work: Path) -> Figures:
    """Return the figures of one run of *side*, in a process of its own."""
    with tempfile.TemporaryDirectory(dir=work) as home:
        words = ["--side", side, "--home", home, "--rows", str(rows)]
        command = [sys.executable, "-m", "benchmarks.encryption", *words]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(json.loads(said.splitlines()[-1]))


def table(found: dict[str, list[Figures]]) -> str:
    """Return the medians of each stage and their ratio, by the clock on the wall and by the processor."""
    lines = [
        "| stage | encrypted, s | open, s | ratio | ratio of processor time |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for stage in (*STAGES, "all"):
        times = {side: _median(found[side], "seconds", stage) for side in SIDES}
        worked = {side: _median(found[side], "processor", stage) for side in SIDES}
        ratios = [one["encrypted"] / one["open"] for one in (times, worked)]
        shown = (f"{times['encrypted']:.2f}", f"{times['open']:.2f}", *(f"{ratio:.2f}" for ratio in ratios))
        lines.append(f"| {' | '.join((stage, *shown))} |")
    return "\n".join(lines)


def _median(runs: list[Figures], what: str, stage: str) -> float:
    return float(median(sum(one[what].values()) if stage == "all" else one[what][stage] for one in runs))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--applications", type=int, default=600)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--side", choices=SIDES, help="run this side once and print its figures")
    words.add_argument("--home", type=Path)
    words.add_argument("--rows", type=Path)
    given = words.parse_args()
    if given.side:
        print(json.dumps(_one(given)))
        return
    from benchmarks.rows import write_rows

    found: dict[str, list[Figures]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory(prefix="accredit-bench-") as work:
        rows = Path(work) / "rows"
        write_rows(rows, given.applications)
        for _ in range(given.rounds):
            for side in SIDES:
                found[side].append(run(side, rows, Path(work)))
    print(table(found))


def _one(given: Any) -> Figures:
    os.environ["ACCREDIT_WORKERS"] = "1"  # processes of their own would know nothing of what is left out here
    with ExitStack() as stack:
        if given.side == "open":
            stack.enter_context(in_the_open())
        return measure(given.home, given.rows, STAGES[-1], "trusted", "")


if __name__ == "__main__":
    main()
