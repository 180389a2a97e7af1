"""The log of an election: grown, signed as checkpoints, published as tiles, and proved to outsiders.

It stands beside the publication that carries it. The key is the one of status lists, which stations know from the
trust list.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.credentials.claims import TEST_ISSUER
from domain.credentials.cose import Algorithm, Signer
from domain.credentials.ring import KeyFolderError, KeyRing, RingKey
from domain.credentials.trust_list import KeyState
from domain.election.profile import ElectionProfile
from domain.numbers import number_of
from domain.oversight.log.checkpoint import (
    Checkpoint,
    CheckpointRefusedError,
    NoteKey,
    as_signed,
    cosigned,
    is_of,
    read_checkpoint,
    signed_text,
)
from domain.oversight.log.proof import Proof, ProvedEntry
from domain.oversight.log.tiles import tiles
from domain.oversight.log.tree import Tree
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.issuance.signing.keys import ensure_demo_keys, load_ring, locked, read_private, signer_for, write_private
from flows.settings import settings
from flows.statements.imported import origin_of
from flows.statements.kept_log import KEPT, NOTES, LogForkedError, forked, given_out
from flows.statements.log_look import look_at_log

TILES: Final = "log/tile/"
"""Where the entries lie below the published folder."""


class NoLogKeyError(KeyFolderError):
    """The key of status lists is of a kind that checkpoints are not signed with."""


def take_checkpoint(election: ElectionCode, *, now: UtcTime, after_restore: bool = False) -> str:
    """Take up what was recorded since the last checkpoint, and return the newest one as a signed note.

    Where nothing was recorded, the last one is returned. Raises :class:`LogForkedError` where the log does not go on
    from the checkpoint beside the keys, unless *after_restore* says that a backup was restored.
    """
    with open_store(database()) as store:
        issuer = store.elections.profile(election).credential.issuer
        signer, key = _log_key(issuer, election, now=now)
        size = store.log.grow(election)
        tree = look_at_log(store, election).tree
        if not after_restore and (fault := forked(tree, given_out(election))):
            raise LogForkedError(fault)
        held = store.log.checkpoints(election)
        if held and held[-1][0] == size:
            note = held[-1][1]
        else:
            note = Checkpoint(key.name, size, tree.root()).signed(signer, key)
            store.log.keep(election, size, note)
    keep_note(election, note, after_restore=after_restore)
    return note


def sign_with_log_key(election: ElectionCode, text: str, *, now: UtcTime) -> str:
    """Return *text* as a note under the key of the election's log; raises :class:`NoLogKeyError` without one."""
    with open_reader(database()) as store:
        issuer = store.elections.profile(election).credential.issuer
    return signed_text(text, *_log_key(issuer, election, now=now))


def published_log(election: ElectionCode, *, now: UtcTime) -> dict[str, bytes]:
    """Return the log as files for any web server: checkpoints, keys, tiles and bundles of entries, by path.

    Nothing, where the status key is of a kind that checkpoints are not signed with.
    """
    try:
        note = take_checkpoint(election, now=now)
    except NoLogKeyError:
        return {}
    with open_reader(database()) as store:
        entries = store.log.contents(election)[: read_checkpoint(note).size]
        profile = store.elections.profile(election)
        marked = _marked(store, election)
    keys = log_keys(profile.credential.issuer, election)
    signed_by = next(str(key) for key in keys if is_of(note, key))
    witnesses = "".join(f"{key}\n" for key in witness_keys(profile))
    return {
        "log/checkpoint": note.encode(),
        "log/key": f"{signed_by}\n".encode(),
        **({"log/witnesses": witnesses.encode()} if witnesses else {}),
        **marked,
        **{f"log/{path}": content for path, content in tiles(Tree(entries), entries)},
    }


def _marked(store: Store, election: ElectionCode) -> dict[str, bytes]:
    """Return the newest checkpoint that a witness signed, and the newest with a time stamp, under their own names."""
    notes = [note for _, note in store.log.checkpoints(election)]
    seen = next((note for note in reversed(notes) if note != as_signed(note)), "")
    stamped = store.log.stamped(election)
    return {
        **({"log/cosigned": seen.encode()} if seen else {}),
        **({"log/stamped": as_signed(stamped[0]).encode(), "log/stamped.tsr": stamped[1]} if stamped else {}),
    }


def witness_keys(profile: ElectionProfile) -> tuple[NoteKey, ...]:
    """Return the keys of the witnesses whom *profile* names; raises :class:`CheckpointRefusedError`."""
    return tuple(NoteKey.read(witness.key) for witness in profile.oversight.witnesses)


def add_cosignature(election: ElectionCode, note: str) -> tuple[int, tuple[str, ...]]:
    """Add the witnesses' signatures that *note* bears to the checkpoint that the log gave out.

    Returns how many entries it has, and the witnesses. Raises :class:`CheckpointRefusedError` for a checkpoint that
    was not given out, and for a signature of nobody whom the profile names; nothing is changed then.
    """
    size = read_checkpoint(note).size
    with open_store(database()) as store:
        held = dict(store.log.checkpoints(election)).get(size)
        if held is None:
            raise CheckpointRefusedError(
                "the checkpoint",
                f"of {number_of(size, 'entries')} was never given out.",
                remedy="Ask the witness which one it was.",
            )
        with_theirs, names = cosigned(held, note, witness_keys(store.elections.profile(election)))
        store.log.mark(election, size, note=with_theirs)
    return size, names


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
    proof = Proof(
        election=election,
        case=case,
        key=next(str(key) for key in keys if is_of(note, key)),
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
    if any(proof.faults(NoteKey.read(proof.key))):
        raise CheckpointRefusedError(
            "the case", "is not recorded as the log has it: somebody changed its history.",
            remedy="Type accredit audit verify, and restore the rows of the case that it names.",
        )  # fmt: skip
    return proof


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


def known_keys(store: Store, election: ElectionCode) -> tuple[NoteKey, ...]:
    """Return :func:`log_keys`; of an imported election the key it came with; none on a machine without the ring."""
    if (origin := origin_of(election)) is not None:
        return (NoteKey.read(origin.log_key),)
    try:
        return log_keys(store.elections.profile(election).credential.issuer, election)
    except KeyFolderError:
        return ()


def keep_note(election: ElectionCode, note: str, *, after_restore: bool = False) -> None:
    """Keep *note* beside the keys, unless a newer one lies there."""
    folder = settings().keys_folder
    with locked(folder):
        place = folder / KEPT
        known = NOTES.validate_json(read_private(place)) if place.exists() else {}
        newer = election in known and read_checkpoint(known[election]).size > read_checkpoint(note).size
        if known.get(election) != note and (after_restore or not newer):
            write_private(place, NOTES.dump_json({**known, election: note}))
