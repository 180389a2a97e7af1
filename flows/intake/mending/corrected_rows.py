"""Mending: rows of corrections files, known by their signed references alone, become rows that can be recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from db.intake.corrections import Returned
from db.store import Store
from domain.application.application import case_number
from domain.application.findings import Finding
from domain.application.nomination import Nomination
from domain.application.roles import Role
from domain.intake.corrections import (
    CorrectionRead,
    CorrectionTarget,
    correction_key,
    findings_of_files,
    forged,
    is_touched,
    may_stand,
    mended_cells,
    mended_nomination,
    signed_target,
    without_unfit_files,
)
from domain.intake.nominations_file import ChunkCounts, RowProblem, RowRead
from domain.intake.rows import read_row
from flows.context import ElectionContext
from flows.intake.recording import Recorder


@dataclass(frozen=True, slots=True)
class Mend:
    """What a correction comes to: a row to record, a row that goes back, or nothing where nothing was mended."""

    target: CorrectionTarget | None
    read: RowRead | RowProblem | None


def record_corrections(
    store: Store, context: ElectionContext, recorder: Recorder, rows: Sequence[CorrectionRead]
) -> ChunkCounts:
    """Record what *rows* mend; returns what became of them. A row that went back and is usable now is marked mended.

    A reference that comes twice counts twice, the later row last.
    """
    counts = ChunkCounts()
    due: list[CorrectionRead] = list(rows)
    while due:
        numbers = {row.correction: row.number for row in reversed(due)}
        first = [row for row in due if row.number == numbers[row.correction]]
        due = [row for row in due if row.number != numbers[row.correction]]
        store.flush()
        found = mends(store, context, first)
        problems = [mend.read for mend in found if isinstance(mend.read, RowProblem)]
        recorder.problems += problems
        counts += ChunkCounts(unchanged=sum(mend.read is None for mend in found), returned=len(problems))
        counts += recorder.record([mend.read for mend in found if isinstance(mend.read, RowRead)])
        store.flush()
        _mark_mended(store, context, recorder, found)
    return counts


def _mark_mended(store: Store, context: ElectionContext, recorder: Recorder, found: Iterable[Mend]) -> None:
    mended = {
        mend.target: recorder.ids[mend.read.number]
        for mend in found
        if mend.target and mend.target.file_id and isinstance(mend.read, RowRead) and mend.read.number in recorder.ids
    }
    there = store.applications.get_many(list(mended.values())) if mended else {}
    store.corrections.mark_mended(
        {target: known for target, known in mended.items() if known in there}, now=context.now
    )


def mends(store: Store, context: ElectionContext, rows: Sequence[CorrectionRead]) -> list[Mend]:
    """Return what each of *rows* comes to, in order; nothing is written."""
    returned = {
        correction.target: correction for correction in store.corrections.returned(context.election, _senders(rows))
    }
    targets = _targets(store, context, rows, returned)
    cases = {target: target.application_id or returned[target].application_id for target in targets if target}
    ids = [known for known in cases.values() if known]
    people, findings = store.people.current(ids), store.people.findings_on(ids)
    shown = store.people.at({(case, target.version or 1) for target, case in cases.items() if case})
    found, roles = list[Mend](), context.profile.own_role_names
    for row, target in zip(rows, targets, strict=True):
        case = cases[target] if target else None
        if case:
            versions = (people.get(case), shown.get((case, target.version or 1)) if target else None)
            found.append(Mend(target, _of_case(row, case, versions, findings.get(case, []), roles)))
        elif target:
            found.append(Mend(target, _of_returned(row, returned[target].problem, context)))
        else:
            found.append(Mend(None, forged(row)))
    return found


def _senders(rows: Iterable[CorrectionRead]) -> set[str]:
    return {row.organisation for row in rows}


def _targets(
    store: Store,
    context: ElectionContext,
    rows: Sequence[CorrectionRead],
    returned: Mapping[CorrectionTarget, Returned],
) -> list[CorrectionTarget | None]:
    """Return what each reference is about, None for one that is not ours or another organisation's."""
    key = correction_key(store.elections.secret(context.election))
    known: defaultdict[tuple[str, str], list[CorrectionTarget]] = defaultdict(list)
    for target in (*store.corrections.cases(context.election, _senders(rows)), *returned):
        known[target.organisation, case_number(target.id)].append(target)
    return [
        next(
            (
                signed
                for target in known[row.organisation, row.correction[:14]]
                if (signed := signed_target(key, context.election, target, row.correction))
            ),
            None,
        )
        for row in rows
    ]


def _of_case(
    row: CorrectionRead,
    case: UUID,
    versions: tuple[Nomination | None, Nomination | None],
    findings: Sequence[Finding],
    roles: Mapping[str, Role],
) -> RowRead | RowProblem:
    """Return what *row* comes to; *versions* are what is on record and what the workbook showed."""
    current, shown = versions
    if current is None:
        return forged(row)
    row, unfit = without_unfit_files(row, current, findings)
    nomination = mended_nomination(current, row, shown, roles)
    if isinstance(nomination, RowProblem):
        return nomination
    return RowRead(
        number=row.number,
        organisation=row.organisation,
        nomination=nomination,
        findings=findings_of_files(findings, row),
        fingerprint=row.fingerprint,
        cells=row.cells,
        about=case,
        set_aside=unfit,
    )


def _of_returned(row: CorrectionRead, problem: RowProblem, context: ElectionContext) -> RowRead | RowProblem | None:
    touched = is_touched(problem, row)
    if not touched and not (may_stand(problem) and row.organisation in context.organisations):
        return None
    nomination = read_row(row.number, mended_cells(problem, row), roles=context.profile.own_role_names)
    if isinstance(nomination, RowProblem):
        return nomination.revised(cells=dict(row.cells)) if touched else None
    return RowRead(
        number=row.number,
        organisation=row.organisation,
        nomination=nomination.revised(photo=row.photo, identity_page=row.identity_page),
        findings=row.findings,
        fingerprint=row.fingerprint,
        cells=row.cells,
    )
