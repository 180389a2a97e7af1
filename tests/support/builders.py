"""Small, whole examples to test with; a test mentions only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from domain.application.actors import Actor
from domain.application.application import Application, Proposal
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.application.status import Status
from domain.election.geography import ActingOrder, Geography, Office, Region
from domain.intake.nominations_file import NominationsFile, file_id
from domain.letters.envelope import Envelope, LetterKind
from domain.organisations.organisation import FocalPoint, Organisation, OrganisationKind, OrganisationStatus
from domain.values import Frozen

Happening = TypeVar("Happening", bound=Frozen)

ELECTION: Final = "VALDARA-2027"
NOW: Final = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
LATER: Final = NOW + timedelta(days=2)
CASE: Final = UUID("5f0c1c9e-7d0b-4c3a-9b52-3a1d60c7e001")
DECISION: Final = UUID("5f0c1c9e-7d0b-4c3a-9b52-3a1d60c7e002")
PLAN: Final = UUID("5f0c1c9e-7d0b-4c3a-9b52-3a1d60c7e003")
ENGINE: Final = Actor.engine("test")
FIRST, SECOND, THIRD = (Actor.officer(f"OFF-{number}") for number in (1, 2, 3))

WEIGHED: Final = "Proportionality: Nothing milder helped. Steps skipped: It is grave."
"""What the facts of a measure end with."""

FACTS: Final[dict[str, Any]] = {
    "application_id": CASE, "at": NOW, "decision_id": DECISION, "due_at": LATER, "reasons": (ReasonCode.R04,),
    "election": ELECTION, "organisation": "ORG-01", "role": Role.SHORT_TERM_OBSERVER,
    "received_at": NOW, "person_version": 2, "rules": ("host_national",), "region": "VD-01", "office": "OF-01",
    "plan_id": PLAN, "order": "exclude", "serial": "VD-000001", "replaces": "VD-000001", "valid_until": LATER,
    "notice": "SEC-1:1", "accepted": True, "way": "paper", "language": "en", "text_sha256": "0" * 64,
    "pair": "0" * 32, "clock": "decision", "back_to": Status.IN_REVIEW,
    "reply_until": LATER, "measure": DECISION, "reply": DECISION, "first_case": DECISION,
}  # fmt: skip
"""What an event or application says where a test does not care."""


def an(kind: type[Happening], actor: Actor = FIRST, **facts: object) -> Happening:
    """Return an event of *kind* with ordinary facts."""
    usual = {name: value for name, value in FACTS.items() if name in kind.model_fields}
    return kind.model_validate({**usual, "actor": actor, **facts})


def an_application(status: Status = Status.SUBMITTED, **facts: object) -> Application:
    """Return an application in *status* with everything any status promises."""
    usual = {name: value for name, value in FACTS.items() if name in Application.model_fields}
    past = {"before_suspension": Status.CREDENTIALED, "taken_away": Status.ASSIGNED, "decided": Status.REVOKED}
    return Application.model_validate({**usual, **past, "id": CASE, "status": status, **facts})


def a_proposal(kind: str, by: Actor = FIRST) -> Proposal:
    """Return an open proposal."""
    return Proposal.model_validate({"kind": kind, "by": by.code, "reasons": (ReasonCode.R04,), "decision_id": DECISION})


def a_nomination(**fields: object) -> Nomination:
    """Return a complete nomination without anything to find."""
    usual: dict[str, object] = {
        "reference": "0001", "role": Role.SHORT_TERM_OBSERVER, "surname": "LINDENGARD", "given_names": "AVA MARIT",
        "native_name": "", "sex": "F", "birth_date": date(1985, 5, 17), "nationalities": ("XAA",),
        "document_number": "K1234567", "document_issuer": "XAA", "document_expiry": date(2031, 1, 31), "mrz": "",
        "email": "ava@mission.example", "phone": "", "conflict_declared": False,
        "pledge_accepted_on": date(2027, 2, 1), "photo": "a" * 64, "identity_page": "b" * 64,
    }  # fmt: skip
    return Nomination.model_validate(usual | fields)


def an_organisation(code: str = "ORG-01", *, admitted: bool = True) -> Organisation:
    """Return a nominating organisation."""
    return Organisation(
        code=code,
        name=f"Mission {code}",
        kind=OrganisationKind.NGO,
        country="XAA",
        focal_point=FocalPoint(name="Desk", email=f"desk@{code.lower()}.example"),
        standing=OrganisationStatus.ADMITTED if admitted else OrganisationStatus.INVITED,
        admitted_on=date(2027, 1, 20) if admitted else None,
    )


def an_office(code: str, opens_on: date = date(2027, 1, 1), closes_on: date | None = None) -> Office:
    """Return an office open from *opens_on*."""
    return Office(
        code=code, name=f"Office {code}", email=f"{code.lower()}@regions.example", opens_on=opens_on,
        closes_on=closes_on, staff=2,
    )  # fmt: skip


def an_order(office: str, acting: str, begins_on: date, ends_on: date) -> ActingOrder:
    """Return a dated order by which *acting* stands in for *office*."""
    return ActingOrder(office=office, acting=acting, begins_on=begins_on, ends_on=ends_on, ground="Order 1")


def a_geography(offices: tuple[Office, ...], *orders: ActingOrder, served_by: str = "OF-1") -> Geography:
    """Return one region served by *served_by* from January to April 2027."""
    return Geography(
        serves_from=date(2027, 1, 1),
        serves_until=date(2027, 4, 1),
        regions=(Region(code="VD-01", name="Valdhaven", capacity=4, office=served_by),),
        offices=offices,
        acting_orders=orders,
        source="invented",
    )


def an_envelope(key: str = "approval:1", **fields: object) -> Envelope:
    """Return a letter to queue."""
    usual: dict[str, object] = {"kind": LetterKind.APPROVAL, "to": "ava@mission.example", "contents": {"greeting": "A"}}
    return Envelope.model_validate({"key": key, **usual, **fields})


def a_file(content: str = "c" * 64, organisation: str = "ORG-01") -> NominationsFile:
    """Return a nominations file as it arrived."""
    return NominationsFile(
        id=file_id(ELECTION, organisation, content), election=ELECTION, organisation=organisation, sha256=content,
        name="nominations.csv", received_at=NOW,
    )  # fmt: skip
