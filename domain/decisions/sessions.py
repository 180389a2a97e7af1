"""Sessions of a deciding body: an agenda of cases with what is moved, votes, and one numbered resolution for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, JsonValue, model_validator

from domain.decisions.rulings import Outcome, Ruling
from domain.errors import AccreditationError
from domain.numbers import number_of
from domain.statements.officers import Officer, OfficerRefusedError
from domain.statements.statement import ActKind, Deed, plain
from domain.values import Frozen, OfficerCode, UtcTime

SESSION_CODE = r"^[A-Z0-9][A-Z0-9./-]{1,31}$"
SessionCode = Annotated[str, Field(pattern=SESSION_CODE)]


class SessionRefusedError(AccreditationError):
    """The session cannot adopt this, or not now."""

    exit_code = 2


class AgendaItem(Frozen):
    """A case on the agenda and what is moved about it."""

    application_id: UUID
    version: int
    ruling: Ruling


class Resolution(Frozen):
    """What a session adopts: its number, who was there, and how they voted."""

    number: Annotated[str, Field(min_length=1, max_length=32)]
    present: Annotated[tuple[OfficerCode, ...], Field(min_length=1)]
    votes_for: Annotated[int, Field(ge=0)]
    votes_against: Annotated[int, Field(ge=0)] = 0
    abstained: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if len(set(self.present)) != len(self.present):
            raise ValueError("each member is present once")
        if self.votes_for + self.votes_against + self.abstained != len(self.present):
            raise ValueError("there must be as many votes as members present")
        return self


class BodySession(Frozen):
    """A session of the deciding body."""

    code: SessionCode
    held_at: UtcTime
    agenda: tuple[AgendaItem, ...] = ()
    resolution: Resolution | None = None
    signed_by: OfficerCode | None = None
    adopted_by: OfficerCode | None = None
    adopted_at: UtcTime | None = None

    @property
    def is_adopted(self) -> bool:
        """Whether its decisions are in force."""
        return self.adopted_at is not None


MOVABLE = frozenset({Outcome.APPROVE, Outcome.REFUSE, Outcome.DEFER, Outcome.REQUEST_INFORMATION})


def check_resolution(resolution: Resolution, *, quorum: int) -> None:
    """Raise :class:`SessionRefusedError` without a quorum or a majority of those present who voted."""
    if len(resolution.present) < quorum:
        raise SessionRefusedError(
            f"{number_of(len(resolution.present), 'members are')} present; the quorum is {quorum}."
        )
    if resolution.votes_for <= resolution.votes_against:
        raise SessionRefusedError("There is no majority; nothing is adopted.")


def check_members(session: BodySession, members: Iterable[Officer], organisations: Iterable[tuple[str, UUID]]) -> None:
    """Raise :class:`OfficerRefusedError` where a member present is suspended or recused from a case on the agenda."""
    cases = [*organisations]
    for member in members:
        if member.suspended:
            raise OfficerRefusedError(member.code, "is suspended and cannot be counted as present.")
        if any(member.is_recused(organisation, case) for organisation, case in cases):
            raise OfficerRefusedError(member.code, f"is recused from a case on the agenda of {session.code}.")


def deed_of_session(session: BodySession, resolution: Resolution, step: Literal["sign", "adopt"]) -> Deed:
    """Return what each of the two signatures says: the agenda as it stands, and the resolution, in full."""
    terms: dict[str, JsonValue] = {
        "step": step,
        "session": session.code,
        "held_at": session.held_at.isoformat(),
        "resolution": resolution.model_dump(mode="json"),
        "agenda": [
            {
                "case": str(item.application_id),
                "version": item.version,
                "outcome": item.ruling.outcome.value,
                "reasons": plain(item.ruling.reasons),
                "until": item.ruling.until.isoformat() if item.ruling.until else None,
                "notes": plain(item.ruling.notes),
            }
            for item in session.agenda
        ],
        "signed_by": session.signed_by if step == "adopt" else None,
    }
    ids = tuple(item.application_id for item in session.agenda)
    return Deed(kind=ActKind.RESOLUTION, cases=ids, terms=terms)
