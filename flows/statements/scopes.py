"""Scopes: which cases an officer serves at a moment, asked of many cases at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from db.store import Store
from domain.application.application import Application
from domain.decisions.competence import Place, check_scope, is_scoped
from domain.decisions.shifts import in_shift
from domain.election.profile import ElectionProfile
from domain.statements.officers import Officer, OfficerRefusedError
from domain.values import UtcTime


def unserved(
    store: Store, officer: Officer, cases: Sequence[Application], profile: ElectionProfile, *, now: UtcTime
) -> dict[UUID, OfficerRefusedError]:
    """Return what is said of each of *cases* that is outside of what the officer serves."""
    geography = store.elections.geography(profile.election.code)
    at_work = in_shift(officer, geography, profile.zone, at=now)
    if not is_scoped(at_work):
        return {}
    people, today = store.people.current([case.id for case in cases]), now.astimezone(profile.zone).date()
    refused: dict[UUID, OfficerRefusedError] = {}
    for case in cases:
        place = Place.of(case, people.get(case.id), geography, on=today)
        try:
            check_scope(at_work, place, profile, case_number=case.case_number)
        except OfficerRefusedError as error:
            refused[case.id] = error
    return refused


def check_shift_serves(
    store: Store, officer: Officer, cases: Sequence[Application], profile: ElectionProfile, *, now: UtcTime
) -> None:
    """Raise :class:`OfficerRefusedError` where surge staff act on one of *cases* that their office does not serve."""
    if officer.is_surge and (refused := unserved(store, officer, cases, profile, now=now)):
        raise next(iter(refused.values()))
