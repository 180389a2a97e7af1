"""Keeping a case for oneself at the desk: no decision, so that a signed-in officer needs no signature for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from db.store import open_store
from domain.application.application import case_number
from domain.decisions.casework import Claim
from domain.statements.officers import OfficerRefusedError
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.context import database
from flows.decisions.scope import require_served


def claim_at_desk(ids: Sequence[UUID], officer_code: OfficerCode, *, election: ElectionCode, now: UtcTime) -> None:
    """Keep the cases for the officer for the profile's minutes; an own claim begins anew.

    Raises :class:`OfficerRefusedError` for one that is another's, or that the officer may not act on: then nothing is
    claimed.
    """
    with open_store(database()) as store:
        officer = store.officers.get(election, officer_code)
        for claim in store.casework.claims(ids, now=now).values():
            if claim.officer != officer.code:
                number = case_number(claim.application_id)
                raise OfficerRefusedError(claim.officer, f"works on {number} until {claim.until:%H:%M} UTC.")
        cases = store.applications.get_many(ids)
        for case in cases.values():
            if officer.suspended or officer.is_recused(case.organisation, case.id):
                raise OfficerRefusedError(officer.code, f"is suspended, or recused from {case.case_number}.")
        profile = store.elections.profile(election)
        require_served(store, officer, [*cases.values()], profile, now=now)
        until = now + timedelta(minutes=profile.desk.claim_minutes)
        store.casework.claim(
            [Claim(application_id=known, officer=officer.code, at=now, until=until) for known in sorted(cases)]
        )


def release_at_desk(ids: Sequence[UUID], officer_code: OfficerCode, *, now: UtcTime) -> None:
    """Give back the officer's own claims among *ids*."""
    with open_store(database()) as store:
        claims = store.casework.claims(ids, now=now)
        store.casework.release([known for known, claim in claims.items() if claim.officer == officer_code])
