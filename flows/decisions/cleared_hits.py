"""Clearing false hits: an officer finds that two people of like names are two people, and says why."""

from __future__ import annotations

from uuid import UUID

from db.store import Store, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.events import HitCleared
from domain.application.findings import Severity
from domain.application.lifecycle import TRANSITIONS
from domain.screening.hits import LONGEST_REASON, ClearedPair, ClearingRefusedError, Hit
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode
from flows.context import database
from flows.decisions.case_file import find_application, hits_of
from flows.decisions.casework import require_served
from flows.statements.acceptance import ActingOfficer, authorise


def find_hit(election: ElectionCode, key: str) -> str:
    """Return what a hit is about, called *key*: ``LIST:entry``, or the other case by its id, number or serial."""
    return key.strip() if ":" in key else str(find_application(election, key))


def clear_hit(application_id: UUID, about: str, reason: str, by: ActingOfficer, *, pair: str = "") -> ClearedPair:
    """Record that the case and *about* are two people; the pair comes back only when either side changes.

    With *pair* only where both sides are still what they were when the officer was shown that pair.

    Raises :class:`ClearingRefusedError` where there is no such hit, or it was cleared before, and the errors of
    officers and proofs. The reason stays in the database; the histories of the cases carry the pair's id only.
    """
    if not 3 <= len(reason.strip()) <= LONGEST_REASON:  # noqa: PLR2004 -- a word
        raise ClearingRefusedError(f"Say in 3 to {LONGEST_REASON} characters why these are two people.")
    with open_store(database()) as store:
        words = {"about": about, "reason": reason}
        deed = Deed(kind=ActKind.CLEAR_HIT, cases=(application_id,), words=words)
        accepted = authorise(store, by, deed, role=OfficerRole.CASE_OFFICER)
        officer = accepted.officer
        application = store.applications.get(application_id)
        sides = [(application, about), *_other_side(store, application, about)]
        _refuse_recused(officer, [side for side, _ in sides])
        require_served(store, officer, [application], store.elections.profile(by.election), now=by.now)
        hit = _open_hit(store, by.election, application, about)
        if pair and hit.pair != pair:
            raise ClearingRefusedError(
                f"{application.case_number}: one of the two changed since you looked; look again."
            )
        cleared = ClearedPair(
            pair=hit.pair, application_id=application_id, about=about, officer=officer.code, reason=reason.strip(),
            proof=accepted.proof, at=by.now,
        )  # fmt: skip
        store.resemblances.clear(by.election, cleared)
        for side, named in sides:
            _settle(store, side, named, cleared)
    return cleared


def _open_hit(store: Store, election: ElectionCode, application: Application, about: str) -> Hit:
    hit = next((hit for hit in hits_of(store, application) if hit.about == about), None)
    if hit is None:
        raise ClearingRefusedError(
            f"{application.case_number} has no such hit. See them with: accredit hits {application.case_number}"
        )
    if hit.cleared_by is not None:
        (before,) = store.resemblances.cleared(election, [hit.pair]).values()
        raise ClearingRefusedError(f"{application.case_number}: {before.officer} cleared it on {before.at:%Y-%m-%d}.")
    return hit


def _other_side(store: Store, application: Application, about: str) -> list[tuple[Application, str]]:
    if ":" in about:
        return []
    other = store.applications.get(UUID(about))
    if other.election != application.election:
        raise ClearingRefusedError(f"{other.case_number} belongs to another election.")
    return [(other, str(application.id))]


def _refuse_recused(officer: Officer, sides: list[Application]) -> None:
    for side in sides:
        if officer.is_recused(side.organisation, side.id):
            raise OfficerRefusedError(officer.code, f"is recused from cases of {side.organisation}.")


def _settle(store: Store, side: Application, about: str, cleared: ClearedPair) -> None:
    """Let the finding call for nobody any more, and write the clearing into the history of a case still open."""
    store.people.regrade(side, about, Severity.NOTE)
    if (side.status, HitCleared) in TRANSITIONS:
        event = HitCleared(
            application_id=side.id, at=cleared.at, actor=Actor.officer(cleared.officer), pair=cleared.pair
        )
        store.applications.record(side, event)
