"""Nominating organisations: invited and admitted before their nominees, by acts that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from domain.application.reasons import ReasonCode
from domain.errors import AccreditationError
from domain.statements.officers import OfficerRefusedError
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
    UNDER_APPEAL = "under_appeal"
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
        OrganisationStatus.NOT_ADMITTED: frozenset({OrganisationStatus.UNDER_APPEAL, OrganisationStatus.WITHDRAWN}),
        OrganisationStatus.UNDER_APPEAL: frozenset(
            {
                OrganisationStatus.APPLIED,
                OrganisationStatus.ADMITTED,
                OrganisationStatus.NOT_ADMITTED,
                OrganisationStatus.WITHDRAWN,
            }
        ),
        OrganisationStatus.SUSPENDED: frozenset({OrganisationStatus.ADMITTED, OrganisationStatus.WITHDRAWN}),
        OrganisationStatus.WITHDRAWN: frozenset(),
    }
)


class StandingRefusedError(AccreditationError):
    """The organisation cannot move to that standing."""

    def __init__(self, code: OrganisationCode, standing: OrganisationStatus, wanted: OrganisationStatus) -> None:
        there, wished = (known.replace("_", " ") for known in (standing, wanted))
        super().__init__(f"{code} is {there}; it cannot become {wished}.")


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


def admitted_once(asking: Organisation, elsewhere: Iterable[Organisation]) -> Organisation:
    """Return an organisation that has still to be admitted as admitted, where it was *elsewhere*: the same one.

    The same has code, name, kind and country in common. Who was refused, suspended or has withdrawn here stays so.
    """
    if asking.standing not in {OrganisationStatus.INVITED, OrganisationStatus.APPLIED}:
        return asking
    told = ("code", "name", "kind", "country")
    for other in elsewhere:
        if other.may_nominate and all(getattr(other, name) == getattr(asking, name) for name in told):
            return asking.revised(standing=OrganisationStatus.ADMITTED, admitted_on=other.admitted_on)
    return asking


class OrganisationActKind(StrEnum):
    """What can be done about an organisation.

    To refuse, and to dismiss an appeal, takes two officers: one proposes, another confirms.
    """

    APPLY = "apply"
    ASK = "ask"
    RECEIVE_PAPERS = "receive_papers"
    ADMIT = "admit"
    PROPOSE_REFUSAL = "propose_refusal"
    RETURN_REFUSAL = "return_refusal"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    WITHDRAW = "withdraw"
    LODGE_APPEAL = "lodge_appeal"
    GRANT_APPEAL = "grant_appeal"
    PROPOSE_DISMISSAL = "propose_dismissal"
    RETURN_DISMISSAL = "return_dismissal"
    DISMISS_APPEAL = "dismiss_appeal"
    REMAND_APPEAL = "remand_appeal"


BECOMES: Final[Mapping[OrganisationActKind, OrganisationStatus]] = MappingProxyType(
    {
        OrganisationActKind.APPLY: OrganisationStatus.APPLIED,
        OrganisationActKind.ADMIT: OrganisationStatus.ADMITTED,
        OrganisationActKind.REFUSE: OrganisationStatus.NOT_ADMITTED,
        OrganisationActKind.SUSPEND: OrganisationStatus.SUSPENDED,
        OrganisationActKind.WITHDRAW: OrganisationStatus.WITHDRAWN,
        OrganisationActKind.LODGE_APPEAL: OrganisationStatus.UNDER_APPEAL,
        OrganisationActKind.GRANT_APPEAL: OrganisationStatus.ADMITTED,
        OrganisationActKind.DISMISS_APPEAL: OrganisationStatus.NOT_ADMITTED,
        OrganisationActKind.REMAND_APPEAL: OrganisationStatus.APPLIED,
    }
)
"""The standing that an act leads to; a proposal changes none."""
PROPOSES: Final[Mapping[OrganisationActKind, OrganisationActKind]] = MappingProxyType(
    {
        OrganisationActKind.PROPOSE_REFUSAL: OrganisationActKind.REFUSE,
        OrganisationActKind.PROPOSE_DISMISSAL: OrganisationActKind.DISMISS_APPEAL,
    }
)
"""What a second officer confirms of each proposal."""
RETURNS: Final[Mapping[OrganisationActKind, OrganisationActKind]] = MappingProxyType(
    {
        OrganisationActKind.PROPOSE_REFUSAL: OrganisationActKind.RETURN_REFUSAL,
        OrganisationActKind.PROPOSE_DISMISSAL: OrganisationActKind.RETURN_DISMISSAL,
    }
)
"""How a second officer returns each proposal."""
ON_APPEAL: Final = frozenset(
    {
        OrganisationActKind.GRANT_APPEAL,
        OrganisationActKind.PROPOSE_DISMISSAL,
        OrganisationActKind.RETURN_DISMISSAL,
        OrganisationActKind.DISMISS_APPEAL,
        OrganisationActKind.REMAND_APPEAL,
    }
)
"""What only officers decide who took no part before; see :func:`took_part`."""
_ANSWERS: Final = frozenset({*PROPOSES.values(), *RETURNS.values()})


def is_possible(act: OrganisationActKind, standing: OrganisationStatus) -> bool:
    """Whether *act*, or what it proposes, can follow where the organisation stands; its other conditions aside."""
    if act in ON_APPEAL:
        return standing is OrganisationStatus.UNDER_APPEAL
    if standing is OrganisationStatus.UNDER_APPEAL:
        return act in {OrganisationActKind.WITHDRAW, OrganisationActKind.RECEIVE_PAPERS}
    target = BECOMES.get(PROPOSES.get(act, act))
    return target is None or target in STANDINGS[standing]


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
    if act.act in ON_APPEAL - _ANSWERS and not act.facts:
        raise AdmissionRefusedError("To decide an appeal, give the facts: why, as the letter shall state it.")
    if act.act in ON_APPEAL and act.officer in took_part(before):
        raise OfficerRefusedError(
            act.officer, f"took part in the decision on {act.organisation}; other officers must review it."
        )
    if act.act in _ANSWERS:
        _check_answer(act, open_proposal(before))


def _check_answer(act: OrganisationAct, proposal: OrganisationAct | None) -> None:
    """Raise where *act* answers no proposal of its kind, or confirms the officer's own."""
    if proposal is None or act.act not in {PROPOSES[proposal.act], RETURNS[proposal.act]}:
        wanted = "dismissal" if act.act in ON_APPEAL else "refusal"
        raise AdmissionRefusedError(
            f"{act.organisation}: no {wanted} has been proposed. One officer must propose it first."
        )
    if act.act is PROPOSES[proposal.act] and proposal.officer == act.officer:
        wanted = "dismissal" if act.act in ON_APPEAL else "refusal"
        raise AdmissionRefusedError(f"{act.organisation}: a second, different officer must confirm the {wanted}.")


def took_part(acts: Sequence[OrganisationAct]) -> frozenset[OfficerCode]:
    """Return the officers who acted before the last appeal was lodged; they have no part in it."""
    lodged = last_of(acts, OrganisationActKind.LODGE_APPEAL) or 1
    return frozenset(act.officer for act in acts[: lodged - 1])


def last_of(acts: Sequence[OrganisationAct], *kinds: OrganisationActKind) -> int | None:
    """Return the number of the last act of these *kinds*, from 1; None where there is none."""
    return next((number for number in range(len(acts), 0, -1) if acts[number - 1].act in kinds), None)


def last_asked(acts: Sequence[OrganisationAct]) -> int | None:
    """Return the number of the last act that asked the organisation to mend something, from 1; None where none did."""
    asking = (OrganisationActKind.APPLY, OrganisationActKind.ASK)
    asked = [number for number, act in enumerate(acts, start=1) if act.act in asking and act.reasons]
    return asked[-1] if asked else None


def open_proposal(acts: Sequence[OrganisationAct]) -> OrganisationAct | None:
    """Return the refusal or dismissal that waits for a second officer, if the last act proposed one."""
    return acts[-1] if acts and acts[-1].act in PROPOSES else None
