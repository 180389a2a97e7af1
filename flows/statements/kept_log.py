"""The log at every start: what this machine gave out last is held against the database before a stage works on it.

A copy of the last checkpoint lies beside the keys, which whoever writes the database does not write.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from functools import wraps
from typing import Final, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from db.oversight.erasures import Erasures
from db.oversight.log import record_of
from db.store import Store, open_reader
from domain.credentials.ring import KeyFolderError
from domain.errors import AccreditationError
from domain.numbers import number_of
from domain.oversight.alarms import Alarm, AlarmKind
from domain.oversight.log.checkpoint import CheckpointRefusedError, NoteKey, is_of, read_checkpoint
from domain.oversight.log.tree import Tree
from domain.statements.statement import StatementRefusedError
from domain.values import ElectionCode
from flows.context import chosen_election, database, right_now
from flows.runtime.alarms import note_alarm
from flows.settings import require_closed, settings
from flows.statements.log_look import Look, look_at_log

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

KEPT: Final = "log-checkpoints.json"
NOTES: Final = TypeAdapter(dict[ElectionCode, str])


class LogForkedError(AccreditationError):
    """The log in the database does not go on from a checkpoint that was given out."""

    exit_code = 1

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"{fault}. If a backup was restored, tell everybody who keeps checkpoints, "
            "then run: accredit audit checkpoint --after-restore"
        )


def given_out(election: ElectionCode) -> str:
    """Return the newest checkpoint that this machine gave out, as a note; empty where it gave out none."""
    place = settings().keys_folder / KEPT
    if not place.exists():
        return ""
    require_closed(place, "Others may have changed it")
    try:
        return NOTES.validate_json(place.read_bytes()).get(election, "")
    except (OSError, ValidationError) as error:
        raise KeyFolderError(f"list of checkpoints {place}", "cannot be read.", remedy="Restore it.") from error


def forked(tree: Tree, note: str) -> str:
    """Return what is wrong where *tree* does not go on from the checkpoint *note*; empty where it does."""
    if not note:
        return ""
    kept = read_checkpoint(note)
    if kept.size <= tree.size and tree.root(kept.size) == kept.root:
        return ""
    return f"The log does not go on from the checkpoint of {number_of(kept.size, 'entries')} that was given out"


def log_faults(
    store: Store, election: ElectionCode, look: Look, *, erased: Collection[UUID], note: str,
    keys: tuple[NoteKey, ...] = (),
) -> Iterator[str]:  # fmt: skip
    """Yield what is wrong with the log: entries, salts, checkpoints, and the *note* that was given out.

    A machine without the ring has no *keys* and cannot say who signed. Of a deleted election only the signed acts are
    there to be held against it.
    """
    gone, about_acts = is_deleted(store, election), f"({record_of(election)}, "
    yield from (fault for fault in look.faults if not gone or about_acts in fault)
    yield from (f"salts of {case} are gone" for case in store.log.saltless(election).difference(erased))
    tree, held = look.tree, store.log.checkpoints(election)
    if tree.size != (held[-1][0] if held else 0):
        yield "entries and checkpoints are not of one size"
    yield from (
        f"the checkpoint of {size} entries is wrong" for size, kept in held if not _holds(tree, kept, size, keys)
    )
    if fault := forked(tree, note):
        yield fault


def is_deleted(store: Store, election: ElectionCode) -> bool:
    """Whether two administrators let all of an election end but its record and its log."""
    try:
        return store.statements.authority(election).deleted
    except StatementRefusedError:  # the record has no beginning, which the audit tells
        return False


def require_whole_log(election: ElectionCode) -> tuple[str, ...]:
    """Return what is wrong with the log, each once told to the officers as an alarm.

    Raises :class:`LogForkedError` where it does not go on from what was given out: an older state was restored, or
    the log was written anew, and work on it would make that worse.
    """
    note = given_out(election)  # before the database is read: what is given out meanwhile is not in what is read
    with open_reader(database()) as store:
        erased = {case for entry in Erasures(store.session).entries(election) for case in entry.applications}
        look = look_at_log(store, election)
        faults = tuple(log_faults(store, election, look, erased=erased, note=note))
        fork = forked(look.tree, note)
    if faults:
        note_alarm(Alarm(at=right_now(), kind=AlarmKind.LOG, election=election, about="log"))
    if fork:
        raise LogForkedError(fork)
    return faults


def _require_working(election: ElectionCode, applications: Sequence[UUID]) -> None:
    with open_reader(database()) as store:
        store.elections.require_working(election)
        store.applications.require(election, applications)


def on_a_whole_log(work: Callable[Arguments, Awaitable[Answer]]) -> Callable[Arguments, Awaitable[Answer]]:
    """Let a stage begin only where the log goes on from what was given out, and on cases of its own election.

    Stands directly above ``async def``.
    """
    signature = inspect.signature(work, eval_str=True)

    @wraps(work)
    async def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        given = signature.bind(*args, **kwargs).arguments
        election = chosen_election(given.get("election"))
        await asyncio.to_thread(require_whole_log, election)
        await asyncio.to_thread(_require_working, election, given.get("applications") or [])
        return await work(*args, **kwargs)

    guarded.__annotations__ = get_type_hints(work, include_extras=True)
    guarded.__dict__["__signature__"] = signature
    return guarded


def _holds(tree: Tree, note: str, size: int, keys: tuple[NoteKey, ...]) -> bool:
    try:
        checkpoint = read_checkpoint(note)
    except CheckpointRefusedError:
        return False
    is_signed = not keys or any(is_of(note, key) for key in keys)
    return is_signed and checkpoint.size == size <= tree.size and tree.root(size) == checkpoint.root
