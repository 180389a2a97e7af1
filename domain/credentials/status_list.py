"""The status list: four bits for each credential, published as a signed file (IETF Token Status List, as CWT)."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from domain.credentials import bundle, cbor, cose
from domain.credentials.states import CredentialStatus

STATUS_LIST_TYPE: Final = "application/statuslist+cwt"
STATUS_LIST: Final = 65533
OF_ELECTION: Final = -70003
"""Our own claim beside the standard's: the election that the list is of, the list's number in it, and what the
serials of that election begin with: the keys of an issuer sign for all its elections."""
LARGEST_LIST: Final = 1 << 20
"""Inflated bytes that a reader allocates at most."""

DEFAULT_TTL: Final = timedelta(hours=24)
DEFAULT_LIFETIME: Final = timedelta(days=7)
BITS: Final = 4
"""Bits of an entry: two would hold one value of our own only, and a lost badge is not a corrected one."""

_PLACE: Final = "status list"


@dataclass(frozen=True, slots=True)
class StatusList:
    """A status list whose signature was checked; entry i starts at bit ``i * bits``, least significant first."""

    uri: str
    issued_at: datetime
    expires_at: datetime
    ttl: timedelta
    bits: int
    octets: bytes
    key_id: bytes = b""
    election: str = ""
    sequence: int = 0
    """Grows with every list of an election; a page refuses a lower one than it has."""
    serials: tuple[str, ...] = ()
    """What the serials of that election begin with, before the dash; empty: not said (a list from before December 2026,
    or of another maker). Several where the rules changed it."""

    def speaks_of(self, serial: str) -> bool:
        """Whether a credential with *serial* is of the election of this list, as far as the list says it."""
        return not self.serials or serial.rpartition("-")[0] in self.serials

    @property
    def size(self) -> int:
        """How many entries there is room for."""
        return len(self.octets) * 8 // self.bits

    def entry(self, index: int) -> int | None:
        """Return the entry at *index*, or None when the list is shorter."""
        if not 0 <= index < self.size:
            return None
        octet, place = divmod(index, 8 // self.bits)
        return self.octets[octet] >> place * self.bits & (1 << self.bits) - 1


def packed(standings: Mapping[int, CredentialStatus], *, size: int) -> bytes:
    """Return the array of *size* entries of ``BITS`` (an even number), all VALID but *standings*."""
    octets = bytearray((size * BITS + 7) // 8)
    for index, standing in standings.items():
        if not 0 <= index < size:
            raise ValueError(f"the status list has {size} places")
        octet, place = divmod(index, 8 // BITS)
        octets[octet] |= standing << place * BITS
    return bytes(octets)


def status_list_at(  # noqa: PLR0913 -- what a signed list says, one by one
    now: datetime,
    standings: Mapping[int, CredentialStatus],
    *,
    uri: str,
    size: int,
    key_id: bytes = b"",
    election: str = "",
    serials: Collection[str] = (),
) -> StatusList:
    """Return the list as it stands at *now*, to be signed, or with the status key's id to be used at the desk."""
    issued_at = now.replace(microsecond=0)
    octets = packed(standings, size=size)
    return StatusList(
        uri, issued_at, issued_at + DEFAULT_LIFETIME, DEFAULT_TTL, BITS, octets, key_id,
        # Seconds: two lists of one second hold the same, because publishing refuses to go back in time.
        election=election, sequence=int(issued_at.timestamp()), serials=tuple(sorted(serials)),
    )  # fmt: skip


def signed_status_list(status_list: StatusList, signer: cose.Signer) -> bytes:
    """Return the status list token (CWT); 20,000 entries with one in twenty set are about 1.2 kB."""
    of: list[cbor.Cbor] = [status_list.election, status_list.sequence, list(status_list.serials)]
    own: dict[int | str | bytes, cbor.Cbor] = {OF_ELECTION: of} if status_list.election else {}
    claims: cbor.Cbor = {
        bundle.SUBJECT: status_list.uri,
        bundle.ISSUED_AT: int(status_list.issued_at.timestamp()),
        bundle.EXPIRES: int(status_list.expires_at.timestamp()),
        bundle.TTL: int(status_list.ttl.total_seconds()),
        STATUS_LIST: {"bits": status_list.bits, "lst": zlib.compress(status_list.octets, 9)},
        **own,
    }
    return cose.sign1_message(cbor.write(claims), signer, typ=STATUS_LIST_TYPE)


