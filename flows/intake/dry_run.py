"""A dry run of intake: every row read, checked and compared with what is recorded, and nothing written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import State

from db.store import Store, open_reader
from domain.application.findings import Finding, deficiencies
from domain.application.status import Status
from domain.errors import BadInputError
from domain.intake.completeness import completeness_with_files
from domain.intake.corrections import CorrectionRead
from domain.intake.kept_files import notes_on_files, says_more_of_files
from domain.intake.nominations_file import ChunkCounts, KnownBy, RowOutcome, RowProblem, RowRead, file_id
from domain.intake.plausibility.siblings import compared
from domain.intake.remedies import Asked, FieldProblem, problems_of
from domain.intake.roll import Claims
from domain.intake.row_identity import IdentityVerdict
from domain.messages import Message, ReadingNote
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import ElectionContext, database, election_context
from flows.intake.arrivals import Arrival
from flows.intake.column_agreements import agreed_names
from flows.intake.file_names import FileNames, reason_unreadable
from flows.intake.file_order import Repeats
from flows.intake.mending.corrected_rows import mends
from flows.intake.moved_columns import Cells, MovedColumns
from flows.intake.precheck import TableReading
from flows.intake.reading.packages import is_package
from flows.intake.reading.people import RawRow
from flows.intake.reading.readers import PackageApart, table_apart
from flows.intake.reading.rows import Read, nearest_names, read_nomination
from flows.intake.reading.tables import require_file
from flows.intake.recognition import Recogniser, asked_back, traced
from flows.intake.recording import ALREADY_DECIDED, UNKNOWN_ORGANISATION, foreseen
from flows.runtime.chunks import final_state
from flows.runtime.outcomes import ChunkFailure, StageOutcome, error_code
from flows.runtime.processes.readers import Reader
from flows.runtime.reports import Cell, publish_stage_report
from flows.settings import settings
from flows.storage.files import digest_of


class RowReport(Frozen):
    """What would become of a row about which there is something to say."""

    row: int
    reference: str
    outcome: RowOutcome
    known_by: KnownBy = KnownBy.OWN_KEY
    problems: tuple[FieldProblem, ...]


class DryRunReport(Frozen):
    """What would become of a file."""

    file: str
    organisation: str
    reading: TableReading
    counts: ChunkCounts
    rows: tuple[RowReport, ...]
    """Rows that would go back, be held, or be recorded with something to mend."""

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON: as in the report of an intake, with the findings of each row."""
        counts = {"rows": self.counts.rows, **self.counts.model_dump()}
        return {
            "file": self.file,
            "organisation": self.organisation,
            "reading": self.reading.model_dump(),
            **counts,
            "findings": [row.model_dump() for row in self.rows],
        }


def dry_run_files(
    found: Sequence[Arrival], election: ElectionCode, *, now: UtcTime, said: Mapping[str, str] | None = None
) -> list[DryRunReport]:
    """Return what would become of every file; raises :class:`BadInputError` for one that cannot be read.

    *said* is what the sender's own names mean besides what was agreed; it is not kept.
    """
    trial = _Trial(election_context(election, now), said)
    return [trial.of(arrival) for arrival in found]


