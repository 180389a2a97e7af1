"""What officers sign at the desk."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.application.reasons import ReasonCode
from domain.decisions.rulings import Order
from domain.organisations.organisation import OrganisationActKind as Step
from domain.statements.officer_acts import StaffAct
from domain.statements.officer_acts import Step as StaffStep
from domain.values import Frozen, OfficerCode, OrganisationCode


class Decide(Frozen):
    """Rulings on cases, all under one signature."""

    what: Literal["decide"] = "decide"
    orders: Annotated[tuple[Order, ...], Field(min_length=1)]
    seen: dict[UUID, int] = Field(default_factory=dict[UUID, int])
    """The version of each case that the officer was shown."""


class WriteNote(Frozen):
    """A note on a case, or with *revises* a new version of one."""

    what: Literal["note"] = "note"
    case: UUID
    text: Annotated[str, Field(repr=False)]
    revises: int | None = None


class ClearHit(Frozen):
    """The finding that a case and somebody it resembles are two people."""

    what: Literal["clear"] = "clear"
    case: UUID
    about: str
    reason: Annotated[str, Field(repr=False)]
    pair: str = ""
    """Both sides as they were compared when the officer was shown them; empty: as they stand."""


class ActOnOrganisation(Frozen):
    """An act about a nominating organisation."""

    what: Literal["organisation"] = "organisation"
    organisation: OrganisationCode
    act: Step
    reasons: tuple[ReasonCode, ...] = ()
    facts: Annotated[str, Field(repr=False)] = ""
    mark: str = ""
    """The organisation and its acts as the officer was shown them; empty: as they stand."""


class ReleaseLetters(Frozen):
    """The confirmation that exactly so many held letters may leave, and which."""

    what: Literal["letters"] = "letters"
    count: Annotated[int, Field(ge=1)]
    mark: str = ""
    """Which letters the officer was shown as held; empty: those that are now."""


class ActOnOfficer(Frozen):
    """One step of an act about another officer."""

    what: Literal["officer"] = "officer"
    officer: OfficerCode
    act: StaffAct
    step: StaffStep
    detail: str = ""
    number: str = ""
    """Of a new key, as it was shown and compared; nobody confirms a key without it."""


class MoveElection(Frozen):
    """One of the two signatures under another election day."""

    what: Literal["move"] = "move"
    day: date
    ground: Annotated[str, Field(min_length=1)]
    title: str = ""
    mark: str = ""
    """What would move, as the officer was shown it; empty: what moves now."""


SignedAct = Annotated[
    Decide | WriteNote | ClearHit | ActOnOrganisation | ReleaseLetters | ActOnOfficer | MoveElection,
    Field(discriminator="what"),
]
