"""What the two signed lists of a station's bundle have in common: who signed, since when, for how long."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from domain.credentials import cbor, cose
from domain.errors import BadInputError

SUBJECT, EXPIRES, ISSUED_AT, TTL = 2, 4, 6, 65534
_REMEDY: Final = "Fetch the list again from the commission."


class ListRefusedError(BadInputError):
    """A trust list or status list that must not be used."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem, remedy=_REMEDY)


def signed_claims(
    message: bytes, keys: Collection[cose.KeyLike], *, typ: str, place: str
) -> tuple[dict[int | str | bytes, cbor.Cbor], bytes]:
    """Return claims and key id of a list of type *typ* that one of *keys* signed; else ListRefusedError."""
    try:
        sign1 = cose.verify_sign1(cose.parse_sign1(message, deterministic=False), tuple(keys), cose.OAC1_ALGORITHMS)
        claims = cbor.read(sign1.payload, deterministic=False)
    except (cose.Sign1RefusedError, cbor.CborError) as error:
        raise ListRefusedError(place, f"cannot be believed ({error}).") from error
    if sign1.headers.get(cose.TYP) != typ or not isinstance(claims, dict):
        raise ListRefusedError(place, "is signed, but as something else.")
    return claims, sign1.key_id or b""


def whole_number(claims: dict[int | str | bytes, cbor.Cbor], label: int, *, place: str) -> int:
    """Return a claim that must be a natural number below 2^32."""
    value = claims.get(label)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 32:
        raise ListRefusedError(place, f"has no usable claim {label}.")
    return value


def moment(claims: dict[int | str | bytes, cbor.Cbor], label: int, *, place: str) -> datetime:
    """Return a claim that must be a time in whole seconds."""
    return datetime.fromtimestamp(whole_number(claims, label, place=place), tz=UTC)