class _Trial:
    """Tries files one after another, seeing each row as the rows before would have left it."""

    def __init__(self, context: ElectionContext, said: Mapping[str, str] | None = None) -> None:
        self._context = context
        self._said = said or {}
        self._repeats: Callable[[], Repeats] = Repeats
        self._claims: Callable[[], Claims] = Claims
        self._who = Recogniser(context.election, self._claims_of_file)
        self._moved = MovedColumns(context.election)
        self._states: dict[UUID, Status] = {}
        self._found: dict[UUID, list[Finding]] = {}
        """What is found on cases that are incomplete, or would be."""
        self._changed: set[UUID] = set()
        self._notes: list[ReadingNote] = []
        self._counts = ChunkCounts()

    def _claims_of_file(self) -> Claims:
        return self._claims()

    def of(self, arrival: Arrival) -> DryRunReport:
        path = require_file(arrival.path)
        agreed = {**agreed_names(self._context.election, arrival.organisation), **self._said}
        before, self._counts = self._counts, ChunkCounts()
        self._repeats = repeats = cache(partial(_repeats, path, arrival.organisation, agreed))
        self._moved = MovedColumns(self._context.election, partial(_listed, path, agreed))
        self._claims = cache(lambda: Claims(repeats().claims))
        with ExitStack() as stack:
            table = stack.enter_context(table_apart(path, name=path.name, agreed=agreed))
            folder, reader = _folder(path, stack), stack.enter_context(Reader())
            self._notes = []
            rows = tuple(self._rows(table.rows, arrival.organisation, folder, reader))
            table.notes += self._notes
            reading = TableReading.of(table, name=path.name)
        counts, self._counts = self._counts, before + self._counts
        return DryRunReport(
            file=path.name, organisation=arrival.organisation, reading=reading, counts=counts, rows=rows
        )

    def _rows(
        self, rows: Iterator[RawRow], sender: str, folder: Path | PackageApart, reader: Reader
    ) -> Iterator[RowReport]:
        profile = self._context.profile
        shared: frozenset[int] = frozenset()
        ahead = iter(rows)
        batch = list(islice(ahead, settings().chunk_size))
        if following := list(islice(ahead, settings().chunk_size)):
            shared = frozenset(self._repeats().shared.marks)
        while batch:
            read = compared(
                [read_nomination(row, sender, folder, profile, keep=False, reader=reader) for row in batch], shared
            )
            self._notes += nearest_names(read)
            yield from self._batch(read)
            batch, following = following, list(islice(ahead, settings().chunk_size))

    def _batch(self, sent: Sequence[Read]) -> Iterator[RowReport]:
        with open_reader(database()) as store:
            read = self._mended(store, sent)
            people = [row for row in read if isinstance(row, RowRead)]
            self._who.load(store, people)
            self._notes += self._moved.look(store, self._who, people)
            incomplete = [
                application.id
                for application in self._who.applications.values()
                if application.status is Status.INCOMPLETE
            ]
            self._found |= {case: found for case, found in store.people.findings_on(incomplete).items()
                            if case not in self._changed}  # fmt: skip
        for row in read:
            if row is None:
                self._counts += ChunkCounts(unchanged=1)
                continue
            report = _returned(row) if isinstance(row, RowProblem) else self._recorded(row)
            self._counts += ChunkCounts.of(report.outcome, report.known_by)
            if report.problems or report.known_by is not KnownBy.OWN_KEY:
                yield report

    def _mended(self, store: Store, sent: Sequence[Read]) -> list[RowRead | RowProblem | None]:
        """Return the rows with what corrections come to in their places; None where nothing was mended."""
        corrections = [row for row in sent if isinstance(row, CorrectionRead)]
        mended = iter(mends(store, self._context, corrections) if corrections else ())
        return [next(mended).read if isinstance(row, CorrectionRead) else row for row in sent]

    def _recorded(self, row: RowRead) -> RowReport:
        if row.organisation not in self._context.organisations:
            return _told(row, "returned", "organisation", Message.of(UNKNOWN_ORGANISATION))
        if (asked := self._moved.question(row)) and not self._who.is_as_recorded(row):
            return _told(row, "returned", "", asked)
        found = self._who.of(row)
        if found.verdict is IdentityVerdict.ASK:
            return _told(row, "returned", *asked_back(row, found))
        known = found.case if found.verdict is IdentityVerdict.SAME else None
        status = self._status(known) if known else None
        if known:
            row = self._who.completed(row, known, self._found.get(known, ()))
        same = known is not None and self._who.says_the_same(row, known) and not self._says_more(row, known, status)
        outcome = foreseen(self._context.organisations[row.organisation], status, same=same)
        case = known or self._who.new_id(row)
        changed = status is None or outcome == "corrected"
        findings = completeness_with_files(row.nomination, self._context.profile, row.findings) if changed else ()
        if changed:
            self._who.keep_said(row, case)
            self._keep(case, status or (Status.HELD if outcome == "held" else Status.SUBMITTED), findings)
        self._who.keep(row, case, changed=changed)
        self._notes += notes_on_files(row, recorded=changed)
        return RowReport(
            row=row.number,
            reference=row.nomination.reference,
            outcome=outcome,
            known_by=traced(row, case, found).known_by,
            problems=tuple(self._problems(row, outcome, status, findings)),
        )

    def _keep(self, case: UUID, status: Status, findings: Sequence[Finding]) -> None:
        """Let later rows see *case* as recording would leave it."""
        self._changed.add(case)
        self._found.pop(case, None)
        lacks = bool(deficiencies(tuple(findings)))
        if lacks:
            self._found[case] = list(findings)
        if status in {Status.SUBMITTED, Status.INCOMPLETE}:
            status = Status.INCOMPLETE if lacks else Status.SUBMITTED
        self._states[case] = status

    def _says_more(self, row: RowRead, case: UUID, status: Status | None) -> bool:
        """As in recording; what a row of the same trial left open counts as if it were recorded."""
        return status is Status.INCOMPLETE and says_more_of_files(row, self._found.get(case, ()))

    def _status(self, case: UUID) -> Status | None:
        if case in self._states:
            return self._states[case]
        application = self._who.applications.get(case)
        return application.status if application else None

    def _problems(
        self, row: RowRead, outcome: RowOutcome, status: Status | None, findings: Sequence[Finding]
    ) -> Iterator[FieldProblem]:
        if outcome == "held" and status is not None:
            yield FieldProblem(field="", message=Message.of(ALREADY_DECIDED))
        elif outcome != "unchanged":
            findings = findings or completeness_with_files(row.nomination, self._context.profile, row.findings)
            yield from problems_of(findings, Asked.of(self._context.profile, row.nomination))


