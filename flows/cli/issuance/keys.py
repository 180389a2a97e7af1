"""``accredit keys``: the issuer's keys, and the group ``accredit credential``."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from domain.credentials.cose import Algorithm
from domain.credentials.jwk import thumbprint
from domain.credentials.ring import ROOT, KeyFolderError, Minting, RingKey
from domain.credentials.trust_list import KeyPurpose, KeyState
from domain.errors import BadInputError
from domain.numbers import number_of
from flows.cli.registry import command
from flows.context import in_utc, right_now
from flows.issuance.signing import keys as folders
from flows.settings import settings

_FORMATS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_ALGORITHMS: Final = {"ed25519": Algorithm.ED25519, "es256": Algorithm.ES256}
_PURPOSES: Final = (ROOT, *(purpose.value for purpose in KeyPurpose))

AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=_FORMATS, help="The moment that counts as now, UTC.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Folder = Annotated[Path | None, typer.Option("--folder", help="The key folder; by default that of the settings.")]
Purpose = Annotated[str, typer.Option("--purpose", help="root, badge or status.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="How long the key may sign.")]
Kind = Annotated[str, typer.Option("--algorithm", help="ed25519, or es256 for hardware that lacks it.")]


@command("keys new", example="--issuer VALDARA --purpose badge --days 400")
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
    _announce(key, _folder(folder))


@command("keys rotate", example="--purpose badge --days 400 --as-of 2027-03-01")
def rotate(
    purpose: Purpose, days: Days = 400, algorithm: Kind = "ed25519", folder: Folder = None, as_of: AsOf = None
) -> None:
    """Make the successor of a key; the old key stays active until it is retired.

    Publish the trust list at least a day before the successor's window begins (--as-of), so that stations know it.
    """
    minting = _minting(purpose, _moment(as_of), days=days, algorithm=algorithm)
    is_demo = folders.load_ring(_folder(folder)).issuer == "TEST"
    made = folders.rotate(_folder(folder), minting, passphrase=settings().key_passphrase, demo=is_demo)
    _announce(made, _folder(folder))


@command("keys retire", example="2fa3266f74069c73 --compromised")
def retire(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `accredit keys list` shows it.")],
    compromised: Annotated[
        bool,
        typer.Option(
            "--compromised", help="Somebody else may have the key: everything that it signed becomes invalid at once."
        ),
    ] = False,
    folder: Folder = None,
    as_of: AsOf = None,
) -> None:
    """End the time in which a key signs; what it signed stays valid, unless the key is compromised."""
    state = KeyState.COMPROMISED if compromised else KeyState.RETIRED
    folders.retire(_folder(folder), _key_id(key_id), state=state, now=_moment(as_of))
    typer.echo(f"Key {key_id} is {state}. Publish the trust list: accredit keys export-trust")
    if compromised:
        typer.echo("Make a new key: accredit keys new. Then replace every credential that this one signed:")
        typer.echo(f"accredit credential reissue --signed-by {key_id} --officer YOURS, and accredit publish FOLDER.")


@command("keys list", example="--json")
def list_keys(folder: Folder = None, as_json: AsJson = False) -> None:
    """Show every key of the ring with its state and its time; nothing secret is shown."""
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


@command("keys serve", example="/run/accredit/sign --group accredit")
def serve(
    path: Annotated[Path, typer.Argument(metavar="SOCKET", help="Where it listens.")],
    group: Annotated[str, typer.Option("--group", help="Whose members may ask; without it only this user.")] = "",
) -> None:
    """Sign badges for an engine that names this socket in ACCREDIT_SIGNING_SOCKET, until ended with Ctrl-C.

    It signs only for approved cases that it reads from the database itself.
    """
    from flows.issuance.signing.process import listen

    with suppress(KeyboardInterrupt):
        listen(path, group=group)


@command("keys accept-record", example="412:9b1c… --election VALDARA-2027")
def accept_record(
    head: Annotated[str, typer.Argument(help="The head of the restored record, as `accredit audit verify` prints it.")],
    election: Annotated[str, typer.Option("--election", "-e", help="Code of the election.")],
    folder: Folder = None,
) -> None:
    """After a restore: let badges be signed again on a record that ends earlier, or goes on otherwise, than before.

    Only who has the keys can do this. Compare the head with one that officers noted elsewhere first.
    """
    from flows.issuance.signing.seen_heads import Seen, SeenHeads, head_in

    seen = SeenHeads(_folder(folder))
    number, digest = seen.of(election).record
    seen.note(election, Seen(record=head_in(head)))
    typer.echo(f"Seen last until now: {number}:{digest}" if number else "No record was seen until now.")
    typer.echo(f"From now on the record of {election} must go on from {head}. Issue badges again.")


@command("keys export-trust", example="public/ --as-of 2027-05-01")
def export_trust(
    target: Annotated[Path, typer.Argument(help="The folder to write trust.cose and keys.json into.")],
    folder: Folder = None,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="How long stations may use the list.")] = 30,
    renew_days: Annotated[int, typer.Option("--renew-days", min=1, help="After these, stations show it in amber.")] = 1,
    as_of: AsOf = None,
) -> None:
    """Write the trust list signed by the root key, and the same keys as a JWK set for other software.

    The root key may be kept elsewhere: copy ring.json beside it, name that folder with --folder, and put trust.cose
    where accredit publish writes. Publishing uses that list until its keys change or it ends.
    """
    from flows.issuance.publication.files import public_jwk

    now = _moment(as_of)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(str(target), "cannot be made.", remedy="Name a folder that you may write.") from error
    secret, times = settings().key_passphrase, (timedelta(days=days), timedelta(days=min(renew_days, days)))
    trust = folders.write_trust_list(_folder(folder), target / "trust.cose", now=now, passphrase=secret, times=times)
    jwks = json.dumps({"keys": [public_jwk(key) for key in trust.keys]}, indent=1)
    folders.write_public(target / "keys.json", jwks.encode())
    root = folders.load_ring(_folder(folder)).roots()[-1]
    typer.echo(
        f"Trust list {trust.sequence} of {trust.issuer} with {number_of(len(trust.keys), 'keys')} is in {target}."
    )
    typer.echo(f"Its root, to be compared aloud: {thumbprint(root.raw)}")
    typer.echo(f"Next: accredit publish {target}, where the election is loaded; the list there is used.")


def _line(key: RingKey) -> dict[str, str]:
    return {
        "key_id": key.key_id.hex(),
        "purpose": key.purpose,
        "algorithm": key.algorithm.name,
        "state": key.state.value,
        "not_before": key.not_before.isoformat(),
        "not_after": key.not_after.isoformat(),
    }


def _announce(key: RingKey, folder: Path) -> None:
    """Say what the key is, and what the ring still lacks before badges can be signed and checked."""
    start, end = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (key.not_before, key.not_after))
    typer.echo(f"Key {key.key_id.hex()} ({key.purpose}) may sign from {start} to {end}.")
    ring = folders.load_ring(folder)
    lacking = next((purpose for purpose in _PURPOSES if purpose not in {known.purpose for known in ring.keys}), None)
    follows = f"keys new --purpose {lacking} --issuer {ring.issuer}" if lacking else "keys export-trust FOLDER"
    typer.echo(f"Next: accredit {follows}")


def _minting(purpose: str, now: datetime, *, days: int, algorithm: str) -> Minting:
    if purpose not in _PURPOSES:
        raise BadInputError(
            "--purpose", f"{purpose} is not a purpose of a key.", remedy=f"Choose {', '.join(_PURPOSES)}."
        )
    if algorithm.lower() not in _ALGORITHMS:
        raise BadInputError(
            "--algorithm", f"{algorithm} is not an algorithm that signs.", remedy=f"Choose {', '.join(_ALGORITHMS)}."
        )
    end = now + timedelta(days=days)
    return Minting(purpose=purpose, not_before=now, not_after=end, algorithm=_ALGORITHMS[algorithm.lower()])


def _moment(as_of: datetime | None) -> datetime:
    """Return from when a key counts: a change may be prepared for a day in the future."""
    return (in_utc(as_of) if as_of else right_now()).replace(microsecond=0)


def _folder(folder: Path | None) -> Path:
    return folder or settings().keys_folder


def _key_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise KeyFolderError("key id", "is not hexadecimal.", remedy="Copy it as it is shown.") from error
