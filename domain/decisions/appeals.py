"""Appeals: lodged, then granted, dismissed by two officers, or remanded; none of them took part before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from domain.application import events as e
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.election.unset import needed
from domain.errors import AccreditationError
from domain.values import Frozen, OfficerCode, Sha256, UtcTime

if TYPE_CHECKING:
    from domain.election.profile import ElectionProfile

AppealOutcome = Literal["granted", "dismissed", "remanded"]

Appealable = e.ApplicationRefused | e.AccreditationRevoked | e.WarningGiven | e.CredentialSuspended
_TAKES_AWAY: Final = (e.ApplicationRefused, e.AccreditationRevoked)
_STEPS: Final = (e.WarningGiven, e.CredentialSuspended)
_SETS_ASIDE: Final = (e.AppealGranted, e.AppealRemanded, e.RefusalRecalled)


class AppealRefusedError(AccreditationError):
    """The appeal cannot be taken, or lacks what it must carry."""

    exit_code = 2


class Lodging(Frozen):
    """An appeal as it is taken: until when it must be decided, and whether it came after its period."""

    due_at: UtcTime
    late: bool


def lodging(decided_at: UtcTime, profile: ElectionProfile, *, at: UtcTime, told_at: UtcTime | None = None) -> Lodging:
    """Return how an appeal against what was decided then is taken; one that came late is stamped, not refused.

    *told_at* is when the letter of the decision arrived: the period begins then where the law counts from receipt, and
    nobody is late who was not told. Raises :class:`AppealRefusedError` where the law gives no remedy.
    """
    last = profile.remedy_due(decided_at)
    if last is None:
        remedy = needed(profile.remedy, "remedy")
        raise AppealRefusedError(f"The law gives no remedy against this decision ({remedy.ground}).")
    return Lodging(due_at=appeal_due(profile, at), late=_is_late(at, last, profile, told_at=told_at))


def appeal_due(profile: ElectionProfile, lodged_at: UtcTime) -> UtcTime:
    """Return when an appeal must be decided: the period of the remedy, else the time an officer has for a case."""
    remedy = needed(profile.remedy, "remedy")
    if remedy.decided_within:
        return remedy.decided_within.end(lodged_at, profile.working_days)
    return lodged_at + timedelta(hours=profile.calendar.review_hours)


def appealed(history: Iterable[e.Event]) -> Appealable | None:
    """Return what an appeal is about: the refusal or revocation of *history* that stands, else the last measure.

    A warning or a suspension can be appealed once, the latest first; a refusal that was recalled or set aside has
    nothing to appeal against.
    """
    events = [*history]
    before = {event.against for event in events if isinstance(event, e.AppealLodged)}
    set_aside = False
    for event in reversed(events):
        if isinstance(event, _TAKES_AWAY):
            return None if set_aside else event
        if isinstance(event, _STEPS) and event.decision_id not in before:
            return event
        set_aside = set_aside or isinstance(event, _SETS_ASIDE)
    return None


def step_appealed(history: Sequence[e.Event]) -> e.WarningGiven | e.CredentialSuspended | None:
    """Return the warning or suspension of *history* that its last appeal is against, if it is against one."""
    against = next((event.against for event in reversed(history) if isinstance(event, e.AppealLodged)), None)
    return next((event for event in history if isinstance(event, _STEPS) and event.decision_id == against), None)


def lifted(application: Application, history: Sequence[e.Event]) -> Literal[True] | None:
    """Return whether to grant the appeal that is open ends a suspension: where that runs, and it is against it."""
    if application.status is not Status.SUSPENDED:
        return None
    running = next(event for event in reversed(history) if isinstance(event, e.CredentialSuspended))
    return True if step_appealed(history) == running else None


def is_open(application: Application) -> bool:
    """Whether an appeal waits for its decision: against a refusal or a revocation, or beside it against a measure."""
    return application.status is Status.UNDER_APPEAL or application.appeal_due_at is not None


def took_part(history: Iterable[e.Event]) -> frozenset[OfficerCode]:
    """Return the officers who acted on the case before its appeal was lodged; they have no part in the appeal."""
    events = [*history]
    lodged = [place for place, event in enumerate(events) if isinstance(event, e.AppealLodged)]
    before = events[: lodged[-1]] if lodged else events
    return frozenset(event.actor.code for event in before if event.actor.kind == "officer")


def lodged(
    happening: dict[str, Any], decided: e.Event | None, profile: ElectionProfile, *, told_at: UtcTime | None = None
) -> e.AppealLodged:
    """Return the event of an appeal against *decided*, taken as :func:`lodging` says.

    Raises :class:`AppealRefusedError` where nothing was decided against the person, or the law gives no remedy.
    """
    if not isinstance(decided, (*_TAKES_AWAY, *_STEPS)):
        raise AppealRefusedError("There is no refusal, revocation, warning or suspension to appeal against.")
    taken = lodging(decided.at, profile, at=happening["at"], told_at=told_at)
    return e.AppealLodged(**happening, due_at=taken.due_at, against=decided.decision_id, late=taken.late)


def _is_late(at: UtcTime, last: UtcTime, profile: ElectionProfile, *, told_at: UtcTime | None) -> bool:
    if needed(profile.remedy, "remedy").runs_from != "receipt":
        return at > last
    counted = profile.remedy_due(told_at) if told_at else None
    return counted is not None and at > counted


def ground_of(outcome: AppealOutcome, reasons: Sequence[ReasonCode], profile: ElectionProfile) -> str:
    """Return the legal ground that the letter names: the reason's where the decision stands, else the remedy's."""
    if outcome == "dismissed" and reasons and reasons[0] in profile.reasons:
        return profile.ground(reasons[0])
    return needed(profile.remedy, "remedy").ground


def decision_of(event: e.Event | None) -> UUID | None:
    """Return the id of the decision that *event* came from, where it came from one."""
    return getattr(event, "decision_id", None)


def facts_hash_of(event: e.Event) -> Sha256 | None:
    """Return the hash of the facts that the decision behind *event* states, where it states any."""
    return getattr(event, "facts_sha256", None)
