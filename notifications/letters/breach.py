"""Letters after a theft of personal data: to the people, to organisations, and the report to the authority."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.application.held_classes import HeldClass
from domain.letters.envelope import LetterKind
from domain.oversight.breach import StolenPart
from domain.values import UtcTime
from notifications.letters.invented import LATER, NOW
from notifications.letters.lines import Letter, Line

_OF_PERSON = (HeldClass.NAME, HeldClass.DOCUMENT, HeldClass.PHOTO)


class BreachLetter(Letter):
    """What may have been copied of whom, since when it is known, and what to watch for (GDPR art. 33(3), 34(2))."""

    kind: ClassVar = LetterKind.BREACH
    samples: ClassVar = {
        "breach": {
            "about": "person", "greeting_name": "Ms Ilse Brandt", "case_number": "ABCD-EFGH-IJKL",
            "known_at": NOW, "classes": _OF_PERSON,
        },
        "breach-organisation": {
            "about": "organisation", "greeting_name": "Ms Ilse Brandt", "known_at": NOW,
            "classes": (HeldClass.FOCAL_POINT,), "without_case": 3,
        },
        "breach-report": {
            "about": "authority", "known_at": NOW, "classes": _OF_PERSON, "due": LATER, "people": 1_420,
            "organisations": 38, "without_case": 3, "parts": (StolenPart.DATABASE, StolenPart.KEYS),
            "ground": "Data Protection Act, art. 33", "facts": "A backup was copied from an unlocked server room.",
        },
        "breach-report-encrypted": {
            "about": "authority", "known_at": NOW, "classes": _OF_PERSON, "people": 1, "organisations": 1,
            "parts": (StolenPart.DATABASE,), "readable": False, "facts": "A backup was lost.",
        },
    }  # fmt: skip

    about: Literal["person", "organisation", "authority"]
    known_at: UtcTime
    classes: Annotated[tuple[HeldClass, ...], Field(description="what of the reader, or of all of them, lay there")]
    case_number: Line = ""
    without_case: Annotated[int, Field(ge=0, description="people of rows that went back, who are no case")] = 0
    due: Annotated[UtcTime | None, Field(description="of the report: until when; unset: the profile sets none")] = None
    ground: Line = ""
    parts: tuple[StolenPart, ...] = ()
    readable: Annotated[bool, Field(description="of the report: whether the thief has the keys, too")] = True
    people: Annotated[int, Field(ge=0)] = 0
    organisations: Annotated[int, Field(ge=0)] = 0
    facts: Annotated[Line, Field(description="of the report: what happened, in the officer's words")] = ""
