"""Rehearsing a run-off: two administrators hold it, organisations say who stays, and the outcome is checked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import openpyxl

from db.letters.letters import LetterFilter
from db.store import open_reader
from domain.application.status import PLACED, Status
from domain.election.following import FollowOn, stays
from domain.letters.envelope import LetterKind
from domain.values import ElectionCode, Frozen, OrganisationCode, UtcTime
from flows.context import database
from flows.election.carrying import carried_id
from flows.election.following import follow_on
from flows.intake.workbooks.template import write_text
from flows.rehearsal.package.lists.returned_corrections import columns_of
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store
from notifications.workbooks import timeless

GROUND: Final = "Resolution 41/2027 of the Election Commission of Valdara"
_SIGN: Final = ("OFF-ADMIN-1", "OFF-ADMIN-2")
_AFTER: Final = timedelta(days=21)


class RunOff(Frozen):
    """A run-off that was called, and the workbooks in which organisations say who stays."""

    election: ElectionCode
    answers: tuple[tuple[OrganisationCode, Path], ...]
    silent: tuple[UUID, ...]
    """Cases of whom nothing is said: the last row of each workbook that has several."""


def hold_run_off(first: ElectionCode, *, now: UtcTime) -> RunOff:
    """Let two administrators hold a run-off three weeks later, and write what organisations send back.

    A second time the same election is found, and the same bytes are written.
    """
    with open_reader(database()) as store:
        day = store.elections.profile(first).election.day + _AFTER
    order = FollowOn(code=f"{first}-2", day=day, ground=GROUND)
    for officer in _SIGN:
        follow_on(order, ActingOfficer(officer, first, now))
    folder = settings().home / "run-off"
    folder.mkdir(mode=0o700, exist_ok=True)
    with open_reader(database()) as store:
        letters = store.letters.matching(order.code, LetterFilter(kind=LetterKind.FOLLOW_ON), limit=100_000)
    answers: list[tuple[OrganisationCode, Path]] = []
    silent: list[str] = []
    for letter in (queued.envelope for queued in letters if queued.envelope.attachments):
        path = folder / f"corrections-{letter.organisation}.xlsx"
        content, left_out = _answered(file_store().get(letter.attachments[0].content), on=now)
        path.write_bytes(content)
        answers.append((letter.organisation or "", path))
        silent += left_out
    with open_reader(database()) as store:
        numbers = {case.case_number: case.id for case in store.applications.all_in(order.code)}
    return RunOff(
        election=order.code, answers=tuple(answers), silent=tuple(numbers[number[:14]] for number in silent)
    )  # fmt: skip


def _answered(workbook: bytes, *, on: UtcTime) -> tuple[bytes, list[str]]:
    """Return the workbook with the day of the pledge in every row but the last of several, and that one's reference."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    sheet = book.worksheets[0]
    pledged = columns_of(sheet)["pledge_accepted_on"]
    last = sheet.max_row if sheet.max_row > 2 else 0  # noqa: PLR2004 -- the head and one row
    for number in range(2, sheet.max_row + 1):
        if number != last:
            write_text(sheet.cell(number, pledged), on.date().isoformat())
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue()), [str(sheet.cell(last, 1).value)] if last else []


def run_off_differences(first: ElectionCode, held: RunOff) -> Iterator[str]:
    """Yield where the run-off is not what follows from the first election and from what organisations said.

    Everybody who stays and said so holds a credential; nobody else does.
    """
    with open_reader(database()) as store:
        before = {carried_id(held.election, case.id): case for case in store.applications.all_in(first) if stays(case)}
        cases = {case.id: case for case in store.applications.all_in(held.election)}
    yield from (f"{known} stays and has no case" for known in before.keys() - cases.keys())
    yield from (f"{known} has a case and was not accredited" for known in cases.keys() - before.keys())
    for known in sorted(before.keys() & cases.keys()):
        case = cases[known]
        wanted = Status.INCOMPLETE if known in held.silent else Status.CREDENTIALED
        if case.status is not wanted:
            yield f"{case.case_number} is {case.status}, not {wanted}"


def moved_by_run_off(first: ElectionCode, held: RunOff) -> int:
    """Return how many have another region than in the first election: what a plan needs where others do not come."""
    with open_reader(database()) as store:
        before = {carried_id(held.election, case.id): case.region for case in store.applications.all_in(first)}
        placed = store.applications.all_in(held.election, *PLACED)
    return sum(bool(before[case.id]) and case.region != before[case.id] for case in placed)
