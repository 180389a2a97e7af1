"""Letters about one application, from receipt to credential: the usual way."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.lines import (
    CaseLetter,
    ChecklistLine,
    CompetentOffice,
    DeficiencyLine,
    FilledLine,
    FindingLine,
    Letter,
    Line,
    NoticeLine,
    PledgeCopy,
    ReasonLine,
    RemedyNotice,
)


class ReceiptLetter(CaseLetter):
    """The nomination has arrived. It promises nothing; a late one is told the deadline and that it will be heard."""

    kind: ClassVar = LetterKind.RECEIPT

    received_at: UtcTime
    decision_due: UtcTime | None = None
    checklist: tuple[ChecklistLine, ...] = ()
    missed_deadline: Annotated[UtcTime | None, Field(description="the deadline, where the nomination is late")] = None


class DeficiencyLetter(CaseLetter):
    """What is missing or wrong, by which rule, until when, and how to mend it. It refuses nothing."""

    kind: ClassVar = LetterKind.DEFICIENCY

    deficiencies: Annotated[tuple[DeficiencyLine, ...], Field(min_length=1)]
    due: UtcTime
    reminder: bool = False
    corrections_attached: bool = False


class ReferralLetter(Letter):
    """To the officers' mailbox: a case waits for a person, an appeal ended, a letter came back. Ids and rules only."""

    kind: ClassVar = LetterKind.REFERRAL

    case_number: FilledLine
    organisation_code: FilledLine
    occasion: Annotated[
        Literal["checks", "granted", "dismissed", "remanded", "bounced"],
        Field(description="what the checks left, how an appeal ended, or a letter that came back"),
    ] = "checks"
    findings: tuple[FindingLine, ...] = ()
    returned: Annotated[Line, Field(description="kind of the letter that came back")] = ""
    due: UtcTime | None = None

    @property
    def of_appeal(self) -> bool:
        """Whether it tells the deciders how an appeal against their decision ended."""
        return self.occasion in {"granted", "dismissed", "remanded"}

    @model_validator(mode="after")
    def _says_what_its_occasion_calls_for(self) -> Self:
        if self.occasion == "checks" and not (self.findings and self.due):
            raise ValueError("what is referred names its rules and until when")
        return self


class ApprovalLetter(CaseLetter):
    """The accreditation: role, scope and validity. It names no place, because a place would read like a limit."""

    kind: ClassVar = LetterKind.APPROVAL

    role: Role
    decided_at: UtcTime
    valid_from: UtcTime | None = None
    valid_until: UtcTime
    pledge: Annotated[PledgeCopy | None, Field(description="copy of the pledge; none: the profile has no text")] = None
    collect_from: Annotated[UtcTime | None, Field(description="when badges are handed out, if they are")] = None
    collection: Annotated[Line, Field(description="the hours in which they are")] = ""


class DeferralLetter(CaseLetter):
    """The decision is put off for a named fact, from a named source, until a named time."""

    kind: ClassVar = LetterKind.DEFERRAL

    awaited: FilledLine
    awaited_from: FilledLine
    until: UtcTime
    code: ReasonCode = ReasonCode.X01


class RefusalLetter(CaseLetter):
    """A refusal by two officers: reasons, facts, grounds, remedy and its last moment."""

    kind: ClassVar = LetterKind.REFUSAL

    reasons: Annotated[tuple[ReasonLine, ...], Field(min_length=1)]
    decided_at: UtcTime
    decided_by: Annotated[FilledLine, Field(description="the office or function that decided, never a private name")]
    remedy: RemedyNotice


class PlacementLetter(CaseLetter):
    """Where somebody is expected. The accreditation holds everywhere; being at large is a placement too."""

    kind: ClassVar = LetterKind.PLACEMENT

    role: Role
    region: Annotated[Line, Field(description="the operator's name of the region; empty: at large")] = ""
    serving: Annotated[CompetentOffice | None, Field(description="office that receives the person")] = None
    partner_name: Annotated[Line, Field(description="for an interpreter beside a team, both its names")] = ""
    site: Annotated[Line, Field(description="code of the place in the region; empty where none is given")] = ""
    notices: tuple[NoticeLine, ...] = ()
    objection_until: UtcTime | None = None


class CredentialLetter(CaseLetter):
    """The badge is attached, and how anybody can check it. The serial is on the badge only."""

    kind: ClassVar = LetterKind.CREDENTIAL

    role: Role
    valid_from: UtcTime | None = None
    valid_until: UtcTime
    check_url: str = ""


class ReminderLetter(CaseLetter):
    """What is coming up for somebody who is expected: a briefing, or the stay as the nomination has it."""

    kind: ClassVar = LetterKind.REMINDER

    topic: Literal["briefing", "stay"]
    what: Annotated[Line, Field(description="the briefing's title")] = ""
    begins: UtcTime | None = None
    place: Line = ""
    arrival: date | None = None
    departure: date | None = None
    region: Annotated[Line, Field(description="the operator's name of the region; empty: at large")] = ""
    serving: CompetentOffice | None = None
