"""The letters of the engine as typed values. What a model has no field for cannot get into a letter.

What each must and must not say follows the practice of election bodies: coded reasons with facts, legal ground and
remedy in a refusal; no promise in a receipt; no serial beside a credential; no place in an accreditation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from domain.errors import BadInputError
from domain.letters.envelope import Envelope, LetterKind
from notifications.letters.application import (
    ApprovalLetter,
    CredentialLetter,
    DeferralLetter,
    DeficiencyLetter,
    PlacementLetter,
    ReceiptLetter,
    ReferralLetter,
    RefusalLetter,
    ReminderLetter,
)
from notifications.letters.correction import CorrectionsLetter
from notifications.letters.exception import (
    AppealOutcomeLetter,
    AppealReceiptLetter,
    CollectionLetter,
    CredentialChangeLetter,
    DoubleNominationLetter,
    ExpiryLetter,
    Measure,
    MeasureLetter,
    WithdrawalLetter,
)
from notifications.letters.lines import (
    CaseLetter,
    ChecklistLine,
    CompetentOffice,
    DeficiencyLine,
    FileLine,
    FindingLine,
    Letter,
    Letterhead,
    NoticeLine,
    OpenCase,
    PledgeCopy,
    ReasonLine,
    RegionCount,
    RemedyNotice,
)
from notifications.letters.office import (
    AskedLine,
    ClearanceLetter,
    DigestLetter,
    EscalationLetter,
    OfficeChangeLetter,
    RosterLetter,
    SummaryLetter,
)
from notifications.letters.organisation import FileReceiptLetter, OrganisationLetter, PolicyLetter

__all__ = [
    "LETTERS", "AppealOutcomeLetter", "AppealReceiptLetter", "ApprovalLetter", "AskedLine", "CaseLetter",
    "ChecklistLine", "ClearanceLetter",
    "CollectionLetter", "CompetentOffice", "CorrectionsLetter", "CredentialChangeLetter", "CredentialLetter",
    "DeferralLetter", "DeficiencyLetter", "DeficiencyLine", "DigestLetter", "DoubleNominationLetter",
    "EscalationLetter", "ExpiryLetter", "FileLine", "FileReceiptLetter", "FindingLine", "Letter", "Letterhead",
    "Measure", "MeasureLetter", "NoticeLine", "OfficeChangeLetter", "OpenCase", "OrganisationLetter",
    "PlacementLetter", "PledgeCopy", "PolicyLetter", "ReasonLine", "ReceiptLetter", "ReferralLetter", "RefusalLetter",
    "RegionCount", "RemedyNotice", "ReminderLetter", "RosterLetter", "SummaryLetter", "WithdrawalLetter",
    "contents_of", "letter_of",
]  # fmt: skip

_MODELS: Final[tuple[type[Letter], ...]] = (
    ReceiptLetter, DeficiencyLetter, ReferralLetter, ApprovalLetter, DeferralLetter, RefusalLetter, PlacementLetter,
    CorrectionsLetter,
    CredentialLetter, RosterLetter, SummaryLetter,
    OrganisationLetter, DoubleNominationLetter, WithdrawalLetter, CollectionLetter,
    CredentialChangeLetter, MeasureLetter, AppealReceiptLetter, AppealOutcomeLetter, ExpiryLetter,
    OfficeChangeLetter, PolicyLetter, DigestLetter, ReminderLetter, EscalationLetter, ClearanceLetter,
    FileReceiptLetter,
)  # fmt: skip

LETTERS: Final[Mapping[LetterKind, type[Letter]]] = MappingProxyType({model.kind: model for model in _MODELS})
"""The model of every kind of letter."""


def contents_of(letter: Letter) -> dict[str, object]:
    """Return *letter* as JSON-able contents of an envelope; :func:`letter_of` is its inverse."""
    contents: dict[str, object] = letter.model_dump(mode="json")
    return contents


def letter_of(envelope: Envelope) -> Letter:
    """Return the typed letter in *envelope*; raises BadInputError naming the fields that do not fit, never values."""
    try:
        return LETTERS[envelope.kind].model_validate(dict(envelope.contents))
    except ValidationError as error:
        fields = sorted({".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False)})
        raise BadInputError(
            f"letter {envelope.key}",
            f"its contents do not fit a {envelope.kind} letter ({', '.join(fields)}).",
            remedy="Queue it again with this version of the engine.",
        ) from None
