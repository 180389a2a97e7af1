"""Letters about one application that leaves the usual way, or comes to its end."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.lines import CaseLetter, FilledLine, Letter, Line, ReasonLine, RemedyNotice


class Measure(StrEnum):
    """What the host can do against a breach, by weight; the notice before a revocation; and the end of a suspension."""

    WARNING = "warning"
    SUSPENSION = "suspension"
    LIFTED = "lifted"
    NOTICE = "notice"
    REVOCATION = "revocation"


class DoubleNominationLetter(CaseLetter):
    """Two organisations nominated one person, who must choose. Nothing of the other file is shown."""

    kind: ClassVar = LetterKind.DOUBLE_NOMINATION

    choose_by: UtcTime


class WithdrawalLetter(CaseLetter):
    """The organisation or the person withdrew, or somebody else takes the place. Neutral: it blames nobody."""

    kind: ClassVar = LetterKind.WITHDRAWAL

    withdrawn_at: UtcTime
    by: Literal["organisation", "applicant"]
    replaced: bool = False


class CollectionLetter(CaseLetter):
    """The printed badge can be fetched: where, when, with which proof, and whether by somebody else."""

    kind: ClassVar = LetterKind.COLLECTION

    place: FilledLine
    hours: FilledLine
    collect_from: UtcTime
    proxy_allowed: bool = False


class CredentialChangeLetter(Letter):
    """A credential is void, and perhaps replaced. Offices get the serial and no name; the person gets no serial.

    Offices also learn that one is suspended, and that it is valid again.
    """

    kind: ClassVar = LetterKind.CREDENTIAL_CHANGE

    case_number: FilledLine
    changed_at: UtcTime
    replaced: bool = False
    change: Literal["void", "suspended", "valid"] = "void"
    applicant_name: Line = ""
    void_serial: Annotated[Line, Field(description="serial of the credential that changed")] = ""

    @model_validator(mode="after")
    def _keeps_name_and_serial_apart(self) -> Self:
        if bool(self.applicant_name) == bool(self.void_serial):
            raise ValueError("either the name, to the person, or the serial, to an office")
        return self


class MeasureLetter(CaseLetter):
    """A warning, suspension or revocation: reasons, effect, time to reply, and remedy.

    A notice says what is intended and until when one may reply, decides nothing and so has no remedy; the end of a
    suspension needs no reasons.
    """

    kind: ClassVar = LetterKind.MEASURE

    measure: Measure
    reasons: tuple[ReasonLine, ...] = ()
    decided_at: UtcTime
    decided_by: FilledLine
    proportionality: Annotated[Line, Field(description="why nothing milder is enough")] = ""
    reply_until: UtcTime | None = None
    suspended_until: UtcTime | None = None
    remedy: RemedyNotice | None = None

    @model_validator(mode="after")
    def _says_what_its_measure_calls_for(self) -> Self:
        if not self.reasons and self.measure is not Measure.LIFTED:
            raise ValueError("a measure has at least one coded reason")
        if self.measure is Measure.NOTICE and self.reply_until is None:
            raise ValueError("a notice says until when one may reply")
        if self.remedy is None and self.measure in {Measure.WARNING, Measure.SUSPENSION, Measure.REVOCATION}:
            raise ValueError("a measure names the remedy, or says that there is none")
        return self


class AppealReceiptLetter(CaseLetter):
    """The appeal has arrived; somebody who did not decide the case reviews it."""

    kind: ClassVar = LetterKind.APPEAL_RECEIPT

    received_at: UtcTime
    reviewed_by: FilledLine
    decision_due: UtcTime | None = None


class AppealOutcomeLetter(CaseLetter):
    """How the appeal ended, and why."""

    kind: ClassVar = LetterKind.APPEAL_OUTCOME

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

    ended_at: UtcTime
    kept: tuple[FilledLine, ...] = ()
    erased: tuple[FilledLine, ...] = ()
    erased_at: UtcTime | None = None
    export_url: str = ""
