"""Letters that ask for what a person alone can say: about a region's notice, and the pledge."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.letters.envelope import LetterKind
from notifications.letters.invented import LATER, NOTICE
from notifications.letters.lines import AskingLetter, CaseLetter, FilledLine, NoticeLine


class ConsentLetter(AskingLetter, CaseLetter):
    """Whether the person accepts a region's notice: theirs alone to answer. The accreditation does not depend on it."""

    kind: ClassVar = LetterKind.CONSENT
    samples: ClassVar = {
        "consent": {
            "region": "Northern Coast",
            "notice": NOTICE.revised(accepted_at=None),
            "placed_there": True,
            "due": LATER,
            "link": "https://desk.commission.example/consent/en#token",
        },
        "consent-by-reply": {
            "region": "Northern Coast",
            "notice": NOTICE.revised(accepted_at=None),
            "due": LATER,
        },
    }

    region: FilledLine
    notice: NoticeLine
    placed_there: Annotated[bool, Field(description="the person is expected there; it is kept while time runs")] = False


class PledgeLetter(AskingLetter, CaseLetter):
    """Whether the person accepts the pledge, without which the application stays incomplete."""

    kind: ClassVar = LetterKind.PLEDGE
    samples: ClassVar = {
        "pledge": {
            "version": "2027-1",
            "text": ("I observe impartially and do not interfere.", "I carry my badge and my identity document."),
            "due": LATER,
            "link": "https://desk.commission.example/pledge/en#token",
        },
    }

    version: FilledLine
    text: Annotated[tuple[FilledLine, ...], Field(min_length=1, description="word for word, in paragraphs")]
