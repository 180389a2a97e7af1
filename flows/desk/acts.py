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


class ActOnOrganisation(Frozen):
    """An act about a nominating organisation."""

    what: Literal["organisation"] = "organisation"
    organisation: OrganisationCode
    act: Step
    reasons: tuple[ReasonCode, ...] = ()
    facts: Annotated[str, Field(repr=False)] = ""


class ReleaseLetters(Frozen):
    """The confirmation that exactly so many held letters may leave."""

    what: Literal["letters"] = "letters"
    count: Annotated[int, Field(ge=1)]


class ActOnOfficer(Frozen):
    """One step of an act about another officer."""

    what: Literal["officer"] = "officer"
    officer: OfficerCode
    act: StaffAct
    step: StaffStep
    detail: str = ""


class MoveElection(Frozen):
    """One of the two signatures under another election day."""

    what: Literal["move"] = "move"
    day: date
    ground: Annotated[str, Field(min_length=1)]
    title: str = ""


SignedAct = Annotated[
    Decide | WriteNote | ClearHit | ActOnOrganisation | ReleaseLetters | ActOnOfficer | MoveElection,
    Field(discriminator="what"),
]
