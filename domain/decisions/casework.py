"""What officers do on a case other than deciding: notes, claims, questions to other authorities."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.application.application import Application
from domain.election.profile import CaseworkRules
from domain.errors import AccreditationError
from domain.values import Frozen, OfficerCode, Sha256, UtcTime

LONGEST_NOTE = 4000
"""Characters: a page of facts. What needs more is a document."""


class NoteRefusedError(AccreditationError):
    """A note that cannot be cited here."""

    exit_code = 2


class Note(Frozen):
    """One version of an officer's note: personal, erasable, cited by its id."""

    id: UUID
    application_id: UUID
    number: Annotated[int, Field(ge=1)]
    version: Annotated[int, Field(ge=1)]
    officer: OfficerCode
    text: Annotated[str | None, Field(repr=False)]
    sha256: Sha256
    at: UtcTime

    def facts_for(self, application: Application) -> str:
        """Return the text, as facts of a decision on *application*; raises where it is of another case, or erased."""
        if self.application_id != application.id:
            raise NoteRefusedError(f"{application.case_number}: the note is about another case.")
        if self.text is None:
            raise NoteRefusedError(f"{application.case_number}: note {self.number} was erased; write a new one.")
        return self.text


class Claim(Frozen):
    """Who works on a case, and until when it stays with them."""

    application_id: UUID
    officer: OfficerCode
    at: UtcTime
    until: UtcTime


def claims_of(cases: Iterable[UUID], officer: OfficerCode, rules: CaseworkRules, *, at: UtcTime) -> list[Claim]:
    """Return what *officer* claims from *at* on, for as long as the profile lets a case stay with an officer."""
    until = at + timedelta(minutes=rules.claim_minutes)
    return [Claim(application_id=case, officer=officer, at=at, until=until) for case in sorted(cases)]


class Answer(StrEnum):
    """What came back from another authority; silence is not an objection."""

    AWAITED = "awaited"
    NO_OBJECTION = "no_objection"
    OBJECTION = "objection"
    NO_ANSWER = "no_answer"


class Clearance(Frozen):
    """A question to another authority: no more than yes or no, and on what ground, until a named time."""

    application_id: UUID
    authority: Annotated[str, Field(min_length=2, max_length=32)]
    officer: OfficerCode
    asked_at: UtcTime
    due_at: UtcTime
    answer: Answer = Answer.AWAITED
    ground: Annotated[str, Field(max_length=200)] = ""
    answered_at: UtcTime | None = None
