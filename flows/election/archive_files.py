"""An archived election as one signed file: checked by anybody with public keys alone, taken up by another installation.

Everybody may read record, histories, rules and log in it: ids, codes and signatures. The rows, with what is said of
people and the keys that open it, are in it only where two administrators sign whom they go to; they are encrypted to
that recipient (age). Stored files (pictures, badges, what came in and what letters carried) are in it as they lie,
encrypted; their keys are among the rows.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from pydantic import Field, JsonValue, ValidationError

from db.encrypted_files import HEAD, key_name
from db.oversight.whole import files_named, keys_named, stored_rows
from db.schema import versions
from db.store import Store, open_reader, open_store
from domain.errors import BadInputError, UnknownThingError
from domain.oversight.log.checkpoint import CheckpointRefusedError, NoteKey, opened, text_signed
from domain.oversight.log.tree import Tree
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import ElectionAct, Step
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, Sha256, UtcTime
from flows.context import database
from flows.issuance.publication.log import published_log, sign_with_log_key
from flows.issuance.publication.published_log import published_entries
from flows.oversight.exports import CheckedExport, check_record, published_key, record_content
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer, accept
from flows.statements.proposals import ground_signed
from flows.storage.encryption import encrypted, require_public_key
from flows.storage.files import file_store
from flows.storage.personal_keys import personal_keys

FORM: Final = "accredit-archive/1"
ROWS: Final = "rows.age"
FILES: Final = "files/"
MANIFEST: Final = "archive.json"
_SIGNED: Final = "archive.sig"
_TIMELESS: Final = (1980, 1, 1, 0, 0, 0)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
_ASK: Final = "Ask for the file again."
MOST_BYTES: Final = 1 << 31
"""Of all parts together, unpacked, because they are read in one piece."""


class ArchiveManifest(Frozen):
    """What an archive holds: signed, and so is everything that it has the hash of."""

    form: str = FORM
    election: ElectionCode
    title: str
    made_at: UtcTime
    schema_version: str
    """Of the database that the rows come from."""
    recipient: str = ""
    """The public key (age) that the rows are encrypted to; empty: no rows are in it."""
    parts: dict[str, Sha256] = Field(min_length=1)


class CheckedArchive(Frozen):
    """What an archive says, and what does not hold of it."""

    manifest: ArchiveManifest
    key: str
    """Of the log, whose signature it bears: compare it with the one that was published."""
    record: CheckedExport
    faults: tuple[str, ...] = ()


def hand_over(ground: str, recipient: str, by: ActingOfficer) -> bool:
    """Propose that everything goes to *recipient*, or confirm it; returns whether a file may be written now.

    Raises :class:`BadInputError` without a ground, or where the election is not archived.
    """
    require_public_key(recipient)
    with open_store(database()) as store:
        _require_archived(store, by.election)

        def about(first: str) -> tuple[str, str]:
            return ElectionAct.HAND_OVER.value, digest_of([by.election, ElectionAct.HAND_OVER.value, first, recipient])

        ground = ground_signed(store, by, ground, ActKind.ELECTION, about)
        if not ground:
            remedy = "Name the rule by which people's data goes there."
            raise BadInputError("--ground", "says nothing.", remedy=remedy)
        _, matter = about(ground)
        proposer = store.statements.authority(by.election).proposer_of(ElectionAct.HAND_OVER, matter)
        terms: dict[str, JsonValue] = {
            "act": ElectionAct.HAND_OVER.value, "step": (Step.CONFIRMED if proposer else Step.PROPOSED).value,
            "sha256": matter, "ground": ground, "recipient": recipient,
        }  # fmt: skip
        accept(store, by, Deed(kind=ActKind.ELECTION, terms=terms))
    return proposer is not None


def write_archive(
    election: ElectionCode, file: Path, *, recipient: str = "", pictures: bool = True, now: UtcTime
) -> ArchiveManifest:
    """Write the archive of *election* to *file*, whole or not at all; with a *recipient*, who was agreed on, all of it.

    Without *pictures* no stored file is in it.

    Raises :class:`BadInputError` where the file is there, or the election is not archived; :class:`NoLogKeyError`
    without a key that signs it.
    """
    if file.exists() or not file.parent.is_dir():
        raise BadInputError(str(file), "is there already, or its folder is not.", remedy="Name another file.")
    with open_reader(database()) as store:
        _require_archived(store, election)
        title = store.elections.profile(election).election.title
    parts = _parts(election, recipient, pictures=pictures, now=now)
    if sum(map(len, parts.values())) > MOST_BYTES:
        problem = f"would have more than {MOST_BYTES >> 20} MiB, which nobody reads in one piece."
        raise BadInputError(str(file), problem, remedy="Add --without-pictures, and hand the folder of files over.")
    manifest = ArchiveManifest(
        election=election, title=title, made_at=now, recipient=recipient,
        schema_version=versions(settings().database_url)[0] or "",
        parts={name: sha256(content).hexdigest() for name, content in sorted(parts.items())},
    )  # fmt: skip
    said = manifest.model_dump_json(indent=1).encode()
    signature = sign_with_log_key(election, _signed_text(election, said), now=now)
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(_zipped(parts | {MANIFEST: said, _SIGNED: signature.encode()}))
    beside.replace(file)
    return manifest


def check_archive(file: Path, *, key: str = "") -> CheckedArchive:
    """Verify an archive with public keys alone; with the log's *key* as it was published, also who made it.

    Raises :class:`BadInputError` for a file that is none.
    """
    parts = read_parts(file)
    with TemporaryDirectory(prefix="accredit-") as folder:
        for name, content in parts.items():
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        try:
            manifest = ArchiveManifest.model_validate_json(parts[MANIFEST], strict=False)
            known = NoteKey.read(key or published_key(Path(folder) / "log"))
            record = check_record(Path(folder) / "record.json")
        except (KeyError, ValidationError, CheckpointRefusedError) as error:
            raise BadInputError(str(file), "is no whole archive.", remedy=_ASK) from error
        faults = (*_faults(manifest, parts, known, record), *_log_faults(Path(folder) / "log", known, record))
    return CheckedArchive(manifest=manifest, key=str(known), record=record, faults=faults)


def is_archive(file: Path) -> bool:
    """Whether *file* looks like an archive, and not like a record or a proof."""
    try:
        with file.open("rb") as content:
            return content.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def read_parts(file: Path) -> dict[str, bytes]:
    """Return the parts of an archive by name; raises :class:`BadInputError` for a file that is none."""
    try:
        with ZipFile(file) as packed:
            names = packed.namelist()
            swollen = sum(part.file_size for part in packed.infolist()) > MOST_BYTES
            if swollen or len({*names}) < len(names) or not all(_NAME.fullmatch(name) for name in names):
                raise BadInputError(str(file), "has parts that no archive has.", remedy=_ASK)
            return {name: packed.read(name) for name in names}
    except (OSError, BadZipFile, EOFError, ValueError) as error:
        problem, remedy = "is no archive that can be read.", "Name a file made by accredit election export."
        raise BadInputError(str(file), problem, remedy=remedy) from error


def _faults(
    manifest: ArchiveManifest, parts: Mapping[str, bytes], key: NoteKey, record: CheckedExport
) -> Iterator[str]:
    try:
        signed = text_signed(parts.get(_SIGNED, b"").decode("utf-8", "replace"), key)
        if signed != _signed_text(manifest.election, parts[MANIFEST]):
            yield "the signature is of another archive"
    except CheckpointRefusedError:
        yield "the key of the log did not sign it"
    there = {name: sha256(content).hexdigest() for name, content in parts.items() if name not in {MANIFEST, _SIGNED}}
    changed = sorted(
        name for name in there.keys() | manifest.parts.keys() if there.get(name) != manifest.parts.get(name)
    )
    yield from (f"{name} is not what was signed" for name in changed)
    yield from record.faults
    if record.election != manifest.election or not record.is_archived:
        yield "the record is of another election, or does not say that it was archived"
    if sha256(parts.get("rules.json", b"")).hexdigest() != record.rules_sha256:
        yield "the rules are not those that were signed"


def _log_faults(log: Path, key: NoteKey, record: CheckedExport) -> Iterator[str]:
    try:
        checkpoint = opened((log / "checkpoint").read_text("utf-8"), key)[0]
    except (OSError, UnicodeDecodeError, CheckpointRefusedError):
        yield "the log has no checkpoint under its key"
        return
    tree = Tree(published_entries(log, checkpoint.size))
    if tree.size != checkpoint.size or tree.root(checkpoint.size) != checkpoint.root:
        yield "the entries of the log are not those of its checkpoint"
    if checkpoint.size < record.entries:
        yield "the log is shorter than the record"


def _require_archived(store: Store, election: ElectionCode) -> None:
    store.elections.require(election)
    if election not in store.elections.archived():
        remedy = "Two administrators freeze it first: accredit election archive"
        raise BadInputError(election, "is not archived.", remedy=remedy)


def _parts(election: ElectionCode, recipient: str, *, pictures: bool, now: UtcTime) -> dict[str, bytes]:
    log = published_log(election, now=now)
    with open_reader(database()) as store:
        record = json.dumps(record_content(store, election), ensure_ascii=False).encode()
        rules = store.elections.stored_rules(election)
        files = dict(_stored(store, election)) if recipient and pictures else {}
        keys = {known for closed in files.values() if (known := key_name(closed[:HEAD]))}
        rows = {ROWS: _encrypted(_lines(store, election, keys), recipient)} if recipient else {}
    return {"record.json": record, "rules.json": rules, **log, **rows, **files}


def _stored(store: Store, election: ElectionCode) -> Iterator[tuple[str, bytes]]:
    """Yield every stored file that the election names, as it lies; what was erased is not there."""
    for name in sorted(files_named(store.session, election)):
        with suppress(UnknownThingError):
            yield f"{FILES}{name}", file_store().as_it_lies(name)


def _lines(store: Store, election: ElectionCode, names: set[str]) -> Iterator[bytes]:
    """Yield every row of the election, then the keys of its values and those called *names*: each a line of JSON."""
    for table, row in stored_rows(store.session, election):
        names.update(keys_named(row))
        yield _line([table, row])
    yield from (_line(["", key]) for key in personal_keys().handed_out(names))


def _line(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


def _encrypted(lines: Iterator[bytes], recipient: str) -> bytes:
    return encrypted(gzip.compress(b"".join(lines), mtime=0), recipient)


def _signed_text(election: ElectionCode, manifest: bytes) -> str:
    return f"{FORM}\n{election}\n{sha256(manifest).hexdigest()}\n"


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as into:
        for name, content in sorted(parts.items()):
            into.writestr(ZipInfo(name, _TIMELESS), content, ZIP_DEFLATED)
    return packed.getvalue()
