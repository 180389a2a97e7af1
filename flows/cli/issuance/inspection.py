"""``accredit credential inspect``: any COSE_Sign1 or CBOR Web Token taken apart, ours or not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from domain.credentials.claims import ClaimsError, decode_claims
from domain.credentials.cose import Algorithm
from domain.credentials.foreign import Encoding, Inspection, inspect, shown
from domain.credentials.jwk import keys_in
from domain.credentials.verdict import PREFIX, TokenRefusedError, decode_token
from domain.errors import BadInputError
from domain.identity.images import ForeignKind, foreign_kind
from flows.cli.registry import command
from flows.context import moment
from flows.runtime.processes.readers import Reader, plain_content

_INPUT: Final = "-"
_PICTURES: Final = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")
_FORMATS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
_HELD_AS_BYTES: Final = Encoding.HEX
"""Bytes of a file travel through the reader of texts as hexadecimal, whatever --encoding says of texts."""


@command(
    "credential inspect",
    example="badge.pdf --trust keys.json --json",
    context_settings={"ignore_unknown_options": True},
)
def inspect_token(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    token: Annotated[
        str, typer.Argument(help="A token, a file with it (text, bytes, picture, PDF), or - for one token a line.")
    ],
    trust: Annotated[Path, typer.Option("--trust", help="A JWK set, or X.509 certificates (PEM or DER).")],
    external_aad: Annotated[str, typer.Option("--external-aad", help="External data of the signature, in hex.")] = "",
    payload: Annotated[str, typer.Option("--payload", help="The payload where it is detached, in hex.")] = "",
    encoding: Annotated[
        Encoding | None, typer.Option("--encoding", help="Read the text only as this; by default as whatever fits.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=_FORMATS, help="The moment for `times`; UTC, or with +hh:mm.")
    ] = None,
) -> None:
    """Take a token apart and say whether one of the given keys signed it.

    Any COSE_Sign1 or CBOR Web Token is read: base45, hex or base64, with or without a short prefix and zlib. Tokens
    that begin with OAC1: must also follow that format to the letter. No status list is consulted. Shows personal
    data on the screen. The key is chosen by key id alone. Codes: VERIFIED, or the first check that failed: TEXT,
    BASE45, CBOR, STRUCTURE, ALG, UNKNOWN_KEY, SIGNATURE. Exit code 0: verified; 1: not; 2: no such input.
    """
    keys, now = keys_in(_content(trust)), moment(as_of)
    aad, detached = _hex(external_aad, place="--external-aad"), _hex(payload, place="--payload") if payload else None
    verified = True
    for text, known in _texts(token):
        found = inspect(text, keys, external_aad=aad, payload=detached, encoding=known or encoding)
        report = _report(text, found, now)
        verified = verified and report["verified"]
        if as_json:
            typer.echo(json.dumps(report, ensure_ascii=token == _INPUT, indent=None if token == _INPUT else 1))
        else:
            Console().print_json(data=report)
    if not verified:
        raise typer.Exit(1)


def _report(text: str, found: Inspection, now: datetime) -> dict[str, Any]:
    ours = text.strip("\r\n").startswith(PREFIX)
    refusal = _refusal_of_ours(text) if ours else None
    code, detail = refusal or (found.code, found.detail)
    return {
        "profile": "OAC1" if ours else "generic",
        "verified": found.is_verified and refusal is None,
        "code": code,
        "detail": detail,
        "times": found.standing(now),
        "octets": found.octets.hex(),
    } | _parts(found)


def _refusal_of_ours(text: str) -> tuple[str, str] | None:
    """Return why a token with our prefix breaks our format, or None."""
    try:
        decode_claims(decode_token(text).payload)
    except TokenRefusedError as refused:
        return refused.verdict.code.value, refused.verdict.detail
    except ClaimsError as error:
        return "CLAIMS", str(error)
    return None


def _parts(found: Inspection) -> dict[str, Any]:
    sign1 = found.sign1
    if sign1 is None:
        return {}
    named = sign1.algorithm_id
    known = isinstance(named, int) and named in {int(algorithm) for algorithm in Algorithm}
    return {
        "algorithm": Algorithm(int(str(named))).name if known else shown(named),
        "key_id": sign1.key_id.hex() if sign1.key_id is not None else None,
        "protected": shown(sign1.headers),
        "unprotected": shown(sign1.unprotected),
        "claims": shown(found.claims),
        "claims_problem": found.claims_problem,
        "payload": sign1.payload.hex(),
    }


def _texts(token: str) -> Iterator[tuple[str, Encoding | None]]:
    """Yield the token itself, each line of the input, or what the file that the argument names holds."""
    if token == _INPUT:
        lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
        yield from ((line, None) for line in lines if line.strip("\r\n"))
    elif _names_a_file(token):
        yield from _held(_content(Path(token)), token)
    else:
        yield token, None


def _held(content: bytes, place: str) -> Iterator[tuple[str, Encoding | None]]:
    """Yield the codes of a picture or PDF, or what else a file is: a text, or the bytes of a message."""
    with Reader() as reader:
        codes = reader.codes(content)
    if codes:
        yield from ((code, None) for code in codes)
    elif foreign_kind(content) is ForeignKind.HEIC:
        raise BadInputError(
            place, "is a picture in the form HEIC, as telephones save it, which cannot be read here.",
            remedy="Save it as JPEG (on the telephone: Settings, Camera, Formats, Most Compatible), or give the token "
            "as text.",
        )  # fmt: skip
    elif foreign_kind(content) is ForeignKind.OTHER:
        raise BadInputError(
            place, "is a picture in a form that cannot be read here.",
            remedy="Save it as JPEG or PNG, or give the token as text.",
        )  # fmt: skip
    elif content.lstrip()[:5].startswith(_PICTURES) or foreign_kind(content):
        raise BadInputError(place, "holds no code.", remedy="Give a sharper picture, or the token as text.")
    else:
        try:
            yield content.decode("utf-8-sig"), None
        except UnicodeDecodeError:
            yield content.hex(), _HELD_AS_BYTES


def _names_a_file(token: str) -> bool:
    try:
        return Path(token).is_file()
    except (OSError, ValueError):
        return False


def _content(path: Path) -> bytes:
    try:
        return plain_content(path)
    except OSError as error:
        raise BadInputError(str(path), "cannot be read.", remedy="Name a file of at most 50 MB.") from error


def _hex(text: str, *, place: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise BadInputError(place, "is not hexadecimal.", remedy="Copy it as it is shown.") from error
