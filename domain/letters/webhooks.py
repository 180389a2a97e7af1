"""Webhooks: how a message is signed and when it goes again, as in *Standard Webhooks*; ids and codes only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from domain.errors import BadInputError
from domain.values import UtcTime

SECRET_BEGINS: Final = "whsec_"  # noqa: S105 -- how every secret begins
_SHORTEST, _LONGEST = 24, 64
"""Bytes of a secret, as Standard Webhooks has them."""

WAITS: Final = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""After each failure so long until the next attempt (Standard Webhooks, "Deliverability"); then it is a dead letter."""
LONGEST_WAIT: Final = WAITS[-1]


class EventState(StrEnum):
    """What became of an event for one receiver."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    """Every attempt failed, or its receiver is no longer named; it goes again when somebody says so."""


def next_attempt(failures: int, *, now: UtcTime, asked: timedelta = timedelta()) -> UtcTime | None:
    """Return when an event goes again that failed *failures* times; None: not by itself any more.

    A receiver may have *asked* for a longer wait, of up to a day.
    """
    if failures > len(WAITS):
        return None
    return now + max(WAITS[failures - 1], min(asked, LONGEST_WAIT))


def new_secret() -> str:
    """Return a new secret, as text."""
    return SECRET_BEGINS + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_in(text: str, place: str) -> bytes:
    """Return the secret that *text* is; raises :class:`BadInputError`, which repeats nothing of it."""
    said = text.strip()
    try:
        secret = base64.b64decode(said.removeprefix(SECRET_BEGINS), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not said.startswith(SECRET_BEGINS) or not _SHORTEST <= len(secret) <= _LONGEST:
        problem = f"is no secret: {SECRET_BEGINS} and {_SHORTEST} to {_LONGEST} bytes in base64."
        raise BadInputError(place, problem, remedy="Make one with accredit webhook secret.")
    return secret


def signature_of(secrets_: Iterable[bytes], message: str, at: UtcTime, body: bytes) -> str:
    """Return the header ``webhook-signature``: one signature a secret, so that a receiver may know the old or the new.

    HMAC-SHA256 over id, seconds and body, joined by full stops (Standard Webhooks, "Signature scheme").
    """
    signed = f"{message}.{int(at.timestamp())}.".encode() + body
    digests = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets_)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
