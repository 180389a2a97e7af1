"""Which cases an officer may open at the desk."""

from __future__ import annotations

from collections.abc import Sequence

from db.decisions.waiting_cases import Scope
from db.store import Store
from domain.application.application import Application
from domain.decisions.competence import is_scoped
from domain.decisions.shifts import in_shift
from domain.election.profile import ElectionProfile
from domain.statements.officers import Officer, OfficerRefusedError
from domain.values import UtcTime
from flows.decisions.looks import check_opening


def may_open(
    store: Store, officer: Officer, application: Application, profile: ElectionProfile, *, now: UtcTime
) -> bool:
    """Whether :func:`check_opening` lets it pass."""
    try:
        check_opening(store, officer, application, profile, now=now)
    except OfficerRefusedError:
        return False
    return True


def scope_of(store: Store, officer: Officer, profile: ElectionProfile, *, now: UtcTime) -> Scope | None:
    """Return what the officer is bound to, in organisations and regions; None where every case is open."""
    served = in_shift(officer, store.elections.geography(profile.election.code), profile.zone, at=now)
    if profile.desk.scope != "binding" or not is_scoped(served):
        return None
    return Scope(
        organisations=served.organisations,
        regions=(*served.regions, *regions_of(store, served.offices, profile, now)),
    )


def regions_of(store: Store, offices: Sequence[str], profile: ElectionProfile, now: UtcTime) -> tuple[str, ...]:
    """Return the regions that *offices* serve today, standing in for others included."""
    geography, today = store.elections.geography(profile.election.code), now.astimezone(profile.zone).date()
    served = geography.serves_from <= today < geography.serves_until
    return tuple(
        region.code
        for region in geography.regions
        if region.office in offices or (served and geography.serving(region.office, on=today).code in offices)
    )
