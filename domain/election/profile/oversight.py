"""Who watches the log from outside, and how often organisations get its checkpoint."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.election.profile.evidence import Rules
from domain.values import LanguageCode


class Witness(Rules):
    """Somebody outside the authority who keeps checkpoints and may sign them, too."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$", description="name in the key")]
    key: Annotated[
        str,
        Field(
            pattern=r"^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}$",
            description="verifier key for cosignature/v1 with Ed25519: name+hash+key, as the witness published it",
        ),
    ]
    email: Annotated[str, Field(min_length=3, description="where checkpoints are sent")]
    language: Annotated[LanguageCode, Field(description="of the letters; else the first of the profile")] = "en"

    @model_validator(mode="after")
    def _is_under_its_name(self) -> Self:
        if self.key.partition("+")[0] != self.name:
            raise ValueError("the witness's key is under another name")
        return self


class OversightRules(Rules):
    """How the log is watched by others. Witnesses get a checkpoint a day at most, and only when the log has grown."""

    witnesses: Annotated[tuple[Witness, ...], Field(description="who may sign checkpoints besides the log")] = ()
    organisations_every_days: Annotated[
        int | None,
        Field(ge=1, le=90, description="days between checkpoints to an organisation's focal point; unset: none"),
    ] = 7

    @model_validator(mode="after")
    def _are_told_apart(self) -> Self:
        if len({witness.name for witness in self.witnesses}) != len(self.witnesses):
            raise ValueError("two witnesses have one name")
        return self
