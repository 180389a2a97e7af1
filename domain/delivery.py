"""When a letter that could not be delivered is tried again, and when it is given up."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.correspondence import LetterState
from domain.errors import AccreditationError
from domain.values import Frozen, UtcTime


class Patience(Frozen):
    """How long a temporary refusal is borne; the defaults add up to four days (RFC 5321, 4.5.4.1: four to five)."""

    first_minutes: Annotated[float, Field(gt=0, description="wait after the first attempt")] = 2
    longest_minutes: Annotated[float, Field(gt=0, description="no wait is longer")] = 240
    attempts: Annotated[int, Field(ge=1, description="after so many a letter has failed")] = 36


class Prospect(Frozen):
    """What becomes of a letter after an attempt that failed: deferred until a time, or failed for good."""

    state: LetterState
    next_at: UtcTime | None = None


_USUAL = Patience()


def prospect(
    error: AccreditationError, *, key: str, attempts: int, now: UtcTime, patience: Patience = _USUAL
) -> Prospect:
    """Return what becomes of the letter *key* whose attempt number *attempts* (from 1) ended with *error*.

    An error that waiting cannot help fails it at once. Waits double up to the longest; each is shortened by up to half,
    by the key and the attempt, so that letters held back together do not all come back together, and the same letter
    always waits the same. A server that is down is no attempt: whoever meets it stops and leaves the letter queued.
    """
    if not error.retryable or attempts >= patience.attempts:
        return Prospect(state=LetterState.FAILED)
    doubled = patience.first_minutes * 2 ** min(attempts - 1, 32)
    wait = min(doubled, patience.longest_minutes) * (1 - _share(key, attempts) / 2)
    return Prospect(state=LetterState.DEFERRED, next_at=now + timedelta(minutes=wait))


def _share(key: str, attempts: int) -> float:
    """Return a number from 0 up to 1 that looks random and depends on its arguments only."""
    digest = hashlib.sha256(f"{key}\x1f{attempts}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
