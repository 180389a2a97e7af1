"""Whether officers act on cases that they serve."""

from __future__ import annotations

from collections.abc import Sequence

from db.store import Store
from domain.application.application import Application
from domain.decisions.scope import Place, check_scope, is_scoped
from domain.election.profile import ElectionProfile
from domain.statements.officers import Officer
from domain.values import UtcTime


def require_served(
    store: Store, officer: Officer, cases: Sequence[Application], profile: ElectionProfile, *, now: UtcTime
) -> None:
    """Raise :class:`OfficerRefusedError` for the first of *cases* that is outside of what the officer serves."""
    if not is_scoped(officer):
        return
    geography, people = store.elections.geography(profile.election.code), store.people.current([x.id for x in cases])
    today = now.astimezone(profile.zone).date()
    for case in cases:
        place = Place.of(case, people.get(case.id), geography, on=today)
        check_scope(officer, place, profile, case_number=case.case_number)
