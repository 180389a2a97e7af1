"""Officers' decisions: what they can decide, and what each decision does to an application."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from pydantic import Field, JsonValue, TypeAdapter

from domain.application import events as e
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.application.weighing import stated
from domain.decisions.appeals import AppealRefusedError, appealed, lodged
from domain.decisions.facts import facts_hash, without_facts
from domain.decisions.measures import (
    MeasureRefusedError,
    measure_replied_to,
    require_answered,
    require_steps,
    require_weighed,
)
from domain.election.policies import PolicyCitation
from domain.errors import AccreditationError
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed, plain
from domain.values import Frozen, OfficerCode, Sha256, UtcTime

if TYPE_CHECKING:
    from domain.election.profile import ElectionProfile


class Outcome(StrEnum):
    """What an officer can decide. Refusal and revocation take two: one proposes, another confirms."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    RETURN = "return"
    DEFER = "defer"
    REQUEST_INFORMATION = "request_information"
    WARN = "warn"
    SUSPEND = "suspend"
    LIFT = "lift"
    REVOKE = "revoke"
    RECORD_REPLY = "record_reply"
    ANSWER_REPLY = "answer_reply"
    UPHOLD = "uphold"
    RECALL = "recall"
    LODGE_APPEAL = "lodge_appeal"
    GRANT_APPEAL = "grant_appeal"
    DISMISS_APPEAL = "dismiss_appeal"
    REMAND_APPEAL = "remand_appeal"


ON_APPEAL: Final = frozenset({Outcome.GRANT_APPEAL, Outcome.DISMISS_APPEAL, Outcome.REMAND_APPEAL})
# What is proposed against an appeal is confirmed and returned by appeals officers; see check_part.
_CASE, _CONFIRMING, _APPEALS = OfficerRole.CASE_OFFICER, OfficerRole.CONFIRMING_OFFICER, OfficerRole.APPEALS_OFFICER
_ROLES: Final[Mapping[Outcome, tuple[OfficerRole, ...]]] = {
    Outcome.CONFIRM: (_CONFIRMING, _APPEALS),
    Outcome.RETURN: (_CONFIRMING, _CASE, _APPEALS),
    Outcome.RECORD_REPLY: (_CASE, _CONFIRMING),
    Outcome.ANSWER_REPLY: (_CASE, _CONFIRMING),
    Outcome.RECALL: (_CASE, _CONFIRMING, _APPEALS),
    Outcome.LODGE_APPEAL: (_CASE, _CONFIRMING, _APPEALS),
    **dict.fromkeys(ON_APPEAL, (_APPEALS,)),
}
MEASURES: Final = frozenset({Outcome.WARN, Outcome.SUSPEND, Outcome.REVOKE})
"""Against an accreditation, by weight: each is weighed, and open to a reply."""
ON_REPLIES: Final = frozenset({Outcome.RECORD_REPLY, Outcome.ANSWER_REPLY})
NEEDS_REASON = MEASURES | {Outcome.REFUSE, Outcome.DEFER, Outcome.REQUEST_INFORMATION}

FOUNDED_ON_FACTS: Final = MEASURES | {Outcome.REFUSE, Outcome.DEFER}
"""What is decided against a person: every reason of it has its facts. A deferral names the fact that is awaited."""
ENDS: Final[Mapping[Outcome, str]] = {Outcome.DEFER: "A deferral", Outcome.SUSPEND: "A suspension"}
_REVOKES = frozenset({ReasonCode.V03, ReasonCode.V04, ReasonCode.V05})


class DecisionRefusedError(AccreditationError):
    """The decision lacks something that it must carry."""

    exit_code = 2


