"""Acts about nominating organisations: who did what, for which reasons, and what it makes of the organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from domain.application.reasons import ReasonCode
from domain.errors import AccreditationError
from domain.organisations.organisation import OrganisationStatus
from domain.values import Frozen, OfficerCode, OrganisationCode, UtcTime


class OrganisationActKind(StrEnum):
    """What can be done about an organisation. To refuse takes two officers: one proposes, another confirms."""

    APPLY = "apply"
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


def open_proposal(acts: Sequence[OrganisationAct]) -> OrganisationAct | None:
    """Return the refusal that waits for a second officer, if the last act proposed one."""
    return acts[-1] if acts and acts[-1].act is OrganisationActKind.PROPOSE_REFUSAL else None
