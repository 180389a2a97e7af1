"""Who decides, on what ground, how the decision is sent, and which remedy there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from domain.election.profile.calendar import Period
from domain.election.profile.evidence import Rules
from domain.values import Frozen

Origin = Literal["law", "internal"]
Length = tuple[int, Literal["days", "working_days", "hours"]]
"""How many, and in what they are counted."""
Reserved = Literal["approve", "refuse", "defer", "request_information"]
_BODIES: Final = frozenset({"commission", "commission_session", "committee"})


class Seat(Frozen):
    """Seats in a deciding committee, and the body that fills them: who must step off when that body has an interest."""

    body: Annotated[str, Field(description="who fills the seats")]
    seats: Annotated[int, Field(ge=1, description="how many")] = 1


class DecisionRules(Rules):
    """How accreditation is decided. Safeguards that the engine keeps anyway say here whether the law asks for them."""

    instead_of: ClassVar[Mapping[str, tuple[str, ...]]] = {"confirmed_by": ("body",)}

    body: Annotated[
        Literal["officer", "head_of_office", "commission", "commission_session", "committee"] | None,
        Field(description="who decides"),
    ] = None
    body_decides: Annotated[
        tuple[Reserved, ...],
        Field(description="where a commission or committee decides: what only its session does; officers the rest"),
    ] = ("approve", "refuse")
    committee: Annotated[tuple[Seat, ...], Field(description="its seats, where a committee decides")] = ()
    confirmed_by: Annotated[str | None, Field(description="who may amend or rescind what the body decides")] = None
    subject: Annotated[
        Literal["person", "organisation"] | None,
        Field(description="who is accredited; organisation: its people carry credentials under its accreditation"),
    ] = None
    one_decision_for: Annotated[
        Literal["person", "organisation", "group"] | None, Field(description="what one decision covers")
    ] = None
    persons: Annotated[
        Literal["decided", "registered_by_secretary", "named_by_organisation"] | None,
        Field(description="what happens with people once their organisation is in"),
    ] = None
    organisations_first: Annotated[
        bool | None, Field(description="people are named only once their organisation is admitted")
    ] = None
    further_information: Annotated[bool | None, Field(description="the body may ask for more")] = None
    written: Annotated[bool | None, Field(description="the decision is told in writing")] = None
    reasons_given: Annotated[
        Origin | None, Field(description="refusals state reasons: by law, or as a rule of the house")
    ] = None
    refusal_told_within: Annotated[Period | None, Field(description="time to tell of a refusal")] = None
    silence: Annotated[
        Literal["nothing", "grant", "refusal"] | None,
        Field(description="what passing the last day without deciding means"),
    ] = None
    second_officer: Annotated[
        Origin | None, Field(description="two officers for refusals: by law, or as a safeguard of the house")
    ] = None
    revocation: Annotated[
        str | None, Field(description="for what an accreditation may be taken away, in the law's words")
    ] = None
    withdrawal_by_organisation: Annotated[bool | None, Field(description="the organisation may take people back")] = (
        None
    )

    @property
    def by_session(self) -> bool:
        """Whether a body decides that meets in sessions."""
        return self.body in _BODIES

    @property
    def for_the_body(self) -> frozenset[str]:
        """The outcomes that officers leave to the body; none where officers decide."""
        return frozenset(self.body_decides) if self.by_session else frozenset()


class ReasonRule(Frozen):
    """What founds a reason in this jurisdiction."""

    ground: Annotated[str, Field(min_length=3, description="article of the law or procedure")]
    wording: Annotated[str, Field(description="replaces the catalogue's sentence in letters; empty: keep it")] = ""


class Remedy(Rules):
    """What a person can do against a decision, or the plain statement that the law gives nothing."""

    instead_of: ClassVar[Mapping[str, tuple[str, ...]]] = {"days": ("hours",), "hours": ("days",)}

    available: bool
    text: Annotated[str, Field(min_length=3, description="to whom, in what form; or that the law gives no remedy")]
    days: Annotated[int | None, Field(ge=1, description="days to file")] = None
    hours: Annotated[int | None, Field(ge=1, description="to file, where the law counts hours")] = None
    days_are_working_days: Annotated[bool, Field(description="only working days count")] = False
    runs_from: Annotated[Literal["adoption", "receipt"] | None, Field(description="when the period begins")] = None
    body: Annotated[str | None, Field(description="who hears it")] = None
    prior_complaint: Annotated[bool | None, Field(description="a complaint to the decider has to come first")] = None
    decided_within: Annotated[Period | None, Field(description="time the body has")] = None
    further: Annotated[str, Field(description="what lies beyond it")] = ""
    ground: str

    @model_validator(mode="after")
    def _counts_one_way(self) -> Self:
        if self.days and self.hours:
            raise ValueError("the period of a remedy is in days or in hours, not both")
        return self

    @property
    def has_period(self) -> bool:
        """Whether it is known how long the remedy is open."""
        return self.length is not None

    @property
    def length(self) -> Length | None:
        """How long it is open, and in what that is counted."""
        if self.hours is not None:
            return self.hours, "hours"
        if self.days is None:
            return None
        return self.days, "working_days" if self.days_are_working_days else "days"
