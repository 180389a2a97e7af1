"""An archive of another installation taken up: to be read and checked here, and never to be worked on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError

from db.oversight.whole import put_rows
from db.store import Store, open_reader, open_store
from db.tables.catalogue import Base
from domain.errors import BadInputError
from domain.values import Frozen
from flows.context import database
from flows.election.archive_files import FILES, ROWS, CheckedArchive, check_archive, read_parts
from flows.election.database import upgraded
from flows.issuance.publication.log import keep_note
from flows.issuance.signing.keys import locked, write_private
from flows.settings import settings
from flows.statements.imported import IMPORTED, ORIGINS, Origin, origins
from flows.storage.encryption import Unlocking
from flows.storage.files import file_store
from flows.storage.personal_keys import personal_keys


class ImportOutcome(Frozen):
    """What became of an archive."""

    election: str
    rows: int
    files: int = 0
    was_there: bool = False
    """Whether its rows were here before: what that run left was done."""


def import_archive(file: Path, unlock: Path, *, key: str = "") -> ImportOutcome:
    """Check an archive, and take up all its rows under this installation's own keys, in one transaction.

    With the log's *key* as it was published, it is also made sure who made it. Run again after a stop it ends the
    same. Raises :class:`BadInputError` where the archive does not hold, has no rows for the private key in *unlock*,
    or another election has its code here.
    """
    found = check_archive(file, key=key)
    if found.faults:
        raise BadInputError(str(file), f"does not hold: {found.faults[0]}.", remedy="Ask for the file again.")
    rows, keys = _read(file, unlock)
    upgraded()
    personal_keys().taken_in(keys)
    code, parts = found.manifest.election, read_parts(file)
    was_there = _is_here(found)
    _note_origin(found, parts["log/checkpoint"].decode())
    files = sum(
        file_store().take_up(name.removeprefix(FILES), closed)
        for name, closed in parts.items()
        if name.startswith(FILES)
    )
    if was_there:
        return ImportOutcome(election=code, rows=0, files=files, was_there=True)
    try:
        with open_store(database()) as store:
            count = put_rows(store.session, rows)
    except IntegrityError as error:
        raise _in_use(code) from error
    return ImportOutcome(election=code, rows=count, files=files)


def _is_here(found: CheckedArchive) -> bool:
    """Whether this very election was imported before; raises where another one has its code."""
    code = found.manifest.election
    with open_reader(database()) as store:
        if store.elections.rules_hash(code) is None:
            return False
        if not _is_same(store, found):
            raise _in_use(code)
    return True


def _is_same(store: Store, found: CheckedArchive) -> bool:
    number, hashed = store.statements.head(found.manifest.election)
    return f"{number}:{hashed}" == found.record.head and found.manifest.election in origins()


def _in_use(code: str) -> BadInputError:
    problem = f"{code}, or a serial or case of it, is in this database already."
    return BadInputError("election", problem, remedy="Import it into an installation without it.")


def _read(file: Path, unlock: Path) -> tuple[list[tuple[str, dict[str, Any]]], list[dict[str, Any]]]:
    """Return the rows and the keys in an archive."""
    closed = read_parts(file).get(ROWS)
    if closed is None:
        problem, remedy = "has no rows in it: it is for checking only.", "Ask for one made with --for your public key."
        raise BadInputError(str(file), problem, remedy=remedy)
    lines = [json.loads(line) for line in gzip.decompress(Unlocking(unlock).decrypted(closed)).splitlines()]
    rows = [(name, row) for name, row in lines if name]
    if unknown := next(_unknown(rows), None):
        problem, remedy = f"has {unknown}, which this version does not know.", "Import it with a newer version."
        raise BadInputError(str(file), problem, remedy=remedy)
    return rows, [row for name, row in lines if not name]


def _unknown(rows: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    for name, row in rows:
        table = Base.metadata.tables.get(name)
        if table is None:
            yield f"a table {name[:40]}"
        else:
            yield from (f"a column {name}.{column[:40]}" for column in row if column not in table.columns)


def _note_origin(found: CheckedArchive, checkpoint: str) -> None:
    """Keep by whose keys it was signed, and its newest checkpoint, beside the keys of this installation."""
    code, folder = found.manifest.election, settings().keys_folder
    with locked(folder):
        known = origins() | {code: Origin(log_key=found.key, sealed_by=found.record.sealed_by)}
        write_private(folder / IMPORTED, ORIGINS.dump_json(known))
    keep_note(code, checkpoint)
