"""Appeals: lodged, then granted, dismissed by two officers, or remanded; none of them took part before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from domain.application import events as e
from domain.application.application import Application
from domain.election.unset import needed
from domain.errors import AccreditationError
from domain.values import OfficerCode, Sha256, UtcTime

if TYPE_CHECKING:
    from domain.election.profile import ElectionProfile

AppealOutcome = Literal["granted", "dismissed", "remanded"]

_APPEALABLE: Final = (e.ApplicationRefused, e.AccreditationRevoked)


class AppealRefusedError(AccreditationError):
    """The appeal cannot be taken, or lacks what it must carry."""

    exit_code = 2


def appeal_due(profile: ElectionProfile, lodged_at: UtcTime) -> UtcTime:
    """Return when an appeal must be decided: the period of the remedy, else the time an officer has for a case."""
    remedy = needed(profile.remedy, "remedy")
    if remedy.decided_within:
        return remedy.decided_within.end(lodged_at, profile.working_days)
    return lodged_at + timedelta(hours=profile.calendar.review_hours)


def appealed(history: Iterable[e.Event]) -> e.ApplicationRefused | e.AccreditationRevoked | None:
    """Return the last refusal or revocation of *history*, which is what an appeal is about."""
    return next((event for event in reversed([*history]) if isinstance(event, _APPEALABLE)), None)


def took_part(history: Iterable[e.Event]) -> frozenset[OfficerCode]:
    """Return the officers who acted on the case before its appeal was lodged; they have no part in the appeal."""
    events = [*history]
    lodged = [place for place, event in enumerate(events) if isinstance(event, e.AppealLodged)]
    before = events[: lodged[-1]] if lodged else events
    return frozenset(event.actor.code for event in before if event.actor.kind == "officer")


def lodged(
    happening: dict[str, Any], decided: e.Event | None, profile: ElectionProfile, *, told_at: UtcTime | None = None
) -> e.AppealLodged:
    """Return the event of an appeal against *decided*; one that came after its period is stamped late, not refused.

    *told_at* is when the letter of the decision arrived: the period begins then where the law counts from receipt, and
    nobody is late who was not told. Raises :class:`AppealRefusedError` where nothing was decided against the person,
    or the law gives no remedy.
    """
    if not isinstance(decided, _APPEALABLE):
        raise AppealRefusedError("There is no refusal and no revocation to appeal against.")
    last = profile.remedy_due(decided.at)
    if last is None:
        remedy = needed(profile.remedy, "remedy")
        raise AppealRefusedError(f"The law gives no remedy against this decision ({remedy.ground}).")
    at: UtcTime = happening["at"]
    due = appeal_due(profile, at)
    return e.AppealLodged(
        **happening, due_at=due, against=decided.decision_id, late=_is_late(at, last, profile, told_at=told_at)
    )


def _is_late(at: UtcTime, last: UtcTime, profile: ElectionProfile, *, told_at: UtcTime | None) -> bool:
    if needed(profile.remedy, "remedy").runs_from != "receipt":
        return at > last
    counted = profile.remedy_due(told_at) if told_at else None
    return counted is not None and at > counted


def ground_of(outcome: AppealOutcome, application: Application, profile: ElectionProfile) -> str:
    """Return the legal ground that the letter names: the reason's where the decision stands, else the remedy's."""
    if outcome == "dismissed" and application.reasons:
        return profile.ground(application.reasons[0])
    return needed(profile.remedy, "remedy").ground


def decision_of(event: e.Event | None) -> UUID | None:
    """Return the id of the decision that *event* came from, where it came from one."""
    return getattr(event, "decision_id", None)


def facts_hash_of(event: e.Event) -> Sha256 | None:
    """Return the hash of the facts that the decision behind *event* states, where it states any."""
    return getattr(event, "facts_sha256", None)