class Decision(Frozen):
    """An officer's act, with the facts it rests on."""

    id: UUID
    application_id: UUID
    officer: OfficerCode
    outcome: Outcome
    reasons: tuple[ReasonCode, ...] = ()
    facts: Annotated[str, Field(repr=False)] = ""
    proof: str
    statement: Sha256 | None = None
    """The signed statement that it rests on."""

    note_id: UUID | None = None
    session: str | None = None
    """The session of the deciding body that adopted it, where one did."""
    policies: tuple[PolicyCitation, ...] = ()
    """The versions in force that day that bear on the case."""

    at: UtcTime

    @property
    def happening(self) -> dict[str, Any]:
        """What the event of every decision says; of the facts it keeps the hash."""
        return {
            "application_id": self.application_id, "at": self.at, "actor": Actor.officer(self.officer),
            "decision_id": self.id, "note_id": self.note_id, "facts_sha256": facts_hash(self.facts),
        }  # fmt: skip


class Ruling(Frozen):
    """An outcome with its reasons, and the time a deferral, a suspension or the period to reply ends.

    The facts are one text for all cases, or notes written beforehand, each about its own case.
    """

    outcome: Outcome
    reasons: tuple[ReasonCode, ...] = ()
    until: UtcTime | None = None
    facts: Annotated[str, Field(repr=False)] = ""
    notes: tuple[UUID, ...] = ()


class Order(Frozen):
    """A ruling and the cases it is about; several are proved together, and applied together."""

    ids: tuple[UUID, ...]
    ruling: Ruling


def deed_of(orders: Sequence[Order]) -> Deed:
    """Return what one signature under all *orders* says: each with its cases, in full; facts as words kept apart."""
    terms: list[JsonValue] = [
        {
            "cases": plain(sorted(order.ids)),
            "outcome": order.ruling.outcome.value,
            "reasons": plain(order.ruling.reasons),
            "until": order.ruling.until.isoformat() if order.ruling.until else None,
            "notes": plain(sorted(order.ruling.notes)),
        }
        for order in orders
    ]
    words = {f"facts {number}": order.ruling.facts for number, order in enumerate(orders, start=1)}
    ids = tuple(known_id for order in orders for known_id in order.ids)
    return Deed(kind=ActKind.DECIDE, cases=ids, terms={"orders": terms}, words=words)


def orders_in(terms: Mapping[str, JsonValue], words: Mapping[str, str]) -> list[Order]:
    """Return the orders that :func:`deed_of` wrote down."""
    found: list[Order] = []
    for number, said in enumerate(_ORDERS.validate_python(terms["orders"]), start=1):
        ruling = {name: said[name] for name in ("outcome", "reasons", "until", "notes")}
        facts = words.get(f"facts {number}", "")
        found.append(Order(ids=said["cases"], ruling=Ruling.model_validate(ruling | {"facts": facts}, strict=False)))
    return found


_ORDERS: Final = TypeAdapter[list[dict[str, Any]]](list[dict[str, Any]])


def may_decide(officer: Officer, outcome: Outcome) -> bool:
    """Whether the officer holds a role that *outcome* takes, in service."""
    return any(officer.may(role) for role in _ROLES.get(outcome, (OfficerRole.CASE_OFFICER,)))


def founding(outcome: Outcome, profile: ElectionProfile) -> tuple[ReasonCode, ...]:
    """Return the reasons in force that can found *outcome*."""
    return tuple(code for code in profile.reasons if _fits(outcome, code))


def check_ruling(ruling: Ruling, officer: Officer, profile: ElectionProfile, *, now: UtcTime) -> None:
    """Raise :class:`DecisionRefusedError` or :class:`OfficerRefusedError` for what can be seen before any case is."""
    roles = _ROLES.get(ruling.outcome, (OfficerRole.CASE_OFFICER,))
    if not any(officer.may(role) for role in roles):
        raise OfficerRefusedError(officer.code, roles[0].asked_for)
    if ruling.outcome is Outcome.REQUEST_INFORMATION and profile.decision.further_information is False:
        raise DecisionRefusedError("The law of this election gives no right to ask for more (further_information).")
    if ruling.outcome in NEEDS_REASON and not ruling.reasons:
        raise DecisionRefusedError(f"To {ruling.outcome.replace('_', ' ')}, give at least one reason code.")
    if off := [code for code in ruling.reasons if code not in profile.reasons]:
        raise DecisionRefusedError(f"{', '.join(off)}: the profile gives no legal ground for it in this election.")
    wrong = [code for code in ruling.reasons if not _fits(ruling.outcome, code)]
    if wrong:
        raise DecisionRefusedError(f"{', '.join(wrong)} cannot found a decision to {ruling.outcome.replace('_', ' ')}.")
    if ruling.outcome in ENDS and (ruling.until is None or ruling.until <= now):
        raise DecisionRefusedError(f"{ENDS[ruling.outcome]} ends at a named time in the future: give until.")


