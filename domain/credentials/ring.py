"""The key ring: every key of one issuer, what it is for, in which state and since when. Public, no private key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Self

from pydantic import Field

from domain.credentials.claims import TEST_ISSUER, IssuerCode
from domain.credentials.cose import Algorithm
from domain.credentials.status_list import DEFAULT_TTL
from domain.credentials.trust_list import KeyPurpose, KeyState, TrustedKey, TrustList
from domain.errors import BadInputError
from domain.values import Frozen, UtcTime

ROOT: Final = "root"
"""The purpose of the key that signs trust lists and nothing else; stations pin it, no list names it."""


LIFETIME: Final = timedelta(days=30)
"""How long stations may use a trust list, unless its export says otherwise."""


class KeyFolderError(BadInputError):
    """The key folder cannot be used as it is; nothing was signed and nothing was changed."""


class RingKey(Frozen):
    """One line of the key ring, public."""

    algorithm: Algorithm
    raw: str = Field(pattern=r"^([0-9a-f]{64}|04[0-9a-f]{128})$")
    purpose: str = Field(pattern=rf"^({ROOT}|badge|status)$")
    state: KeyState
    not_before: UtcTime
    not_after: UtcTime

    def trusted(self, issuer: str) -> TrustedKey:
        """Return the key as the trust list shows it; a root, which it never lists, passes as a status key."""
        return TrustedKey(
            issuer=issuer,
            algorithm=self.algorithm,
            raw=bytes.fromhex(self.raw),
            not_before=self.not_before,
            not_after=self.not_after,
            state=self.state,
            purpose=KeyPurpose(self.purpose) if self.purpose != ROOT else KeyPurpose.STATUS,
        )

    @property
    def key_id(self) -> bytes:
        """The eight bytes that name the key."""
        return self.trusted(TEST_ISSUER).key_id


class KeyRing(Frozen):
    """Every key of one issuer, the newest last."""

    issuer: IssuerCode
    sequence: int = Field(default=0, ge=0)
    keys: tuple[RingKey, ...] = ()

    def trust_list(self, *, now: datetime, lifetime: timedelta = LIFETIME, ttl: timedelta = DEFAULT_TTL) -> TrustList:
        """Return what stations should believe from *now* on: all keys but the root."""
        return TrustList(
            issuer=self.issuer,
            sequence=self.sequence,
            issued_at=now.replace(microsecond=0),
            expires_at=now.replace(microsecond=0) + lifetime,
            ttl=ttl,
            keys=tuple(key.trusted(self.issuer) for key in self.keys if key.purpose != ROOT),
        )

    def roots(self) -> tuple[TrustedKey, ...]:
        """Return the pinned keys that sign trust lists."""
        return tuple(key.trusted(self.issuer) for key in self.keys if key.purpose == ROOT)

    def active(self, purpose: str, *, now: datetime) -> RingKey:
        """Return the newest active key for *purpose* whose window holds *now*."""
        usable = [
            key
            for key in self.keys
            if key.purpose == purpose and key.state is KeyState.ACTIVE and key.not_before <= now <= key.not_after
        ]
        if not usable:
            raise KeyFolderError(f"{purpose} key", "is missing or out of its time.", remedy="Run: accredit keys new")
        return usable[-1]

    def with_key(self, key: RingKey) -> Self:
        """Return the ring with *key* added, one number later."""
        return self._next((*self.keys, key))

    def with_state(self, key_id: bytes, *, state: KeyState, now: datetime) -> Self:
        """Return the ring with a key retired (its window ends *now*) or declared compromised."""
        if key_id not in {key.key_id for key in self.keys}:
            raise KeyFolderError(f"key {key_id.hex()}", "is not in the ring.", remedy="Run: accredit keys list")
        ends = {"not_after": now.replace(microsecond=0)} if state is KeyState.RETIRED else {}
        moved = {"state": state} | ends
        return self._next(
            tuple(RingKey.model_validate(dict(key) | moved) if key.key_id == key_id else key for key in self.keys)
        )

    def _next(self, keys: tuple[RingKey, ...]) -> Self:
        return self.model_validate({"issuer": self.issuer, "sequence": self.sequence + 1, "keys": keys})


class Minting(Frozen):
    """What a new key is for, and from when to when it may sign."""

    purpose: str
    not_before: UtcTime
    not_after: UtcTime
    algorithm: Algorithm = Algorithm.ED25519