def _told(row: RowRead, outcome: RowOutcome, field: str, message: Message) -> RowReport:
    problem = FieldProblem(field=field, message=message)
    return RowReport(row=row.number, reference=row.nomination.reference, outcome=outcome, problems=(problem,))


def _repeats(path: Path, sender: str, agreed: Mapping[str, str]) -> Repeats:
    """Return what all rows of a file claim and share: it is read a second time, where anything depends on it."""
    repeats = Repeats(sender)
    with table_apart(path, name=path.name, agreed=agreed) as table:
        repeats.turn_of(table.rows)
    return repeats


def _listed(path: Path, agreed: Mapping[str, str]) -> Iterator[Cells]:
    with table_apart(path, name=path.name, agreed=agreed) as table:
        for row in table.rows:
            yield row.cells


def _returned(row: RowProblem) -> RowReport:
    problem = FieldProblem(field=row.field, message=row.message)
    reference = row.cells.get("reference", "")[:200]
    return RowReport(row=row.number, reference=reference, outcome="returned", problems=(problem,))


def _folder(path: Path, stack: ExitStack) -> Path | PackageApart:
    if is_package(path):
        return stack.enter_context(PackageApart(path, path.name))
    return path.parent / path.stem


async def publish_dry_run(found: Sequence[Arrival], election: ElectionCode, *, now: UtcTime) -> State[Any]:
    """Try *found* and show in Prefect what would become of each row: numbers, fields and remedies, no values."""
    counts, lines, failures = ChunkCounts(), list[dict[str, Cell]](), list[ChunkFailure]()
    trial, names = _Trial(election_context(election, now)), FileNames.of(election)
    for number, arrival in enumerate(found, start=1):
        try:
            one = trial.of(arrival)
        except BadInputError as error:
            reason = reason_unreadable(arrival.path, number, len(found), command="accredit intake --dry-run")
            failures.append(ChunkFailure(chunk=number, applications=0, code=error_code(error), reason=reason))
            continue
        counts += one.counts
        file = names.name(arrival.organisation, file_id(election, arrival.organisation, digest_of(arrival.path)))
        lines += [
            {"file": file, "row": row.row, "would be": row.outcome, "field": problem.field, "remedy": problem.remedy}
            for row in one.rows
            for problem in row.problems
        ]
    outcome = StageOutcome(
        stage="intake", things="rows", applications=counts.rows, counts=counts.model_dump(), failures=tuple(failures)
    )
    notes = ("This was a dry run: nothing was written. Run it again without dry run to record the rows.",)
    await publish_stage_report(outcome, election=election, rows=lines, notes=notes, announced=False)
    return final_state(outcome, name="Tried")
