"""Officers' decisions: what they can decide, on which reasons, and who may have a part in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from pydantic import Field, JsonValue, TypeAdapter

from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.appeals import is_open
from domain.decisions.facts import facts_hash
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
    if is_open(application) and _is_of_appeal(ruling.outcome, application) and officer.code in earlier:
        raise OfficerRefusedError(
            officer.code, f"took part in the decision on {application.case_number}; other officers must review it."
        )


def _is_of_appeal(outcome: Outcome, application: Application) -> bool:
    """Whether *outcome* is a part of the appeal: everything is, unless the appeal runs beside an accreditation."""
    if application.status is Status.UNDER_APPEAL:
        return True
    proposal = application.proposal
    answers = outcome in {Outcome.CONFIRM, Outcome.RETURN} and proposal is not None and proposal.kind == "dismissal"
    return outcome in ON_APPEAL or answers


def check_proposer(proposer: Officer | None, application: Application) -> None:
    """Raise :class:`OfficerRefusedError` where the proposer could not propose it today: then two have not decided."""
    if proposer is None or application.proposal is None:
        return
    if proposer.suspended or proposer.is_recused(application.organisation, application.id):
        why = "suspended" if proposer.suspended else f"recused from cases of {application.organisation}"
        raise OfficerRefusedError(
            proposer.code, f"the officer who proposed this has been {why}. Return the proposal; other officers decide."
        )