def _fits(outcome: Outcome, code: ReasonCode) -> bool:  # noqa: PLR0911 -- one case an outcome
    match outcome:
        case Outcome.REFUSE:
            return code.is_refusal
        case Outcome.REQUEST_INFORMATION:
            return code.is_deficiency
        case Outcome.DEFER:
            return code is ReasonCode.X01
        case Outcome.WARN:
            return code is ReasonCode.V01
        case Outcome.SUSPEND:
            return code is ReasonCode.V02
        case Outcome.REVOKE:
            return code in _REVOKES
        case Outcome.DISMISS_APPEAL:
            return code.is_refusal or code in _REVOKES
        case _:
            return False


def check_part(
    officer: Officer, ruling: Ruling, application: Application, *, earlier: Collection[OfficerCode] = ()
) -> None:
    """Raise :class:`OfficerRefusedError` where *officer* may not have this part in this case.

    *earlier* are those who acted before an appeal was lodged. Recusal bars from everything.
    """
    if officer.is_recused(application.organisation, application.id):
        raise OfficerRefusedError(officer.code, f"is recused from cases of {application.organisation}.")
    proposal = application.proposal
    own = proposal is not None and proposal.by == officer.code
    if ruling.outcome is Outcome.RECALL and not own and application.status is not Status.REFUSED:
        raise OfficerRefusedError(officer.code, f"has no open proposal on {application.case_number} to recall.")
    if ruling.outcome in {Outcome.CONFIRM, Outcome.RETURN} and proposal:
        on_appeal = proposal.kind == "dismissal"
        wanted = (_APPEALS,) if on_appeal else tuple(role for role in _ROLES[ruling.outcome] if role is not _APPEALS)
        if not any(officer.may(role) for role in wanted):
            raise OfficerRefusedError(officer.code, wanted[0].asked_for)
    if application.status is Status.UNDER_APPEAL and officer.code in earlier:
        raise OfficerRefusedError(
            officer.code, f"took part in the decision on {application.case_number}; other officers must review it."
        )


def check_proposer(proposer: Officer | None, application: Application) -> None:
    """Raise :class:`OfficerRefusedError` where the proposer could not propose it today: then two have not decided."""
    if proposer is None or application.proposal is None:
        return
    if proposer.suspended or proposer.is_recused(application.organisation, application.id):
        why = "suspended" if proposer.suspended else f"recused from cases of {application.organisation}"
        raise OfficerRefusedError(
            proposer.code, f"the officer who proposed this has been {why}. Return the proposal; other officers decide."
        )


def event_of(  # noqa: PLR0911 -- one case an outcome
    decision: Decision,
    ruling: Ruling,
    application: Application,
    profile: ElectionProfile,
    *,
    history: Sequence[e.Event] = (),
    told_at: UtcTime | None = None,
) -> e.Event:
    """Return the event that *decision* is for *application*; raises for a missing proposal or a running cure clock.

    *history* is what happened before, *told_at* when the letter arrived that tells what an appeal is lodged against.
    """
    happening = decision.happening
    _require_ground(ruling, application, now=decision.at)
    match ruling.outcome:
        case Outcome.APPROVE:
            return e.ApplicationApproved(**happening)
        case Outcome.REFUSE:
            return e.RefusalProposed(**happening, reasons=ruling.reasons)
        case Outcome.CONFIRM:
            return _confirmed(happening, application)
        case Outcome.RETURN | Outcome.RECALL:
            return e.ProposalReturned(**happening)
        case Outcome.LODGE_APPEAL:
            return lodged(happening, appealed(history), profile, told_at=told_at)
        case Outcome.DEFER:
            return e.ApplicationDeferred(**happening, reasons=ruling.reasons, due_at=ruling.until or decision.at)
        case Outcome.REQUEST_INFORMATION:
            due = profile.cure_due(decision.at)
            return e.InformationRequested(**happening, reasons=ruling.reasons, due_at=due)
        case _ if ruling.outcome in ON_APPEAL:
            return _event_of_appeal(happening, ruling, application, profile)
        case _ if ruling.outcome in MEASURES:
            return _measure(happening, ruling, application, profile, history=history)
        case _:
            return _after_measure(happening, ruling, application, history)