def open_status_list(message: bytes, keys: Collection[cose.KeyLike]) -> StatusList:
    """Return the list in *message* once one of *keys* has verified it; raises ListRefusedError.

    Whether it is still to be used at a given time is asked with the credential (``verdict.judge``).
    """
    claims, key_id = bundle.signed_claims(message, keys, typ=STATUS_LIST_TYPE, place=_PLACE)
    uri = claims.get(bundle.SUBJECT)
    if not isinstance(uri, str):
        raise bundle.ListRefusedError(_PLACE, "has no subject.")
    bits, octets = list_octets(claims.get(STATUS_LIST))
    election, sequence, serials = _election(claims.get(OF_ELECTION))
    ttl = bundle.whole_number(claims, bundle.TTL, place=_PLACE) if bundle.TTL in claims else None
    return StatusList(
        uri=uri,
        issued_at=bundle.moment(claims, bundle.ISSUED_AT, place=_PLACE),
        expires_at=bundle.moment(claims, bundle.EXPIRES, place=_PLACE),
        ttl=DEFAULT_TTL if ttl is None else timedelta(seconds=ttl),
        bits=bits,
        octets=octets,
        key_id=key_id,
        election=election,
        sequence=sequence,
        serials=serials,
    )


def _election(claim: cbor.Cbor) -> tuple[str, int, tuple[str, ...]]:
    match claim:
        case None:  # a list of another maker, or of before
            return "", 0, ()
        case [str(election), int(sequence), *rest] if sequence >= 0 and not isinstance(sequence, bool):
            return election, sequence, _serials(rest)
        case _:
            raise bundle.ListRefusedError(_PLACE, "does not say of which election it is.")


def _serials(said: list[cbor.Cbor]) -> tuple[str, ...]:
    match said:
        case []:
            return ()
        case [list(listed)] if all(isinstance(each, str) for each in listed):
            return tuple(map(str, listed))
        case _:
            raise bundle.ListRefusedError(_PLACE, "does not say what the serials of its election begin with.")


def list_octets(status_list: cbor.Cbor) -> tuple[int, bytes]:
    """Return bits per entry and inflated array of the claim ``{"bits", "lst"}``; raises ListRefusedError."""
    match status_list:
        case {"bits": int(bits), "lst": bytes(compressed)} if bits in {1, 2, 4, 8} and not isinstance(bits, bool):
            return bits, inflated(compressed)
        case _:
            raise bundle.ListRefusedError(_PLACE, "has no list of 1, 2, 4 or 8 bits.")


def inflated(compressed: bytes) -> bytes:
    """Return the whole ZLIB stream (RFC 1950), refusing more than ``LARGEST_LIST`` before allocating it."""
    inflater = zlib.decompressobj()
    try:
        octets = inflater.decompress(compressed, LARGEST_LIST + 1)
    except zlib.error as error:
        raise bundle.ListRefusedError(_PLACE, "is not compressed as the standard says.") from error
    if len(octets) > LARGEST_LIST or not inflater.eof or inflater.unused_data:
        raise bundle.ListRefusedError(_PLACE, "is too large, cut short or followed by other bytes.")
    return octets


_ROUNDS: Final = 8


def status_index(sequence_number: int, *, seed: bytes, size: int) -> int:
    """Return the place of the *sequence_number*-th credential in a status list of *size* places.

    A permutation of ``range(size)`` keyed by *seed* (16 to 64 secret bytes): different numbers get different
    places, without a table of what is taken. It is a balanced Feistel network (Luby and Rackoff 1988) over the
    next even number of bits, walked until it falls inside the list (Black and Rogaway 2002). Raises ValueError
    outside the list.
    """
    if not 0 <= sequence_number < size:
        raise ValueError(f"the status list has {size} places")
    half = max(1, (size - 1).bit_length() + 1 >> 1)
    place = _feistel(sequence_number, half, seed)
    while place >= size:
        place = _feistel(place, half, seed)
    return place


def _feistel(number: int, half: int, seed: bytes) -> int:
    mask = (1 << half) - 1
    left, right = number >> half, number & mask
    for turn in range(_ROUNDS):
        digest = blake2b(right.to_bytes(8), digest_size=8, key=seed, person=b"OAC1 idx" + bytes([turn]))
        left, right = right, left ^ int.from_bytes(digest.digest()) & mask
    return left << half | right
