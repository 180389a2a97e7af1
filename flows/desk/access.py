"""Who may open a case at the desk; and the book of what was opened by whom."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from db.decisions.waiting_cases import Scope
from db.journal import Book, content_hash
from db.store import Store, open_store
from domain.application.application import Application
from domain.decisions.competence import is_scoped
from domain.decisions.shifts import in_shift
from domain.election.profile import ElectionProfile
from domain.errors import ConcurrentChangeError
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.values import ElectionCode, UtcTime
from flows.context import database, right_now
from flows.decisions.casework import require_served

_WHO_OPENS: Final = (OfficerRole.CASE_OFFICER, OfficerRole.CONFIRMING_OFFICER, OfficerRole.APPEALS_OFFICER)
_TRIES: Final = 5


def check_opening(
    store: Store, officer: Officer, application: Application, profile: ElectionProfile, *, now: UtcTime
) -> None:
    """Raise :class:`OfficerRefusedError` unless *officer* may see the case: by role, recusal and binding scope."""
    if not any(officer.may(role) for role in _WHO_OPENS):
        raise OfficerRefusedError(officer.code, OfficerRole.CASE_OFFICER.asked_for)
    if officer.is_recused(application.organisation, application.id):
        raise OfficerRefusedError(officer.code, f"is recused from {application.case_number}.")
    require_served(store, officer, [application], profile, now=now)


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


def record_opening(election: ElectionCode, officer: Officer, what: str, *cases: UUID) -> None:
    """Write into the desk's book that *officer* opened *what* of *cases*; ids and words of the program only.

    It is written before anything is shown: what cannot be recorded is not opened.
    """
    if cases:
        keep(election, officer.code, *(f"{what}:{known}" for known in cases))


def keep(election: ElectionCode, officer: str, *subjects: str) -> None:
    """Write entries into the desk's book, which is a chain: two who write at once take turns."""
    now, contents = right_now(), {subject: content_hash({"subject": subject}) for subject in subjects}
    for attempt in range(1, _TRIES + 1):
        try:
            with open_store(database()) as store:
                store.journal.append(election, Book.DESK, contents, by=officer, at=now)
        except ConcurrentChangeError:
            if attempt == _TRIES:
                raise
            time.sleep(0.01 * attempt)
        else:
            return
