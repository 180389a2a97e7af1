"""What outsiders get and check without a database: the record of signed acts, proofs of cases, and the log."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from db.application.applications import leads_to_the_end
from db.journal import Book
from db.store import Store, open_reader
from domain.application.chain import heads, merkle_root
from domain.application.events import EVENT, Event
from domain.errors import AccreditationError, BadInputError
from domain.oversight.log.checkpoint import NoteKey, opened
from domain.oversight.log.proof import Proof
from domain.oversight.log.tree import Tree
from domain.oversight.seals import JournalEntry, chain_faults, sealer_of
from domain.oversight.warrants import Warrants
from domain.statements.authority import Authority
from domain.statements.record import Entry, Replay, faults_in
from domain.values import ElectionCode, Frozen, Sha256
from flows.context import database
from flows.issuance.publication.published_log import published_entries

_FORM = "accredit-record/1"
_CONTENT = TypeAdapter[dict[str, Any]](dict[str, Any])
_SEALED = (Book.RECORD, Book.HISTORIES)
"""The journals that say where the record and each history stood after every transaction of the engine."""
_JOURNALS = TypeAdapter[dict[str, list[JournalEntry]]](dict[str, list[JournalEntry]])
_ENTRIES = TypeAdapter[list[Entry]](list[Entry])


class CheckedExport(Frozen):
    """What an exported record says of itself."""

    election: ElectionCode
    entries: int
    cases: int
    head: str
    root: Sha256
    sealed_by: str = ""
    """The engine's public key, whose seals stand under the journals of all this; empty: no seals came with it."""
    keys: dict[str, list[str]]
    """Ids of the public keys that count at the end, by officer: each officer compares with their own."""
    rules_sha256: str = ""
    """Of the rules in force at the end, as they were signed."""
    is_archived: bool = False
    """Whether two administrators signed that nothing is done in the election any more."""
    faults: tuple[str, ...] = ()


def export_record(election: ElectionCode, file: Path) -> int:
    """Write record and histories of *election* into *file*: ids, codes, signatures; returns how many entries.

    An earlier export is replaced; raises :class:`BadInputError` where anything else lies there already.
    """
    if os.path.lexists(file):
        _read(file)
    with open_reader(database()) as store:
        content = record_content(store, election)
    _write(file, json.dumps(content, ensure_ascii=False))
    return len(content["entries"])


def record_content(store: Store, election: ElectionCode) -> dict[str, Any]:
    """Return record, histories and sealed journals of *election*, as an export has them."""
    histories = {
        str(application.id): [event.model_dump(mode="json") for event in store.applications.history(application.id)]
        for application in store.applications.all_in(election)
    }
    return {
        "form": _FORM,
        "election": election,
        "entries": [entry.model_dump(mode="json") for entry in store.statements.entries(election)],
        "histories": histories,
        "journals": {book.value: store.journal.entries(election, book) for book in _SEALED},
    }


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
    yield from proof.faults(NoteKey.read(key or proof.key), read_note(checkpoint) if checkpoint else "")


def signers(checkpoint: Path, key: str, witnesses: Iterable[str]) -> tuple[str, ...]:
    """Return which of *witnesses*, by their keys, signed a checkpoint of the log's *key*, too.

    Raises :class:`CheckpointRefusedError` where one of their signatures is wrong.
    """
    return opened(read_note(checkpoint), NoteKey.read(key), [NoteKey.read(witness) for witness in witnesses])[1]


def published_witnesses(log: Path) -> tuple[str, ...]:
    """Return the witnesses' keys that lie in the published folder of the log; none where it names none."""
    return tuple(read_note(log / "witnesses").splitlines()) if (log / "witnesses").exists() else ()


def published_key(log: Path) -> str:
    """Return the log's key that lies in its published folder."""
    return read_note(log / "key").strip()


def growth_faults(old: Path, new: Path, log: Path, *, key: str = "") -> Iterator[str]:
    """Yield what shows that the published *log* did not only grow from the checkpoint *old* to *new*."""
    known = NoteKey.read(key or published_key(log))
    before, after = (opened(read_note(path), known)[0] for path in (old, new))
    if before.size > after.size:
        yield f"{old} is the later one"
        return
    tree = Tree(published_entries(log, after.size))
    for path, checkpoint in ((old, before), (new, after)):
        if tree.size < checkpoint.size or tree.root(checkpoint.size) != checkpoint.root:
            yield f"the log is not the one of {path}"


def read_note(path: Path) -> str:
    """Return the text of a published file; raises :class:`BadInputError`."""
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
    authority, journals = replay.authority, _journals(content, file)
    faults += _unsealed(str(content.get("election")), journals, entries, hashes)
    return CheckedExport(
        election=str(content.get("election")),
        entries=len(entries),
        cases=len(histories),
        head=f"{entries[-1].sequence}:{entries[-1].hash}" if entries else "",
        root=merkle_root(chain[-1] for chain in hashes.values() if chain),
        sealed_by=sealer_of(journals),
        keys=_keys(authority) if authority else {},
        rules_sha256=authority.rules_sha256 if authority else "",
        is_archived=bool(authority and authority.archived),
        faults=tuple(faults),
    )


def _unsealed(
    election: ElectionCode,
    journals: Mapping[str, Sequence[JournalEntry]],
    entries: Sequence[Entry],
    hashes: Mapping[UUID, Sequence[Sha256]],
) -> Iterator[str]:
    """Yield where the record or a history is not as the engine's journals say that its transactions left them."""
    if not journals:
        return
    for book, kept in journals.items():
        yield from chain_faults(election, book, kept)
    if not sealer_of(journals):
        yield "the journals bear no seal, or those of several engines"
    last = journals.get(Book.RECORD.value, [])[-1:]
    if [(each.subject, each.content) for each in last] != [(str(each.sequence), each.hash) for each in entries[-1:]]:
        yield "the record does not end where the engine's journal says"
    steps: defaultdict[str, list[Sha256]] = defaultdict(list)
    for each in journals.get(Book.HISTORIES.value, []):
        steps[each.subject].append(each.content)
    missing = sorted(steps.keys() - {str(case) for case in hashes})
    other = (str(case) for case, chain in hashes.items() if not leads_to_the_end(steps[str(case)], chain))
    yield from (f"{case} is not as the engine's journal left it" for case in [*missing, *other][:1])


def _journals(content: Mapping[str, Any], file: Path) -> dict[str, list[JournalEntry]]:
    """Return the journals of an export; older exports have none."""
    try:
        return _JOURNALS.validate_python(content.get("journals", {}), strict=False)
    except ValidationError as error:
        problem = "holds something that is no entry of a journal."
        raise BadInputError(str(file), problem, remedy="Ask for a new export.") from error


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
