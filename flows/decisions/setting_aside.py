"""What officers have to judge of a case: an approval says why it is set aside, and nobody signs over what is unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.findings import Finding, Severity
from domain.application.status import UNDECIDED
from domain.decisions.rulings import DecisionRefusedError, Outcome, Ruling
from domain.election.profile import ElectionProfile
from domain.values import RuleName, Sha256, UtcTime
from flows.context import ElectionContext, database
from flows.statements.acceptance import ActingOfficer
from flows.vetting.policies import come_since

Points = frozenset[tuple[RuleName, str]]
"""What is to be judged, each by its rule and what it points to."""

_TOLD: Final = 5
"""Cases that are named."""


def points_in(findings: Iterable[Finding]) -> Points:
    """Return what of *findings* an officer has to judge."""
    return frozenset((found.rule, found.about) for found in findings if found.severity is Severity.HUMAN)


def seal_of(points: Points) -> Sha256:
    """Return a hash by which a form says what it showed."""
    return hashlib.sha256(repr(sorted(points)).encode()).hexdigest()


def noted_on(store: Store, ids: Sequence[UUID]) -> dict[UUID, Points]:
    """Return what the checks left to be judged of each case that is undecided, as the queue shows it."""
    findings = store.people.findings_on(ids)
    return {case.id: points_in(findings.get(case.id, ())) for case in _undecided(store, ids)}


def to_judge(store: Store, ids: Sequence[UUID], profile: ElectionProfile, *, now: UtcTime) -> dict[UUID, Points]:
    """Return what is to be judged of each undecided case at *now*: as noted, and what policies say since."""
    noted = noted_on(store, ids)
    if not profile.policies_on(now):
        return noted
    cases = _undecided(store, ids)
    context = ElectionContext.of(store, profile.election.code, now=now)
    since = come_since(store, context, cases, store.people.findings_on(ids))
    return {known: points | points_in(since.get(known, ())) for known, points in noted.items()}


def _undecided(store: Store, ids: Sequence[UUID]) -> list[Application]:
    return [case for case in store.applications.get_many(ids).values() if case.status in UNDECIDED]


def come_up(
    store: Store, seen: Mapping[UUID, Points], profile: ElectionProfile, *, now: UtcTime
) -> dict[str, tuple[RuleName, ...]]:
    """Return the cases of which more is to be judged now than the officer has *seen*, by number, with what it is."""
    found = to_judge(store, [*seen], profile, now=now)
    more = {known: sorted({rule for rule, _ in points - seen[known]}) for known, points in found.items()}
    numbers = store.applications.get_many([known for known, rules in more.items() if rules])
    return {case.case_number: tuple(more[known]) for known, case in numbers.items()}


def unanswered(
    ids: Sequence[UUID], ruling: Ruling, profile: ElectionProfile, *, now: UtcTime
) -> dict[str, tuple[RuleName, ...]]:
    """Return the cases that *ruling* would approve without a word why, by number, with what is to be judged.

    Facts are a word about every case, a note about its own case alone.
    """
    if ruling.outcome is not Outcome.APPROVE or ruling.facts.strip():
        return {}
    with open_reader(database()) as store:
        told = {note.application_id for note in store.casework.notes(ruling.notes).values()}
        return come_up(store, {known: Points() for known in ids if known not in told}, profile, now=now)


def require_officer(by: ActingOfficer) -> None:
    """Raise :class:`UnknownThingError` where there is no such officer: nobody is asked why before that is known."""
    with open_reader(database()) as store:
        store.officers.get(by.election, by.officer)


def require_why(open_points: Mapping[str, object], *, how: str) -> None:
    """Raise :class:`DecisionRefusedError` where an approval leaves open why a finding is set aside.

    *how* tells the officer where to say it.
    """
    if open_points:
        named = ", ".join([*open_points][:_TOLD])
        more = " and others" * (len(open_points) > _TOLD)
        raise DecisionRefusedError(f"Something was found on {named}{more}. Say why it is set aside: {how}.")
