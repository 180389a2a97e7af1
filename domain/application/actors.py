"""Who causes what is recorded."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.values import Frozen, OfficerCode


class ArrivalWay(StrEnum):
    """By which way something reached the office."""

    FILE = "file"
    PAPER = "paper"
    PHONE = "phone"
    EMAIL = "email"
    IN_PERSON = "in_person"
    LINK = "link"
    """The person's own answer on a page that a letter leads to."""


class Actor(Frozen):
    """Who caused an event: a part of the engine, an officer, an organisation, or the person."""

    kind: Literal["engine", "officer", "organisation", "applicant"]
    code: Annotated[str, Field(min_length=1, max_length=64)]

    @classmethod
    def engine(cls, part: str) -> Actor:
        """Return the actor for *part* of the engine, such as ``vetting``."""
        return cls(kind="engine", code=part)

    @classmethod
    def officer(cls, code: OfficerCode) -> Actor:
        """Return the actor for the officer *code*."""
        return cls(kind="officer", code=code)

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"
