"""The log of an election: grown, signed as checkpoints, published as tiles, and proved to outsiders.

It stands beside the publication that carries it. The key is the one of status lists, which stations know from the
trust list. A copy of the last checkpoint lies beside
the keys: where the database does not go on from it, an older state was restored or the log was written anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from db.store import Store, open_reader, open_store
from domain.credentials.claims import TEST_ISSUER
from domain.credentials.cose import Algorithm, Signer
from domain.credentials.ring import KeyFolderError, KeyRing, RingKey
from domain.credentials.trust_list import KeyState
from domain.errors import AccreditationError
from domain.oversight.log.checkpoint import Checkpoint, CheckpointRefusedError, NoteKey, opened, read_checkpoint
from domain.oversight.log.proof import Proof, ProvedEntry
from domain.oversight.log.tiles import tiles
from domain.oversight.log.tree import Tree
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.issuance.keys import ensure_demo_keys, load_ring, locked, read_private, signer_for, write_private
from flows.settings import settings

KEPT: Final = "log-checkpoints.json"
TILES: Final = "log/tile/"
"""Where the entries lie below the published folder."""
_KEPT: Final = TypeAdapter(dict[ElectionCode, str])


class NoLogKeyError(KeyFolderError):
    """The key of status lists is of a kind that checkpoints are not signed with."""


class LogForkedError(AccreditationError):
    """The log in the database does not go on from a checkpoint that was given out."""

    exit_code = 1


def take_checkpoint(election: ElectionCode, *, now: UtcTime, after_restore: bool = False) -> str:
    """Take up what was recorded since the last checkpoint, and return the newest one as a signed note.

    Where nothing was recorded, the last one is returned. Raises :class:`LogForkedError` where the log does not go on
    from the checkpoint beside the keys, unless *after_restore* says that a backup was restored.
    """
    with open_store(database()) as store:
        issuer = store.elections.profile(election).credential.issuer
        signer, key = _log_key(issuer, election, now=now)
        size = store.log.grow(election)
        tree = Tree(store.log.contents(election))
        if not after_restore and (fault := _forked(election, tree)):
            raise LogForkedError(
                f"{fault}. If a backup was restored, tell everybody who keeps checkpoints, "
                "then run: accredit audit checkpoint --after-restore"
            )
        held = store.log.checkpoints(election)
        if held and held[-1][0] == size:
            note = held[-1][1]
        else:
            note = Checkpoint(key.name, size, tree.root()).signed(signer, key)
            store.log.keep(election, size, note)
    _keep(election, note)
    return note


def published_log(election: ElectionCode, *, now: UtcTime) -> dict[str, bytes]:
    """Return the log as files for any web server: checkpoint, key, tiles and bundles of entries, by path.

    Nothing, where the status key is of a kind that checkpoints are not signed with.
    """
    try:
        note = take_checkpoint(election, now=now)
    except NoLogKeyError:
        return {}
    with open_reader(database()) as store:
        entries = store.log.contents(election)[: read_checkpoint(note).size]
        keys = log_keys(store.elections.profile(election).credential.issuer, election)
    signed_by = next(str(key) for key in keys if _opens(note, key))
    return {
        "log/checkpoint": note.encode(),
        "log/key": f"{signed_by}\n".encode(),
        **{f"log/{path}": content for path, content in tiles(Tree(entries), entries)},
    }


def proof_of(election: ElectionCode, case: UUID, *, now: UtcTime) -> Proof:
    """Return the proof that every event of *case* up to now is in the log, as its newest checkpoint has it."""
    note = take_checkpoint(election, now=now)
    checkpoint = read_checkpoint(note)
    with open_reader(database()) as store:
        tree = Tree(store.log.contents(election))
        history = store.applications.history(case)
        entries = store.log.entries(election, case)
        keys = log_keys(store.elections.profile(election).credential.issuer, election)
    if any(entry.salt is None for entry in entries):
        raise CheckpointRefusedError(
            "the case", "was erased; its entries stay in the log, and nobody can say any more what they hold.",
            remedy="Nothing is left to prove.",
        )  # fmt: skip
    return Proof(
        election=election,
        case=case,
        key=next(str(key) for key in keys if _opens(note, key)),
        checkpoint=note,
        entries=tuple(
            ProvedEntry(
                position=entry.position,
                salt=entry.salt or "",
                event=event,
                path=tuple(step.hex() for step in tree.inclusion(entry.position, checkpoint.size)),
            )
            for entry, event in zip(entries, history, strict=True)
        ),
    )


def log_faults(store: Store, election: ElectionCode, *, erased: Collection[UUID]) -> Iterator[str]:
    """Yield what is wrong with the log: entries, salts, checkpoints, and what was given out before."""
    yield from store.log.misstated(election)
    yield from (f"salts of {case} are gone" for case in store.log.saltless(election).difference(erased))
    tree, held = Tree(store.log.contents(election)), store.log.checkpoints(election)
    if tree.size != (held[-1][0] if held else 0):
        yield "entries and checkpoints are not of one size"
    keys = _known_keys(store, election)
    yield from (
        f"the checkpoint of {size} entries is wrong" for size, note in held if not _holds(tree, note, size, keys)
    )
    if fault := _forked(election, tree):
        yield fault


def log_keys(issuer: str, election: ElectionCode) -> tuple[NoteKey, ...]:
    """Return every key that may have signed checkpoints of *election*, the newest first."""
    ring = load_ring(settings().keys_folder, issuer=issuer)
    usable = (key for key in reversed(ring.keys) if key.purpose == "status" and _may_sign(key))
    return tuple(_note_key(ring, key, election) for key in usable)


def _log_key(issuer: str, election: ElectionCode, *, now: UtcTime) -> tuple[Signer, NoteKey]:
    folder = settings().keys_folder
    ring = ensure_demo_keys(folder, now=now) if issuer == TEST_ISSUER else load_ring(folder, issuer=issuer)
    key = ring.active("status", now=now)
    if not _may_sign(key):
        raise NoLogKeyError(
            "status key", "is not of the kind that checkpoints of a log are signed with.",
            remedy="Make one: accredit keys new --purpose status --algorithm ed25519",
        )  # fmt: skip
    return signer_for(key), _note_key(ring, key, election)


def _may_sign(key: RingKey) -> bool:
    return key.algorithm is Algorithm.ED25519 and key.state is not KeyState.COMPROMISED


def _note_key(ring: KeyRing, key: RingKey, election: ElectionCode) -> NoteKey:
    return NoteKey(f"{ring.issuer}/{election}", bytes.fromhex(key.raw))


def _known_keys(store: Store, election: ElectionCode) -> tuple[NoteKey, ...]:
    try:
        return log_keys(store.elections.profile(election).credential.issuer, election)
    except KeyFolderError:
        return ()


def _holds(tree: Tree, note: str, size: int, keys: tuple[NoteKey, ...]) -> bool:
    """Return whether *note* is the checkpoint of *size* entries; a machine without the ring cannot say who signed."""
    try:
        checkpoint = read_checkpoint(note)
    except CheckpointRefusedError:
        return False
    is_signed = not keys or any(_opens(note, key) for key in keys)
    return is_signed and checkpoint.size == size <= tree.size and tree.root(size) == checkpoint.root


def _opens(note: str, key: NoteKey) -> bool:
    try:
        opened(note, key)
    except CheckpointRefusedError:
        return False
    return True


def _forked(election: ElectionCode, tree: Tree) -> str:
    """Return what is wrong where the log does not go on from the checkpoint beside the keys; empty where it does."""
    if (note := _read().get(election)) is None:
        return ""
    kept = read_checkpoint(note)
    if kept.size <= tree.size and tree.root(kept.size) == kept.root:
        return ""
    return f"The log does not go on from the checkpoint of {kept.size:,} entries that was given out"


def _keep(election: ElectionCode, note: str) -> None:
    folder = settings().keys_folder
    with locked(folder):
        known = _read()
        if known.get(election) != note:
            write_private(folder / KEPT, _KEPT.dump_json({**known, election: note}))


def _read() -> Mapping[ElectionCode, str]:
    place: Path = settings().keys_folder / KEPT
    if not place.exists():
        return {}
    try:
        return _KEPT.validate_json(read_private(place))
    except ValidationError as error:
        raise KeyFolderError(f"list of checkpoints {place}", "cannot be read.", remedy="Restore it.") from error
