"""Signatures that let a receiving server see that a letter left the host's domain unchanged (DKIM, RFC 6376)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field, SecretStr

from domain.errors import BadInputError
from domain.values import Frozen

# What a reader relies on, and what makes a thread; a header that is absent is signed as absent (RFC 6376, 5.4.2).
_SIGNED: Final = (
    "from", "to", "cc", "subject", "date", "message-id", "reply-to", "references", "list-id", "mime-version",
    "content-type", "auto-submitted",
)  # fmt: skip
_OVERSIGNED: Final = ("from", "subject", "to", "date")
_BLANKS: Final = re.compile(rb"[ \t]+")
_LEAST_BITS: Final = 2048

_Sign = Callable[[bytes], bytes]


class DkimKey(Frozen):
    """A signing key, published in the DNS under ``selector._domainkey.domain``."""

    domain: Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")]
    selector: Annotated[str, Field(pattern=r"^[a-z0-9._-]+$")]
    private_key: Annotated[SecretStr, Field(description="PEM; RSA of 2,048 bits or more, or Ed25519 (RFC 8463)")]

    def signed(self, contents: bytes) -> bytes:
        """Return the message *contents* with a DKIM-Signature before its headers; equal bytes sign alike.

        Canonicalization is relaxed/relaxed (RFC 6376, 3.4). Raises BadInputError for a key of another kind.
        """
        headers, _, body = contents.partition(b"\r\n\r\n")
        fields = _fields(headers)
        names = [name for name in _SIGNED if name in fields or name in _OVERSIGNED]
        algorithm, sign = self._signer()
        signature = "; ".join(
            (
                f"v=1; a={algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector}",
                f"h={':'.join([*names, *_OVERSIGNED])}",
                f"bh={_base64(hashlib.sha256(_relaxed_body(body)).digest())}",
                "b=",
            )
        )
        own = _folded(signature)
        hashed = b"".join(fields[name] for name in names if name in fields) + _relaxed(own).removesuffix(b"\r\n")
        return _folded(signature + _base64(sign(hashed))) + contents

    def _signer(self) -> tuple[str, _Sign]:
        try:
            key = _loaded(self.private_key.get_secret_value())
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise self._unfit("is no private key in PEM without a password.") from error
        if isinstance(key, ed25519.Ed25519PrivateKey):
            edwards = key
            return "ed25519-sha256", lambda text: edwards.sign(hashlib.sha256(text).digest())
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _LEAST_BITS:
            classic = key
            return "rsa-sha256", lambda text: classic.sign(text, padding.PKCS1v15(), hashes.SHA256())
        raise self._unfit("is neither RSA of 2,048 bits or more nor Ed25519.")

    def require_usable(self) -> None:
        """Return if letters can be signed with this key; raises BadInputError as :meth:`signed` would."""
        self._signer()

    def _unfit(self, problem: str) -> BadInputError:
        return BadInputError(f"DKIM key {self.selector}", problem, remedy="Make a new key and publish it in the DNS.")


@lru_cache(maxsize=4)
def _loaded(pem: str) -> PrivateKeyTypes:
    """Return the key in *pem*; to read and check it takes longer than a signature."""
    return load_pem_private_key(pem.encode(), password=None)


def _fields(headers: bytes) -> dict[str, bytes]:
    """Return the relaxed form of each header by its name in lower case; our messages have each one once."""
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", headers)
    return {line.partition(b":")[0].decode("ascii").strip().lower(): _relaxed(line) for line in unfolded.split(b"\r\n")}


def _relaxed(header: bytes) -> bytes:
    name, _, value = header.replace(b"\r\n", b"").partition(b":")
    return name.strip().lower() + b":" + _BLANKS.sub(b" ", value).strip() + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _folded(signature: str) -> bytes:
    """Return the header for *signature*, a tag a line; the long ones are broken where white space is allowed."""
    lines: list[str] = []
    for tag in signature.split("; "):
        pieces = re.findall(r".{1,72}", tag) if tag.startswith("b=") else re.findall(r".{1,60}(?::|$)", tag)
        lines.append("\r\n ".join(pieces))
    return ("DKIM-Signature: " + ";\r\n ".join(lines) + "\r\n").encode("ascii")


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
