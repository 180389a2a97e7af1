"""What outsiders get and check without a database: the record of signed acts, proofs of cases, and the log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from db.store import open_reader
from domain.application.chain import heads, merkle_root
from domain.application.events import EVENT, Event
from domain.errors import AccreditationError, BadInputError
from domain.oversight.log.checkpoint import NoteKey, opened
from domain.oversight.log.proof import Proof
from domain.oversight.log.tiles import WIDTH, bundled, tile_path
from domain.oversight.log.tree import Tree
from domain.oversight.warrants import Warrants
from domain.statements.authority import Authority
from domain.statements.record import Entry, Replay, faults_in
from domain.values import ElectionCode, Frozen, Sha256
from flows.context import database

_FORM = "accredit-record/1"
_CONTENT = TypeAdapter[dict[str, Any]](dict[str, Any])
_ENTRIES = TypeAdapter[list[Entry]](list[Entry])


class CheckedExport(Frozen):
    """What an exported record says of itself."""

    election: ElectionCode
    entries: int
    cases: int
    head: str
    root: Sha256
    keys: dict[str, list[str]]
    """Ids of the public keys that count at the end, by officer: each officer compares with their own."""
    faults: tuple[str, ...] = ()


def export_record(election: ElectionCode, file: Path) -> int:
    """Write record and histories of *election* into *file*: ids, codes, signatures; returns how many entries.

    An earlier export is replaced; raises :class:`BadInputError` where anything else lies there already.
    """
    if os.path.lexists(file):
        _read(file)
    with open_reader(database()) as store:
        entries = [entry.model_dump(mode="json") for entry in store.statements.entries(election)]
        histories = {
            str(application.id): [event.model_dump(mode="json") for event in store.applications.history(application.id)]
            for application in store.applications.all_in(election)
        }
    content = {"form": _FORM, "election": election, "entries": entries, "histories": histories}
    _write(file, json.dumps(content, ensure_ascii=False))
    return len(entries)


def export_proof(proof: Proof, file: Path) -> None:
    """Write *proof* into *file*; an earlier proof is replaced, anything else is not (:class:`BadInputError`)."""
    if os.path.lexists(file) and read_proof(file) is None:
        raise BadInputError(str(file), "is no proof and stays as it is.", remedy="Name another file.")
    _write(file, proof.model_dump_json(indent=1))


def read_proof(file: Path) -> Proof | None:
    """Return the proof in *file*, None where it is something else; raises :class:`BadInputError` for a broken one."""
    try:
        content = file.read_bytes()
        return Proof.model_validate_json(content, strict=False) if b'"accredit-proof/1"' in content[:200] else None
    except (OSError, ValidationError) as error:
        raise BadInputError(str(file), "is no proof that can be read.", remedy="Ask for it again.") from error


def proof_faults(proof: Proof, key: str, checkpoint: Path | None) -> Iterator[str]:
    """Yield what does not hold of *proof* under the log's *key*, its own where none is given."""
    yield from proof.faults(NoteKey.read(key or proof.key), _note(checkpoint) if checkpoint else "")


def growth_faults(old: Path, new: Path, log: Path, *, key: str = "") -> Iterator[str]:
    """Yield what shows that the published *log* did not only grow from the checkpoint *old* to *new*."""
    known = NoteKey.read(key or _note(log / "key"))
    before, after = (opened(_note(path), known)[0] for path in (old, new))
    if before.size > after.size:
        yield f"{old} is the later one"
        return
    tree = Tree(_published_entries(log, after.size))
    for path, checkpoint in ((old, before), (new, after)):
        if tree.size < checkpoint.size or tree.root(checkpoint.size) != checkpoint.root:
            yield f"the log is not the one of {path}"


def _published_entries(log: Path, size: int) -> list[bytes]:
    """Return the first *size* entries of the log in a folder, or as many as there are."""
    entries: list[bytes] = []
    while len(entries) < size:
        width = min(WIDTH, size - len(entries))
        path = tile_path(len(entries) // WIDTH)
        wider = [*(log / "tile/entries").glob(f"{path}.p/*"), log / "tile/entries" / path]
        bundles = [bundled(place.read_bytes()) for place in wider if place.is_file()]
        longest = max(bundles, key=len) if bundles else []
        entries += longest[:width]
        if len(longest) < width:
            break
    return entries


def _note(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(str(path), "cannot be read.", remedy="Name a file that accredit publish wrote.") from error


def _write(file: Path, content: str) -> None:
    beside = file.with_name(f"{file.name}.new")
    try:
        beside.write_text(content, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise BadInputError(str(file), "cannot be written.", remedy="Name a file in a folder of your own.") from error


def check_record(file: Path) -> CheckedExport:
    """Verify an exported record with the public keys in it alone: chain, signatures, authority, and every history.

    Raises :class:`BadInputError` for a file that is none.
    """
    content = _read(file)
    entries, histories = _parts(content, file)
    replay = Replay()
    faults = [*faults_in(entries, replay)]
    hashes = {case: [*heads(history)] for case, history in histories.items()}
    if not faults:
        try:
            faults += Warrants.of(entries).faults(histories, hashes, {})
        except (AccreditationError, ValidationError, ValueError, KeyError):
            faults.append("what was applied cannot be read")
    authority = replay.authority
    return CheckedExport(
        election=str(content.get("election")),
        entries=len(entries),
        cases=len(histories),
        head=f"{entries[-1].sequence}:{entries[-1].hash}" if entries else "",
        root=merkle_root(chain[-1] for chain in hashes.values() if chain),
        keys=_keys(authority) if authority else {},
        faults=tuple(faults),
    )


def _keys(authority: Authority) -> dict[str, list[str]]:
    return {code: [key.id for key in enrolled.keys] for code, enrolled in sorted(authority.enrolled.items())}


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = _CONTENT.validate_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInputError(
            str(file), "cannot be read.", remedy="Name a file made by accredit audit export."
        ) from error
    if content.get("form") != _FORM:
        raise BadInputError(str(file), "is no exported record.", remedy="Make one with accredit audit export.")
    return content


def _parts(content: Mapping[str, Any], file: Path) -> tuple[list[Entry], dict[UUID, list[Event]]]:
    try:
        entries = _ENTRIES.validate_python(content["entries"], strict=False)
        histories = {
            UUID(case): [EVENT.validate_python(event, strict=False) for event in history]
            for case, history in content["histories"].items()
        }
    except (ValidationError, KeyError, ValueError, AttributeError) as error:
        problem = "holds something that is no entry and no event."
        raise BadInputError(str(file), problem, remedy="Ask for a new export.") from error
    return entries, histories
