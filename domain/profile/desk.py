"""How officers work at their desks: limits that the house sets, not the law."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.casework import Authority
from domain.values import Frozen


class DeskRules(Frozen):
    """Limits against slips, guesses and cases that nobody finishes."""

    claim_minutes: Annotated[int, Field(ge=1, description="how long a case stays with the officer who claimed it")] = 30
    bulk_threshold: Annotated[
        int, Field(ge=1, description="more cases than this in one decision: their number is confirmed")
    ] = 20
    code_attempts: Annotated[int, Field(ge=1, description="wrong codes in a row before codes are locked")] = 5
    lock_minutes: Annotated[int, Field(ge=1, description="how long codes stay locked then")] = 15
    scope: Annotated[
        Literal["binding", "order"],
        Field(description="officers who serve some regions or organisations decide those only, or those first"),
    ] = "binding"
    recall_minutes: Annotated[
        int, Field(ge=0, description="the letter of a refusal is held so long for a recall; 0: until the next delivery")
    ] = 0
    quorum: Annotated[int, Field(ge=2, description="members present, at least, for a session to adopt")] = 2
    authorities: Annotated[tuple[Authority, ...], Field(description="whom officers may ask by e-mail")] = ()
