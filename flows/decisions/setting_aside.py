"""Approvals over what officers have to judge: the officer says why it is set aside, and that goes on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from db.store import open_reader
from domain.application.findings import Severity
from domain.application.status import UNDECIDED
from domain.decisions.rulings import DecisionRefusedError, Outcome, Ruling
from domain.values import RuleName
from flows.context import database
from flows.statements.acceptance import ActingOfficer

_HUMAN: Final = Severity.HUMAN
_TOLD: Final = 5
"""Cases that are named."""


def unanswered(ids: Sequence[UUID], ruling: Ruling) -> Mapping[str, tuple[RuleName, ...]]:
    """Return the cases that *ruling* would approve without a word why, by number, with what is to be judged.

    Facts are a word about every case, a note about its own case alone.
    """
    if ruling.outcome is not Outcome.APPROVE or ruling.facts.strip():
        return {}
    with open_reader(database()) as store:
        told = {note.application_id for note in store.casework.notes(ruling.notes).values()}
        left = [known for known in ids if known not in told]
        cases, findings = store.applications.get_many(left), store.people.findings_on(left)
    judged = {known: sorted({found.rule for found in of if found.severity is _HUMAN}) for known, of in findings.items()}
    undecided = {known: case for known, case in cases.items() if case.status in UNDECIDED}
    return {case.case_number: tuple(judged[known]) for known, case in undecided.items() if judged.get(known)}


def require_officer(by: ActingOfficer) -> None:
    """Raise :class:`UnknownThingError` where there is no such officer: nobody is asked why before that is known."""
    with open_reader(database()) as store:
        store.officers.get(by.election, by.officer)


def require_why(ids: Sequence[UUID], ruling: Ruling, *, how: str) -> None:
    """Raise :class:`DecisionRefusedError` where an approval leaves open why a finding is set aside.

    *how* tells the officer where to say it.
    """
    if open_points := unanswered(ids, ruling):
        named = ", ".join([*open_points][:_TOLD])
        more = " and others" * (len(open_points) > _TOLD)
        raise DecisionRefusedError(f"Something was found on {named}{more}. Say why it is set aside: {how}.")
