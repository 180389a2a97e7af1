"""The log as it lies in a published folder: read, and held against the one that would take its place."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from db.store import open_reader
from domain.errors import BadInputError
from domain.numbers import number_of
from domain.oversight.log.checkpoint import CheckpointRefusedError, read_checkpoint
from domain.oversight.log.tiles import WIDTH, bundled, tile_path
from domain.values import ElectionCode
from flows.context import database
from flows.statements.kept_log import forked
from flows.statements.log_look import look_at_log

_ALL: Final = 1 << 40


def published_entries(log: Path, size: int = _ALL) -> list[bytes]:
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


def require_goes_on(folder: Path, election: ElectionCode) -> None:
    """Raise :class:`BadInputError` where what the published *folder* has of a log is not the beginning of the one here.

    The checkpoint beside the keys can be gone, or be of another machine; what outsiders could read is asked by itself.
    """
    log = folder / "log"
    note, known = _published(log)
    with open_reader(database()) as store:
        origin = f"{store.elections.profile(election).credential.issuer}/{election}"
        entries = store.log.contents(election)
        is_forked = forked(look_at_log(store, election).tree, note) or known != entries[: len(known)]
    there = read_checkpoint(note) if note else None
    if there and there.origin != origin:
        raise _refused(log, f"has the log of {there.origin}")
    if is_forked:
        length = number_of(max(there.size if there else 0, len(known)), "entries")
        raise _refused(log, f"has a log of {length} that the log of this installation does not go on from")


def _published(log: Path) -> tuple[str, list[bytes]]:
    """Return the checkpoint in a folder, empty where there is none, and every entry."""
    try:
        note = (log / "checkpoint").read_text("utf-8") if (log / "checkpoint").is_file() else ""
        if note:
            read_checkpoint(note)
        return note, published_entries(log)
    except (OSError, UnicodeDecodeError, CheckpointRefusedError) as error:
        raise _refused(log, "has a log that cannot be read") from error


def _refused(log: Path, problem: str) -> BadInputError:
    return BadInputError(
        str(log),
        f"{problem}; nothing was published.",
        remedy=(
            "If an older backup was restored, restore the newest one. Otherwise tell everybody who keeps checkpoints, "
            "move this folder elsewhere, keep it as evidence, and publish again."
        ),
    )
