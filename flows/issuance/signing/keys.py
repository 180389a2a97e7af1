"""The key folder: private keys encrypted at rest, the key ring beside them, and the lists a root key signs.

A folder holds ``ring.json`` (public: which key is for what, in which state, since when) and one PKCS#8 file for
each private key. Folder 0700 and files 0600 are demanded at every start, not repaired: somebody may have read
them already. The pass-phrase comes from the environment or a secret store, never from a flow's parameters.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import SecretStr, ValidationError

from domain.credentials.claims import TEST_ISSUER
from domain.credentials.cose import Algorithm, Signer
from domain.credentials.keys import HeldKey, held, raw_public_key
from domain.credentials.ring import LIFETIME, ROOT, KeyFolderError, KeyRing, Minting, RingKey
from domain.credentials.status_list import DEFAULT_TTL, StatusList, signed_status_list
from domain.credentials.trust_list import KeyPurpose, KeyState, TrustList, signed_trust_list
from flows.settings import settings

RING: Final = "ring.json"
_LOCK: Final = ".lock"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MINTED: Final = {Algorithm.ED25519: "Ed25519", Algorithm.ES256: "P-256"}


class OtherKeyError(KeyFolderError):
    """The private key is not the one that was asked for."""


def prepare_folder(folder: Path, issuer: str) -> KeyRing:
    """Return the ring in *folder*, making folder (0700) and an empty ring where there is none.

    A second call changes nothing; a folder that belongs to another issuer is refused.
    """
    with locked(folder):
        return _prepared(folder, issuer)


def _prepared(folder: Path, issuer: str) -> KeyRing:
    if not (folder / RING).exists():
        _save_ring(folder, KeyRing(issuer=issuer))
    return load_ring(folder, issuer=issuer)


def load_ring(folder: Path, *, issuer: str | None = None) -> KeyRing:
    """Return the ring in *folder*; raises KeyFolderError when it is missing, damaged or open to others.

    With *issuer* the ring must also be that issuer's, so that no election is signed with another's keys.
    """
    content = read_private(folder / RING)
    try:
        ring = KeyRing.model_validate_json(content)
    except ValidationError as error:
        raise KeyFolderError(f"key ring {folder / RING}", "cannot be read.", remedy="Restore it.") from error
    if issuer not in {None, ring.issuer}:
        raise KeyFolderError(f"key folder {folder}", "belongs to another issuer.", remedy="Name another folder.")
    return ring


def _save_ring(folder: Path, ring: KeyRing) -> None:
    write_private(folder / RING, ring.model_dump_json(indent=1).encode())


def mint_key(folder: Path, minting: Minting, *, passphrase: SecretStr | None, demo: bool = False) -> RingKey:
    """Make a private key in *folder* and add it to the ring; the file is written before the ring names it.

    Without a pass-phrase a key is written only with *demo*, and then only where the issuer is ``TEST``: a demo
    key can therefore never speak for a real commission.
    """
    with locked(folder):
        return _minted(folder, minting, passphrase=passphrase, demo=demo)


def _minted(folder: Path, minting: Minting, *, passphrase: SecretStr | None, demo: bool) -> RingKey:
    ring = load_ring(folder)
    if minting.algorithm not in _MINTED:
        raise KeyFolderError("algorithm", "cannot be minted.", remedy=f"Choose {' or '.join(_MINTED.values())}.")
    fresh = _fresh_key(minting.algorithm)
    signer = held(fresh)
    encryption = _encryption(ring.issuer, passphrase, demo=demo)
    pem = fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    key = RingKey(
        algorithm=minting.algorithm,
        raw=raw_public_key(signer.public_key).hex(),
        purpose=minting.purpose,
        state=KeyState.ACTIVE,
        not_before=minting.not_before,
        not_after=minting.not_after,
    )
    write_private(key_path(folder, key.key_id), pem)
    _save_ring(folder, ring.with_key(key))
    return key


def _fresh_key(algorithm: Algorithm) -> ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    if algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def _encryption(issuer: str, passphrase: SecretStr | None, *, demo: bool) -> BestAvailableEncryption | NoEncryption:
    if passphrase is not None and passphrase.get_secret_value():
        return BestAvailableEncryption(passphrase.get_secret_value().encode())
    if demo and issuer == TEST_ISSUER:
        return NoEncryption()
    raise KeyFolderError(
        "key pass-phrase",
        "is missing; only a demonstration key lies unencrypted.",
        remedy="Set ACCREDIT_KEY_PASSPHRASE.",
    )


def load_signer(folder: Path, key: RingKey, *, passphrase: SecretStr | None) -> HeldKey:
    """Return the signer for *key*.

    Refused: a file or folder that group or others may touch, a wrong pass-phrase, a file that holds another key,
    and an unencrypted key of any issuer but ``TEST``.
    """
    ring = load_ring(folder)
    path = key_path(folder, key.key_id)
    pem = read_private(path)
    is_open = b"ENCRYPTED" not in pem
    if is_open and ring.issuer != TEST_ISSUER:
        raise KeyFolderError(f"key {path.name}", "is not encrypted.", remedy="Only issuer TEST may have such keys.")
    return _signer(pem, key, path.name, passphrase=None if is_open else passphrase)


def signer_of_secret(pem: SecretStr, key: RingKey, *, passphrase: SecretStr | None = None) -> HeldKey:
    """Return the signer for *key* from the PEM in a variable or a file of secrets.

    The secret store stands in for the file's encryption; the key must still be the one the ring names.
    """
    return _signer(pem.get_secret_value().encode(), key, "in the secret", passphrase=passphrase)


def _signer(pem: bytes, key: RingKey, place: str, *, passphrase: SecretStr | None) -> HeldKey:
    secret = None if passphrase is None else passphrase.get_secret_value().encode()
    try:
        private_key = load_pem_private_key(pem, secret)
    except (ValueError, TypeError) as error:
        raise KeyFolderError(f"key {place}", "does not open.", remedy="Check the pass-phrase.") from error
    if not isinstance(private_key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise KeyFolderError(f"key {place}", "is of another kind.", remedy="Restore the key.")
    signer = held(private_key)
    if signer.key_id != key.key_id:
        raise OtherKeyError(f"key {place}", "holds another key than its name says.", remedy="Restore the key.")
    return signer


def rotate(folder: Path, minting: Minting, *, passphrase: SecretStr | None, demo: bool = False) -> RingKey:
    """Mint the successor of a key; the old one stays active until it is retired, so their windows overlap.

    Publish the new trust list at least one time to live before the successor's window begins.
    """
    load_ring(folder).active(minting.purpose, now=minting.not_before)
    return mint_key(folder, minting, passphrase=passphrase, demo=demo)


def retire(folder: Path, key_id: bytes, *, state: KeyState, now: datetime) -> KeyRing:
    """Retire a key or declare it compromised, in the ring; stations learn it with the next trust list."""
    with locked(folder):
        ring = load_ring(folder).with_state(key_id, state=state, now=now)
        _save_ring(folder, ring)
        return ring


def ensure_demo_keys(folder: Path, *, now: datetime, lifetime: timedelta = timedelta(days=730)) -> KeyRing:
    """Return the ring of issuer ``TEST`` with a root, a badge and a status key, making those that are missing.

    Their window reaches *lifetime* back and ahead, because rehearsals are played at any date. Threads and processes
    may call it at once: the folder is locked, and the second finds what the first made.
    """
    today = now.replace(microsecond=0)
    with locked(folder):
        held_already = {key.purpose for key in _prepared(folder, TEST_ISSUER).keys}
        for purpose in (ROOT, KeyPurpose.BADGE.value, KeyPurpose.STATUS.value):
            if purpose not in held_already:
                minting = Minting(purpose=purpose, not_before=today - lifetime, not_after=today + lifetime)
                _minted(folder, minting, passphrase=None, demo=True)
        return load_ring(folder)


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Keep every other process and thread from changing the ring; makes the folder (0700) where there is none."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise KeyFolderError(str(folder), "cannot be used.", remedy="Name a folder that you may write.") from error
    with os.fdopen(lock, "wb") as file:
        flock(file, LOCK_EX)
        yield


def write_trust_list(
    folder: Path,
    target: Path,
    *,
    now: datetime,
    passphrase: SecretStr | None,
    times: tuple[timedelta, timedelta] = (LIFETIME, DEFAULT_TTL),
) -> TrustList:
    """Write the trust list of the ring, signed by its root key, to *target* (public, replaced as a whole).

    *times* are how long stations may use it, and how long before they ask for a newer one.
    """
    ring = load_ring(folder)
    root = load_signer(folder, ring.active(ROOT, now=now), passphrase=passphrase)
    trust = ring.trust_list(now=now, lifetime=times[0], ttl=times[1])
    write_public(target, signed_trust_list(trust, root))
    return trust


def write_status_list(
    folder: Path, target: Path, status_list: StatusList, *, now: datetime, passphrase: SecretStr | None
) -> bytes:
    """Write *status_list*, signed by the active status key, to *target* (public) and return what was written."""
    signer = load_signer(folder, load_ring(folder).active(KeyPurpose.STATUS.value, now=now), passphrase=passphrase)
    message = signed_status_list(status_list, signer)
    write_public(target, message)
    return message


def write_public(target: Path, content: bytes) -> None:
    """Write a file that everybody may read, replaced as a whole."""
    _write(target, content, mode=0o644)


def key_path(folder: Path, key_id: bytes) -> Path:
    """Return where the private key of that id lies in *folder*."""
    return folder / f"{key_id.hex()}.pem"


def read_private(path: Path) -> bytes:
    """Return what the file holds; raises KeyFolderError where others can open it or its folder."""
    try:
        for place in (path.parent, path):
            if place.stat().st_mode & _OTHERS:
                wanted = "0700" if place.is_dir() else "0600"
                raise KeyFolderError(str(place), "is open to group or others.", remedy=f"chmod {wanted} and rotate.")
        return path.read_bytes()
    except OSError as error:
        raise KeyFolderError(str(path), "cannot be read.", remedy="Name the key folder, or make one.") from error


def write_private(path: Path, content: bytes) -> None:
    """Write the file for this user alone, whole or not at all."""
    if path.parent.stat().st_mode & _OTHERS:
        raise KeyFolderError(str(path.parent), "is open to group or others.", remedy="chmod 0700 and rotate.")
    _write(path, content, mode=0o600)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    draft = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise KeyFolderError(str(path), "cannot be written.", remedy="Check the folder.") from error


_PEM: Final = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)


def signer_for(key: RingKey) -> Signer:
    """Return the signer for *key*: from ACCREDIT_SIGNING_KEYS where it is there, else its file.

    The one place to bring in a PKCS#11 token or a key service: nothing else knows where a private key is.
    Raises KeyFolderError for a key that is nowhere, does not open, or lies where others can read it.
    """
    secret = settings().key_passphrase
    return _in_secrets(key, secret) or load_signer(settings().keys_folder, key, passphrase=secret)


def found_signer(key: RingKey) -> Signer | None:
    """Return the signer for *key*, or None where the key is kept elsewhere, as a root key should be."""
    if key_path(settings().keys_folder, key.key_id).exists():
        return signer_for(key)
    return _in_secrets(key, settings().key_passphrase)


def _in_secrets(key: RingKey, passphrase: SecretStr | None) -> Signer | None:
    if not (held := settings().signing_keys):
        return None
    for pem in _PEM.findall(held.get_secret_value()):
        opens = passphrase if "ENCRYPTED" in pem else None
        try:
            return signer_of_secret(SecretStr(pem), key, passphrase=opens)
        except OtherKeyError:
            continue
    return None
