"""DBOS: one durable workflow of four steps for each application, doing the same work.

    python -m benchmarks.durable --home FOLDER --rows FOLDER [--count 300] [--database URL] [--kept]

The four steps read and check the row, vet it, place it and sign its credential. To its advantage, not counted: reading
the files, indexing who shares a document or a name, the plan (a step only looks its own place up), letters, history
and every write of ours: it writes only what makes it durable. With ``--kept`` its steps are the engine's own on one
application, with the same database writes, letters and history. Workflows run one after another, or all at once on
DBOS's own threads (``--at-once``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

from benchmarks import idiom
from benchmarks.bare import Loop, holders_of, resembling
from benchmarks.pipeline import AS_OF, Figures, arguments, peak_megabytes, prepared, without_drawing
from db.store import open_reader
from domain.application.case import Case
from domain.application.findings import deficiencies, needs_human
from domain.application.nomination import Nomination
from domain.credentials.verdict import encode_token
from domain.intake.completeness import completeness
from domain.intake.nominations_file import RowProblem
from domain.intake.rows import read_row
from domain.screening.applicants import applicant_of
from domain.screening.hits import Hit
from domain.vetting.checks import Surroundings, vet
from flows.context import database, election_context
from flows.intake.arrivals import Arrival, arrivals
from flows.intake.file_order import FileChunk
from flows.intake.reading import enclosures
from flows.intake.reading.people import RawRow
from flows.intake.reading.tables import raw_rows, read_file
from flows.issuance.signing.signatory import badge_signer
from flows.vetting.screening import hits_on_lists


class Steps:
    """The four steps, by the number of a row."""

    def __init__(self, loop: Loop, rows: list[tuple[RawRow, Arrival]]) -> None:
        self.loop = loop
        self.rows = rows
        self.cases = {(case.nomination.reference, case.application.organisation): case for case in loop.cases.values()}
        self.persons = {known: applicant_of(case.nomination, case=str(known)) for known, case in loop.cases.items()}
        self.holders = holders_of(self.persons)

    def _case(self, number: int, nomination: Nomination) -> Case | None:
        return self.cases.get((nomination.reference, self.rows[number][1].organisation))

    def check(self, number: int) -> str:
        """Return the nomination where it is complete, else nothing."""
        raw, arrival = self.rows[number]
        profile = self.loop.context.profile
        read = read_row(raw.number, raw.cells, extra_cells=raw.extra_cells)
        if isinstance(read, RowProblem):
            return ""
        enclosed = enclosures.read_enclosures(raw.cells, arrival.path.parent / arrival.path.stem, profile)
        nomination = read.revised(photo=enclosed.photo, identity_page=enclosed.identity_page)
        findings = (*completeness(nomination, profile), *enclosed.findings)
        return "" if deficiencies(findings) else nomination.model_dump_json()

    def vet(self, number: int, written: str) -> list[str]:
        """Return the rules that refer the case to officers."""
        nomination = Nomination.model_validate_json(written, strict=False)
        case = self._case(number, nomination)
        around = Surroundings(
            received_at=self.rows[number][1].received_at or AS_OF,
            hits=self._hits(case.application.id, nomination) if case else (),
        )
        findings = vet(nomination, self.loop.context.profile, around)
        return [finding.rule for finding in findings] if needs_human(findings) else []

    def _hits(self, known: UUID, nomination: Nomination) -> tuple[Hit, ...]:
        person = applicant_of(nomination, case=str(known))
        with open_reader(database()) as store:
            listed = [hit for _, hit in hits_on_lists(store, self.loop.context, {known: person})]
        return (*resembling(known, person, self.persons, self.holders), *listed)

    def place(self, number: int, written: str) -> str:
        case = self._case(number, Nomination.model_validate_json(written, strict=False))
        return (case.application.region if case else None) or ""

    def sign(self, number: int, written: str, region: str) -> str:
        del region
        nomination = Nomination.model_validate_json(written, strict=False)
        case = self._case(number, nomination)
        if case is None:
            return ""
        signed = Case(case.application, nomination)
        return encode_token(self.loop.claims(signed, self.loop.reservation(number, signed)), self.loop.signer)


def prepared_steps(home: Path, rows: Path) -> Steps:
    """Return the steps with all that they look up: the plan of everybody, made by the bare loop."""
    election = prepared(home, rows)
    context = election_context(election, AS_OF)
    with open_reader(database()) as store:
        loop = Loop(context, store.elections.secret(election), badge_signer(context.profile, now=AS_OF), None)
    loop.take_in(rows / "nominations")
    loop.vet()
    loop.place()
    found = arrivals(rows / "nominations", organisation="", received_at=None)
    every = [(raw, arrival) for arrival in found for raw in raw_rows(read_file(arrival.path), name=arrival.path.name)]
    return Steps(loop, every)


def step_of(dbos: Any, work: Callable[..., Any]) -> Any:
    """Make *work* a step of DBOS, which marks what it decorates, so methods will not do."""

    @wraps(work)
    def step(*given: Any) -> Any:
        return work(*given)

    return dbos.step(name=work.__name__)(step)


def workflow_of(steps: Steps, dbos: Any) -> Any:
    check, vetted, place, sign = (step_of(dbos, work) for work in (steps.check, steps.vet, steps.place, steps.sign))

    def accredit_one(number: int) -> Any:
        written = check(number)
        if not written or vetted(number, written):
            return ""
        region = place(number, written)
        return str(sign(number, written, region))

    return dbos.workflow(name="accredit_one")(accredit_one)


def kept_workflow_of(chunks: list[FileChunk], election: str, dbos: Any) -> Any:
    """Return the workflow whose steps write what the engine writes; between them go ids alone."""
    admit, check, place, issue = (step_of(dbos, work) for work in (idiom.admit, idiom.check, idiom.place, idiom.issue))

    def accredit_one(number: int) -> Any:
        ids = admit(chunks[number], election)
        for step in (check, place, issue):
            step(ids, election)
        return bool(ids)

    return dbos.workflow(name="accredit_one")(accredit_one)


def measure(workflow: Callable[[Any], Any], numbers: list[int], url: str, *, at_once: bool) -> Figures:
    """Run the workflows and return their seconds; the first five are not measured."""
    DBOS: Any = import_module("dbos").DBOS  # noqa: N806 -- its own name

    accredit_one = workflow(DBOS)
    DBOS(config={"name": "accreditation", "system_database_url": url, "log_level": "ERROR"})
    DBOS.launch()
    try:
        for number in numbers[:5]:
            accredit_one(number)
        numbers = numbers[5:]
        started, worked = perf_counter(), process_time()
        if at_once:
            tokens = [
                handle.get_result() for handle in [DBOS.start_workflow(accredit_one, number) for number in numbers]
            ]
        else:
            tokens = [accredit_one(number) for number in numbers]
        seconds, processor = perf_counter() - started, process_time() - worked
    finally:
        DBOS.destroy()
    return {
        "seconds": {"all": seconds},
        "processor": {"all": processor},
        "megabytes": {"all": peak_megabytes()},
        "rows": len(numbers),
        "credentials": sum(bool(token) for token in tokens),
    }


def main() -> None:
    words = arguments(__doc__)
    words.add_argument("--count", type=int, default=300)
    words.add_argument("--database", default="", help="where DBOS keeps its own; a SQLite file where nothing is said")
    words.add_argument("--at-once", action="store_true", help="start all workflows, then wait for them")
    words.add_argument("--kept", action="store_true", help="write what the engine writes")
    given = words.parse_args()
    url = given.database or f"sqlite:///{given.home / 'dbos.sqlite'}"
    with without_drawing(given.pictures):
        if given.kept:
            election, chunks = idiom.staged(given.home, given.rows, database=given.database)
            workflow, rows = partial(kept_workflow_of, chunks, election), len(chunks)
        else:
            steps = prepared_steps(given.home, given.rows)
            workflow, rows = partial(workflow_of, steps), len(steps.rows)
        # Spread over all files, as problems are.
        every = range(0, rows, max(1, rows // (given.count + 5)))
        print(json.dumps(measure(workflow, list(every)[: given.count + 5], url, at_once=given.at_once)))


if __name__ == "__main__":
    main()
