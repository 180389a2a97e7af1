"""Time stamps of checkpoints: an authority of others says since when a checkpoint has been there (RFC 3161)."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate, load_pem_x509_certificates

from db.store import open_reader, open_store
from domain.errors import BadInputError, UnavailableError
from domain.oversight.log.checkpoint import as_signed
from domain.values import ElectionCode
from flows.context import database
from flows.settings import settings

_SECONDS: Final = 20.0
_MOST_BYTES: Final = 100_000


def stamp_newest(election: ElectionCode) -> int:
    """Have the newest checkpoint stamped where it is not yet; returns how many were.

    What is stamped is the checkpoint as the log signed it, before any witness. Raises :class:`UnavailableError` where
    the authority does not answer, or answers something that its certificates do not vouch for; nothing is kept then.
    """
    if not settings().timestamp_url:
        return 0
    with open_reader(database()) as store:
        held, stamped = store.log.checkpoints(election), store.log.stamped(election)
    if not held or (stamped and as_signed(stamped[0]) == as_signed(held[-1][1])):
        return 0
    size, note = held[-1]
    stamp = stamp_of(as_signed(note).encode())
    with open_store(database()) as store:
        store.log.mark(election, size, stamp=stamp)
    return 1


def stamp_of(content: bytes) -> bytes:
    """Return the authority's verified answer about *content*, in DER."""
    # Loaded here: few installations have an authority.
    from rfc3161_client import (  # noqa: PLC0415
        TimestampRequestBuilder,
        VerificationError,
        VerifierBuilder,
        decode_timestamp_response,
    )
    from rfc3161_client.base import HashAlgorithm  # noqa: PLC0415

    asked = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    verifier = VerifierBuilder.from_request(asked)
    for certificate in _authority():
        verifier = verifier.add_root_certificate(certificate)
    answer = _answer(asked.as_bytes())
    try:
        verifier.build().verify_message(decode_timestamp_response(answer), content)
    except (ValueError, VerificationError) as error:
        raise UnavailableError("The time stamp authority's answer does not hold; no checkpoint was stamped.") from error
    return answer


def _authority() -> list[Certificate]:
    place = settings().timestamp_authority
    if place is None:
        raise _unusable("ACCREDIT_TIMESTAMP_AUTHORITY", "is not set")
    return read_authority(place)


def read_authority(place: Path) -> list[Certificate]:
    """Return the certificates in a PEM file; raises :class:`BadInputError` where there are none."""
    try:
        return load_pem_x509_certificates(place.read_bytes())
    except (OSError, ValueError) as error:
        raise _unusable(str(place), "holds no certificate") from error


def _unusable(what: str, problem: str) -> BadInputError:
    return BadInputError(what, f"{problem}.", remedy="Name the PEM file with the certificates of the authority.")


def _answer(asked: bytes) -> bytes:
    request = urllib.request.Request(  # noqa: S310 -- the setting admits http and https alone
        settings().timestamp_url, data=asked, headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 -- as above
            content: bytes = answer.read(_MOST_BYTES)
    except OSError as error:
        raise UnavailableError("The time stamp authority does not answer; no checkpoint was stamped.") from error
    return content
