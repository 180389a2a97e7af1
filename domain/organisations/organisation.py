"""Nominating organisations: invited and admitted before their nominees, by acts that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from domain.application.reasons import ReasonCode
from domain.errors import AccreditationError
from domain.values import CountryCode, Frozen, LanguageCode, OfficerCode, OrganisationCode, UtcTime


class OrganisationKind(StrEnum):
    """Who may nominate."""

    STATE = "state"
    INTERNATIONAL_ORGANISATION = "international_organisation"
    ELECTION_BODY = "election_body"
    PARLIAMENT = "parliament"
    EMBASSY = "embassy"
    NGO = "ngo"
    RESEARCH_INSTITUTION = "research_institution"
    MEDIA = "media"
    POLITICAL_ENTITY = "political_entity"
    INDIVIDUAL = "individual"
    """one person who applies without an organisation, where a law admits that"""


class OrganisationStatus(StrEnum):
    """Where an organisation stands."""

    INVITED = "invited"
    APPLIED = "applied"
    ADMITTED = "admitted"
    NOT_ADMITTED = "not_admitted"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


STANDINGS: Final[Mapping[OrganisationStatus, frozenset[OrganisationStatus]]] = MappingProxyType(
    {
        OrganisationStatus.INVITED: frozenset(
            {
                OrganisationStatus.APPLIED,
                OrganisationStatus.ADMITTED,
                OrganisationStatus.NOT_ADMITTED,
                OrganisationStatus.WITHDRAWN,
            }
        ),
        OrganisationStatus.APPLIED: frozenset(
            {OrganisationStatus.ADMITTED, OrganisationStatus.NOT_ADMITTED, OrganisationStatus.WITHDRAWN}
        ),
        OrganisationStatus.ADMITTED: frozenset({OrganisationStatus.SUSPENDED, OrganisationStatus.WITHDRAWN}),
        OrganisationStatus.NOT_ADMITTED: frozenset(),
        OrganisationStatus.SUSPENDED: frozenset({OrganisationStatus.ADMITTED, OrganisationStatus.WITHDRAWN}),
        OrganisationStatus.WITHDRAWN: frozenset(),
    }
)


class StandingRefusedError(AccreditationError):
    """The organisation cannot move to that standing."""

    def __init__(self, code: OrganisationCode, standing: OrganisationStatus, wanted: OrganisationStatus) -> None:
        super().__init__(f"{code} is {standing}; it cannot become {wanted}.")


class FocalPoint(Frozen):
    """The person at the organisation who files, answers notices and receives letters."""

    name: Annotated[str, Field(repr=False, min_length=1)]
    email: Annotated[str, Field(repr=False, min_length=3)]
    phone: Annotated[str, Field(repr=False)] = ""

    def __str__(self) -> str:
        return "focal point"


class Liaison(Frozen):
    """Who at the commission, ministry or office looks after one delegation (practice: liaison)."""

    name: Annotated[str, Field(repr=False, min_length=1)]
    phone: Annotated[str, Field(repr=False)] = ""
    email: Annotated[str, Field(repr=False)] = ""
    deputy: Annotated[str, Field(repr=False)] = ""
    deputy_phone: Annotated[str, Field(repr=False)] = ""
    hours: Annotated[str, Field(description="duty hours, in words")] = ""

    def __str__(self) -> str:
        return "liaison officer"


class Organisation(Frozen):
    """A nominating organisation in one election."""

    code: OrganisationCode
    name: str
    kind: OrganisationKind
    country: CountryCode
    language: LanguageCode = "en"
    focal_point: FocalPoint
    liaison: Annotated[Liaison | None, Field(description="named contact at the authority; unset: none yet")] = None
    standing: OrganisationStatus = OrganisationStatus.APPLIED
    invited_on: date | None = None
    admitted_on: date | None = None

    @model_validator(mode="after")
    def _is_admitted_on_a_day(self) -> Self:
        if self.standing is OrganisationStatus.ADMITTED and self.admitted_on is None:
            raise ValueError("an admitted organisation has the day of its admission (admitted_on)")
        return self

    @property
    def may_nominate(self) -> bool:
        """Whether its nominees are processed; otherwise they wait, visibly, as held."""
        return self.standing is OrganisationStatus.ADMITTED

    def moved(self, standing: OrganisationStatus, *, on: date) -> Self:
        """Return the organisation with its new *standing*; raises :class:`StandingRefusedError`."""
        if standing not in STANDINGS[self.standing]:
            raise StandingRefusedError(self.code, self.standing, standing)
        return self.revised(
            standing=standing, admitted_on=on if standing is OrganisationStatus.ADMITTED else self.admitted_on
        )


class OrganisationActKind(StrEnum):
    """What can be done about an organisation. To refuse takes two officers: one proposes, another confirms."""

    APPLY = "apply"
    ASK = "ask"
    RECEIVE_PAPERS = "receive_papers"
    ADMIT = "admit"
    PROPOSE_REFUSAL = "propose_refusal"
    RETURN_REFUSAL = "return_refusal"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    WITHDRAW = "withdraw"


BECOMES: Final[Mapping[OrganisationActKind, OrganisationStatus]] = MappingProxyType(
    {
        OrganisationActKind.APPLY: OrganisationStatus.APPLIED,
        OrganisationActKind.ADMIT: OrganisationStatus.ADMITTED,
        OrganisationActKind.REFUSE: OrganisationStatus.NOT_ADMITTED,
        OrganisationActKind.SUSPEND: OrganisationStatus.SUSPENDED,
        OrganisationActKind.WITHDRAW: OrganisationStatus.WITHDRAWN,
    }
)
"""The standing that an act leads to; a proposal changes none."""


class OrganisationAct(Frozen):
    """One act, as it is kept: appended, never changed."""

    organisation: OrganisationCode
    act: OrganisationActKind
    officer: OfficerCode
    reasons: tuple[ReasonCode, ...] = ()
    facts: Annotated[str, Field(repr=False)] = ""
    proof: str
    at: UtcTime


class AdmissionRefusedError(AccreditationError):
    """The act lacks something that it must carry, or a second officer."""

    exit_code = 2


def check_act(act: OrganisationAct, before: Sequence[OrganisationAct], grounds: Mapping[ReasonCode, object]) -> None:
    """Raise :class:`AdmissionRefusedError` where reasons or facts are missing, or two officers are not two.

    *before* are the organisation's acts so far, *grounds* the codes for which the profile has a legal ground.
    """
    off = [code for code in act.reasons if code not in grounds]
    if off:
        raise AdmissionRefusedError(f"{', '.join(off)}: the profile gives no legal ground for it in this election.")
    if act.act is OrganisationActKind.PROPOSE_REFUSAL and not (
        any(code.is_refusal for code in act.reasons) and act.facts
    ):
        raise AdmissionRefusedError("To refuse an organisation, give a reason code (R…) and the facts.")
    if act.act is OrganisationActKind.ASK and not (any(code.is_deficiency for code in act.reasons) and act.facts):
        raise AdmissionRefusedError("To ask an organisation for more, give a reason code (D…) and what is missing.")
    if act.act is OrganisationActKind.RECEIVE_PAPERS and not act.facts:
        raise AdmissionRefusedError("Name the papers that came.")
    if act.act is OrganisationActKind.SUSPEND and not act.facts:
        raise AdmissionRefusedError("To suspend an organisation, give the facts that are to be established.")
    if act.act in {OrganisationActKind.REFUSE, OrganisationActKind.RETURN_REFUSAL}:
        proposal = open_proposal(before)
        if proposal is None:
            raise AdmissionRefusedError(
                f"{act.organisation}: no refusal has been proposed. One officer must propose it first."
            )
        if act.act is OrganisationActKind.REFUSE and proposal.officer == act.officer:
            raise AdmissionRefusedError(f"{act.organisation}: a second, different officer must confirm the refusal.")


def last_asked(acts: Sequence[OrganisationAct]) -> int | None:
    """Return the number of the last act that asked the organisation to mend something, from 1; None where none did."""
    asking = (OrganisationActKind.APPLY, OrganisationActKind.ASK)
    asked = [number for number, act in enumerate(acts, start=1) if act.act in asking and act.reasons]
    return asked[-1] if asked else None


def open_proposal(acts: Sequence[OrganisationAct]) -> OrganisationAct | None:
    """Return the refusal that waits for a second officer, if the last act proposed one."""
    return acts[-1] if acts and acts[-1].act is OrganisationActKind.PROPOSE_REFUSAL else None