def _measure(
    happening: dict[str, Any],
    ruling: Ruling,
    application: Application,
    profile: ElectionProfile,
    *,
    history: Sequence[e.Event],
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
            require_steps(application, reasons, weighed, history)
            return e.RevocationProposed(**happening, reasons=reasons, weighed=weighed, reply_until=end)


def _after_measure(
    happening: dict[str, Any], ruling: Ruling, application: Application, history: Sequence[e.Event]
) -> e.Event:
    """Return the end of a suspension, a reply to a measure, the answer to it, or that the accreditation stands."""
    if ruling.outcome is Outcome.LIFT:
        return e.SuspensionLifted(**happening)
    if not ruling.facts.strip():
        raise MeasureRefusedError(f"{application.case_number}: give facts: what is said or answered, or why it stands.")
    if ruling.outcome is Outcome.UPHOLD:
        return e.AccreditationUpheld(**happening)
    if ruling.outcome is Outcome.RECORD_REPLY:
        return e.ReplyRecorded(**happening, measure=measure_replied_to(application, history))
    if application.reply_id is None:
        raise MeasureRefusedError(f"{application.case_number}: no reply waits for an answer.")
    return e.ReplyAnswered(**happening, reply=application.reply_id)


def _event_of_appeal(
    happening: dict[str, Any], ruling: Ruling, application: Application, profile: ElectionProfile
) -> e.Event:
    """Return what an appeals officer's ruling brings about; a dismissal is only proposed by it."""
    if application.status is not Status.UNDER_APPEAL:
        raise AppealRefusedError(f"{application.case_number} is {application.status}: no appeal is open.")
    if not ruling.facts.strip():
        raise AppealRefusedError(f"{application.case_number}: the letter states the reasons; give facts or a note.")
    match ruling.outcome:
        case Outcome.GRANT_APPEAL:
            return e.AppealGranted(**happening)
        case Outcome.DISMISS_APPEAL:
            return e.DismissalProposed(**happening, reasons=ruling.reasons or application.reasons)
        case _:
            return e.AppealRemanded(**happening, due_at=_remand_due(profile, happening["at"]))


def _remand_due(profile: ElectionProfile, now: UtcTime) -> UtcTime:
    """Return when the case must be decided again; where the last day for decisions has passed, an officer's time."""
    due = profile.decision_due(now)
    return due if due > now else now + timedelta(hours=profile.calendar.review_hours)


def _confirmed(happening: dict[str, Any], application: Application) -> e.Event:
    """Return what a second officer's confirmation brings about; a revocation waits until the person could reply."""
    proposal = application.proposal
    if proposal is not None and proposal.kind == "dismissal":
        return e.AppealDismissed(**happening)
    if proposal is None or proposal.kind != "revocation":
        reasons = proposal.reasons if proposal else ()
        return e.ApplicationRefused(**happening, reasons=reasons or (ReasonCode.R02,))
    if proposal.reply_until is not None and happening["at"] < proposal.reply_until:
        raise DecisionRefusedError(
            f"{application.case_number}: the person may reply until {proposal.reply_until:%Y-%m-%d %H:%M} UTC; "
            "if that is too late, suspend the accreditation until then."
        )
    require_answered(application)
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
