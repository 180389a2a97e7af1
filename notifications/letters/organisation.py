"""Letters to nominating organisations as such."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.lines import FileLine, FilledLine, Letter, Line, ReasonLine, RemedyNotice


class OrganisationLetter(Letter):
    """Where the organisation stands: admitted, not yet, not, suspended, withdrawn. It says nothing of others."""

    kind: ClassVar = LetterKind.ORGANISATION

    organisation_name: FilledLine
    outcome: Literal["admitted", "waiting", "not_admitted", "suspended", "withdrawn"]
    scope: Line = ""
    opens: UtcTime | None = None
    closes: UtcTime | None = None
    reasons: tuple[ReasonLine, ...] = ()
    remedy: RemedyNotice | None = None


class PolicyLetter(Letter):
    """A rule of general effect has changed: its text, who made it, since when it is in force, what it touches."""

    kind: ClassVar = LetterKind.POLICY

    policy: FilledLine
    text: FilledLine
    authority: FilledLine
    ground: FilledLine
    version: FilledLine
    in_force_from: UtcTime
    in_force_until: UtcTime | None = None
    open_cases: Annotated[int, Field(ge=0, description="the organisation's cases that it touches")] = 0


class FileReceiptLetter(Letter):
    """The answer to a message with nominations: what became of the rows of each file. It promises nothing."""

    kind: ClassVar = LetterKind.FILE_RECEIPT

    organisation_name: FilledLine
    received_at: UtcTime
    files: Annotated[tuple[FileLine, ...], Field(min_length=1)]
