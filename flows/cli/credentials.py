"""``accredit keys`` and ``accredit credential``: the issuer's keys, and what is inside a token."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from domain.credential.claims import ClaimsError, CredentialClaims, decode_claims
from domain.credential.cose import Algorithm
from domain.credential.foreign import Encoding, Inspection, inspect, shown
from domain.credential.jwk import keys_in, thumbprint
from domain.credential.ring import ROOT, KeyFolderError, Minting, RingKey
from domain.credential.trust import KeyPurpose, KeyState
from domain.credential.verdict import PREFIX, TokenRefusedError, decode_token
from domain.errors import BadInputError
from flows.cli import life
from flows.credentials import keys as folders
from flows.settings import settings
from notifications.badge.reading import read_codes

keys_app = typer.Typer(name="keys", help="Make, rotate, retire and publish the keys that sign.", no_args_is_help=True)
credential_app = typer.Typer(
    name="credential", help="Look inside a credential, replace it, or take it back.", no_args_is_help=True
)

_FORMATS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_ALGORITHMS: Final = {"ed25519": Algorithm.ED25519, "es256": Algorithm.ES256}
_PURPOSES: Final = (ROOT, *(purpose.value for purpose in KeyPurpose))
_INPUT: Final = "-"
_LARGEST_FILE: Final = 50_000_000

AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=_FORMATS, help="The moment that counts as now, UTC.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Folder = Annotated[Path | None, typer.Option("--folder", help="The key folder; by default that of the settings.")]
Purpose = Annotated[str, typer.Option("--purpose", help="root, badge or status.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="How long the key may sign.")]
Kind = Annotated[str, typer.Option("--algorithm", help="ed25519, or es256 for hardware that lacks it.")]


@keys_app.command(epilog="Example: accredit keys new --issuer VALDARA --purpose badge --days 400")
def new(
    purpose: Purpose,
    issuer: Annotated[str, typer.Option("--issuer", help="Two to eight capitals or digits; TEST for rehearsals.")],
    days: Days = 400,
    algorithm: Kind = "ed25519",
    folder: Folder = None,
    as_of: AsOf = None,
) -> None:
    """Make a key, encrypted under ACCREDIT_KEY_PASSPHRASE, and add it to the ring."""
    folders.prepare_folder(_folder(folder), issuer)
    key = folders.mint_key(
        _folder(folder),
        _minting(purpose, _moment(as_of), days=days, algorithm=algorithm),
        passphrase=settings().key_passphrase,
        demo=issuer == "TEST",
    )
    _announce(key)


@keys_app.command(epilog="Example: accredit keys rotate --purpose badge --days 400 --as-of 2027-03-01")
def rotate(
    purpose: Purpose, days: Days = 400, algorithm: Kind = "ed25519", folder: Folder = None, as_of: AsOf = None
) -> None:
    """Make the successor of a key; the old one stays active until it is retired.

    Publish the trust list at least a day before the successor's window begins (--as-of), so that stations know it.
    """
    minting = _minting(purpose, _moment(as_of), days=days, algorithm=algorithm)
    is_demo = folders.load_ring(_folder(folder)).issuer == "TEST"
    _announce(folders.rotate(_folder(folder), minting, passphrase=settings().key_passphrase, demo=is_demo))


@keys_app.command(epilog="Example: accredit keys retire 2fa3266f74069c73 --compromised")
def retire(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `accredit keys list` shows it.")],
    compromised: Annotated[
        bool, typer.Option("--compromised", help="Somebody else may have it: everything it signed fails at once.")
    ] = False,
    folder: Folder = None,
    as_of: AsOf = None,
) -> None:
    """End a key's time to sign; what it signed stays valid, unless the key is compromised."""
    state = KeyState.COMPROMISED if compromised else KeyState.RETIRED
    folders.retire(_folder(folder), _key_id(key_id), state=state, now=_moment(as_of))
    typer.echo(f"Key {key_id} is {state}. Publish the trust list: accredit keys export-trust")
    if compromised:
        typer.echo("Make a new key: accredit keys new. Then replace every credential that this one signed:")
        typer.echo(f"accredit credential reissue --signed-by {key_id} --officer YOURS, and accredit publish FOLDER.")


@keys_app.command("list", epilog="Example: accredit keys list --json")
def list_keys(folder: Folder = None, as_json: AsJson = False) -> None:
    """Show every key of the ring with its state and window; nothing secret."""
    ring = folders.load_ring(_folder(folder))
    if as_json:
        typer.echo(json.dumps({"issuer": ring.issuer, "sequence": ring.sequence, "keys": [*map(_line, ring.keys)]}))
        return
    table = Table(title=f"Keys of {ring.issuer}")
    # The id has to be copied whole, on narrow screens too; the moments have room to wrap.
    table.add_column("key id", no_wrap=True, min_width=16)
    for heading in ("purpose", "algorithm", "state", "from (UTC)", "until (UTC)"):
        table.add_column(heading)
    for key in ring.keys:
        window = (f"{moment:%Y-%m-%d %H:%M}" for moment in (key.not_before, key.not_after))
        table.add_row(key.key_id.hex(), key.purpose, key.algorithm.name, key.state.value, *window)
    Console().print(table)


