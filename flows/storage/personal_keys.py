"""The master key and the store of personal keys that the settings name.

The master key lies in no database: it is in a variable or a file of secrets, comes from a command (a key service), or
lies in ``master.key`` of the home folder, encrypted where ``ACCREDIT_MASTER_PASSPHRASE`` is set.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from base64 import b64decode
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import SecretStr

from db.personal_keys import PersonalKeys
from domain.errors import BadInputError
from flows.settings import require_closed, settings

MASTER_KEY_FILE: Final = "master.key"
_BYTES: Final = 32
_COMMAND_SECONDS: Final = 30
_ELSEWHERE: Final = "Copy it from where it is kept, or set ACCREDIT_MASTER_KEY or ACCREDIT_MASTER_KEY_COMMAND."


def personal_keys() -> PersonalKeys:
    """Return the personal keys that the settings name; raises :class:`BadInputError` without the master key."""
    known = settings()
    return _keys_of(
        known.personal_keys_url, known.home, known.master_key, known.master_key_command, known.master_passphrase
    )


def make_personal_keys(*, are_used: bool = False) -> PersonalKeys:
    """Return the personal keys, made together with the master key where there is neither.

    Raises :class:`BadInputError` where one of them is there and the other is not, or where they *are used* already:
    then they only lie elsewhere, and new ones would open nothing.
    """
    known = settings()
    place = known.home / MASTER_KEY_FILE
    has_master = bool(known.master_key or known.master_key_command or place.exists())
    if not has_master:
        if are_used or PersonalKeys(known.personal_keys_url, bytes(_BYTES)).is_made:
            raise _missing(place)
        _write_master(place, known.master_passphrase)
    keys = personal_keys()
    if not are_used and not keys.is_made:
        keys.make()
    keys.check()
    return keys


@lru_cache(maxsize=8)
def _keys_of(url: str, home: Path, key: SecretStr | None, command: str, passphrase: SecretStr | None) -> PersonalKeys:
    return PersonalKeys(url, master_key(home, key=key, command=command, passphrase=passphrase))


def master_key(
    home: Path, *, key: SecretStr | None = None, command: str = "", passphrase: SecretStr | None = None
) -> bytes:
    """Return the master key, as settings name it; raises :class:`BadInputError` where none opens."""
    if key is not None:
        return _decoded("ACCREDIT_MASTER_KEY", key.get_secret_value())
    if command:
        return _decoded("ACCREDIT_MASTER_KEY_COMMAND", _answer(command))
    place = home / MASTER_KEY_FILE
    if not place.exists():
        raise _missing(place)
    require_closed(place, "Others may have copied this key")
    return _of_file(place, passphrase)


def rotate_master(new_key: Path | None = None) -> int:
    """Bring all personal keys under a new master key; returns how many, none where a run that was cut off had done it.

    A key in ``master.key`` is made here and takes its place. One that lies elsewhere is read from *new_key*, and
    whoever keeps it puts it in the place of the old one afterwards. Killed at any moment and run again, it ends the
    same: the new key is on the disk before the first is brought under it, and the old one until all are.
    """
    known = settings()
    if known.master_key or known.master_key_command:
        if new_key is None:
            raise BadInputError(
                "master key", "does not lie in a file of the home folder.",
                remedy="Write 32 random bytes in base64 into a file (openssl rand -base64 32): --new-key FILE",
            )  # fmt: skip
        require_closed(new_key, "Others may have copied this key")
        return _brought_under(_decoded(str(new_key), new_key.read_text("utf-8")))
    place = known.home / MASTER_KEY_FILE
    draft = place.with_name(f"{MASTER_KEY_FILE}.next")
    if not draft.exists():
        part = place.with_name(f"{MASTER_KEY_FILE}.part")
        part.unlink(missing_ok=True)
        _write_master(part, known.master_passphrase)
        _moved(part, draft)
    count = _brought_under(_of_file(draft, known.master_passphrase))
    _moved(draft, place)
    _keys_of.cache_clear()
    return count


def _moved(draft: Path, place: Path) -> None:
    """Let *draft* be at *place*, also after the power failed."""
    draft.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _brought_under(successor: bytes) -> int:
    with suppress(BadInputError):
        PersonalKeys(settings().personal_keys_url, successor).check()
        return 0
    return personal_keys().rewrap(successor)


def _missing(place: Path) -> BadInputError:
    problem = "is missing: what is kept about people is encrypted, and opens with this key only."
    return BadInputError(str(place), problem, remedy=_ELSEWHERE)


def _write_master(place: Path, secret: SecretStr | None) -> None:
    closed = BestAvailableEncryption(secret.get_secret_value().encode()) if secret else NoEncryption()
    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, closed)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def _of_file(place: Path, passphrase: SecretStr | None) -> bytes:
    """Return the key that the PEM file stands for: 32 bytes derived from it (RFC 5869)."""
    pem = place.read_bytes()
    secret = passphrase if b"ENCRYPTED" in pem else None
    if b"ENCRYPTED" in pem and secret is None:
        remedy = "Set ACCREDIT_MASTER_PASSPHRASE."
        raise BadInputError(str(place), "is encrypted, and its pass-phrase is missing.", remedy=remedy)
    try:
        private = load_pem_private_key(pem, secret.get_secret_value().encode() if secret else None)
    except (ValueError, TypeError) as error:
        remedy = "Check ACCREDIT_MASTER_PASSPHRASE, or bring the file back from its backup."
        raise BadInputError(str(place), "does not open with this pass-phrase.", remedy=remedy) from error
    if not isinstance(private, X25519PrivateKey):
        raise BadInputError(str(place), "holds a key of another kind.", remedy="Bring back the right file.")
    return HKDF(SHA256(), _BYTES, salt=None, info=b"accredit master key").derive(private.private_bytes_raw())


def _decoded(variable: str, text: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        remedy = "Give 32 random bytes in base64, such as from: openssl rand -base64 32"
        raise BadInputError(variable, "is no key.", remedy=remedy)
    return key


def _answer(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- the installation's own setting, without a shell
            shlex.split(command), capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        remedy = "Run it by hand as the engine's user; it prints the key in base64."
        raise BadInputError("ACCREDIT_MASTER_KEY_COMMAND", "gives no key.", remedy=remedy) from error
    return done.stdout
