"""Letters to nominating organisations as such."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field

from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.invented import LATER, NO_REMEDY, NOT_INVITED, NOW, PAPERS, REMEDY
from notifications.letters.lines import (
    FileLine,
    FilledLine,
    KindCount,
    Letter,
    Line,
    OpenCase,
    ReasonLine,
    RemedyNotice,
)

_APPEAL: Final[dict[str, object]] = {
    "organisation_name": "Observers' League <Élan & Ñandú>", "at": NOW, "by": "Election Appeals Panel",
}  # fmt: skip
_DECIDED: Final[dict[str, object]] = {
    "explanation": "The invitation of 3 January 2027 had been filed under another organisation.",
    "ground": "Election Act, art. 92",
}


class OrganisationLetter(Letter):
    """Where the organisation stands: applied, admitted, not yet, not, suspended, withdrawn. Nothing of others."""

    kind: ClassVar = LetterKind.ORGANISATION
    samples: ClassVar = {
        "organisation": {
            "organisation_name": "Observers' League <Élan & Ñandú>",
            "outcome": "admitted",
            "scope": "Whole territory and posts abroad",
            "opens": NOW,
            "closes": LATER,
        },
        "organisation-received-late": {
            "organisation_name": "Observers' League",
            "outcome": "received",
            "received_at": NOW,
            "missed_deadline": NOW,
            "decision_due": LATER,
        },
        "organisation-waiting": {
            "organisation_name": "Observers' League",
            "outcome": "waiting",
            "received_at": NOW,
            "reasons": (PAPERS,),
            "due": LATER,
        },
        "organisation-not-admitted": {
            "organisation_name": "Observers' League",
            "outcome": "not_admitted",
            "reasons": (NOT_INVITED,),
            "remedy": REMEDY,
        },
        "organisation-suspended": {
            "organisation_name": "Observers' League",
            "outcome": "suspended",
            "reasons": (PAPERS,),
        },
        "organisation-withdrawn": {
            "organisation_name": "Observers' League",
            "outcome": "withdrawn",
        },
    }

    organisation_name: FilledLine
    outcome: Literal["received", "admitted", "waiting", "not_admitted", "suspended", "withdrawn"]
    scope: Line = ""
    opens: UtcTime | None = None
    closes: UtcTime | None = None
    received_at: UtcTime | None = None
    missed_deadline: Annotated[UtcTime | None, Field(description="the closing that it came after, if it did")] = None
    decision_due: UtcTime | None = None
    due: Annotated[UtcTime | None, Field(description="until when what is needed must be there")] = None
    reasons: tuple[ReasonLine, ...] = ()
    remedy: RemedyNotice | None = None

    def leaving(self, at: UtcTime) -> Self:
        """Return the letter with the time to mend beginning *at* that moment."""
        return self.revised(due=self.due + max(at - self.written_at, timedelta())) if self.due else self


class OrganisationAppealLetter(Letter):
    """The organisation's appeal has arrived, or has been decided by others than those who refused, and why."""

    kind: ClassVar = LetterKind.ORGANISATION_APPEAL
    samples: ClassVar = {
        "organisation-appeal-received": _APPEAL | {"outcome": "received", "late": True, "decision_due": LATER},
        "organisation-appeal-granted": _APPEAL | _DECIDED | {"outcome": "granted"},
        "organisation-appeal-dismissed": _APPEAL | _DECIDED | {"outcome": "dismissed", "remedy": NO_REMEDY},
        "organisation-appeal-remanded": _APPEAL | _DECIDED | {"outcome": "remanded", "decision_due": LATER},
    }

    organisation_name: FilledLine
    outcome: Literal["received", "granted", "dismissed", "remanded"]
    at: Annotated[UtcTime, Field(description="when it arrived, or was decided")]
    by: Annotated[FilledLine, Field(description="who reviews it, or decided")]
    late: Annotated[bool, Field(description="whether it came after its period; it is looked at all the same")] = False
    decision_due: Annotated[UtcTime | None, Field(description="of the appeal, or of the application again")] = None
    explanation: Line = ""
    ground: Line = ""
    remedy: RemedyNotice | None = None


