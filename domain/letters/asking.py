"""Letters that ask for an answer: the time that they give, and the link that answers them once."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Annotated

from pydantic import Field

from domain.values import Frozen, Sha256, UtcTime


class Asking(Frozen):
    """A letter that asks somebody something, and since when their time runs."""

    letter: str
    asked_at: UtcTime
    due_at: UtcTime
    """The end of the time as it was set when the letter was written."""
    closed: Annotated[bool, Field(description="it was answered, or a later letter took its place")] = False
    told_at: Annotated[UtcTime | None, Field(description="since when it has arrived; unset: it has not")] = None

    @property
    def ends(self) -> UtcTime | None:
        """When the time is over: as long after the letter arrived as was given; unset: it has not begun."""
        return None if self.told_at is None else self.told_at + (self.due_at - self.asked_at)

    def is_over(self, now: UtcTime) -> bool:
        """Whether the time has begun, and has run out."""
        return self.ends is not None and self.ends <= now


def link_token(secret: bytes, letter: str, mark: str) -> str:
    """Return what the link of *letter* carries: nobody makes it without *secret*, and *mark* is the letter's own."""
    made = hmac.digest(secret, f"consent\x1f{letter}\x1f{mark}".encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def token_sha256(token: str) -> Sha256:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
