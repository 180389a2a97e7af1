"""One run of the engine's stages, as ``accredit run`` does them, in this process: times per stage, counts, memory.

    python -m benchmarks.pipeline --home FOLDER --rows FOLDER [--through delivery] [--pictures trusted]

Badges, rosters, workbooks and charts are not drawn, photographs not cropped for print (a badge's file is its serial);
everything else happens: flows, chunks, transactions, events, letters, signatures. The Prefect server is a child,
started before the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final
from unittest.mock import patch

AS_OF: Final = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)
"""The demo's moment: the last nominations are in."""

STAGES: Final = ("intake", "vetting", "assignment", "issuance", "delivery")
Figures = dict[str, Any]


def undrawn(badges: Sequence[Any]) -> list[bytes]:
    """Stand for the press: one small file of its own for each badge."""
    return [badge.serial.encode() for badge in badges]


def trusted(cells: Mapping[str, str], *_where: object, **_how: object) -> Any:
    """Stand for reading and checking pictures: who names one has one, and it is in order."""
    from flows.intake.reading.enclosures import Enclosures
    from flows.storage.files import file_store

    kept = file_store().put(b"a picture")
    return Enclosures(kept if cells.get("photo") else None, kept if cells.get("identity_page") else None, ())


@contextmanager
def without_drawing(pictures: str = "checked") -> Generator[None]:
    """Leave out drawing badges, workbooks, charts and cropping photographs, on whichever side of a comparison runs.

    With *pictures* "trusted" they are not even read and checked at intake.
    """
    from flows.assignment import placements, rosters
    from flows.intake.mending import corrections
    from flows.intake.reading import enclosures
    from flows.intake.reading import rows as reading
    from flows.issuance import flow as issuance
    from flows.issuance.signing import signatory

    with ExitStack() as stack:
        for drawing in ("roster_workbook", "roster_pdf", "summary_pdf"):
            stack.enter_context(patch.object(rosters, drawing, lambda roster: roster.model_dump_json().encode()))
        stack.enter_context(patch.object(corrections, "workbook_of", lambda _desk, found: found.mark.encode()))
        stack.enter_context(patch.object(placements, "write_pictures", lambda *_given: None))
        if pictures == "trusted":
            for module in (reading, enclosures):
                stack.enter_context(patch.object(module, "read_enclosures", trusted))
        stack.enter_context(patch.object(issuance, "render_badges", undrawn))
        stack.enter_context(patch.object(signatory, "printed_photo", bytes))
        stack.enter_context(patch.object(issuance, "FEW", 2**31))  # never worth a second process
        yield


def prepared(home: Path, rows: Path, **changes: object) -> str:
    """Give this process an installation of its own in *home* and load the election of *rows*; returns its code."""
    from flows.election.loading import init_election
    from flows.settings import change_settings

    change_settings({"home": home, **changes})
    return init_election(rows, now=AS_OF).election


def peak_megabytes() -> float:
    """Return the most that this process held at once. Not ``ru_maxrss`` first: that begins with its parent's."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
        return float(status.split("VmHWM:", 1)[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_stages(election: str, rows: Path, stages: Sequence[str]) -> Figures:
    """Run *stages* one after another against the Prefect server of the environment; seconds and peak of each."""
    from flows.assignment.flow import assignment
    from flows.cli.stage_display import run_flow
    from flows.delivery.flow import delivery
    from flows.intake.flow import intake
    from flows.issuance.flow import issuance
    from flows.vetting.flow import vetting

    import_module("fastapi.encoders")  # Prefect imports it in the first run; no side's imports are measured
    files = [str(rows / "nominations")]
    calls: dict[str, Callable[[], Any]] = {
        "intake": lambda: intake(files, election, as_of=AS_OF, return_state=True),
        "vetting": lambda: vetting(election, [], AS_OF, return_state=True),
        "assignment": lambda: assignment(election, [], AS_OF, return_state=True),
        "issuance": lambda: issuance(election, [], AS_OF, return_state=True),
        "delivery": lambda: delivery(election, AS_OF, return_state=True),
    }
    figures: Figures = {"seconds": {}, "processor": {}, "megabytes": {}, "said": {}}
    for stage in stages:
        started, worked = perf_counter(), process_time()
        state = run_flow(calls[stage])
        figures["seconds"][stage] = perf_counter() - started
        figures["processor"][stage] = process_time() - worked
        figures["megabytes"][stage] = peak_megabytes()
        figures["said"][stage] = state.message
        assert state.is_completed(), state.message
    return figures


def measure(home: Path, rows: Path, through: str, pictures: str, database: str) -> Figures:
    election = prepared(home, rows, **({"database_url": database} if database else {}))
    from flows.runtime.server.lifetime import temporary_server

    stages = STAGES[: STAGES.index(through) + 1]
    with temporary_server():
        from flows.oversight.counts import status_of

        with without_drawing(pictures):
            figures = run_stages(election, rows, stages)
        found = status_of(election)
    return figures | {"rows": found["intake"]["rows"], "credentials": sum(found["credentials"].values())}


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """Return what every side of a comparison is told."""
    words = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--home", type=Path, required=True, help="an empty folder for database, files and mail")
    words.add_argument("--rows", type=Path, required=True, help="a package of nominations")
    words.add_argument("--pictures", choices=("checked", "trusted"), default="checked")
    return words


def main() -> None:
    words = arguments(__doc__)
    words.add_argument("--through", choices=STAGES, default="issuance")
    words.add_argument("--database", default="", help="the engine's own; a SQLite file where nothing is said")
    given = words.parse_args()
    print(json.dumps(measure(given.home, given.rows, given.through, given.pictures, given.database)))


if __name__ == "__main__":
    main()
