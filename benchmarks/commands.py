"""What a command costs before it does anything: processor time of whole processes, in turn, beside what it imports.

Run: python -m benchmarks --only commands. What is aimed at: listing the commands costs at most 2.5 times the
import of its own libraries, looking at most 1.8 times that of SQLAlchemy and pydantic besides.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.desk import ELECTION, OFFICER, prepared
from benchmarks.report import Sheet
from db.store import open_reader
from domain.application.status import Status
from flows.context import database
from flows.settings import settings

LISTING: Final = "import typer, rich"
LOOKING: Final = "import sqlalchemy.orm, pydantic, typer, rich"
MAIN: Final = "from flows.cli.app import main; main()"
LIMITS: Final[Mapping[str, tuple[str, float | None]]] = {
    "--help": (LISTING, 2.5),
    "status": (LOOKING, 1.8),
    "queue": (LOOKING, 1.8),
    "show": (LOOKING, 1.8),
    "history": (LOOKING, 1.8),
    "decide": (LOOKING, None),
}


def processor_seconds(words: Sequence[str]) -> float:
    """Run Python with *words* and return the seconds of processor time that the process took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    place = {"ACCREDIT_HOME": str(settings().home), "ACCREDIT_DATABASE_URL": settings().database_url}
    subprocess.run([sys.executable, *words], capture_output=True, check=True, env=os.environ | place)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def found(home: Path, *, applications: int, rounds: int) -> Sheet:
    """Return what each command costs, all of them once in each of *rounds*, on an election with *applications*."""
    prepared(home, applications)
    with open_reader(database()) as store:
        cases = [str(case) for case in store.applications.ids_in(ELECTION, Status.IN_REVIEW)[: rounds + 1]]
    times: dict[str, list[float]] = {name: [] for name in (LISTING, LOOKING, *LIMITS)}
    for case in cases:  # the first round only warms up
        for imports in (LISTING, LOOKING):
            times[imports].append(processor_seconds(["-c", imports]))
        for name in LIMITS:
            times[name].append(processor_seconds(["-c", MAIN, *_words(name, case)]))
    seconds = {name: median(taken[1:]) for name, taken in times.items()}
    sheet = Sheet("Processor time of a whole process", ["command", "seconds", "times its imports", "aim"])
    for name, (imports, limit) in LIMITS.items():
        ratio = seconds[name] / seconds[imports]
        sheet.add(f"accredit {name}", f"{seconds[name]:.3f}", f"{ratio:.2f}", f"{limit:.1f}" if limit else "")
    for imports in (LISTING, LOOKING):
        sheet.add(imports, f"{seconds[imports]:.3f}", "1.00", "")
    return sheet


def _words(name: str, case: str) -> list[str]:
    match name:
        case "show" | "history":
            return [name, case]
        case "decide":
            return [name, case, "--outcome", "approve", "--facts", "Looked at.", "--officer", OFFICER]
        case _:
            return [name]
