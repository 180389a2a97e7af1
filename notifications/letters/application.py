"""Letters about one application, from receipt to credential: the usual way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.invented import (
    END,
    EXPIRY,
    LATE_FILE,
    LATER,
    MISSING,
    NO_REMEDY,
    NOTICE,
    NOW,
    OWN_REASON,
    REMEDY,
    REMEDY_FROM_RECEIPT,
    SERVING,
)
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
    RoleLetter,
)


class ReceiptLetter(CaseLetter):
    """The nomination has arrived. It promises nothing; a late one is told the deadline and that it will be heard."""

    kind: ClassVar = LetterKind.RECEIPT
    samples: ClassVar = {
        "receipt": {
            "received_at": NOW,
            "decision_due": LATER,
            "checklist": (
                ChecklistLine(what="identity_page", arrived=True),
                ChecklistLine(what="request_letter", arrived=False),
            ),
        },
        "receipt-late": {
            "received_at": LATER,
            "missed_deadline": NOW,
        },
    }

    received_at: UtcTime
    decision_due: UtcTime | None = None
    checklist: tuple[ChecklistLine, ...] = ()
    missed_deadline: Annotated[UtcTime | None, Field(description="the deadline, where the nomination is late")] = None


class DeficiencyLetter(CaseLetter):
    """What is missing or wrong, by which rule, until when, and how to mend it. It refuses nothing."""

    kind: ClassVar = LetterKind.DEFICIENCY
    samples: ClassVar = {
        "deficiency": {
            "deficiencies": (MISSING, EXPIRY),
            "due": LATER,
            "clock_from": NOW,
            "corrections_attached": True,
        },
        "deficiency-reminder": {
            "deficiencies": (MISSING,),
            "due": LATER,
            "reminder": True,
        },
    }

    deficiencies: Annotated[tuple[DeficiencyLine, ...], Field(min_length=1)]
    due: UtcTime
    clock_from: Annotated[UtcTime | None, Field(description="since when the time runs: when this letter left")] = None
    reminder: bool = False
    corrections_attached: bool = False

    def leaving(self, at: UtcTime) -> Self:
        """Return the letter with the time that it gives beginning *at* that moment; a reminder begins none."""
        if self.reminder:
            return self
        return self.revised(due=self.due + max(at - self.written_at, timedelta()), clock_from=at)


class ReferralLetter(Letter):
    """To the officers' mailbox: a case waits for a person, an appeal ended, a letter came back. Ids and rules only."""

    kind: ClassVar = LetterKind.REFERRAL
    samples: ClassVar = {
        "referral": {
            "case_number": "ABCD-EFGH-IJKL",
            "organisation_code": "ORG-7",
            "findings": (
                FindingLine(rule="namesake_on_list"),
                FindingLine(rule="conflict_declared", code=ReasonCode.D08),
            ),
            "due": LATER,
        },
        "referral-appeal": {
            "case_number": "ABCD-EFGH-IJKL",
            "organisation_code": "ORG-7",
            "occasion": "remanded",
            "due": LATER,
        },
        "referral-bounced": {
            "case_number": "ABCD-EFGH-IJKL",
            "organisation_code": "ORG-7",
            "occasion": "bounced",
            "returned": "refusal",
            "due": LATER,
        },
        "referral-shared-address": {
            "case_number": "ABCD-EFGH-IJKL",
            "organisation_code": "ORG-7",
            "occasion": "address",
            "due": LATER,
        },
    }

    case_number: FilledLine
    organisation_code: FilledLine
    occasion: Annotated[
        Literal["checks", "granted", "dismissed", "remanded", "bounced", "address"],
        Field(description="what the checks left, how an appeal ended, or that mail came back, perhaps another's"),
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


class ApprovalLetter(RoleLetter):
    """The accreditation: role, scope and validity. It names no place, because a place would read like a limit."""

    kind: ClassVar = LetterKind.APPROVAL
    samples: ClassVar = {
        "approval": {
            "role": Role.LONG_TERM_OBSERVER,
            "decided_at": NOW,
            "valid_from": NOW,
            "valid_until": END,
            "pledge": PledgeCopy(
                version="2027-1",
                accepted_on=date(2027, 2, 1),
                text=("I observe impartially and do not interfere.", "I carry my badge and my identity document."),
            ),
            "collect_from": LATER,
            "collection": "Monday to Saturday, 09:00 to 17:00",
        },
    }

    decided_at: UtcTime
    valid_from: UtcTime | None = None
    valid_until: UtcTime
    pledge: Annotated[PledgeCopy | None, Field(description="copy of the pledge; none: the profile has no text")] = None
    collect_from: Annotated[UtcTime | None, Field(description="when badges are handed out, if they are")] = None
    collection: Annotated[Line, Field(description="the hours in which they are")] = ""


class DeferralLetter(CaseLetter):
    """The decision is put off for a named fact, from a named source, until a named time."""

    kind: ClassVar = LetterKind.DEFERRAL
    samples: ClassVar = {
        "deferral": {
            "awaited": "The list of mission members signed anew",
            "awaited_from": "the organisation",
            "until": LATER,
        },
    }

    awaited: FilledLine
    awaited_from: FilledLine
    until: UtcTime
    code: ReasonCode = ReasonCode.X01


class RefusalLetter(CaseLetter):
    """A refusal by two officers: reasons, facts, grounds, remedy and its last moment."""

    kind: ClassVar = LetterKind.REFUSAL
    samples: ClassVar = {
        "refusal": {
            "reasons": (LATE_FILE, OWN_REASON),
            "decided_at": NOW,
            "decided_by": "Accreditation Committee",
            "remedy": REMEDY,
        },
        "refusal-with-time-from-receipt": {
            "reasons": (LATE_FILE,),
            "decided_at": NOW,
            "decided_by": "Accreditation Committee",
            "remedy": REMEDY_FROM_RECEIPT,
        },
        "refusal-without-remedy": {
            "reasons": (LATE_FILE,),
            "decided_at": NOW,
            "decided_by": "Accreditation Committee",
            "remedy": NO_REMEDY,
        },
    }

    reasons: Annotated[tuple[ReasonLine, ...], Field(min_length=1)]
    decided_at: UtcTime
    decided_by: Annotated[FilledLine, Field(description="the office or function that decided, never a private name")]
    rules_version: Annotated[Line, Field(description="the version of the rules that were applied")] = ""
    remedy: RemedyNotice


class PlacementLetter(RoleLetter):
    """Where somebody is expected. The accreditation holds everywhere; being at large is a placement too."""

    kind: ClassVar = LetterKind.PLACEMENT
    samples: ClassVar = {
        "placement": {
            "role": Role.SHORT_TERM_OBSERVER,
            "region": "The Islands",
            "serving": SERVING,
            "partner_name": "Kofi Örn",
            "site": "IS-104",
            "notices": (NOTICE,),
            "objection_until": LATER,
        },
        "placement-at-large": {
            "role": Role.EXPERT,
        },
    }

    region: Annotated[Line, Field(description="the operator's name of the region; empty: at large")] = ""
    serving: Annotated[CompetentOffice | None, Field(description="office that receives the person")] = None
    partner_name: Annotated[Line, Field(description="for an interpreter beside a team, both its names")] = ""
    site: Annotated[Line, Field(description="code of the place in the region; empty where none is given")] = ""
    notices: tuple[NoticeLine, ...] = ()
    objection_until: UtcTime | None = None


class CredentialLetter(RoleLetter):
    """The badge is attached, and how anybody can check it. The serial is on the badge only."""

    kind: ClassVar = LetterKind.CREDENTIAL
    samples: ClassVar = {
        "credential": {
            "role": Role.INTERPRETER,
            "valid_from": NOW,
            "valid_until": END,
            "check_url": "https://commission.example/check",
        },
    }

    valid_from: UtcTime | None = None
    valid_until: UtcTime
    check_url: str = ""


class ReminderLetter(CaseLetter):
    """What is coming up for somebody who is expected: a briefing, or the stay as the nomination has it."""

    kind: ClassVar = LetterKind.REMINDER
    samples: ClassVar = {
        "reminder-briefing": {
            "topic": "briefing",
            "what": "Briefing for observers",
            "begins": LATER,
            "place": "Hall 2, Commission building, 1 Square of the Vote",
        },
        "reminder-stay": {
            "topic": "stay",
            "arrival": date(2027, 3, 26),
            "departure": date(2027, 4, 3),
            "region": "Upper Valley",
            "serving": SERVING,
        },
    }

    topic: Literal["briefing", "stay"]
    what: Annotated[Line, Field(description="the briefing's title")] = ""
    begins: UtcTime | None = None
    place: Line = ""
    arrival: date | None = None
    departure: date | None = None
    region: Annotated[Line, Field(description="the operator's name of the region; empty: at large")] = ""
    serving: CompetentOffice | None = None
