"""What each officer's decision does to an application, and what must be true for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.application import events as e
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.application.weighing import stated
from domain.decisions.appeals import AppealRefusedError, appealed, is_open, lifted, lodged, step_appealed
from domain.decisions.facts import without_facts
from domain.decisions.measures import (
    MeasureRefusedError,
    measure_replied_to,
    require_answered,
    require_steps,
    require_weighed,
)
from domain.decisions.rulings import (
    FOUNDED_ON_FACTS,
    MEASURES,
    ON_APPEAL,
    Decision,
    DecisionRefusedError,
    Outcome,
    Ruling,
)
from domain.values import UtcTime

if TYPE_CHECKING:
    from domain.election.profile import ElectionProfile


def event_of(  # noqa: PLR0911, PLR0913 -- one case an outcome; each is a fact it may rest on
    decision: Decision,
    ruling: Ruling,
    application: Application,
    profile: ElectionProfile,
    *,
    history: Sequence[e.Event] = (),
    told_at: UtcTime | None = None,
    told: Collection[UUID] = (),
) -> e.Event:
    """Return the event that *decision* is for *application*; raises for a missing proposal or a running cure clock.

    *history* is what happened before, *told_at* when the letter arrived that tells what an appeal is lodged against,
    *told* the warnings and suspensions of which the letter has arrived.
    """
    happening = decision.happening
    _require_ground(ruling, application, now=decision.at)
    match ruling.outcome:
        case Outcome.APPROVE:
            return e.ApplicationApproved(**happening)
        case Outcome.REFUSE:
            return e.RefusalProposed(**happening, reasons=ruling.reasons)
        case Outcome.CONFIRM:
            _require_grounds(application, profile)
            return _confirmed(happening, application, history, told)
        case Outcome.RETURN | Outcome.RECALL:
            return e.ProposalReturned(**happening)
        case Outcome.LODGE_APPEAL:
            require_no_appeal(application)
            return lodged(happening, appealed(history), profile, told_at=told_at)
        case Outcome.DEFER:
            return e.ApplicationDeferred(**happening, reasons=ruling.reasons, due_at=ruling.until or decision.at)
        case Outcome.REQUEST_INFORMATION:
            return e.InformationRequested(**happening, reasons=ruling.reasons, due_at=profile.cure_due(decision.at))
        case _ if ruling.outcome in ON_APPEAL:
            return _event_of_appeal(happening, ruling, application, profile, history)
        case _ if ruling.outcome in MEASURES:
            return _measure(happening, ruling, application, profile, history=history, told=told)
        case _:
            return _after_measure(happening, ruling, application, profile, history)


def _measure(
    happening: dict[str, Any],
    ruling: Ruling,
    application: Application,
    profile: ElectionProfile,
    *,
    history: Sequence[e.Event],
    told: Collection[UUID],
) -> e.Event:
    """Return a measure; raises for one that is not weighed, skips a step without a word, or passes over a reply."""
    require_answered(application)
    weighed, reasons = require_weighed(application, ruling.facts), ruling.reasons
    end = ruling.until or profile.cure_due(happening["at"])
    match ruling.outcome:
        case Outcome.WARN:
            return e.WarningGiven(**happening, reasons=reasons, weighed=weighed, reply_until=end)
        case Outcome.SUSPEND:
            return e.CredentialSuspended(**happening, reasons=reasons, weighed=weighed, due_at=end)
        case _:
            require_steps(application, reasons, weighed, history, told)
            return e.RevocationProposed(**happening, reasons=reasons, weighed=weighed, reply_until=end)


def _after_measure(
    happening: dict[str, Any],
    ruling: Ruling,
    application: Application,
    profile: ElectionProfile,
    history: Sequence[e.Event],
) -> e.Event:
    """Return the end of a suspension, a reply to a measure, the answer to it, or that the accreditation stands."""
    if ruling.outcome is Outcome.LIFT:
        return e.SuspensionLifted(**happening)
    if not ruling.facts.strip():
        raise MeasureRefusedError(f"{application.case_number}: give facts: what is said or answered, or why it stands.")
    if ruling.outcome is Outcome.UPHOLD:
        return e.AccreditationUpheld(**happening)
    if ruling.outcome is Outcome.RECORD_REPLY:
        due = happening["at"] + timedelta(hours=profile.calendar.review_hours)
        return e.ReplyRecorded(**happening, measure=measure_replied_to(application, history), answer_due_at=due)
    if application.reply_id is None:
        raise MeasureRefusedError(f"{application.case_number}: no reply waits for an answer.")
    return e.ReplyAnswered(**happening, reply=application.reply_id)


def _event_of_appeal(
    happening: dict[str, Any],
    ruling: Ruling,
    application: Application,
    profile: ElectionProfile,
    history: Sequence[e.Event],
) -> e.Event:
    """Return what an appeals officer's ruling brings about; a dismissal is only proposed by it."""
    if not is_open(application):
        raise AppealRefusedError(f"{application.case_number} is {application.status}: no appeal is open.")
    if not ruling.facts.strip():
        raise AppealRefusedError(f"{application.case_number}: the letter states the reasons; give facts or a note.")
    match ruling.outcome:
        case Outcome.GRANT_APPEAL:
            return e.AppealGranted(**happening, lifts=lifted(application, history))
        case Outcome.DISMISS_APPEAL:
            if application.status is Status.UNDER_APPEAL:
                return e.DismissalProposed(**happening, reasons=ruling.reasons or application.reasons)
            _require_no_proposal(application)
            step = step_appealed(history)
            return e.DismissalProposed(**happening, reasons=step.reasons if step else (ReasonCode.V01,))
        case _:
            return e.AppealRemanded(**happening, due_at=_remand_due(profile, happening["at"]))