class PolicyLetter(Letter):
    """A rule of general effect has changed: its text, who made it, since when it is in force, what it touches."""

    kind: ClassVar = LetterKind.POLICY
    samples: ClassVar = {
        "policy": {
            "policy": "Number of observers at one polling station",
            "text": "At most two observers of one organisation may be in one polling station at the same time.",
            "authority": "Central Election Commission of Valdara",
            "ground": "Election Act, art. 75",
            "version": "2",
            "in_force_from": LATER,
            "open_cases": 31,
        },
    }

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
    samples: ClassVar = {
        "file-receipt": {
            "greeting_name": "Ms Ilse Brandt",
            "organisation_name": "Observers' League",
            "received_at": NOW,
            "files": (
                FileLine(name="Nominations <March>.xlsx", recorded=117, corrected=2, held=1, returned=3),
                FileLine(
                    name="second list.csv", problem="missing: role.", remedy="Name the column over the roles: role."
                ),
            ),
        },
    }

    organisation_name: FilledLine
    received_at: UtcTime
    files: Annotated[tuple[FileLine, ...], Field(min_length=1)]


class CorrectionsLetter(Letter):
    """An organisation's rows to mend, all in one attached workbook; the letter itself only counts."""

    kind: ClassVar = LetterKind.CORRECTIONS
    samples: ClassVar = {
        "corrections": {
            "greeting_name": "Ms Ilse Brandt",
            "organisation_name": "Observers' League",
            "deficient": 12,
            "returned": 3,
            "due": LATER,
        },
        "corrections-returned": {
            "organisation_name": "Observers' League",
            "deficient": 0,
            "returned": 1,
        },
    }

    organisation_name: FilledLine
    deficient: Annotated[int, Field(ge=0, description="applications with something to mend")]
    returned: Annotated[int, Field(ge=0, description="rows that went back")]
    due: Annotated[UtcTime | None, Field(description="end of the first time limit, if one runs")] = None


class CheckpointLetter(Letter):
    """Where the log stands, signed and attached: whoever keeps it can show later that nothing before was changed."""

    kind: ClassVar = LetterKind.CHECKPOINT
    samples: ClassVar = {
        "checkpoint": {
            "greeting_name": "Ms Ilse Brandt",
            "log": "VD/VALDARA-2027",
            "entries": 14_230,
            "root": "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        },
        "checkpoint-witness": {
            "log": "VD/VALDARA-2027",
            "entries": 1,
            "root": "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
            "witness": "witness.example/w1",
        },
    }

    log: FilledLine
    entries: Annotated[int, Field(ge=0)]
    root: Annotated[FilledLine, Field(description="SHA-256 in base64, as it stands in the checkpoint")]
    witness: Annotated[Line, Field(description="the witness's name; empty: for an organisation")] = ""


class ParcelLetter(Letter):
    """One stage's letters to an organisation: counts here, a list and the letters with their badges in one archive.

    Officers get the cases that wait for them, by number; ids only.
    """

    kind: ClassVar = LetterKind.PARCEL
    samples: ClassVar = {
        "parcel": {
            "greeting_name": "Ms Ilse Brandt",
            "organisation_name": "Observers' League <Élan & Ñandú>",
            "counts": (
                KindCount(kind=LetterKind.APPROVAL, letters=112),
                KindCount(kind=LetterKind.DEFICIENCY, letters=3),
            ),
            "due": LATER,
        },
        "parcel-officers": {
            "counts": (KindCount(kind=LetterKind.REFERRAL, letters=1),),
            "cases": (OpenCase(case_number="ABCD-EFGH-IJKL", due=LATER),),
        },
    }

    organisation_name: Annotated[Line, Field(description="empty: for the officers")] = ""
    counts: Annotated[tuple[KindCount, ...], Field(min_length=1)]
    due: Annotated[UtcTime | None, Field(description="end of the first time that one of the letters gives")] = None
    cases: Annotated[tuple[OpenCase, ...], Field(description="of officers: the cases and when they are due")] = ()

    @property
    def letters(self) -> int:
        """How many letters it brings."""
        return sum(count.letters for count in self.counts)
