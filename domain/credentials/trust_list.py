"""The trust list: whose signatures a station believes, signed in turn by a root key that is kept offline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import Field, ValidationError, model_validator

from domain.credentials import bundle, cbor, cose
from domain.credentials.claims import TEST_ISSUER, IssuerCode
from domain.credentials.keys import CredentialKey, key_id_of, public_key_of
from domain.errors import BadInputError
from domain.values import Frozen, UtcTime

TRUST_LIST_TYPE: Final = "application/oac1-trust+cwt"
TRUST: Final = -70002
_ISSUER: Final = 1
_PLACE: Final = "trust list"


class KeyState(StrEnum):
    """A retired key still verifies what it signed in its time; a compromised one verifies nothing."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class KeyPurpose(StrEnum):
    """Separate keys for badges and status lists keep the damage of a loss small."""

    BADGE = "badge"
    STATUS = "status"


_STATES: Final = tuple(KeyState)
_PURPOSES: Final = tuple(KeyPurpose)


class TrustedKey(Frozen):
    """One public key with its window: it may sign credentials issued from ``not_before`` to ``not_after``."""

    issuer: IssuerCode
    algorithm: cose.Algorithm
    raw: bytes
    not_before: UtcTime
    not_after: UtcTime
    state: KeyState = KeyState.ACTIVE
    purpose: KeyPurpose = KeyPurpose.BADGE

    @property
    def key_id(self) -> bytes:
        """The first eight bytes of the SHA-256 of the raw key."""
        return key_id_of(self.raw)

    @property
    def key_ids(self) -> frozenset[bytes]:
        """The one id that a message names the key by."""
        return frozenset({self.key_id})

    @property
    def public_key(self) -> CredentialKey:
        """The key to verify with."""
        return public_key_of(self.raw)

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if self.algorithm not in cose.OAC1_ALGORITHMS or not cose.fits(self.algorithm, public_key_of(self.raw)):
            raise ValueError("algorithm and key do not belong together")
        if self.not_after < self.not_before:
            raise ValueError("the key's window ends before it begins")
        return self


class TrustList(Frozen):
    """The keys of one issuer at one moment; a higher ``sequence`` replaces a lower one, never the reverse."""

    issuer: IssuerCode
    sequence: int = Field(ge=0, lt=2**32)
    issued_at: UtcTime
    expires_at: UtcTime
    ttl: timedelta = timedelta(hours=24)
    keys: tuple[TrustedKey, ...]

    @model_validator(mode="after")
    def _speaks_for_one_issuer(self) -> Self:
        if any(key.issuer == TEST_ISSUER for key in self.keys) and self.issuer != TEST_ISSUER:
            raise ValueError("a key made for tests has no place in a production trust list")
        if any(key.issuer != self.issuer for key in self.keys):
            raise ValueError("a key of another issuer")
        if len({key.key_id for key in self.keys}) != len(self.keys):
            raise ValueError("a key listed twice")
        return self

    def key(self, key_id: bytes | None) -> TrustedKey | None:
        """Return the one key that *key_id* names, or None."""
        return next((key for key in self.keys if key.key_id == key_id), None)

    def status_keys(self, *, now: datetime) -> tuple[TrustedKey, ...]:
        """Return the keys that may sign the status list at *now*."""
        return tuple(
            key
            for key in self.keys
            if key.purpose is KeyPurpose.STATUS
            and key.state is not KeyState.COMPROMISED
            and key.not_before <= now <= key.not_after
        )


def signed_trust_list(trust: TrustList, root: cose.Signer) -> bytes:
    """Return *trust* as a COSE_Sign1 of the root key."""
    keys: list[cbor.Cbor] = [
        [
            int(key.algorithm),
            key.raw,
            int(key.not_before.timestamp()),
            int(key.not_after.timestamp()),
            _STATES.index(key.state),
            _PURPOSES.index(key.purpose),
        ]
        for key in trust.keys
    ]
    claims: cbor.Cbor = {
        _ISSUER: trust.issuer,
        bundle.ISSUED_AT: int(trust.issued_at.timestamp()),
        bundle.EXPIRES: int(trust.expires_at.timestamp()),
        bundle.TTL: int(trust.ttl.total_seconds()),
        TRUST: {1: trust.sequence, 2: keys},
    }
    return cose.sign1_message(cbor.write(claims), root, typ=TRUST_LIST_TYPE)


def open_trust_list(message: bytes, roots: Sequence[cose.KeyLike]) -> TrustList:
    """Return the trust list in *message* once a pinned root has verified it; raises ListRefusedError."""
    claims, _ = bundle.signed_claims(message, roots, typ=TRUST_LIST_TYPE, place=_PLACE)
    match claims.get(_ISSUER), claims.get(TRUST):
        case str() as issuer, {1: int() as sequence, 2: list() as listed}:
            pass
        case _:
            raise bundle.ListRefusedError(_PLACE, "has no issuer or no keys.")
    try:
        return TrustList(
            issuer=issuer,
            sequence=sequence,
            issued_at=bundle.moment(claims, bundle.ISSUED_AT, place=_PLACE),
            expires_at=bundle.moment(claims, bundle.EXPIRES, place=_PLACE),
            ttl=timedelta(seconds=bundle.whole_number(claims, bundle.TTL, place=_PLACE)),
            keys=tuple(_trusted_key(key, issuer) for key in listed),
        )
    except (ValidationError, BadInputError) as error:
        raise bundle.ListRefusedError(_PLACE, "names a key that cannot be used.") from error


def _trusted_key(listed: cbor.Cbor, issuer: str) -> TrustedKey:
    match listed:
        case [int(alg), bytes(raw), int(start), int(end), 0 | 1 | 2 as state, 0 | 1 as purpose] if start >= 0 <= end:
            return TrustedKey(
                issuer=issuer,
                algorithm=cose.Algorithm(alg) if alg in set(cose.OAC1_ALGORITHMS) else cose.Algorithm.RS256,
                raw=raw,
                not_before=datetime.fromtimestamp(min(start, 1 << 32), tz=UTC),
                not_after=datetime.fromtimestamp(min(end, 1 << 32), tz=UTC),
                state=_STATES[int(state)],
                purpose=_PURPOSES[int(purpose)],
            )
        case _:
            raise bundle.ListRefusedError(_PLACE, "names a key that cannot be read.")