def require_no_appeal(application: Application) -> None:
    """Raise :class:`AppealRefusedError` where an appeal waits for its decision already."""
    if is_open(application):
        raise AppealRefusedError(f"{application.case_number}: an appeal is open already.")


def _require_no_proposal(application: Application) -> None:
    if application.proposal is not None:
        raise AppealRefusedError(
            f"{application.case_number}: a {application.proposal.kind} is proposed. It is confirmed or returned first."
        )


def _remand_due(profile: ElectionProfile, now: UtcTime) -> UtcTime:
    """Return when the case must be decided again; where the last day for decisions has passed, an officer's time."""
    due = profile.decision_due(now)
    return due if due > now else now + timedelta(hours=profile.calendar.review_hours)


def _require_grounds(application: Application, profile: ElectionProfile) -> None:
    """Raise where the rules have changed since a refusal or revocation was proposed, and its ground is gone."""
    proposal = application.proposal
    if proposal is None or proposal.kind == "dismissal":
        return
    if off := [code for code in proposal.reasons if code not in profile.reasons]:
        raise DecisionRefusedError(
            f"{application.case_number}: {', '.join(off)}: the profile gives no legal ground for it any more. Return "
            "the proposal; it can be proposed anew for another reason."
        )


def _confirmed(
    happening: dict[str, Any], application: Application, history: Sequence[e.Event], told: Collection[UUID]
) -> e.Event:
    """Return what a second officer's confirmation brings about; a revocation waits until the person could reply."""
    proposal = application.proposal
    if proposal is None:
        raise DecisionRefusedError(
            f"{application.case_number} is {application.status}: nothing is proposed that could be confirmed."
        )
    if proposal.kind == "dismissal":
        return e.AppealDismissed(**happening)
    if proposal.kind != "revocation":
        return e.ApplicationRefused(**happening, reasons=proposal.reasons or (ReasonCode.R02,))
    if proposal.reply_until is not None and happening["at"] < proposal.reply_until:
        raise DecisionRefusedError(
            f"{application.case_number}: the person may reply until {proposal.reply_until:%Y-%m-%d %H:%M} UTC; "
            "if that is too late, suspend the accreditation until then."
        )
    require_answered(application)
    said = next((event.weighed for event in reversed(history) if isinstance(event, e.RevocationProposed)), None)
    if said is not None:  # what was proposed before it was kept is judged as it was
        require_steps(application, proposal.reasons, said, history, told)
    return e.AccreditationRevoked(**happening, reasons=proposal.reasons)


def _require_ground(ruling: Ruling, application: Application, *, now: UtcTime) -> None:
    _refuse_before_the_clock(ruling, application, now=now)
    require_facts(ruling, application)


def require_facts(ruling: Ruling, application: Application) -> None:
    """Raise where a refusal, a revocation or a deferral states no facts for a reason: its letter could not say them."""
    lacking = without_facts(ruling.reasons, stated(ruling.facts)) if ruling.outcome in FOUNDED_ON_FACTS else ()
    if not lacking:
        if ruling.outcome in MEASURES:
            require_weighed(application, ruling.facts)
        return
    how = "name a note written with accredit note, or give facts on the command line"
    if ruling.outcome is Outcome.DEFER:
        how = f"say which fact is awaited: {how}"
    if len(ruling.reasons) > 1:
        how += f'; with several reasons each has its own, as in "{ruling.reasons[0]}: … {ruling.reasons[1]}: …"'
    raise DecisionRefusedError(f"{application.case_number}: no facts are stated for {', '.join(lacking)}; {how}.")


def _refuse_before_the_clock(ruling: Ruling, application: Application, *, now: UtcTime) -> None:
    """Raise while the organisation still has time to mend the file: nobody is refused for what may yet arrive."""
    refusing = ruling.outcome in {Outcome.REFUSE, Outcome.CONFIRM}
    if refusing and application.status is Status.INCOMPLETE and application.due_at and now <= application.due_at:
        until = f"{application.due_at:%Y-%m-%d %H:%M} UTC"
        raise DecisionRefusedError(
            f"{application.case_number}: it can be corrected until {until}; it can be refused only after that."
        )
