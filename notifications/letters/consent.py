"""The letter that asks a person about a region's notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field

from domain.assignment.consents import consent_token
from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.invented import LATER, NOTICE
from notifications.letters.lines import CaseLetter, FilledLine, Line, NoticeLine


class ConsentLetter(CaseLetter):
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
    due: UtcTime
    link: Annotated[Line, Field(description="of the page that takes the answer; empty: by reply or on paper")] = ""
    mark: Annotated[str, Field(pattern="^([0-9a-f]{32})?$", description="random; the link is made of it")] = ""

    def leaving(self, at: UtcTime) -> Self:
        """Return the letter with the time that it gives beginning *at* that moment."""
        return self.revised(due=self.due + max(at - self.written_at, timedelta()))

    def opened(self, key: str, secret: bytes) -> Self:
        """Return the letter with the link that only its recipient is to have: in the message, and nowhere else."""
        return self.revised(link=f"{self.link}#{consent_token(secret, key, self.mark)}") if self.mark else self
