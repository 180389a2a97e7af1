"""An application: one person's file under one organisation, as its history makes it stand."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Annotated, Final, Literal, Self, assert_never
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from domain.application import events as e
from domain.application.lifecycle import TRANSITIONS, Restored, Target
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.application.status import REVOCABLE, Status
from domain.errors import AccreditationError
from domain.values import ElectionCode, Frozen, OfficeCode, OrganisationCode, RegionCode, Serial, UtcTime

_NAMESPACE = UUID("6f1b2f0e-4c1d-5b0a-9d3e-0a7c5f2e9b11")

_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LETTERS: Final = 12
_REST: Final = 128 - 5 * _LETTERS
"""Bits of an id that its case number leaves out."""

ProposalKind = Literal["refusal", "revocation", "dismissal"]


class TransitionRefusedError(AccreditationError):
    """The transition table does not allow this event in this status."""

    def __init__(self, application_id: UUID, status: Status, kind: str) -> None:
        step = kind.replace("_", " ")
        super().__init__(f"{case_number(application_id)} is {status}: the step “{step}” is not possible now.")
        self.application_id = application_id
        self.status = status
        self.kind = kind


class SecondOfficerError(AccreditationError):
    """A decision that takes two officers lacks its open proposal or a second, different officer."""

    def __init__(self, application_id: UUID, problem: str) -> None:
        super().__init__(f"{case_number(application_id)}: {problem}")
        self.application_id = application_id


class Proposal(Frozen):
    """What a first officer proposed and a second, different one may confirm or return."""

    kind: ProposalKind
    by: str
    reasons: tuple[ReasonCode, ...]
    decision_id: UUID
    reply_until: UtcTime | None = None


class Application(Frozen):
    """One person under one organisation. ``after`` is the only way to another status."""

    id: UUID
    election: ElectionCode
    organisation: OrganisationCode
    role: Role
    status: Status
    version: Annotated[int, Field(ge=1)] = 1
    person_version: Annotated[int, Field(ge=1)] = 1
    received_at: UtcTime
    reasons: tuple[ReasonCode, ...] = ()
    due_at: UtcTime | None = None
    proposal: Proposal | None = None
    region: RegionCode | None = None
    office: OfficeCode | None = None
    plan_id: UUID | None = None
    serial: Serial | None = None
    valid_until: UtcTime | None = None
    before_suspension: Status | None = None
    taken_away: Status | None = None
    decided: Status | None = None
    reply_id: UUID | None = None
    """The reply to a measure that waits for an answer: the decision that recorded it."""
    reply_due_at: UtcTime | None = None
    """Until when that reply is answered; unset also for replies from before it was kept."""
    look_due_at: UtcTime | None = None
    """Until when an officer looks at what came to light since it was granted; unset: nothing did."""
    appeal_due_at: UtcTime | None = None
    """Until when an appeal against a warning or a suspension is decided; unset: there is none."""

    @property
    def case_number(self) -> str:
        """The number that people quote; see :func:`case_number`."""
        return case_number(self.id)

    @property
    def answer_due_at(self) -> UtcTime | None:
        """Until when the commission owes an answer beside the status: to a reply, an appeal, or what came to light."""
        owed = (self.reply_due_at, self.look_due_at, self.appeal_due_at)
        return min((due for due in owed if due is not None), default=None)

    @property
    def next_due_at(self) -> UtcTime | None:
        """Until when somebody acts on it: its own time, else that for an answer beside its status."""
        return self.due_at or self.answer_due_at

    @model_validator(mode="after")
    def _carries_what_its_status_promises(self) -> Self:
        if self.status in {Status.REFUSED, Status.REVOKED} and not self.reasons:
            raise ValueError("a refusal or revocation has at least one coded reason")
        if self.status is Status.INCOMPLETE and not (self.reasons and self.due_at):
            raise ValueError("a deficiency has a coded reason and a time to mend it")
        if self.status is Status.DEFERRED and not self.due_at:
            raise ValueError("a deferral ends at a named time")
        if self.status is Status.CREDENTIALED and not (self.serial and self.valid_until):
            raise ValueError("a credential has a serial and an end")
        return self

    @classmethod
    def opened(cls, event: e.NominationRecorded) -> Self:
        """Return the application that the recording of a nomination opens."""
        return cls(
            id=event.application_id,
            election=event.election,
            organisation=event.organisation,
            role=event.role,
            status=Status.HELD if event.held else Status.SUBMITTED,
            received_at=event.received_at,
        )

    def after(self, event: e.Event) -> Self:
        """Return the application as it stands once *event* has happened.

        Raises :class:`TransitionRefusedError` where the table has no such move and :class:`SecondOfficerError`
        where a decision of two officers lacks its proposal or comes from the proposer.
        """
        target = TRANSITIONS.get((self.status, type(event)))
        if target is None or _contradicts_the_credential(self, event):
            raise TransitionRefusedError(self.id, self.status, event.kind)
        _require_officers(self, event)
        changes = _facts(self, event) | {"status": self._resolved(target, event), "version": self.version + 1}
        return self.revised(**changes)

    def _resolved(self, target: Target, event: e.Event) -> Status:
        status: Status | None
        match target:
            case Restored.BEFORE_REFUSAL:
                status = event.back_to if isinstance(event, e.RefusalRecalled) else None
            case Restored.BEFORE_SUSPENSION:
                status = self.before_suspension
            case Restored.UNLESS_LIFTED:
                status = self.before_suspension if getattr(event, "lifts", None) else self.status
            case Restored.AS_DECIDED:
                status = self.decided
            case Restored.TAKEN_AWAY:
                status = self.taken_away
            case _:
                return target
        if status is None:
            raise ValueError(f"{self.case_number} has no record of {target}")
        return status

    @classmethod
    def replayed(cls, history: Iterable[e.Event]) -> Self:
        """Return the application that *history*, in order, adds up to."""
        events = iter(history)
        first = next(events)
        if not isinstance(first, e.NominationRecorded):
            raise TypeError("a history begins with the recording of the nomination")
        application = cls.opened(first)
        for event in events:
            application = application.after(event)
        return application


def application_id(election: ElectionCode, organisation: OrganisationCode, key: str) -> UUID:
    """Return the id of the row known by *key* under *organisation*: the same key gives the same id."""
    return uuid5(_NAMESPACE, f"{election}\x1f{organisation}\x1f{key}")


def case_number(application: UUID) -> str:
    """Return the case number of an application: twelve base32 characters of its id (60 bits), for speech and paper."""
    text = base64.b32encode(application.bytes)[:_LETTERS].decode()
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def ids_called(number: str) -> tuple[UUID, UUID] | None:
    """Return the lowest and the highest id of a case called *number*; None where it is no case number.

    >>> low, high = ids_called(case_number(UUID(int=7 << 100))) or (None, None)
    >>> low <= UUID(int=7 << 100) <= high
    True
    """
    bare = number.replace("-", "")
    if len(bare) != _LETTERS or not set(bare) <= set(_BASE32):
        return None
    low = reduce(lambda value, letter: value << 5 | _BASE32.index(letter), bare, 0) << _REST
    return UUID(int=low), UUID(int=low | (1 << _REST) - 1)


_OWED: Final = ("reply_due_at", "look_due_at", "appeal_due_at")
# A proposed revocation stays open: the end of a suspension does not answer it.
_LIFTED: Final[Mapping[str, object]] = {"reasons": (), "due_at": None, "before_suspension": None}
_CONFIRMS: dict[type[e.Event], ProposalKind] = {
    e.ApplicationRefused: "refusal",
    e.AccreditationRevoked: "revocation",
    e.AppealDismissed: "dismissal",
}
_PROPOSES: dict[type[e.Event], ProposalKind] = {
    e.RefusalProposed: "refusal",
    e.RevocationProposed: "revocation",
    e.DismissalProposed: "dismissal",
}


def _contradicts_the_credential(application: Application, event: e.Event) -> bool:
    """Whether somebody is moved whose credential names another region, or is not moved at all.

    Whoever does not accept the notice of the region, or is where nobody may be, is moved all the same: nobody is held
    there by a badge.
    """
    if application.status is not Status.CREDENTIALED or not isinstance(event, e.RegionAssigned):
        return False
    if event.unaccepted or event.shut:
        return False
    return application.region is not None or event.region is None


def _require_officers(application: Application, event: e.Event) -> None:
    """Refuse a proposal that no officer makes, a return of nothing, and a confirmation by no second officer."""
    if isinstance(event, e.ProposalReturned) and application.proposal is None:
        raise SecondOfficerError(application.id, "there is no open proposal to return.")
    if isinstance(event, e.RefusalRecalled) and event.actor.kind != "officer":
        raise SecondOfficerError(application.id, "only an officer can recall a refusal.")
    # Without this, an engine's proposal and one officer's confirmation would pass for two officers.
    if (proposed := _PROPOSES.get(type(event))) and event.actor.kind != "officer":
        raise SecondOfficerError(application.id, f"only an officer can propose a {proposed}.")
    kind = _CONFIRMS.get(type(event))
    if kind is None:
        return
    proposal = application.proposal
    if proposal is None or proposal.kind != kind:
        raise SecondOfficerError(application.id, f"no {kind} has been proposed. One officer must propose it first.")
    if event.actor.kind != "officer" or event.actor.code == proposal.by:
        raise SecondOfficerError(application.id, f"a second, different officer must confirm the {kind}.")
    if getattr(event, "reasons", proposal.reasons) != proposal.reasons:
        raise SecondOfficerError(application.id, f"the reasons must be those for which the {kind} was proposed.")


def _proposed(
    kind: ProposalKind, event: e.RefusalProposed | e.RevocationProposed | e.DismissalProposed
) -> dict[str, object]:
    reply = event.reply_until if isinstance(event, e.RevocationProposed) else None
    proposal = Proposal(
        kind=kind, by=event.actor.code, reasons=event.reasons, decision_id=event.decision_id, reply_until=reply
    )
    return {"proposal": proposal}


def _facts(before: Application, event: e.Event) -> dict[str, object]:
    """Return what *event* changes besides status and version."""
    if isinstance(event, e.CourseEvent):
        return _facts_of_course(before, event)
    return _facts_of_decision(before, event)


def _facts_of_course(  # noqa: C901, PLR0911, PLR0912 -- one case an event
    before: Application, event: e.CourseEvent
) -> dict[str, object]:
    match event:
        case e.PlacementOrdered() | e.NoticeAnswered():
            return {}
        case e.NominationRecorded() | e.NominationReleased() | e.DeadlinePassed():
            return {}
        case e.NominationCorrected():
            # What a first officer proposed rested on the version before; a proposed revocation rests on conduct.
            keeps = before.status is Status.CREDENTIALED
            return {"person_version": event.person_version, "proposal": before.proposal if keeps else None}
        case e.DeficiencyNoted():
            return _asked(event)
        case e.NoticeServed():
            return _begun(before, event)
        case e.CompletenessConfirmed() | e.ApplicationReferred() | e.DeferralEnded():
            return _closed() | {"due_at": event.due_at}
        case e.SecondLookDue():
            return {"look_due_at": before.look_due_at or event.due_at}
        case e.RegionAssigned():
            return {"region": event.region, "office": event.office, "plan_id": event.plan_id}
        case e.OfficeChanged():
            return {"office": event.office}
        case e.AssignmentWithdrawn():
            return {"region": None, "office": None, "plan_id": None}
        case e.CredentialIssued() | e.CredentialReissued():
            return {"serial": event.serial, "valid_until": event.valid_until}
        case e.AppealLodged() if before.status in REVOCABLE:
            return {"appeal_due_at": event.due_at}
        case e.AppealLodged() | e.ClockMoved():
            return {"due_at": event.due_at}
        case e.ApplicationWithdrawn():
            return _closed(event.reasons)
        case e.AccreditationCarriedOver():
            return _closed()
        case e.AccreditationExpired():
            return _closed(before.reasons)
        case _:
            assert_never(event)


def _begun(before: Application, event: e.NoticeServed) -> dict[str, object]:
    """Return whose time ends later: that to mend, or that to reply to a proposed revocation."""
    if before.proposal is not None and before.proposal.kind == "revocation":
        return {"proposal": before.proposal.revised(reply_until=event.due_at)}
    return {"due_at": event.due_at} if before.status is Status.INCOMPLETE else {}


def _facts_of_decision(  # noqa: C901, PLR0911, PLR0912 -- one case an event
    before: Application, event: e.DecisionEvent
) -> dict[str, object]:
    match event:
        case e.InformationRequested() | e.ApplicationDeferred():
            return _asked(event)
        case e.ApplicationApproved():
            return _closed()
        case e.RefusalProposed():
            return _proposed("refusal", event)
        case e.RevocationProposed():
            return _proposed("revocation", event)
        case e.DismissalProposed():
            return _proposed("dismissal", event)
        case e.ProposalReturned():
            return {"proposal": None}
        case e.HitCleared() | e.WarningGiven():
            return {}
        case e.ReplyRecorded() | e.ReplyAnswered() | e.AccreditationUpheld():
            return _beside_measures(event)
        case e.ApplicationRefused():
            return _closed(event.reasons) | {"taken_away": Status.APPROVED, "decided": Status.REFUSED}
        case e.AccreditationRevoked():
            lost = before.before_suspension if before.status is Status.SUSPENDED else before.status
            return _closed(event.reasons) | {"taken_away": lost, "decided": Status.REVOKED}
        case e.RefusalRecalled():
            return _closed(event.reasons) | {"due_at": event.due_at, "taken_away": None, "decided": None}
        case e.CredentialSuspended():
            return _asked(event) | {"before_suspension": before.status}
        case e.SuspensionLifted():
            return dict(_LIFTED)
        case e.AppealGranted() | e.AppealDismissed() | e.AppealRemanded():
            return _end_of_appeal(before, event)
        case _:
            assert_never(event)


def _end_of_appeal(
    before: Application, event: e.AppealGranted | e.AppealDismissed | e.AppealRemanded
) -> dict[str, object]:
    """Return what the end of an appeal changes; one about a measure leaves all else that runs on the case."""
    if before.status in REVOCABLE:
        about = before.proposal is not None and before.proposal.kind == "dismissal"
        lifted = _LIFTED if isinstance(event, e.AppealGranted) and event.lifts else {}
        return {"appeal_due_at": None, "proposal": None if about else before.proposal, **lifted}
    if isinstance(event, e.AppealDismissed):
        return {"due_at": None, "proposal": None}
    if isinstance(event, e.AppealRemanded):
        return _closed() | {"due_at": event.due_at}
    return _closed() | {"taken_away": None, "decided": None}


def _beside_measures(event: e.ReplyRecorded | e.ReplyAnswered | e.AccreditationUpheld) -> dict[str, object]:
    """Return what waits for an officer, or no longer does."""
    if isinstance(event, e.AccreditationUpheld):
        return {"look_due_at": None}
    if isinstance(event, e.ReplyAnswered):
        return {"reply_id": None, "reply_due_at": None}
    return {"reply_id": event.decision_id, "reply_due_at": event.answer_due_at}


def _asked(
    event: e.DeficiencyNoted | e.InformationRequested | e.ApplicationDeferred | e.CredentialSuspended,
) -> dict[str, object]:
    return {"reasons": event.reasons, "due_at": event.due_at, "proposal": None}


def _closed(reasons: tuple[ReasonCode, ...] = ()) -> dict[str, object]:
    return {"reasons": reasons, "due_at": None, "proposal": None, "reply_id": None, **dict.fromkeys(_OWED)}
