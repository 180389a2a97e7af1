"""Letters about one application that leaves the usual way, or comes to its end."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.invented import BREACH, END, LATER, NO_REMEDY, NOW, REMEDY
from notifications.letters.lines import CaseLetter, FilledLine, Letter, Line, ReasonLine, RemedyNotice

_BREACH_DECIDED: Final = {"reasons": (BREACH,), "decided_at": NOW, "decided_by": "Accreditation Committee"}
_APPEAL_DECIDED: Final = {
    "decided_at": NOW,
    "decided_by": "Election Appeals Panel",
    "explanation": "The reply of 13 March 2027 had arrived in time but had been filed under another case.",
    "ground": "Election Act, art. 92",
}


class Measure(StrEnum):
    """What the host does against a breach, by weight; the notice before, the end of a suspension, and an answer."""

    WARNING = "warning"
    SUSPENSION = "suspension"
    LIFTED = "lifted"
    NOTICE = "notice"
    REVOCATION = "revocation"
    ANSWER = "answer"


WITH_REMEDY: Final = frozenset({Measure.WARNING, Measure.SUSPENSION, Measure.REVOCATION})
"""Decisions against somebody: their letters name the remedy, or say that there is none."""


class DoubleNominationLetter(CaseLetter):
    """Two organisations nominated one person, who must choose. Nothing of the other file is shown."""

    kind: ClassVar = LetterKind.DOUBLE_NOMINATION
    samples: ClassVar = {
        "double-nomination": {
            "choose_by": LATER,
        },
    }

    choose_by: UtcTime


class WithdrawalLetter(CaseLetter):
    """The organisation or the person withdrew, or somebody else takes the place. Neutral: it blames nobody."""

    kind: ClassVar = LetterKind.WITHDRAWAL
    samples: ClassVar = {
        "withdrawal": {
            "withdrawn_at": NOW,
            "by": "organisation",
            "replaced": True,
        },
        "withdrawal-by-the-person": {
            "withdrawn_at": NOW,
            "by": "applicant",
        },
    }

    withdrawn_at: UtcTime
    by: Literal["organisation", "applicant"]
    replaced: bool = False


class CollectionLetter(CaseLetter):
    """The printed badge can be fetched: where, when, with which proof, and whether by somebody else."""

    kind: ClassVar = LetterKind.COLLECTION
    samples: ClassVar = {
        "collection": {
            "place": "Headquarters, ground floor",
            "hours": "09:00 to 18:00",
            "collect_from": LATER,
            "proxy_allowed": True,
        },
    }

    place: FilledLine
    hours: FilledLine
    collect_from: UtcTime
    proxy_allowed: bool = False


class CredentialChangeLetter(Letter):
    """A credential is void, and perhaps replaced. Offices get the serial and no name; the person gets no serial.

    Offices also learn that one is suspended, and that it is valid again.
    """

    kind: ClassVar = LetterKind.CREDENTIAL_CHANGE
    samples: ClassVar = {
        "credential-change": {
            "greeting_name": "Ms Ilse Brandt",
            "case_number": "ABCD-EFGH-IJKL",
            "applicant_name": "Zoë Ångström-Nguyễn",
            "changed_at": NOW,
            "replaced": True,
        },
        "credential-change-to-office": {
            "case_number": "ABCD-EFGH-IJKL",
            "void_serial": "VA-00042",
            "changed_at": NOW,
            "replaced": False,
        },
        "credential-change-lost": {
            "case_number": "ABCD-EFGH-IJKL",
            "void_serial": "VA-00042",
            "changed_at": NOW,
            "replaced": True,
            "lost": True,
        },
        "credential-change-suspended": {
            "case_number": "ABCD-EFGH-IJKL",
            "void_serial": "VA-00042",
            "changed_at": NOW,
            "change": "suspended",
        },
    }

    case_number: FilledLine
    changed_at: UtcTime
    replaced: bool = False
    lost: Annotated[bool, Field(description="whether it was reported lost")] = False
    change: Literal["void", "suspended", "valid"] = "void"
    applicant_name: Line = ""
    void_serial: Annotated[Line, Field(description="serial of the credential that changed")] = ""

    @property
    def what(self) -> str:
        """The name of what happened, by which its sentences are found."""
        return "lost" if self.lost else "replaced" if self.replaced else self.change

    @model_validator(mode="after")
    def _keeps_name_and_serial_apart(self) -> Self:
        if bool(self.applicant_name) == bool(self.void_serial):
            raise ValueError("either the name, to the person, or the serial, to an office")
        return self


class MeasureLetter(CaseLetter):
    """A warning, suspension or revocation: reasons, effect, time to reply, and remedy.

    A notice says what is intended and until when one may reply, decides nothing and so has no remedy; the end of a
    suspension needs no reasons, nor does the answer to a reply, which says what came of it.
    """

    kind: ClassVar = LetterKind.MEASURE
    samples: ClassVar = {
        "measure-warning": {
            "measure": Measure.WARNING,
            **_BREACH_DECIDED,
            "remedy": NO_REMEDY,
            "reply_until": LATER,
            "clock_from": NOW,
            "proportionality": "A conversation on 30 March 2027 changed nothing.",
        },
        "measure-suspension": {
            "measure": Measure.SUSPENSION,
            **_BREACH_DECIDED,
            "remedy": REMEDY,
            "suspended_until": LATER,
            "reply_until": LATER,
        },
        "measure-lifted": {
            **_BREACH_DECIDED,
            "measure": Measure.LIFTED,
            "reasons": (),
        },
        "measure-answer": {
            **_BREACH_DECIDED,
            "measure": Measure.ANSWER,
            "reasons": (),
            "answer": "The second report was about somebody else. The warning rests on the first report alone.",
        },
        "measure-notice": {
            "measure": Measure.NOTICE,
            **_BREACH_DECIDED,
            "reply_until": LATER,
            "clock_from": NOW,
        },
        "measure-revocation": {
            "measure": Measure.REVOCATION,
            **_BREACH_DECIDED,
            "remedy": REMEDY,
            "proportionality": "The breach was repeated after a warning.",
        },
    }

    measure: Measure
    reasons: tuple[ReasonLine, ...] = ()
    decided_at: UtcTime
    decided_by: FilledLine
    rules_version: Annotated[Line, Field(description="the version of the rules that were applied")] = ""
    proportionality: Annotated[Line, Field(description="why nothing milder is enough")] = ""
    answer: Annotated[Line, Field(description="to the reply of the person")] = ""
    reply_until: UtcTime | None = None
    suspended_until: UtcTime | None = None
    remedy: RemedyNotice | None = None
    clock_from: Annotated[UtcTime | None, Field(description="since when the time to reply runs")] = None

    def leaving(self, at: UtcTime) -> Self:
        """Return the letter with the time to reply beginning *at* that moment."""
        if self.reply_until is None:
            return self
        later = self.reply_until + max(at - self.written_at, timedelta())
        return self.revised(reply_until=min(later, self.suspended_until or later), clock_from=at)

    @model_validator(mode="after")
    def _says_what_its_measure_calls_for(self) -> Self:
        if not self.reasons and self.measure not in {Measure.LIFTED, Measure.ANSWER}:
            raise ValueError("a measure has at least one coded reason")
        if bool(self.answer) != (self.measure is Measure.ANSWER):
            raise ValueError("an answer, and nothing else, says what came of a reply")
        if self.measure is Measure.NOTICE and self.reply_until is None:
            raise ValueError("a notice says until when one may reply")
        if self.remedy is None and self.measure in WITH_REMEDY:
            raise ValueError("a measure names the remedy, or says that there is none")
        return self


class AppealReceiptLetter(CaseLetter):
    """The appeal has arrived; somebody who did not decide the case reviews it."""

    kind: ClassVar = LetterKind.APPEAL_RECEIPT
    samples: ClassVar = {
        "appeal-receipt": {
            "received_at": NOW,
            "reviewed_by": "Election Appeals Panel",
            "decision_due": LATER,
        },
    }

    received_at: UtcTime
    reviewed_by: FilledLine
    decision_due: UtcTime | None = None


class AppealOutcomeLetter(CaseLetter):
    """How the appeal ended, and why."""

    kind: ClassVar = LetterKind.APPEAL_OUTCOME
    samples: ClassVar = {
        "appeal-granted": {
            "outcome": "granted",
            **_APPEAL_DECIDED,
        },
        "appeal-dismissed": {
            "outcome": "dismissed",
            **_APPEAL_DECIDED,
            "remedy": NO_REMEDY,
        },
        "appeal-remanded": {
            "outcome": "remanded",
            **_APPEAL_DECIDED,
            "remand_due": LATER,
        },
    }

    outcome: Literal["granted", "dismissed", "remanded"]
    decided_at: UtcTime
    decided_by: FilledLine
    explanation: FilledLine
    ground: FilledLine
    remand_due: UtcTime | None = None
    remedy: RemedyNotice | None = None


class ExpiryLetter(CaseLetter):
    """The accreditation has ended: what is kept, what has been erased, where the person's own copy is."""

    kind: ClassVar = LetterKind.EXPIRY
    samples: ClassVar = {
        "expiry": {
            "ended_at": END,
            "kept": ("Name, organisation and decision in the register",),
            "erased": ("Photograph", "Copy of the identity document"),
            "erased_at": END,
            "export_url": "https://commission.example/record",
        },
    }

    ended_at: UtcTime
    kept: tuple[FilledLine, ...] = ()
    erased: tuple[FilledLine, ...] = ()
    erased_at: UtcTime | None = None
    export_url: str = ""