@keys_app.command("export-trust", epilog="Example: accredit keys export-trust public/ --as-of 2027-05-01")
def export_trust(
    target: Annotated[Path, typer.Argument(help="The folder to write trust.cose and keys.json into.")],
    folder: Folder = None,
    as_of: AsOf = None,
) -> None:
    """Write the trust list signed by the root key, and the same keys as a JWK set for other software."""
    from flows.credentials.publishing import public_jwk

    now = _moment(as_of)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(str(target), "cannot be made.", remedy="Name a folder that you may write.") from error
    trust = folders.write_trust_list(
        _folder(folder), target / "trust.cose", now=now, passphrase=settings().key_passphrase
    )
    jwks = json.dumps({"keys": [public_jwk(key) for key in trust.keys]}, indent=1)
    folders.write_public(target / "keys.json", jwks.encode())
    root = folders.load_ring(_folder(folder)).roots()[-1]
    typer.echo(f"Trust list {trust.sequence} of {trust.issuer} with {len(trust.keys)} keys is in {target}.")
    typer.echo(f"Its root, to be compared aloud: {thumbprint(root.raw)}")


@credential_app.callback()
def _group() -> None:
    """Keep ``inspect`` a command of its own, however this group is mounted."""


life.register(credential_app)


@credential_app.command("inspect", epilog="Example: accredit credential inspect badge.pdf --trust keys.json --json")
def inspect_token(
    token: Annotated[str, typer.Argument(help="A token, a picture or PDF with its code, or - for one token a line.")],
    trust: Annotated[Path, typer.Option("--trust", help="A JWK set, or X.509 certificates (PEM or DER).")],
    external_aad: Annotated[str, typer.Option("--external-aad", help="External data of the signature, in hex.")] = "",
    encoding: Annotated[
        Encoding | None, typer.Option("--encoding", help="Read the text as this only; by default as whatever fits.")
    ] = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Take a token apart and say whether one of the given keys signed it.

    Any COSE_Sign1 or CBOR Web Token is read: base45, hex or base64, with or without a short prefix and zlib. Tokens
    that begin with OAC1: must also follow that format to the letter. No status list is consulted. Shows personal
    data on the screen. The key is chosen by key id alone. Codes: VERIFIED, or the first check that failed: TEXT,
    BASE45, CBOR, STRUCTURE, ALG, UNKNOWN_KEY, SIGNATURE. Exit code 0: verified; 1: not; 2: no such input.
    """
    keys = keys_in(_content(trust))
    aad, now = _hex(external_aad, place="--external-aad"), _moment(as_of)
    reports = [_report(text, inspect(text, keys, external_aad=aad, encoding=encoding), now) for text in _texts(token)]
    for report in reports:
        if as_json:
            typer.echo(json.dumps(report, ensure_ascii=False, indent=None if token == _INPUT else 1))
        else:
            Console().print_json(data=report)
    if not all(report["verified"] for report in reports):
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
        _ours(text)
    except TokenRefusedError as refused:
        return refused.verdict.code.value, refused.verdict.detail
    except ClaimsError as error:
        return "CLAIMS", str(error)
    return None


def _ours(text: str) -> CredentialClaims:
    return decode_claims(decode_token(text).payload)


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
        "payload": sign1.payload.hex(),
    }


def _texts(token: str) -> Iterator[str]:
    """Yield the token itself, each line of the input, or the codes in the file that the argument names."""
    if token == _INPUT:
        yield from (line for line in sys.stdin if line.strip("\r\n"))
    elif _names_a_file(token):
        content = _content(Path(token))
        codes = list(read_codes(content))
        if not codes and not content.isascii():
            raise BadInputError(token, "holds no code.", remedy="Give a sharper picture, or the token as text.")
        yield from codes or [content.decode("ascii")]
    else:
        yield token


def _names_a_file(token: str) -> bool:
    try:
        return Path(token).is_file()
    except (OSError, ValueError):
        return False


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise BadInputError(str(path), "is larger than 50 MB.", remedy="Give a smaller file.")
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(str(path), "cannot be read.", remedy="Name a file that exists.") from error


def _line(key: RingKey) -> dict[str, str]:
    return {
        "key_id": key.key_id.hex(),
        "purpose": key.purpose,
        "algorithm": key.algorithm.name,
        "state": key.state.value,
        "not_before": key.not_before.isoformat(),
        "not_after": key.not_after.isoformat(),
    }


def _announce(key: RingKey) -> None:
    line = _line(key)
    typer.echo(f"Key {line['key_id']} ({line['purpose']}) may sign from {line['not_before']} to {line['not_after']}.")


def _minting(purpose: str, now: datetime, *, days: int, algorithm: str) -> Minting:
    if purpose not in _PURPOSES:
        raise BadInputError("--purpose", f"{purpose} is no purpose.", remedy=f"Choose {', '.join(_PURPOSES)}.")
    if algorithm.lower() not in _ALGORITHMS:
        raise BadInputError("--algorithm", f"{algorithm} does not sign.", remedy=f"Choose {', '.join(_ALGORITHMS)}.")
    end = now + timedelta(days=days)
    return Minting(purpose=purpose, not_before=now, not_after=end, algorithm=_ALGORITHMS[algorithm.lower()])


def _moment(as_of: datetime | None) -> datetime:
    moment = as_of.replace(tzinfo=UTC) if as_of else datetime.now(UTC)
    return moment.replace(microsecond=0)


def _folder(folder: Path | None) -> Path:
    return folder or settings().keys_folder


def _key_id(text: str) -> bytes:
    return _hex(text, place="key id")


def _hex(text: str, *, place: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise KeyFolderError(place, "is not hexadecimal.", remedy="Copy it as it is shown.") from error
